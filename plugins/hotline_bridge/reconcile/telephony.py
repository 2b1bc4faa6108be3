"""Telephony logs (话务日志), which nobody else counts: docking rows = versions by state + copies, by log and day."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.outbound.content import body_members, docking_table
from hotline_bridge.reconcile.days import bounds
from hotline_bridge.reconcile.history import keep
from hotline_bridge.reconcile.verdict import Check
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface


def check_log(docking: Connection, local: Connection, log: Interface, days: Sequence[date]) -> list[Check]:
    """Prove a log's days, by the time at which 12345 wrote.

    Args:
        docking: Session on the docking store.
        local: Session on the local store, in autocommit.
        log: A report interface of telephony.
        days: In order, at least one.
    """
    found: dict[date, Counter[str]] = {day: Counter() for day in days}
    query = psycopg.ClientCursor(docking).mogrify(
        sql.SQL(read_sql("reconcile/docking_log_rows.sql")).format(
            table=docking_table(log), key_column=sql.Identifier(log.key_column), content=body_members(log)
        ),
        {"begins": bounds(days[0])[0], "ends": bounds(days[-1])[1]},
    )
    with local.transaction():
        local.execute(read_sql("reconcile/docking_log_table.sql").encode())
        with (
            docking.cursor().copy(f"COPY ({query}) TO STDOUT".encode()) as rows,
            local.cursor().copy("COPY docking_log_row FROM STDIN") as target,
        ):
            for block in rows:
                target.write(block)
        for day, place, count in local.execute(read_sql("reconcile/log_side.sql").encode(), {"interface": log.name}):
            if day in found:
                found[day][place] = count
    return [_check(day, str(log.table), places) for day, places in found.items()]


def _check(day: date, table: str, places: Counter[str]) -> Check:
    """All that is taken in is in a state, or a copy; what nobody has taken in yet is a difference that is known."""
    docking, lost = places.total(), places["lost"]
    local = docking - lost - places["not_collected"]
    return Check(
        day=day,
        kind=table,
        docking_count=docking,
        delivered_count=places["delivered"],
        platform_count=None,
        local_count=local,
        explained={name: count for name, count in places.items() if count},
        unexplained=lost,
        state="open" if lost else "agreed",
    )


def check_logs(docking: Connection, local: Connection, days: Sequence[date]) -> list[Check]:
    """Prove all logs of some days, and keep the checks."""
    checks = [check for log in interfaces_of("telephony") for check in check_log(docking, local, log, days)]
    keep(local, checks)
    return checks
