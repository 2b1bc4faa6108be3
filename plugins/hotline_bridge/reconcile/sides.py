"""What the docking store and the local store say of each day (对账两侧), read set by set."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.docking.shape import shape_of
from hotline_bridge.inbound.row_rules import read_time, rules_of
from hotline_bridge.outbound.contract_sql import current_table, shared
from hotline_bridge.outbound.decisions import AS_CORRECTION
from hotline_bridge.reconcile.days import bounds
from hotline_bridge.reconcile.shared import copy_shared, parts_of
from hotline_bridge.reconcile.verdict import AGED, Absent, Sides
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.docking.shape import Shape
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_bridge.reconcile.kinds import OrderKind

ACTOR = "count_reconciliation"
"""By this name an order that was sent again is known in `hotline.operator_action`."""

Ages = dict[str, timedelta]
"""How long each of `verdict.AGED` explains a difference."""

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
    return read_sql("reconcile/docking_orders.sql").format(**parts_of(put, shape))


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
    query = psycopg.ClientCursor(docking).mogrify(
        docking_orders(kind.put, shape_of(docking, str(kind.put.table))),
        {
            "interface": kind.put.name,
            "days": [f"{day:%Y%m%d}" for day in days],
            "not_collected": ages["not_collected"],
        },
    )
    with local.transaction():
        local.execute(read_sql("reconcile/docking_order_table.sql"))
        local.execute("DELETE FROM docking_order WHERE interface = %s", [kind.put.name])
        with (
            docking.cursor().copy(f"COPY ({query}) TO STDOUT".encode()) as orders,
            local.cursor().copy("COPY docking_order FROM STDIN") as target,
        ):
            for block in orders:
                target.write(block)
        copy_shared(docking, local, kind.put, days, ages["not_collected"])
        local.execute("ANALYZE docking_order")


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
        query = read_sql(f"reconcile/{name}.sql").format(**parts)
        return (row for row in local.execute(query, parameters) if row[0] in sides)

    with local.transaction():
        # Without other sessions' commits in between, and with room for a set of all orders of the range.
        local.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        local.execute("SET LOCAL work_mem = '64MB'")
        for day, place, orders, same_day in rows("docking_side"):
            sides[day].placed[place] = orders
            sides[day].same_day = same_day if place == "delivered" else sides[day].same_day
        for day, place, orders in rows("shared_numbers"):
            sides[day].placed[place] += orders
        local.execute(read_sql("reconcile/delivered_orders.sql").format(**parts), parameters)
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
    query = read_sql("reconcile/quarantined_cases.sql").format(
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
