"""The steps of a report flow, with its connections resolved: the DAG's run and the command line call the same ones.

Heavy imports stand inside the functions, so that a DAG file that names these steps stays light to parse.
"""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from hotline_bridge.errors import StopRun
from hotline_bridge.names import told
from hotline_bridge.tasks.runs import unless_restoring
from hotline_bridge.window import asked_window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from psycopg import Connection
    from psycopg.sql import Composed

    from hotline_bridge.contract.model import Interface

log = logging.getLogger(__name__)

LOCK_WAIT_MS = 3_000
"""How long a docking table is waited for that 12345 holds locked, a load of all night perhaps: the others come next."""

Counts = dict[str, dict[str, int]]
"""Small numbers by interface and by what they count: fit for XCom."""


@unless_restoring
def take_in(
    interfaces: Sequence[str], begin: str | None = None, end: str | None = None, budget_s: float = 600.0
) -> Counts:
    """Take in what 12345 wrote to the docking tables of these interfaces (`outbound.intake`).

    First what somebody released on a page is judged again (`outbound.asked`). With orders come their supplements and
    urges and the seats (`outbound.order_annotations`); then what is new is applied to the orders that are known
    (`outbound.overlays`). A table that fails stops no other: all failures are raised together at the end.

    Args:
        interfaces: Wire names of report interfaces.
        begin: With `end`: read rows written in [begin, end) again, collected or not. ISO text; Asia/Shanghai where it
            names no zone.
        end: See `begin`.
        budget_s: Seconds after which no further rows are read: the next run goes on. A window is read to its end.

    Raises:
        StopRun: A connection, table, column or right is missing, or the window is none.
        TryAgainLater: A database cannot be reached, or somebody holds a lock on a table.
    """
    from hotline_bridge.errors import Failures
    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound import intake
    from hotline_bridge.outbound.asked import release_asked
    from hotline_bridge.outbound.order_annotations import take_in_annotations
    from hotline_bridge.outbound.overlays import apply_pending_overlays, supplemented_interfaces
    from hotline_bridge.outbound.versions import Policy
    from hotline_bridge.restore.mark import stop_if_restored
    from hotline_bridge.store.database import connect

    asked = asked_window(begin, end)
    window = intake.Window(*asked) if asked else None
    settings = platform_settings()
    policy = Policy(settings.areas, settings.audit_required)
    counts: Counts = {}
    until = time.monotonic() + budget_s

    def stop() -> bool:
        return window is None and time.monotonic() >= until

    def read(interface: Interface, docking: Connection, local: Connection) -> None:
        taken = intake.take_in(
            docking,
            local,
            interface,
            policy=policy,
            window=window,
            stop=stop,
        )
        counts[interface.name] = taken.as_dict()
        log.info("%s %s: took in %s", interface.label_zh, interface.name, told(counts[interface.name]))

    def read_annotations(docking: Connection, local: Connection) -> None:
        for table, done in take_in_annotations(docking, local).items():
            if done.rows:
                log.info("docking.%s: took in %s", table, told(asdict(done)))

    def apply(_docking: Connection, local: Connection) -> None:
        if composed := apply_pending_overlays(local, supplemented_interfaces(), policy):
            log.info("%d orders are composed anew, with supplements or completions applied", composed)

    def release(_docking: Connection, local: Connection) -> None:
        if released := release_asked(local, _interfaces(interfaces), policy):
            log.info("%d versions are judged again, as somebody asked on a page", released)

    steps: list[Callable[[Connection, Connection], None]] = [
        release,
        *(partial(read, interface) for interface in _interfaces(interfaces)),
    ]
    if any(interface.supplemented for interface in _interfaces(interfaces)):
        steps += [read_annotations, apply]
    with connect(conninfo("docking_db")) as docking, connect(conninfo("local_db")) as local:
        docking.set(lock_timeout=str(LOCK_WAIT_MS))
        stop_if_restored(docking, local, "report")
    with Failures() as failures:
        while steps:
            with connect(conninfo("docking_db")) as docking, connect(conninfo("local_db")) as local:
                docking.set(lock_timeout=str(LOCK_WAIT_MS))
                while steps and not (docking.broken or local.broken):
                    with failures.apart():
                        steps.pop(0)(docking, local)
    return counts


@unless_restoring
def deliver(interfaces: Sequence[str], budget_s: float = 300.0) -> Counts:
    """Send what is due of these interfaces to the platform (`outbound.deliver`).

    Args:
        interfaces: Wire names of report interfaces.
        budget_s: Seconds after which nothing more is started.

    Raises:
        StopRun: The connection is missing, or the platform refuses the authentication.
        TryAgainLater: The local store cannot be reached.
    """
    import uvloop

    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound import deliver as delivery

    settings = platform_settings()
    counts = uvloop.run(delivery.deliver(_interfaces(interfaces), conninfo("local_db"), settings, budget_s=budget_s))
    for interface in _interfaces([*counts]):
        log.info("%s %s: settled %s", interface.label_zh, interface.name, told(counts[interface.name].as_dict()))
    return {name: done.as_dict() for name, done in counts.items()}


