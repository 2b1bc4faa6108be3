"""Count reconciliation (对账, specification 4.8.2.1.5.5): compare day by day, repair what differs, compare again.

Days are judged some at a time, the newest first, and every check is kept as soon as it is made. A day that differs is
collected again and compared by order number; what the platform lost for certain is sent once more; then it is counted
again. What is left stays open, for a person.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter as Tally
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hotline_bridge.errors import Failures, TryAgainLater, unforeseen
from hotline_bridge.failpoints import reached
from hotline_bridge.inbound.fetch import InboundRun
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.reconcile.counting import Counter, find_window_bounds
from hotline_bridge.reconcile.days import bounds, bounds_s, groups_of, order_kinds
from hotline_bridge.reconcile.evaluate import Check, evaluate
from hotline_bridge.reconcile.repair import Repairs, locate
from hotline_bridge.reconcile.sides import ages_of, copy_docking_orders, quarantined_cases, read_sides
from hotline_bridge.reconcile.state import keep
from hotline_bridge.store.database import Lasting, connect_async
from hotline_bridge.store.failures import explain
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from psycopg import Connection

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_bridge.reconcile.counting import Counts
    from hotline_bridge.reconcile.days import OrderKind
    from hotline_bridge.reconcile.evaluate import Sides
    from hotline_bridge.reconcile.repair import Place
    from hotline_bridge.reconcile.sides import Ages
    from hotline_bridge.store.database import AnySession

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Counts asked for at once."""
MOST_TRIES = 3
"""How often a day is repaired in one run while the platform's count moves."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one run may do."""

    patience: timedelta = timedelta(hours=24)
    """How long after its acceptance an order may be unseen among the cases."""
    collections: int = 120
    """Days collected again, times kinds."""
    sendings: int = 100
    """Orders sent again."""
    budget_s: float = 3600.0
    """Seconds after which nothing more is asked or begun."""


async def reconcile(
    docking: Connection,
    local: Connection,
    local_conninfo: str,
    settings: PlatformSettings,
    days: Sequence[date],
    *,
    repair: bool,
    limits: Limits = Limits(),
    failures: Failures | None = None,
) -> list[Check]:
    """Reconcile days, the newest first, and keep every check in `hotline.count_reconciliation` as soon as it is made.

    Args:
        docking: Session on the docking store, in autocommit; its tables are read once.
        local: Session on the local store, in autocommit.
        local_conninfo: Its connection string.
        settings: The platform, from its Airflow connection.
        days: Days of registration that have passed.
        repair: Whether to collect again and send again; otherwise it only looks.
        limits: How much it may do.
        failures: Takes what fails of one day or kind, and days that were not reached; without, it is raised in the end.

    Returns:
        The last check of each day and kind, in order.

    Raises:
        StopRun: The platform refuses the authentication; or, without `failures`, something of a day failed.
        TryAgainLater: A store is gone; what was kept stays. Without `failures`: days were not reached within the time
            budget, or may do better later.
    """
    run = InboundRun(settings, limits.budget_s)
    own = failures or failures_of_run(docking, local)
    found: Checks = {}
    if days:
        async with PlatformClient(settings) as client, Lasting(partial(connect_async, local_conninfo)) as session:
            own.needs(session)
            look = _Look(docking, local, Counter(run, client, session), limits.patience, ages_of(settings), own)
            repairs = Repairs(
                run, settings, session, local_conninfo, collections=limits.collections, sendings=limits.sendings
            )
            await look.prepare(session, days)
            groups = groups_of(days)
            for place, group in enumerate(groups):
                if not run.left_s:
                    left = f"{sum(map(len, groups[place:]))} days up to {group[0]} were not reached"
                    own.add(TryAgainLater(f"{left}: the time budget is spent", remedy=_KEPT))
                    break
                with own.apart(f"{group[-1]} to {group[0]}"):
                    found |= await _settle(run, look, repairs if repair else None, group, own)
                run.check_authorized()
    if failures is None:
        own.check()
    return [check for _, check in sorted(found.items())]


