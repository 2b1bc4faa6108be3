"""Which days to reconcile: the last ones, and those that a gap in the schedule or a difference left to be settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.errors import StopRun
from hotline_bridge.reconcile.days import chosen, days_of, last_settled
from hotline_bridge.reconcile.kinds import order_kinds
from hotline_bridge.reconcile.words import LOG_KINDS_ZH
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Plan:
    """Days in order: of registration for orders, of writing for logs."""

    orders: list[date]
    """None where cases are not collected yet, or not so far back. Without a window, none whose first collection is
    under way: that they differ would say nothing."""
    logs: list[date]
    """The last ones, and those that did not agree."""


def plan(local: Connection, trailing: int, within: tuple[datetime, datetime] | None, now: datetime) -> Plan:
    """The days of a run.

    Args:
        local: Session on the local store.
        trailing: How many of the last days, without a window.
        within: Aware bounds of exactly the days to count.
        now: Aware.

    Raises:
        StopRun: No day of the window has been over for long enough.
    """
    first = _first_day(local)
    if within is not None:
        days = [day for day in days_of(*within) if day <= last_settled(now)]
        if not days:
            raise StopRun(
                "no day of the window can be counted yet",
                remedy="choose days that have been over for half an hour",
            )
        return Plan([day for day in days if first and day >= first], days)
    unsettled = local.execute(read_sql("reconcile/unsettled_days.sql")).fetchall()
    logs = chosen(trailing, now, date.min, (day for day, kind in unsettled if kind in LOG_KINDS_ZH))
    if first is None:
        return Plan([], logs)
    orders = chosen(trailing, now, first, (day for day, kind in unsettled if kind not in LOG_KINDS_ZH))
    uncollected = uncollected_days(local)
    return Plan([day for day in orders if day not in uncollected], logs)


def uncollected_days(local: Connection) -> set[date]:
    """Days that were never counted and whose cases are still being collected for the first time.

    Args:
        local: Session on the local store.
    """
    rows = local.execute(
        read_sql("reconcile/uncollected_days.sql"), {"interfaces": [kind.case.name for kind in order_kinds()]}
    ).fetchall()
    return {day for (day,) in rows}


def _first_day(local: Connection) -> date | None:
    """The first day whose orders are collected from midnight on; None while some kind is not collected at all."""
    found = local.execute(
        read_sql("reconcile/collected_since.sql"),
        {"interfaces": [kind.case.name for kind in order_kinds()]},
    ).fetchone()
    if found is None:
        return None
    since = found[0].astimezone(SHANGHAI)
    return (since - timedelta(microseconds=1)).date() + timedelta(days=1)  # type: ignore[no-any-return]  # a row's values are Any
