"""Checks as the local store keeps them: added, never changed; what they tell of each day and kind; days still to do."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.errors import StopRun
from hotline_bridge.names import ORDER_KINDS_ZH
from hotline_bridge.reconcile.days import chosen, days_of, last_settled, order_kinds
from hotline_bridge.reconcile.evaluate import LATE
from hotline_bridge.reconcile.requests import asked_days
from hotline_bridge.reconcile.words import KIND_ZH, LOG_KINDS_ZH
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from psycopg import Connection

    from hotline_bridge.reconcile.evaluate import Check, State


@dataclass(frozen=True, slots=True)
class Location:
    """A part of a day, its end not in it, in which the platform counts more orders than were collected."""

    begins: datetime
    ends: datetime
    platform_count: int
    local_count: int


@dataclass(frozen=True, slots=True)
class LatestCheck:
    """The latest check of a day and kind."""

    day: date
    kind: str
    docking_count: int | None
    delivered_count: int | None
    platform_count: int | None
    local_count: int | None
    explained: Mapping[str, int]
    unexplained: int | None
    state: State
    checked_at: datetime
    since: datetime | None = None
    """The first check from which on none agreed; None where this one agrees."""
    repair: Mapping[str, int] = field(default_factory=dict)
    """What was last done about a difference that is still open."""
    locations: tuple[Location, ...] = ()

    @property
    def counts(self) -> dict[str, int | None]:
        """The four counts by the names of `words.COUNT_ZH`; None where there is none."""
        return {
            "docking_count": self.docking_count,
            "delivered_count": self.delivered_count,
            "platform_count": self.platform_count,
            "local_count": self.local_count,
        }

    @property
    def situations(self) -> list[str]:
        """The names of what is to be done (`words.REMEDY_ZH`), the most telling first; none where all agrees."""
        if self.state == "agreed":
            return []
        gap = self.explained.get("gap", 0)
        signs = {
            "unknown": self.platform_count is None and self.kind in ORDER_KINDS_ZH,
            "incomplete": self.state == "incomplete",
            "lost_upstream": bool(self.explained.get("lost_upstream")),
            "sent_again": bool(self.repair.get("sent_again")),
            "not_accepted": bool(self.repair.get("not_accepted")),
            "not_sent_again": bool(self.repair.get("not_sent_again")),
            "lost_on_intake": bool(self.explained.get("lost_on_intake")),
            "lost": bool(self.explained.get("lost")),
            "shared_number": bool(self.explained.get("shared_number")),
            **{name: bool(self.explained.get(name)) for name in LATE},
            "gap": gap > 0 and self.state != "incomplete",
            "surplus": gap < 0,
        }
        return [name for name, is_so in signs.items() if is_so] or ["other"]


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair, and the state that the check after it found."""

    checked_at: datetime
    day: date
    kind: str
    counts: Mapping[str, int]
    state: State


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All that the report tells."""

    since: date
    checks: tuple[LatestCheck, ...] = ()
    """By day and kind in the order of `words.KIND_ZH`; those of the range, and older ones that do not agree."""
    repairs: tuple[Repair, ...] = ()
    """The newest first."""
    missing: tuple[date, ...] = ()
    """Days that were never reconciled with the platform, in order, though they were collected."""
    uncollected: tuple[date, ...] = ()
    """Days that are still being collected for the first time, in order."""

    @property
    def unjudged(self) -> list[tuple[date, str]]:
        """Days and kinds of orders without any check, where another kind of the day has one."""
        judged = {(check.day, check.kind) for check in self.checks if check.kind in ORDER_KINDS_ZH}
        days = sorted({day for day, _ in judged if day >= self.since})
        return [(day, kind) for day in days for kind in ORDER_KINDS_ZH if (day, kind) not in judged]

    def count(self, state: State) -> int:
        """Days times kinds in a state."""
        return sum(check.state == state for check in self.checks)


def read_state(local: Connection, since: date, until: date = date.max, *, with_older: bool = True) -> Reconciliation:
    """What is known now.

    Args:
        local: Session on the local store, in autocommit.
        since: First day of the range, in Asia/Shanghai.
        until: Last day of it.
        with_older: Whether older days are told where they do not agree.
    """
    parameters = {"since": since, "until": until, "with_older": with_older}
    with local.transaction():
        local.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        checks = local.execute(read_sql("reconcile/state.sql", "report_checks"), parameters).fetchall()
        locations: dict[tuple[date, str], list[Location]] = {}
        for day, kind, *rest in local.execute(read_sql("reconcile/state.sql", "report_locations")):
            locations.setdefault((day, kind), []).append(Location(*rest))
        repairs = local.execute(read_sql("reconcile/state.sql", "report_repairs"), parameters).fetchall()
        missing = local.execute("SELECT day FROM hotline.reconciliation_missing ORDER BY day").fetchall()
        uncollected = uncollected_days(local)
    places = {kind: place for place, kind in enumerate(KIND_ZH)}
    checks.sort(key=lambda row: (row[0], places.get(row[1], len(places))))
    return Reconciliation(
        since,
        tuple(LatestCheck(*(*row, tuple(locations.get((row[0], row[1]), ())))) for row in checks),
        tuple(Repair(*row) for row in repairs),
        tuple(day for (day,) in missing if day not in uncollected),
        tuple(day for (day,) in missing if day in uncollected),
    )


def keep(local: Connection, checks: Iterable[Check]) -> datetime:
    """Write checks down; gives the moment by which they are known."""
    checked_at = datetime.now(UTC)
    rows = [asdict(check) | {"day": check.day.isoformat(), "lost": None} for check in checks]
    local.execute(read_sql("reconcile/state.sql", "record"), {"checked_at": checked_at, "checks": json.dumps(rows)})
    return checked_at


@dataclass(frozen=True, slots=True)
class Plan:
    """Days in order: of registration for orders, of writing for logs."""

    orders: list[date]
    """None where cases are not collected yet, or not so far back. Without a window also those whose repair somebody
    asked for, and none whose first collection is under way: that they differ would say nothing."""
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
    unsettled = local.execute(read_sql("reconcile/state.sql", "unsettled_days")).fetchall()
    logs = chosen(trailing, now, date.min, (day for day, kind in unsettled if kind in LOG_KINDS_ZH))
    if first is None:
        return Plan([], logs)
    wanted = [*(day for day, kind in unsettled if kind not in LOG_KINDS_ZH), *asked_days(local)]
    orders = chosen(trailing, now, first, wanted)
    uncollected = uncollected_days(local)
    return Plan([day for day in orders if day not in uncollected], logs)


def uncollected_days(local: Connection) -> set[date]:
    """Days that were never counted and whose cases are still being collected for the first time.

    Args:
        local: Session on the local store.
    """
    rows = local.execute(
        read_sql("reconcile/state.sql", "uncollected_days"), {"interfaces": [kind.case.name for kind in order_kinds()]}
    ).fetchall()
    return {day for (day,) in rows}


def _first_day(local: Connection) -> date | None:
    """The first day whose orders are collected from midnight on; None while some kind is not collected at all."""
    found = local.execute(
        read_sql("reconcile/state.sql", "collected_since"),
        {"interfaces": [kind.case.name for kind in order_kinds()]},
    ).fetchone()
    if found is None:
        return None
    since = found[0].astimezone(SHANGHAI)
    return (since - timedelta(microseconds=1)).date() + timedelta(days=1)  # type: ignore[no-any-return]  # a row's values are Any
