"""Count reconciliation (对账, specification 4.8.2.1.5.5): compare day by day, repair what differs, compare again.

Every check is kept. A day that differs is collected again and compared by order number; what the platform lost for
certain is sent once more; then it is counted again. What is left stays open, for a person.
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

from psycopg import sql

from hotline_bridge.inbound.run import InboundRun
from hotline_bridge.platform.client import PlatformClient
from hotline_bridge.reconcile.counting import Counter
from hotline_bridge.reconcile.days import bounds, bounds_s
from hotline_bridge.reconcile.history import keep
from hotline_bridge.reconcile.kinds import OrderKind, order_kinds
from hotline_bridge.reconcile.locate import locate
from hotline_bridge.reconcile.reading import find_reading
from hotline_bridge.reconcile.repair import Repairs
from hotline_bridge.reconcile.sides import quarantined_moments, read_sides
from hotline_bridge.reconcile.verdict import Check, judge
from hotline_bridge.steps import reached
from hotline_bridge.store.database import connect_async
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from psycopg import Connection

    from hotline_bridge.platform.settings import PlatformSettings
    from hotline_bridge.reconcile.counting import Counts
    from hotline_bridge.reconcile.locate import Place

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Counts asked for at once."""
MOST_TRIES = 3
"""How often a day is repaired in one run while the platform's count moves."""
PROGRESS_EVERY = 100


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


async def reconcile(
    docking: Connection,
    local: Connection,
    local_conninfo: str,
    settings: PlatformSettings,
    days: Sequence[date],
    *,
    repair: bool,
    limits: Limits = Limits(),
) -> list[Check]:
    """Reconcile days, and keep every check in `hotline.count_reconciliation`.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit.
        local_conninfo: Its connection string.
        settings: The platform, from its Airflow connection.
        days: Days of registration that have passed, in order.
        repair: Whether to collect again and send again; otherwise it only looks.
        limits: How much it may do.

    Returns:
        The last check of each day and kind.

    Raises:
        StopRun: The platform refuses the authentication.
        TryAgainLater: The local store failed while a day was collected again; what was kept stays.
    """
    if not days:
        return []
    run = InboundRun(settings, limits.budget_s)
    async with PlatformClient(settings) as client, await connect_async(local_conninfo) as session:
        counter = Counter(run, client, session)
        counter.reading = await find_reading(session, counter, bounds(days[-1])[1])
        look = _Look(docking, local, counter, limits.patience)
        platform = await look.count(days)
        reached("days-counted")
        checks = look.judge(days, {day: (counts, counts) for day, counts in platform.items()})
        differing = _differing(checks)
        if differing and not repair:
            again = await look.count(differing)
            checks |= look.judge(differing, {day: (platform[day], again[day]) for day in differing})
        keep(local, checks.values())
        reached("checks-kept")
        if differing and repair:
            log.info("%d days differ: collected again and compared by order number", len(differing))
            repairs = Repairs(
                run, client, session, local_conninfo, collections=limits.collections, sendings=limits.sendings
            )
            checks |= await _repair(look, repairs, checks, platform)
    run.check_authorized()
    return [check for _, check in sorted(checks.items())]


Checks = dict[tuple["date", str], Check]


