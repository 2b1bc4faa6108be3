"""Telephony logs (话务日志), which nobody else counts: docking rows = versions by state + copies, by log and day."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.docking.contract_sql import shared
from hotline_bridge.docking.source import source_of
from hotline_bridge.outbound.docking_rows import pipe
from hotline_bridge.reconcile.days import bounds
from hotline_bridge.reconcile.evaluate import LATE, Check
from hotline_bridge.reconcile.sides import ages_as_json
from hotline_bridge.reconcile.state import keep
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.docking.source import Source
    from hotline_bridge.errors import Failures
    from hotline_bridge.reconcile.sides import Ages


def check_log(docking: Connection, local: Connection, log: Interface, days: Sequence[date], ages: Ages) -> list[Check]:
    """Prove a log's days, by the time at which 12345 wrote.

    A row that nobody has taken in and that does not tell when it was written is one of the last day.

    Args:
        docking: Session on the docking store.
        local: Session on the local store, in autocommit.
        log: A report interface of telephony.
        days: At least one.
        ages: How long each state explains a difference.
    """
    found: dict[date, Counter[str]] = {day: Counter() for day in days}
    window = {
        "days": list(days),
        "last": max(days),
        "begins": bounds(min(days))[0],
        "ends": bounds(max(days))[1],
        "not_collected": ages["not_collected"],
    }

    def read(source: Source, only: sql.Composable) -> sql.Composed:
        rows = read_sql("reconcile/telephony.sql", "docking_log_rows").format(
            table=source.identifier, key=source.shape.text_of(log.key_column), content=source.content, only=only
        )
        query = psycopg.ClientCursor(docking).mogrify(rows, window)
        return sql.SQL("COPY ({}) TO STDOUT").format(sql.SQL(query))

    with local.transaction():
        local.execute(read_sql("reconcile/telephony.sql", "docking_log_table"))
        pipe(docking, local, source_of(docking, log), read, "COPY docking_log_row FROM STDIN")
        parameters = {"interface": log.name, "ages": ages_as_json(ages), "shared": shared(log)}
        for day, place, count in local.execute(read_sql("reconcile/telephony.sql", "log_side"), parameters):
            if day in found:
                found[day][place] = count
    return [_check(day, str(log.table), places) for day, places in found.items()]


def _check(day: date, table: str, places: Counter[str]) -> Check:
    """All that is taken in is in a state, or a copy; what nobody has taken in yet is explained for a while."""
    docking = places.total()
    local = docking - places["lost"] - places["not_collected"] - places["late_not_collected"]
    unexplained = places["lost"] + places["shared_number"] + sum(places[place] for place in LATE)
    return Check(
        day=day,
        kind=table,
        docking_count=docking,
        delivered_count=places["delivered"],
        platform_count=None,
        local_count=local,
        explained={name: count for name, count in places.items() if count},
        unexplained=unexplained,
        state="open" if unexplained else "agreed",
    )


def check_logs(
    docking: Connection, local: Connection, days: Sequence[date], ages: Ages, failures: Failures
) -> list[Check]:
    """Prove all logs of some days, and keep the checks of each as soon as they are there. Arguments as of `check_log`.

    Args:
        docking: See `check_log`.
        local: See `check_log`.
        days: See `check_log`.
        ages: See `check_log`.
        failures: Takes what fails of one log.
    """
    checks = []
    for log in interfaces_of("telephony"):
        with failures.apart(str(log.table)):
            found = check_log(docking, local, log, days, ages)
            keep(local, found)
            checks += found
    return checks
