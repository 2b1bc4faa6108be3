"""The inbound half of `make demo`: a world to collect, and what came of it beside what the platform shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.table import Table

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.inbound.windows import is_full
from hotline_bridge.store.database import connect
from hotline_sandbox.demo.stage import console, step
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.sample.world_file import write_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.demo.stage import Stage
    from hotline_sandbox.server.control import SandboxControl

DAGS = ("case_collect", "process_collect", "feedback_collect", "feedback_repair", "docking_publish")
"""In this order: the repair looks for what the acknowledgements of the drain hid, and what came is published."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What is known of one query after the collection."""

    interface: Interface
    platform: int
    """Rows that the platform shows, each content once."""
    local: int
    """Rows of its table."""
    quarantined: int
    repaired: int
    """Rows of its table that only the query brought, since the drain never gave them; 0 where there is no drain."""
    windows: int
    requests: int
    cut: int
    """Requests whose answer was full, so that their window was asked again in parts."""
    incomplete: int
    """Seconds that are not whole."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.platform == self.local + self.quarantined and not self.incomplete


def make_world(platform: SandboxControl, file: Path, *, cases: int, days: int, dirty: float, seed: int) -> datetime:
    """Give the platform a world of orders, registered with bursts over the last days; it lives on while time passes.

    Args:
        platform: The sandbox.
        file: Where the world is written; the one that is there already is taken as it is.
        cases: Orders.
        days: Over which they are registered.
        dirty: Share of the rows that break a printed rule.
        seed: Of all that is invented.

    Returns:
        A moment before the first registration, aware.
    """
    if not file.exists():
        unfinished = file.with_suffix(".new")
        write_world(unfinished, cases=cases, days=days, dirty=dirty, seed=seed)
        unfinished.rename(file)
    platform.world.load(file)
    return datetime.fromtimestamp(file.stat().st_mtime, SHANGHAI) - timedelta(days=days + 1)


def collect(stage: Stage) -> list[str]:
    """Collect the world as it is now, publish it, and show what came of it."""
    # What is counted afterwards is what there was to collect.
    stage.platform.world.set_clock(datetime.now(SHANGHAI))
    with step(f"airflow: {', '.join(DAGS)} 由 Airflow 收集、回写"):
        stage.home.test_dags(*DAGS, log=stage.folder / "collect.log")
    with connect(stage.local) as local:
        lines = read_collected(local, stage.platform)
    console.print(as_table(lines))
    console.print(
        "An acknowledgement names an order, not a feedback, and hides what arrived in between: "
        f"{sum(line.repaired for line in lines)} rows of feedback were filled in by feedback_repair.\n"
        "补回：被回执掩盖、由 feedback_repair 找回的反馈；细分：应答满 500 行，窗口分段重取。"
    )
    return [*not_whole(lines), *still_waiting(stage.platform)]


def read_collected(local: Connection, platform: SandboxControl) -> list[Collected]:
    """A line a query, in the order of the contract."""
    queries = [
        interface
        for flow in ("case", "process", "feedback")
        for interface in interfaces_of(flow)
        if interface.kind == "query"
    ]
    return [_read(local, platform, interface) for interface in queries]


def _read(local: Connection, platform: SandboxControl, interface: Interface) -> Collected:
    name, table = interface.name, f"hotline.{interface.table}"
    calls = platform.history(interface=name)
    shown = {_content(row) for row in platform.world.rows(name)}
    is_drained = any(
        other.kind == "drain" and other.table == interface.table for other in interfaces_of(str(interface.flow))
    )
    found = local.execute(
        f"""
        SELECT
            (SELECT count(*) FROM {table}),
            (SELECT count(*) FROM hotline.quarantined_answer WHERE interface = %(name)s AND state = 'open'),
            (SELECT count(*) FROM {table} WHERE source = %(name)s AND %(is_drained)s),
            count(*),
            count(*) FILTER (WHERE state <> 'settled')
        FROM hotline.collection_window WHERE interface = %(name)s
        """,  # noqa: S608  (a table of the contract)
        {"name": name, "is_drained": is_drained},
    ).fetchone()
    assert found  # noqa: S101  (counts are one row)
    rows, quarantined, repaired, windows, incomplete = found
    return Collected(
        interface=interface,
        platform=len(shown),
        local=rows,
        quarantined=quarantined,
        repaired=repaired,
        windows=windows,
        requests=len(calls),
        cut=sum(is_full(call["rows"] or 0) for call in calls),
        incomplete=incomplete,
    )


def _content(row: dict[str, object]) -> frozenset[tuple[str, str]]:
    """What a row says, whatever way of saying nothing it chose for its empty fields."""
    return frozenset((name.lower(), repr(value)) for name, value in row.items() if value not in (None, ""))


def still_waiting(platform: SandboxControl) -> Iterator[str]:
    """A sentence for each drain in which a row waits that has an order's number, so that it could be acknowledged."""
    for interface in interfaces_of("feedback"):
        if interface.kind == "drain":
            limit = next(field.limit for field in interface.response if field.name == interface.key) or 0
            numbers = [str(row.get(str(interface.key)) or "").strip() for row in platform.world.rows(interface.name)]
            if waiting := sum(0 < len(number) <= limit for number in numbers):
                yield f"{interface.name}: {waiting} rows still wait to be acknowledged"


def not_whole(collected: Sequence[Collected]) -> Iterator[str]:
    """A sentence for each query of which something is missing."""
    for line in collected:
        if not line.is_whole:
            yield (
                f"{line.interface.name}: {line.platform} rows on the platform, but {line.local} local and "
                f"{line.quarantined} quarantined; {line.incomplete} windows not whole"
            )


def as_table(collected: Sequence[Collected]) -> Table:
    """The lines as people read them."""
    table = Table(title="Collected 收集", title_justify="left")
    table.add_column("interface 接口", no_wrap=True)
    for column in ("platform\n平台", "local\n本地", "quarantined\n隔离", "repaired\n补回"):
        table.add_column(column, justify="right")
    for column in ("windows\n窗口", "requests\n请求", "cut\n细分", "incomplete\n不完整"):
        table.add_column(column, justify="right")
    for line in collected:
        counts = (line.platform, line.local, line.quarantined, line.repaired)
        work = (line.windows, line.requests, line.cut, line.incomplete)
        style = None if line.is_whole else "red"
        table.add_row(
            f"{line.interface.label_zh} {line.interface.name}", *(str(count) for count in (*counts, *work)), style=style
        )
    return table