def uncollected(interfaces: Sequence[str]) -> Composed:
    """A look at the docking tables of these interfaces: each row names interfaces for which rows wait to be taken in.

    Each table is asked for one row of its index of uncollected rows, all in one query. What 12345 adds to orders
    belongs to all interfaces that it may be laid over.

    Args:
        interfaces: Wire names of report interfaces.
    """
    from psycopg import sql

    from hotline_bridge.contract.docking import SCHEMA
    from hotline_bridge.outbound.order_annotations import TABLES
    from hotline_bridge.store.sql import read_sql

    known = _interfaces(interfaces)
    tables = {str(interface.table): [interface.name] for interface in known}
    if supplemented := [interface.name for interface in known if interface.supplemented]:
        tables |= dict.fromkeys(TABLES, supplemented)
    look = read_sql("outbound/docking_rows.sql", "look")
    return sql.SQL(" UNION ALL ").join(
        look.format(names=names, table=sql.Identifier(SCHEMA, table)) for table, names in tables.items()
    )


def summarise(dag: str, taken_in: Counts, delivered: Counts) -> Counts:
    """Write that the flow ran and what it did, and count what is not at rest.

    Args:
        dag: Name of the flow's DAG, also when the command line ran it: watchers ask for runs by it.
        taken_in: What `take_in` returned.
        delivered: What `deliver` returned.

    Raises:
        StopRun: The connection `local_db` is missing or refused.
        TryAgainLater: The local store cannot be reached.
    """
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.status import log_run, open_counts
    from hotline_bridge.store.database import connect

    counts: Counts = {name: {} for name in taken_in}
    with connect(conninfo("local_db")) as local:
        for found in open_counts(local, _interfaces([*taken_in])):
            counts[found.interface][found.state] = found.versions
        log_run(local, dag, taken_in, delivered)
    return counts


def failing(delivered: Counts) -> list[str]:
    """Interfaces of which the platform answered nothing in a run, each as a sentence in Chinese.

    See architecture: ends in the right colour.

    Args:
        delivered: What `deliver` returned.
    """
    return [
        f"{interface.label_zh}：{_unanswered(done)}，等待自动重试；运行 hotline check 查看平台"
        for interface in _interfaces([*delivered])
        if not (done := delivered[interface.name]).keys() & {"delivered", "rejected"}
        and (done.get("waiting") or done.get("slowed"))
    ]


def _unanswered(done: Mapping[str, int]) -> str:
    if done.get("waiting"):
        return f"本次上报的 {done['waiting']} 条全部没有得到平台的有效应答"
    return f"平台或其前面的网关以请求过多为由拒绝了本次全部上报（HTTP 429，{done['slowed']} 次）"


def summary(taken_in: Counts, delivered: Counts, still_open: Counts) -> str:
    """What a run did and what is not at rest, in a line of Chinese for each interface (运行小结).

    Args:
        taken_in: What `take_in` returned; empty where it failed.
        delivered: What `deliver` returned.
        still_open: What `summarise` returned; empty where it was not reached.
    """
    from hotline_bridge.outbound.status import OPEN_STATES, STATES

    lines = []
    for interface in _interfaces([*delivered]):
        taken, done, left = taken_in.get(interface.name), delivered[interface.name], still_open.get(interface.name)
        intake = (
            f"取得 {taken['rows']} 行（其中隔离 {taken['quarantined']}，重复 {taken['copies']}）"
            if taken
            else "取数失败"
        )
        settled = [f"{word} {done[state]}" for state, word in STATES.items() if done.get(state)]
        now_open = [f"{word} {left[state]}" for state, word in OPEN_STATES.items() if left and left.get(state)]
        then = "" if left is None else f"；目前{'、'.join(now_open) or '没有未了结的'}"
        lines.append(f"{interface.label_zh}：{intake}；本次{'、'.join(settled) or '无上报'}{then}。")
    return "\n".join(lines)


def _interfaces(names: Sequence[str]) -> list[Interface]:
    from hotline_bridge.contract.reader import contract

    known: Mapping[str, Interface] = contract()
    if unknown := [name for name in names if name not in known or known[name].kind != "report"]:
        raise StopRun(f"no report interface is called {', '.join(unknown)}", remedy="use names such as callinfo")
    return [known[name] for name in names]
