"""Overlays (补全、补单): what the bureau completes and 12345 supplements makes a version after the docking row's.

Specification 4.7 and 4.8.1.1. The docking row's version is queued as it stands; in the same transaction the order's
newest content with all completions and supplements applied is queued behind it, and what is newer supersedes what is
older. So the status adds up, every version keeps its reasons, and nothing else in the pipeline knows of overlays. Each
completed value is a row of `hotline.order_completion` with who, when and why; a newer value ends the one before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from psycopg import sql

from hotline_bridge.contract.reader import contract
from hotline_bridge.docking.contract_sql import shared
from hotline_bridge.errors import StopRun
from hotline_bridge.failpoints import reached
from hotline_bridge.outbound.versions import PLAIN, Policy, alone, enqueue, prepare
from hotline_bridge.platform_client.request import build_request
from hotline_bridge.store.failures import explained
from hotline_bridge.store.halves import REFUSED, Halves
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface


SUPPLEMENT = "【12345补单 {at}】{content}"
"""How a supplement stands behind the order's own words; its time is Asia/Shanghai."""


class Supplement(NamedTuple):
    """One supplement of 12345: when, as a clock in Shanghai shows it, and its words as they came."""

    at: str
    content: str


def with_overlays(
    interface: Interface, source: bytes, completions: Mapping[str, str], supplements: Iterable[Supplement]
) -> bytes:
    """The request body of an order with everything on it: first the completions, then the supplements behind its text.

    Args:
        interface: A supplemented interface.
        source: The body as 12345 wrote it.
        completions: Values by wire name; the empty text empties a field.
        supplements: In the order in which they are to stand.
    """
    members = json.loads(source)
    values = {field.name: str(members[field.name]) for field in interface.request} | dict(completions)
    added = "".join(SUPPLEMENT.format(at=one.at, content=one.content) for one in supplements)
    if interface.supplemented:
        values[interface.supplemented] += added
    return build_request(interface, values)


def keep_sources(local: Connection, interface: Interface) -> None:
    """Keep the newest content of each order in the batch as 12345 wrote it; in the transaction of the batch."""
    local.execute(
        read_sql("outbound/overlays.sql", "keep_sources"), {"interface": interface.name, "shared": shared(interface)}
    )


def apply_overlays(local: Connection, interface: Interface, policy: Policy) -> None:
    """Queue the orders of the batch once more with their overlays applied; replaces the batch. In its transaction."""
    keys = [
        key
        for (key,) in local.execute(
            read_sql("outbound/overlays.sql", "overlaid_in_batch"), {"interface": interface.name}
        ).fetchall()
    ]
    _enqueue_with_overlays(local, interface, policy, keys)


def apply_pending_overlays(local: Connection, interfaces: Sequence[Interface], policy: Policy) -> int:
    """Apply completions and supplements that are new, or came before their order, to the orders that are known now.

    Args:
        local: Session on the local store, in autocommit.
        interfaces: The supplemented interfaces, all of them: a supplement names an order, not its kind.
        policy: What the deployment sets.

    Returns:
        Orders that were composed anew.

    Raises:
        StopRun: A table or right is missing.
        TryAgainLater: The local store cannot be reached.
    """
    with explained("order_source"):
        return _apply_pending(local, interfaces, policy)


def _apply_pending(local: Connection, interfaces: Sequence[Interface], policy: Policy) -> int:
    prepare(local)
    applied = 0
    # Without the supplements' own lock, one that changes now would be marked as applied with its old words.
    with alone(local, "order_supplement", *(interface.name for interface in interfaces)), local.transaction():
        pending = local.execute(read_sql("outbound/overlays.sql", "pending")).fetchall()
        for interface in interfaces:
            keys = sorted({key for name, key, _, _ in pending if name == interface.name})
            parts = Halves(keys)
            for part in parts:
                try:
                    with local.transaction():
                        _enqueue_with_overlays(local, interface, policy, part)
                except psycopg.Error as error:
                    parts.refused(error)
            for key, _ in parts.alone:
                _enqueue_with_overlays(local, interface, policy, [key], reasons=[REFUSED])
            applied += len(keys)
        if applied:
            reached("orders-composed")
        for table in ("order_completion", "order_supplement"):
            row_ids = [row_id for _, _, of, row_id in pending if of == table]
            mark = sql.SQL("UPDATE {} SET laid_at = clock_timestamp() WHERE row_id = any(%s)")
            local.execute(mark.format(sql.Identifier("hotline", table)), [row_ids])
        reached("overlays-laid")
    reached("overlays-committed")
    return applied