def failures_of_run(*stores: Connection) -> Failures:
    """What fails of one day, kind or log ends none of the others (architecture: ends in the right colour)."""
    return Failures(
        *stores, explain=lambda error: explain(error) if isinstance(error, psycopg.Error) else unforeseen(error)
    )


_KEPT = "all else was judged and is kept; the next run takes these up again"
Checks = dict[tuple["date", str], Check]


async def _settle(
    run: InboundRun, look: _Look, repairs: Repairs | None, days: Sequence[date], failures: Failures
) -> Checks:
    """Count and judge some days, and repair those that differ, the first of them first."""
    platform = await look.count(days)
    reached("days-counted")
    checks = look.evaluate(days, {day: (counts, counts) for day, counts in platform.items()})
    differing = [day for day in days if any(_is_open(checks.get((day, kind.name))) for kind in order_kinds())]
    if differing and not repairs:
        again = await look.count(differing)
        checks |= look.evaluate(differing, {day: (platform[day], _or(again[day], platform[day])) for day in differing})
    keep(look.local, checks.values())
    reached("checks-kept")
    for day in differing if repairs else ():
        if not repairs or run.ending():
            break
        with failures.apart(f"the repair of {day}"):
            checks |= await _repair(look, repairs, checks, day, platform[day])
            reached("day-repaired")
    return checks


class _Look:
    """Reads both sides and the platform, and judges."""

    def __init__(
        self,
        docking: Connection,
        local: Connection,
        counter: Counter,
        patience: timedelta,
        ages: Ages,
        failures: Failures,
    ) -> None:
        self._docking = docking
        self.local = local
        self._patience = patience
        self._ages = ages
        self._failures = failures
        self._kinds: list[OrderKind] = []
        self.counter = counter

    async def prepare(self, session: AnySession, days: Sequence[date]) -> None:
        """Read the docking store, once for all days; find out how the platform reads windows, once for good."""
        for kind in order_kinds():
            with self._failures.apart(f"{kind.name} of the docking store"):
                copy_docking_orders(self._docking, self.local, kind, days, self._ages)
                self._kinds.append(kind)
        with self._failures.apart("how the platform reads a window's ends"):
            self.counter.window_bounds = await find_window_bounds(session, self.counter, bounds(max(days))[1])

    async def count(self, days: Sequence[date]) -> dict[date, Counts]:
        """The platform's counts of each day, several asked for at once."""
        found: dict[date, Counts] = {}
        rest = iter(days)

        async def count_some() -> None:
            for day in rest:
                found[day] = await self.counter.count(*bounds_s(day))

        await asyncio.gather(*(count_some() for _ in range(AT_ONCE)))
        log.info("%s to %s are counted", days[-1], days[0])
        return found

    def evaluate(
        self,
        days: Sequence[date],
        platform: Mapping[date, tuple[Counts, Counts]],
        repaired: Mapping[str, Tally[str]] | None = None,
    ) -> Checks:
        """Read the local store now and judge these days, all kinds, or those that were repaired."""
        checks: Checks = {}
        for kind in self._kinds:
            if repaired is not None and kind.name not in repaired:
                continue
            now = datetime.now(UTC)
            for day, sides in self._read(kind, days).items():
                before, after = (counts[kind.name] for counts in platform[day])
                checks[day, kind.name] = evaluate(
                    day,
                    kind.name,
                    sides,
                    None if before is None or after is None else (before, after),
                    now,
                    patience=self._patience,
                    repair=None if repaired is None else dict(+repaired[kind.name]),
                )
        return checks

    def _read(self, kind: OrderKind, days: Sequence[date]) -> dict[date, Sides]:
        """Both sides of these days; where they cannot be read together, of each day that can."""
        found: dict[date, Sides] = {}
        try:
            return read_sides(self.local, kind, days, self._ages)
        except Exception:
            if len(days) > 1 and not self.local.closed:
                for day in days:
                    with self._failures.apart(f"{kind.name} {day}"):
                        found |= read_sides(self.local, kind, [day], self._ages)
                return found
            with self._failures.apart(f"{kind.name} {days[0]}"):
                raise
        return found

    async def locate(self, check: Check, checked_at: datetime) -> None:
        """Say where an incompletely collected day lacks orders, by halving its counts."""
        [kind] = [kind for kind in order_kinds() if kind.name == check.kind]
        begins, ends = bounds(check.day)
        found = self.local.execute(
            read_sql("reconcile/repair.sql", "minutes").format(
                case_table=sql.Identifier("hotline", str(kind.case.table))
            ),
            {"begins": begins, "ends": ends},
        ).fetchall()
        minutes: Tally[int] = Tally(dict(found))
        for case in quarantined_cases(self.local, kind, begins, ends):
            if case.day == check.day and case.moment is not None and case.is_counted:
                minutes[60 * case.moment.hour + case.moment.minute] += 1
        places = await locate(
            partial(self._count_minutes, kind, begins),
            minutes,
            check.platform_count or 0,
        )
        self.local.execute(
            read_sql("reconcile/repair.sql", "locate"),
            {"checked_at": checked_at, "kind": check.kind, "places": json.dumps(_as_times(places, begins))},
        )

    async def _count_minutes(self, kind: OrderKind, begins: datetime, first: int, last: int) -> int | None:
        midnight = int(begins.timestamp())
        return (await self.counter.count(midnight + 60 * first, midnight + 60 * last))[kind.name]


