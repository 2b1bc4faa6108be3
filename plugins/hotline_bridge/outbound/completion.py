"""Completion (补全): the bureau fills in and corrects fields of an order; its values survive later changes by 12345.

Specification 4.8.1.1. Each value is a row of `hotline.order_completion` with who, when and why; a newer value of a
field ends the one before. What is valid is laid over the newest docking row (`outbound.overlay`) and judged by the same
rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound.overlay import lay_one
from hotline_bridge.outbound.reading import alone
from hotline_bridge.outbound.versions import PLAIN, Policy
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface


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
    """One completion or supplement that lies over an order, or waits for it."""

    key: str
    kind: str
    """`completion` of the bureau, or `supplement` of 12345."""
    field: str | None
    """The completed field; None for a supplement."""
    actor: str
    since: datetime
    is_laid: bool
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
    """Lay values over an order, or take values back, and judge it again; what passes is sent by the next run.

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
        local.execute(read_sql("orders/end_completions.sql"), {**parameters, "fields": [*values, *withdraw]})
        local.execute(
            read_sql("orders/add_completions.sql"),
            {**parameters, "fields": list(values), "values": list(values.values())},
        )
        lay_one(local, interface, policy, regino)
        row_id, state, reasons, flags = _newest(local, interface, regino)
        local.execute(
            read_sql("orders/log_completion.sql"),
            {
                **parameters,
                "action": "complete" if values else "withdraw",
                "row_id": row_id,
                "state_before": before[1],
                "state_after": state,
            },
        )
    return Completed(row_id, interface.name, regino, state, tuple(reasons), tuple(flags), before[1])


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


def overlays(local: Connection, regino: str | None = None) -> list[Overlay]:
    """What lies over orders now, without values, newest first, at most 1,000; of one order, or of all."""
    rows = local.execute(
        "SELECT regino, kind, field, actor, since, laid_at IS NOT NULL FROM hotline.order_overlay"
        " WHERE %(regino)s::text IS NULL OR regino = %(regino)s ORDER BY since DESC LIMIT 1000",
        {"regino": regino},
    ).fetchall()
    return [Overlay(*row) for row in rows]
