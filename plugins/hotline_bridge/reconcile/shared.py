"""Orders of the docking store that share a number (编号共用): each counts, though the platform knows one a number."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from psycopg import sql

from hotline_bridge.docking.shape import shape_of
from hotline_bridge.outbound import contract_sql
from hotline_bridge.outbound.row_rules import Record
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, timedelta

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.docking.shape import Shape


class _Row(NamedTuple):
    """One docking row, as `docking_repeated.sql` gives it; texts that name the order are hashes."""

    regino: str
    day: str | None
    content_hash: bytes
    names: list[str | None]
    is_uncollected: bool
    is_overdue: bool

    @property
    def date(self) -> date | None:
        """The day of registration, where the row tells one."""
        with suppress(ValueError, TypeError):
            return datetime.strptime(self.day or "", "%Y%m%d").date()  # noqa: DTZ007  (a day, no moment)
        return None


@dataclass
class _Order:
    """The rows of one order under a number, the newest first."""

    record: Record = field(default_factory=Record)
    rows: list[_Row] = field(default_factory=list)

    @property
    def date(self) -> date | None:
        """The day that its newest row tells."""
        return self.rows[0].date


def parts_of(put: Interface, shape: Shape) -> dict[str, sql.Composable]:
    """What queries of docking orders have in common: table, and of a row `d` the number and the day that it names.

    `of_days` is the condition that some row of its order names one of the days asked for: such days have an index.

    Args:
        put: The interface that reports orders of the kind.
        shape: How its docking table stands; columns of text are left bare, so that their indexes serve.
    """
    regino, registime = (
        shape.text_of(column) if column in shape.types else sql.Identifier("d", column)
        for column in (put.key_column, "registime")
    )
    parts: dict[str, sql.Composable] = {
        "table": contract_sql.docking_table(put),
        "order_number": regino,
        "day_named": sql.SQL("left(translate({}, '-', ''), 8)").format(registime),
    }
    named = sql.SQL("SELECT {order_number} FROM {table} AS d WHERE {day_named} = any(%(days)s::text [])").format(
        **parts
    )
    of_days = sql.SQL("{number} <> '' AND {number} IN ({named})").format(number=regino, named=named)
    return {**parts, "of_days": of_days}


def copy_shared(
    docking: Connection, local: Connection, interface: Interface, days: Sequence[date], not_collected: timedelta
) -> None:
    """Bring the further orders under shared numbers to the session on the local store, beside `docking_order`.

    Of each shared number the order that the local store sends stays in `docking_order`, by the day that it names; the
    others become rows of `docking_other`, where `shared_numbers.sql` finds them.

    Args:
        docking: Session on the docking store.
        local: Session on the local store, in the transaction that filled `docking_order`.
        interface: An interface of orders.
        days: All that will be asked for.
        not_collected: How long a row may wait to be taken in.
    """
    local.execute(read_sql("reconcile/docking_other_table.sql"))
    local.execute("DELETE FROM docking_other WHERE interface = %s", [interface.name])
    if not interface.named_by:
        return
    shape = shape_of(docking, str(interface.table))
    query = read_sql("reconcile/docking_repeated.sql").format(
        names=contract_sql.names_of_docking(interface, shape),
        content=contract_sql.body_members(interface, shape),
        **parts_of(interface, shape),
    )
    rows = psycopg.ClientCursor(docking).execute(
        query, {"days": [f"{day:%Y%m%d}" for day in days], "not_collected": not_collected}
    )
    numbers: defaultdict[str, list[_Order]] = defaultdict(list)
    for row in map(_Row._make, rows):
        if row.regino.strip():
            _add(numbers[row.regino[:200]], row)
    shared = {key: orders for key, orders in numbers.items() if len(orders) > 1}
    if shared:
        _keep(local, interface, shared, days)


def _add(orders: list[_Order], row: _Row) -> None:
    order = next((order for order in orders if not order.record.is_other(row.names)), None)
    if order is None:
        order = _Order()
        orders.append(order)
    order.record.add(row.names)
    order.rows.append(row)


def _keep(local: Connection, interface: Interface, shared: dict[str, list[_Order]], days: Sequence[date]) -> None:
    keys = list(shared)
    parameters = {"interface": interface.name, "keys": keys, "shared": contract_sql.shared(interface)}
    known: defaultdict[str, dict[bytes, bool]] = defaultdict(dict)
    for key, content_hash, is_delivered in local.execute(read_sql("reconcile/known_contents.sql"), parameters):
        known[key][bytes(content_hash)] = is_delivered
    local.execute("DELETE FROM docking_order WHERE interface = %(interface)s AND key = any(%(keys)s)", parameters)
    asked = set(days)
    with local.cursor() as cursor:
        for key, orders in shared.items():
            owner = max(orders, key=lambda order: _rank(order, known[key]))
            if owner.date in asked:
                cursor.execute(
                    "INSERT INTO docking_order (day, is_uncollected, is_overdue, interface, key)"
                    " VALUES (%s, %s, %s, %s, %s)",
                    [owner.date, *_waits(owner.rows), interface.name, key],
                )
            cursor.executemany(
                "INSERT INTO docking_other (day, interface, key, nth, content_hash, is_uncollected, is_overdue)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                [
                    (order.date or owner.date, interface.name, key, number, row.content_hash, *_waits([row]))
                    for number, order in enumerate(orders)
                    if order is not owner and (order.date or owner.date) in asked
                    for row in order.rows
                ],
            )


def _rank(order: _Order, known: dict[bytes, bool]) -> int:
    """How much the local store holds an order for the one that has the number; `max` takes the newest of equals."""
    return max((1 + known[row.content_hash] for row in order.rows if row.content_hash in known), default=0)


def _waits(rows: Iterable[_Row]) -> tuple[bool, bool]:
    rows = list(rows)
    return any(row.is_uncollected for row in rows), any(row.is_overdue for row in rows)