async def _repair(look: _Look, repairs: Repairs, first: Checks, day: date, counted: Counts) -> Checks:
    """Repair a day until nothing differs, or what the platform counts stands still; then write it down."""
    open_still = [kind for kind in order_kinds() if _is_open(first.get((day, kind.name)))]
    tallies: dict[str, Tally[str]] = {kind.name: Tally() for kind in open_still}
    done: Checks = {}
    for _ in range(MOST_TRIES):
        since = datetime.now(UTC)
        for kind in open_still:
            tallies[kind.name]["tries"] += 1
            tallies[kind.name].update(await repairs.collect_day(kind.case, day))
        of_open = {kind.name: tallies[kind.name] for kind in open_still}
        compared = look.evaluate([day], {day: (counted, counted)}, of_open)
        sent = False
        for kind in open_still:
            check = compared.get((day, kind.name))
            if check and check.lost:
                tally = await repairs.send_again(kind, day, check.lost, since)
                tallies[kind.name].update(tally)
                sent = sent or bool(tally["sent_again"])
        # Where the platform gives no count now, the one that it gave before still stands.
        again = _or((await look.count([day]))[day], counted)
        # What was sent must be counted now; what else came while the stores were read may be.
        done |= look.evaluate([day], {day: (again if sent else counted, again)}, of_open)
        moving = [kind for kind in open_still if again[kind.name] != counted[kind.name]]
        open_still = [kind for kind in moving if _is_open(done.get((day, kind.name)))]
        counted = again
        if not open_still:
            break
    checked_at = keep(look.local, done.values())
    for check in done.values():
        if check.state == "incomplete" and check.is_repairable:
            await look.locate(check, checked_at)
    return done


def _is_open(check: Check | None) -> bool:
    return check is not None and check.is_repairable


def _or(counts: Counts, before: Counts) -> Counts:
    """Counts, and the earlier ones of kinds that have none."""
    return {kind: before[kind] if count is None else count for kind, count in counts.items()}


def _as_times(places: Iterable[Place], begins: datetime) -> list[dict[str, object]]:
    return [
        {
            "begins": (begins + timedelta(minutes=place.begin)).isoformat(),
            "ends": (begins + timedelta(minutes=place.end)).isoformat(),
            "platform_count": place.platform_count,
            "local_count": place.local_count,
        }
        for place in places
    ]
