"""What the docking store and the local store say of each day (对账两侧), read set by set."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from hotline_bridge.inbound.judge import read_time, rules_of
from hotline_bridge.inbound.moments import SHANGHAI
from hotline_bridge.outbound.content import current_table, docking_table
from hotline_bridge.reconcile.days import bounds
from hotline_bridge.reconcile.kinds import OrderKind
from hotline_bridge.reconcile.verdict import Absent, Sides
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

ACTOR = "count_reconciliation"
"""By this name an order that was sent again is known in `hotline.operator_action`."""

_DAY_AND_MARGINS = timedelta(days=1, minutes=2)


def read_sides(docking: Connection, local: Connection, kind: OrderKind, days: Sequence[date]) -> dict[date, Sides]:
    """Both stores' numbers of some days.

    The docking store is read first: what is taken in meanwhile is then found in the local store.

    Args:
        docking: Session on the docking store.
        local: Session on the local store, in autocommit.
        kind: Kind of orders.
        days: In order, at least one.
    """
    sides: dict[date, Sides] = {day: Sides() for day in days}
    begins, ends = bounds(days[0])[0], bounds(days[-1])[1]
    parts = {
        "order_table": current_table(kind.put),
        "case_table": sql.Identifier("hotline", str(kind.case.table)),
    }
    parameters = {
        "interface": kind.put.name,
        "case_interface": kind.case.name,
        "actor": ACTOR,
        "begins": begins,
        "ends": ends,
    }

    def rows(name: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query whose first column is a day, of the days asked for."""
        query = sql.SQL(read_sql(f"reconcile/{name}.sql")).format(**parts)
        return (row for row in local.execute(query, parameters) if row[0] in sides)

    with local.transaction():
        # Without other sessions' commits in between, and with room for a set of all orders of the range.
        local.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        local.execute("SET LOCAL work_mem = '64MB'")
        _copy_docking_orders(docking, local, kind, days)
        for text, place, orders, same_day in _query(local, "docking_side", parts, parameters):
            of_day = sides[date.fromisoformat(text)]
            of_day.placed[place] = orders
            of_day.same_day = same_day if place == "delivered" else of_day.same_day
        _query(local, "delivered_orders", parts, parameters)
        for day, delivered, matched in rows("delivered_side"):
            sides[day].delivered, sides[day].matched = delivered, matched
        for day, *absent in rows("absent_orders"):
            sides[day].absent.append(Absent(*absent))
        for day, shown, withdrawn in rows("local_side"):
            sides[day].local, sides[day].withdrawn = shown, withdrawn
        for day, windows in rows("incomplete_windows"):
            sides[day].incomplete_windows = windows
        for day, _ in quarantined_moments(local, kind):
            if day in sides:
                sides[day].answer_quarantined += 1
    return sides


def _query(
    local: Connection, name: str, parts: dict[str, sql.Identifier], parameters: dict[str, Any]
) -> list[tuple[Any, ...]]:
    cursor = local.execute(sql.SQL(read_sql(f"reconcile/{name}.sql")).format(**parts), parameters)
    return cursor.fetchall() if cursor.description else []


def _copy_docking_orders(docking: Connection, local: Connection, kind: OrderKind, days: Sequence[date]) -> None:
    local.execute(read_sql("reconcile/docking_order_table.sql").encode())
    query = psycopg.ClientCursor(docking).mogrify(
        sql.SQL(read_sql("reconcile/docking_orders.sql")).format(table=docking_table(kind.put)),
        {"days": [f"{day:%Y%m%d}" for day in days]},
    )
    with (
        docking.cursor().copy(f"COPY ({query}) TO STDOUT".encode()) as orders,
        local.cursor().copy("COPY docking_order FROM STDIN") as target,
    ):
        for block in orders:
            target.write(block)
    local.execute("ANALYZE docking_order")


def quarantined_moments(local: Connection, kind: OrderKind) -> Iterator[tuple[date, datetime | None]]:
    """Of each case in quarantine the day of registration, and the clock reading where it tells one.

    Its day is the one that it names, else that of the window that brought it, where that is no longer than a day.
    """
    [field] = [field for field in kind.case.response if field.column == "registime"]
    rules = rules_of(field)
    query = sql.SQL(read_sql("reconcile/quarantined_cases.sql")).format(
        case_table=sql.Identifier("hotline", str(kind.case.table))
    )
    for raw, begins, ends in local.execute(query, {"case_interface": kind.case.name}):
        told = {name.lower(): value for name, value in json.loads(raw).items()}.get("registime")
        moment = read_time(rules, told if isinstance(told, str) else None)
        if moment is not None:
            yield moment.date(), moment
        elif begins is not None and ends - begins < _DAY_AND_MARGINS:
            yield _middle(begins, ends), None


def _middle(begins: datetime, ends: datetime) -> date:
    return (begins + (ends - begins) / 2).astimezone(SHANGHAI).date()
