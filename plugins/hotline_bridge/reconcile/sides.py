"""What the docking store and the local store say of each day (对账两侧), read set by set."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg import errors, sql

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.docking import contract_sql
from hotline_bridge.docking.contract_sql import current_table, shared
from hotline_bridge.docking.shape import shape_of
from hotline_bridge.inbound.row_rules import read_time, rules_of
from hotline_bridge.outbound.decisions import AS_CORRECTION
from hotline_bridge.outbound.docking_rows import copy_across
from hotline_bridge.outbound.versions import Record
from hotline_bridge.reconcile.days import bounds
from hotline_bridge.reconcile.evaluate import AGED, Absent, Sides
from hotline_bridge.store.pooled import lasting_tables
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.docking.shape import Shape
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_bridge.reconcile.days import OrderKind

ACTOR = "count_reconciliation"
"""By this name an order that was sent again is known in `hotline.operator_action`."""

Ages = dict[str, timedelta]
"""How long each of `verdict.AGED` explains a difference."""

_NO_TEXT = (errors.CharacterNotInRepertoire, errors.UntranslatableCharacter)
"""Bytes that are no text in the encoding of their database, or none in UTF-8."""
_DAY_AND_MARGINS = timedelta(days=1, minutes=2)
_MARGIN = timedelta(minutes=1)


def ages_of(settings: PlatformSettings) -> Ages:
    """The ages that a deployment sets."""
    return {name: timedelta(hours=getattr(settings, f"explain_{name}_h")) for name in AGED}


def ages_as_json(ages: Ages) -> str:
    """As the queries read them: seconds by state."""
    return json.dumps({name: f"{age.total_seconds()} seconds" for name, age in ages.items()})


def docking_orders(put: Interface, shape: Shape) -> sql.Composed:
    """The query for what the docking store says of some days.

    Args:
        put: The interface that reports orders of the kind.
        shape: How its docking table stands.
    """
    return read_sql("reconcile/sides.sql", "docking_orders").format(**parts_of(put, shape))


def copy_docking_orders(
    docking: Connection, local: Connection, kind: OrderKind, days: Sequence[date], ages: Ages
) -> None:
    """Bring what the docking store says of these days to the session on the local store, where `read_sides` finds it.

    Once a run: there is no index by which 12345's table would give one day.

    Args:
        docking: Session on the docking store.
        local: Session on the local store, in autocommit.
        kind: Kind of orders.
        days: All that will be asked for.
        ages: How long each state explains a difference.
    """
    shape = shape_of(docking, str(kind.put.table))
    columns = [field.column for field in kind.put.request]
    # One row's bytes do not end the night of its kind; a number is left as it is where others' bytes are no text.
    for escaped in ((), {*columns} - {kind.put.key_column}, columns):
        try:
            return _copy_docking_orders(docking, local, kind, days, ages, shape.escaping(escaped))
        except _NO_TEXT as error:
            failure = error
    raise failure


def _copy_docking_orders(
    docking: Connection, local: Connection, kind: OrderKind, days: Sequence[date], ages: Ages, shape: Shape
) -> None:
    query = psycopg.ClientCursor(docking).mogrify(
        docking_orders(kind.put, shape),
        {
            "interface": kind.put.name,
            "days": [f"{day:%Y%m%d}" for day in days],
            "not_collected": ages["not_collected"],
        },
    )
    with local.transaction(), _docking_tables(local):
        local.execute("DELETE FROM docking_order WHERE interface = %s", [kind.put.name])
        statement = sql.SQL("COPY ({}) TO STDOUT").format(sql.SQL(query))
        copy_across(docking, statement, local, "COPY docking_order FROM STDIN")
        copy_shared(docking, local, kind.put, days, ages["not_collected"], shape)
        local.execute("ANALYZE docking_order")


def _docking_tables(local: Connection) -> AbstractContextManager[None]:
    """The tables of what the docking store says, in a transaction."""
    statements = (read_sql("reconcile/sides.sql", name) for name in ("docking_order_table", "docking_other_table"))
    return lasting_tables(local, ("docking_order", "docking_other"), b";\n".join(one.as_bytes() for one in statements))


@contextmanager
def _one_state(local: Connection) -> Iterator[None]:
    """Without other sessions' commits in between, and with room for a set of all orders of the range."""
    with local.transaction():
        local.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        local.execute("SET LOCAL work_mem = '64MB'")
        with _docking_tables(local):
            yield