def apply_overlays_to_order(local: Connection, interface: Interface, policy: Policy, key: str) -> None:
    """Apply what is valid now to one order; in a transaction, `alone` with its interface."""
    prepare(local)
    _enqueue_with_overlays(local, interface, policy, [key])


def _enqueue_with_overlays(
    local: Connection, interface: Interface, policy: Policy, keys: Sequence[str], reasons: Sequence[str] = ()
) -> None:
    if not keys:
        return
    bodies = list(_bodies_with_overlays(local, interface, keys))
    local.execute("DELETE FROM batch")
    local.execute("DELETE FROM version")
    # Our own clock: what is applied is newer than whatever was written or applied before it.
    local.execute(
        "INSERT INTO batch (source_tid, written_at, body, reasons)"
        " SELECT '', clock_timestamp(), convert_from(body, 'UTF8'), %s FROM unnest(%s::bytea[]) AS composed (body)",
        [list(reasons), bodies],
    )
    enqueue(local, interface, policy, times_as_given=True, same_record=True)


def _bodies_with_overlays(local: Connection, interface: Interface, keys: Sequence[str]) -> Iterable[bytes]:
    parameters = {"interface": interface.name, "keys": list(keys)}
    completions: dict[str, dict[str, str]] = {}
    for key, field, value in local.execute(read_sql("outbound/overlays.sql", "completions"), parameters).fetchall():
        completions.setdefault(key, {})[field] = value
    supplements: dict[str, list[Supplement]] = {}
    for key, content, at in local.execute(read_sql("outbound/overlays.sql", "supplements"), parameters).fetchall():
        supplements.setdefault(key, []).append(Supplement(at, content))
    for key, source in local.execute(
        "SELECT key, body FROM hotline.order_source WHERE interface = %(interface)s AND key = any(%(keys)s)", parameters
    ).fetchall():
        yield with_overlays(interface, source, completions.get(key, {}), supplements.get(key, []))


def supplemented_interfaces() -> tuple[Interface, ...]:
    """Every interface that supplements and completions are applied to."""
    return tuple(interface for interface in contract().values() if interface.supplemented)


@dataclass(frozen=True, slots=True)
class Completed:
    """What the order's newest version is after a completion."""

    row_id: int
    interface: str
    key: str
    state: str
    reasons: tuple[str, ...]
    """Printed rules that it still breaks."""
    flags: tuple[str, ...]
    state_before: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """One completion or supplement that is applied to an order, or waits for it."""

    key: str
    kind: str
    """`completion` of the bureau, or `supplement` of 12345."""
    field: str | None
    """The completed field; None for a supplement."""
    actor: str
    since: datetime
    is_applied: bool
    """False while its order has not come, or until the next run."""


def order_interface(local: Connection, regino: str, name: str | None = None) -> Interface:
    """The interface by which an order came.

    Args:
        local: Session on the local store.
        regino: Its number (工单编号).
        name: Wire name, where orders of two kinds have one number.

    Raises:
        StopRun: No such order has come, or orders of two kinds have this number.
    """
    found = [
        known
        for (known,) in local.execute(
            "SELECT interface FROM hotline.order_source WHERE key = %s ORDER BY interface", [regino]
        ).fetchall()
        if name in {None, known}
    ]
    if not found:
        raise StopRun("12345 has put no such order", key=regino, remedy="look the number up in the docking store")
    if len(found) > 1:
        raise StopRun(
            f"orders of two kinds have this number: {', '.join(found)}", key=regino, remedy="name one with --interface"
        )
    return contract()[found[0]]