class _Look:
    """Reads both sides and the platform, and judges."""

    def __init__(self, docking: Connection, local: Connection, counter: Counter, patience: timedelta) -> None:
        self._docking = docking
        self.local = local
        self._patience = patience
        self.counter = counter

    async def count(self, days: Sequence[date]) -> dict[date, Counts]:
        """The platform's counts of each day, several asked for at once."""
        found: dict[date, Counts] = {}
        rest = iter(days)

        async def count_some() -> None:
            for day in rest:
                found[day] = await self.counter.count(*bounds_s(day))
                if len(found) % PROGRESS_EVERY == 0:
                    log.info("progress: %d of %d days counted", len(found), len(days))

        await asyncio.gather(*(count_some() for _ in range(AT_ONCE)))
        return found

    def judge(
        self,
        days: Sequence[date],
        platform: Mapping[date, tuple[Counts, Counts]],
        repaired: Mapping[tuple[date, str], Tally[str]] | None = None,
    ) -> Checks:
        """Read both stores now and judge these days, all kinds, or those that were repaired."""
        checks: Checks = {}
        for kind in order_kinds():
            wanted = [day for day in days if repaired is None or (day, kind.name) in repaired]
            if not wanted:
                continue
            now = datetime.now(UTC)
            sides = read_sides(self._docking, self.local, kind, wanted)
            for day in wanted:
                before, after = (counts[kind.name] for counts in platform[day])
                checks[day, kind.name] = judge(
                    day,
                    kind.name,
                    sides[day],
                    None if before is None or after is None else (before, after),
                    now,
                    patience=self._patience,
                    repair=None if repaired is None else dict(+repaired[day, kind.name]),
                )
        return checks

    async def locate(self, checks: Iterable[Check], checked_at: datetime) -> None:
        """Say where incompletely collected days lack orders, by halving their counts."""
        for check in checks:
            [kind] = [kind for kind in order_kinds() if kind.name == check.kind]
            begins, ends = bounds(check.day)
            found = self.local.execute(
                sql.SQL(read_sql("reconcile/minutes.sql")).format(
                    case_table=sql.Identifier("hotline", str(kind.case.table))
                ),
                {"begins": begins, "ends": ends},
            ).fetchall()
            minutes: Tally[int] = Tally(dict(found))
            for day, moment in quarantined_moments(self.local, kind):
                if day == check.day and moment is not None:
                    minutes[60 * moment.hour + moment.minute] += 1
            places = await locate(
                partial(self._count_minutes, kind, begins),
                minutes,
                check.platform_count or 0,
            )
            self.local.execute(
                read_sql("reconcile/locate.sql").encode(),
                {"checked_at": checked_at, "kind": check.kind, "places": json.dumps(_as_times(places, begins))},
            )

    async def _count_minutes(self, kind: OrderKind, begins: datetime, first: int, last: int) -> int | None:
        midnight = int(begins.timestamp())
        return (await self.counter.count(midnight + 60 * first, midnight + 60 * last))[kind.name]


async def _repair(look: _Look, repairs: Repairs, first: Checks, platform: Mapping[date, Counts]) -> Checks:
    """Repair what differs until nothing does, or what the platform counts stands still; then write it down."""
    done: Checks = {at: check for at, check in first.items() if check.state in {"open", "incomplete"}}
    tallies: dict[tuple[date, str], Tally[str]] = {at: Tally() for at in done}
    kinds = {kind.name: kind for kind in order_kinds()}
    open_still, counted = dict(done), dict(platform)
    between: dict[date, tuple[Counts, Counts]]
    for _ in range(MOST_TRIES):
        since = datetime.now(UTC)
        for day, name in open_still:
            tallies[day, name]["tries"] += 1
            tallies[day, name].update(await repairs.collect_day(kinds[name].case, day))
        compared = look.judge(
            sorted({day for day, _ in open_still}),
            {day: (counted[day], counted[day]) for day, _ in open_still},
            {at: tallies[at] for at in open_still},
        )
        sent = set()
        for (day, name), check in compared.items():
            if check.lost:
                tally = await repairs.send_again(kinds[name], day, check.lost, since)
                tallies[day, name].update(tally)
                sent |= {day} if tally["sent_again"] else set()
        days = sorted({day for day, _ in open_still})
        again = await look.count(days)
        # What was sent must be counted now; what else came while the stores were read may be.
        between = {day: (again[day] if day in sent else counted[day], again[day]) for day in days}
        done |= look.judge(days, between, {at: tallies[at] for at in open_still})
        open_still = {at: done[at] for at in open_still if done[at].unexplained and _moves(between, at)}
        counted |= again
        if not open_still:
            break
    checked_at = keep(look.local, done.values())
    await look.locate([check for check in done.values() if check.state == "incomplete"], checked_at)
    return done


def _moves(between: Mapping[date, tuple[Counts, Counts]], at: tuple[date, str]) -> bool:
    """Whether the platform counted otherwise meanwhile, so that looking again may help."""
    before, after = between[at[0]]
    return before[at[1]] != after[at[1]]


def _differing(checks: Checks) -> list[date]:
    return sorted({day for (day, _), check in checks.items() if check.state in {"open", "incomplete"}})


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