def read_sides(local: Connection, kind: OrderKind, days: Sequence[date], ages: Ages) -> dict[date, Sides]:
    """Both stores' numbers of some days.

    The docking store was read before: what was taken in meanwhile is then found in the local store.

    Args:
        local: Session on the local store, in autocommit, after `copy_docking_orders`.
        kind: Kind of orders.
        days: At least one; all between the first and the last of them are read.
        ages: How long each state explains a difference.
    """
    sides: dict[date, Sides] = {day: Sides() for day in days}
    begins, ends = bounds(min(days))[0], bounds(max(days))[1]
    parts = {
        "order_table": current_table(kind.put),
        "case_table": sql.Identifier("hotline", str(kind.case.table)),
    }
    parameters = {
        "interface": kind.put.name,
        "case_interface": kind.case.name,
        "actor": ACTOR,
        "shared": shared(kind.put),
        "as_correction": AS_CORRECTION,
        "ages": ages_as_json(ages),
        "days": list(days),
        "begins": begins,
        "ends": ends,
    }

    def rows(name: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query whose first column is a day, of the days asked for."""
        query = read_sql("reconcile/sides.sql", name).format(**parts)
        return (row for row in local.execute(query, parameters) if row[0] in sides)

    with _one_state(local):
        for day, place, orders, same_day in rows("docking_side"):
            sides[day].placed[place] = orders
            sides[day].same_day = same_day if place == "delivered" else sides[day].same_day
        for day, place, orders in rows("shared_numbers"):
            sides[day].placed[place] += orders
        local.execute(read_sql("reconcile/sides.sql", "delivered_orders").format(**parts), parameters)
        for day, delivered, matched in rows("delivered_side"):
            sides[day].delivered, sides[day].matched = delivered, matched
        for day, *absent in rows("absent_orders"):
            sides[day].absent.append(Absent(*absent))
        for day, shown, withdrawn in rows("local_side"):
            sides[day].local, sides[day].withdrawn = shown, withdrawn
        for day, windows in rows("incomplete_windows"):
            sides[day].incomplete_windows = windows
        for case in quarantined_cases(local, kind, begins, ends):
            if case.day not in sides:
                continue
            if case.is_counted:
                sides[case.day].answer_quarantined += 1
            else:
                sides[case.day].answer_numberless += 1
    return sides


@dataclass(frozen=True, slots=True)
class QuarantinedCase:
    """An order, or a row that names none, of which the local store has only what is in quarantine."""

    day: date
    moment: datetime | None
    """The clock reading of its registration, where it tells one that can be meant."""
    is_counted: bool
    """Whether it names an order, or tells when it was registered. The platform need not count any other row."""


def quarantined_cases(local: Connection, kind: OrderKind, begins: datetime, ends: datetime) -> list[QuarantinedCase]:
    """Orders in quarantine by the day of registration, each number once; rows of any form and bytes of any kind.

    Their day is the one that they name, if the window that brought them holds it; else that of the window, where it is
    no longer than a day. A row that tells no day by either is left to the collecting of narrower windows.

    Args:
        local: Session on the local store.
        kind: Kind of orders.
        begins: Only from windows that reach behind this aware moment,
        ends: and before this one.
    """
    query = read_sql("reconcile/sides.sql", "quarantined_cases").format(
        case_table=sql.Identifier("hotline", str(kind.case.table))
    )
    parameters = {"case_interface": kind.case.name, "begins": begins, "ends": ends}
    named: dict[tuple[date, str], QuarantinedCase] = {}
    others: list[QuarantinedCase] = []
    for raw, window_begin, window_end in local.execute(query, parameters).fetchall():
        row = _members(bytes(raw))
        moment = _moment(kind, row.get("registime"), window_begin, window_end)
        day = moment.date() if moment else _day_of(window_begin, window_end)
        if day is None:
            continue
        number = row.get(kind.case.key_column)
        if number is None or not number.strip():
            others.append(QuarantinedCase(day, moment, is_counted=moment is not None))
        elif (day, number) not in named:
            named[day, number] = QuarantinedCase(day, moment, is_counted=True)
    return [*named.values(), *others]


def _members(raw: bytes) -> Mapping[str, str]:
    """The texts and numbers of a row by name in lower case; none where it is no object, or cannot be read at all."""
    with suppress(ValueError, RecursionError):
        row = json.loads(raw, parse_int=str, parse_float=str)
        if isinstance(row, dict):
            return {name.lower(): value for name, value in row.items() if isinstance(value, str)}
    return {}


def _moment(
    kind: OrderKind, told: str | None, window_begin: datetime | None, window_end: datetime | None
) -> datetime | None:
    [field] = [field for field in kind.case.response if field.column == "registime"]
    moment = read_time(rules_of(field), told)
    if moment is None or window_begin is None or window_end is None:
        return moment
    begin, end = (bound.astimezone(SHANGHAI).replace(tzinfo=None) for bound in (window_begin, window_end))
    return moment if begin - _MARGIN <= moment <= end + _MARGIN else None


def _day_of(begins: datetime | None, ends: datetime | None) -> date | None:
    """The day in the middle of a window that is no longer than one."""
    if begins is None or ends is None or ends - begins >= _DAY_AND_MARGINS:
        return None
    return (begins + (ends - begins) / 2).astimezone(SHANGHAI).date()


class _Row(NamedTuple):
    """One docking row, as `docking_repeated` of sides.sql gives it; texts that name the order are hashes."""

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
        shape.text_of(column) if column in shape.types or column in shape.escaped else sql.Identifier("d", column)
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
    docking: Connection,
    local: Connection,
    interface: Interface,
    days: Sequence[date],
    not_collected: timedelta,
    shape: Shape,
) -> None:
    """Bring the further orders under shared numbers to the session on the local store, beside `docking_order`.

    Of each shared number the order that the local store sends stays in `docking_order`, by the day that it names; the
    others become rows of `docking_other`, where `shared_numbers` of sides.sql finds them.

    Args:
        docking: Session on the docking store.
        local: Session on the local store, in the transaction that filled `docking_order`.
        interface: An interface of orders.
        days: All that will be asked for.
        not_collected: How long a row may wait to be taken in.
        shape: How the docking table stands.
    """
    local.execute("DELETE FROM docking_other WHERE interface = %s", [interface.name])
    if not interface.named_by:
        return
    query = read_sql("reconcile/sides.sql", "docking_repeated").format(
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
    for key, content_hash, is_delivered in local.execute(read_sql("reconcile/sides.sql", "known_contents"), parameters):
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