def complete(
    local: Connection,
    interface: Interface,
    regino: str,
    *,
    values: Mapping[str, str],
    withdraw: Collection[str] = (),
    actor: str,
    reason: str | None = None,
    policy: Policy = PLAIN,
    dry_run: bool = False,
) -> Completed:
    """Complete fields of an order, or take values back, and judge it again; what passes is sent by the next run.

    Args:
        local: Session on the local store, in autocommit.
        interface: From `order_interface`.
        regino: The order's number.
        values: By wire name; the empty text empties a field.
        withdraw: Fields whose completion ends: what 12345 wrote counts again.
        actor: Who completes; kept with each value and in `hotline.operator_action`.
        reason: Why, where somebody said it.
        policy: What the deployment sets, as for intake.
        dry_run: Say what would come of it and change nothing.

    Raises:
        StopRun: A name is no field of the order, or names its key.
    """
    known = {field.name for field in interface.request} - {interface.key}
    if wrong := sorted({*values, *withdraw} - known):
        raise StopRun(
            f"{', '.join(wrong)} cannot be completed",
            interface=interface.name,
            key=regino,
            remedy=f"its fields are {', '.join(sorted(known))}",
        )
    parameters = {"interface": interface.name, "regino": regino, "actor": actor, "reason": reason}
    with alone(local, interface.name), local.transaction(force_rollback=dry_run):
        before = _newest(local, interface, regino)
        local.execute(
            read_sql("outbound/overlays.sql", "end_completions"), {**parameters, "fields": [*values, *withdraw]}
        )
        local.execute(
            read_sql("outbound/overlays.sql", "add_completions"),
            {**parameters, "fields": list(values), "values": list(values.values())},
        )
        apply_overlays_to_order(local, interface, policy, regino)
        row_id, state, reasons, flags = _newest(local, interface, regino)
        local.execute(
            read_sql("outbound/overlays.sql", "log_completion"),
            {
                **parameters,
                "action": "complete" if values else "withdraw",
                "row_id": row_id,
                "state_before": before[1],
                "state_after": state,
            },
        )
    return Completed(row_id, interface.name, regino, state, tuple(reasons), tuple(flags), before[1])


class Seen(NamedTuple):
    """What somebody saw of an order before they completed it."""

    version: int
    changes: int
    """How often it was completed before (`hotline.completions_seen`)."""


def ask_to_complete(
    local: Connection,
    interface: Interface,
    regino: str,
    *,
    values: Mapping[str, str],
    withdraw: Collection[str] = (),
    seen: Seen,
    actor: str,
    reason: str,
) -> bool:
    """Complete fields of an order, or take values back; the next run lays them over it and judges it again.

    Needs no right to read the order; arguments as of `complete`.

    Returns:
        Whether it was kept: not where the order is another one than was seen.
    """
    [(is_kept,)] = local.execute(
        read_sql("outbound/overlays.sql", "ask_to_complete"),
        {
            "interface": interface.name,
            "regino": regino,
            "fields": list(values),
            "values": list(values.values()),
            "withdraw": list(withdraw),
            "version": seen.version,
            "changes": seen.changes,
            "reason": reason,
            "actor": actor,
        },
    ).fetchall()
    return bool(is_kept)


def _newest(local: Connection, interface: Interface, regino: str) -> tuple[int, str, list[str], list[str]]:
    found = local.execute(
        "SELECT row_id, state, reasons, flags FROM hotline.delivery WHERE interface = %s AND key = %s"
        " ORDER BY written_at DESC, row_id DESC LIMIT 1",
        [interface.name, regino],
    ).fetchone()
    if found is None:
        raise StopRun("the order has no version", interface=interface.name, key=regino, remedy="run `hotline status`")
    row_id, state, reasons, flags = found
    return row_id, state, reasons, flags


def list_overlays(local: Connection, regino: str | None = None) -> list[Overlay]:
    """What is applied to orders now, without values, newest first, at most 1,000; of one order, or of all."""
    rows = local.execute(
        "SELECT regino, kind, field, actor, since, laid_at IS NOT NULL FROM hotline.order_overlay"
        " WHERE %(regino)s::text IS NULL OR regino = %(regino)s ORDER BY since DESC LIMIT 1000",
        {"regino": regino},
    ).fetchall()
    return [Overlay(*row) for row in rows]
