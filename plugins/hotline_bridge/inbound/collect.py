"""Collecting (收集): what is due of each interface is asked window by window, and stored answer by answer.

See architecture: a full answer is suspect; specification 4.8.2.1.5.1 to .4, 4.8.2.1.6.1 to .5 and 4.8.2.1.7.3. The
interfaces of a run share one event loop; each walks its own windows in order, so memory holds two answers an interface:
one that is being stored, and the one after it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hotline_bridge.failpoints import reached
from hotline_bridge.inbound.fetch import Answer, InboundRun, WindowFetcher, one_error
from hotline_bridge.inbound.moments import digits, readable, seconds
from hotline_bridge.inbound.replace import land, store_rows
from hotline_bridge.inbound.rows import join_rows
from hotline_bridge.inbound.schedule import WindowLedger
from hotline_bridge.inbound.windows import WEEK_S, RowRate, Window, WindowPlanner, gaps, window_within
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.store.database import Lasting, connect_async
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import AsyncConnection

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.inbound.fetch import OneInterface
    from hotline_bridge.inbound.rows import Rows
    from hotline_bridge.inbound.schedule import RefreshPolicy
    from hotline_bridge.inbound.windows import DueWindow
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_bridge.store.database import AsyncSession

log = logging.getLogger(__name__)

PROGRESS_EVERY_S = 30.0


@dataclass(slots=True)
class CollectCounts:
    """What one run did for one interface."""

    requests: int = 0
    """Windows asked, cut ones included; tries after a missing answer are not counted."""
    because: Counter[str] = field(default_factory=Counter)
    """Why windows were visited: `new`, `age`, `asked`, `failed`."""
    cut: int = 0
    """Answers that were full, so that their window was asked again in parts."""
    rows: int = 0
    """Rows of answers that were whole."""
    added: int = 0
    replaced: int = 0
    quarantined: int = 0
    outside: int = 0
    missing: int = 0
    unknown_fields: int = 0
    incomplete_seconds: int = 0
    """Seconds that hold more rows than an answer can: what is over is not to be had.

    See architecture: a full answer is suspect.
    """
    unanswered: int = 0
    """Requests that brought no usable answer, after all of their tries."""
    failed: int = 0
    """Windows that had none when the run ended, asked a second time or not: due again in minutes."""
    overtaken: int = 0
    """Answers thrown away because a run that asked later was here first."""
    left_s: int = 0
    """Seconds that were due and not visited, because the run had to end."""

    def as_dict(self) -> dict[str, int]:
        """The counts by name; reasons as `because_...`."""
        plain = {name: value for name, value in asdict(self).items() if name != "because"}
        return {**plain, **{f"because_{why}": count for why, count in sorted(self.because.items())}}


async def collect(
    interfaces: Sequence[Interface],
    local_conninfo: str,
    settings: PlatformSettings,
    *,
    policy: RefreshPolicy,
    collect_from: datetime,
    within: tuple[datetime, datetime] | None = None,
    budget_s: float = 600.0,
) -> dict[str, CollectCounts]:
    """Visit what is due, until nothing is, the time budget is spent, or the platform is found dead.

    Args:
        interfaces: Queries by registration time.
        local_conninfo: Connection string of the local store.
        settings: The platform, from its Airflow connection.
        policy: When windows are visited again.
        collect_from: Aware; without `within`, no window is opened before it.
        within: Aware bounds: all of this stretch up to now is due, and nothing else is visited.
        budget_s: Seconds after which nothing more is asked.

    Returns:
        Counts by interface name.

    Raises:
        StopRun: The platform refuses the authentication, or nothing of `within` has passed.
        TryAgainLater: The local store cannot be reached, or failed in between; what was committed stays.
    """
    if within:
        window_within(within, seconds(datetime.now(UTC)))
    found = {interface.name: CollectCounts() for interface in interfaces}
    run = InboundRun(settings, budget_s)
    with one_error():
        async with (
            PlatformClient(settings) as client,
            _session(local_conninfo) as journal,
            asyncio.TaskGroup() as beside,
        ):
            progress = beside.create_task(_tell_progress(found))
            try:
                async with asyncio.TaskGroup() as walks:
                    for interface in interfaces:
                        one = run.of_one()
                        asker = WindowFetcher(one, client, journal, interface)
                        walk = _Collection(one, asker, interface, found[interface.name])
                        walks.create_task(walk.carry_out(local_conninfo, policy, collect_from, within))
            finally:
                progress.cancel()
    run.check_authorized()
    return found


def _session(local_conninfo: str) -> Lasting:
    """A session that does not wait for the disk: what a crash of the server takes back is due again with its window."""

    async def open_session() -> AsyncSession:
        local = await connect_async(local_conninfo)
        await local.set(synchronous_commit="off")
        return local

    return Lasting(open_session)


async def _tell_progress(found: dict[str, CollectCounts]) -> None:
    while True:
        await asyncio.sleep(PROGRESS_EVERY_S)
        for name, done in found.items():
            log.info("%s: so far %d requests, %d rows", name, done.requests, done.rows)


class _Collection:
    """The walk of one interface."""

    def __init__(self, run: OneInterface, asker: WindowFetcher, interface: Interface, counts: CollectCounts) -> None:
        self._run = run
        self._asker = asker
        self._interface = interface
        self._counts = counts
        self._tells = any(printed.column == "registime" for printed in interface.response)

    async def carry_out(
        self,
        local_conninfo: str,
        policy: RefreshPolicy,
        collect_from: datetime,
        within: tuple[datetime, datetime] | None,
    ) -> None:
        """Visit all that is due of this interface."""
        async with _session(local_conninfo) as local:
            await self._visit(local, WindowLedger(local, self._interface, policy), collect_from, within)

    async def _visit(
        self,
        local: Lasting,
        ledger: WindowLedger,
        collect_from: datetime,
        within: tuple[datetime, datetime] | None,
    ) -> None:
        now = datetime.now(UTC)
        until = seconds(now)
        await ledger.bound_waits(now)
        await ledger.open_gaps(Window(min(seconds(collect_from), until - 1), until))
        # What was opened stays in care, also when `collect_from` moves on.
        stretch = Window(0, until)
        if within:
            stretch = window_within(within, until)
            await ledger.open_gaps(stretch)
            await ledger.mark_due(stretch)
        due = await ledger.due(stretch, datetime.now(UTC))
        if not due:
            return
        self._counts.because.update(visit.because for visit in due)
        row_rate = await self._density(local, due)
        walk = WindowPlanner(
            [visit.window for visit in due],
            row_rate,
            counted=[visit.window for visit in due if visit.rows is not None],
        )
        await self._carry_on(local, ledger, walk)
        if walk.failed and not self._run.ending():
            # What failed by chance has good prospects by now. What fails for a row of its own is asked in halves, so
            # that from run to run less and less is missing beside that row.
            again = WindowPlanner(
                walk.failed, row_rate, counted=[half for window in walk.failed for half in window.halves]
            )
            await self._carry_on(local, ledger, again)
            left = [*again.failed, *again.due]
            walk.failed = [window for window in walk.failed if any(window.shares(part) for part in left)]
        self._counts.failed = len(walk.failed)

    async def _carry_on(self, local: Lasting, ledger: WindowLedger, walk: WindowPlanner) -> None:
        """Ask and store until all of a walk was answered, or the run has to end."""
        async with asyncio.TaskGroup() as asking:
            question = self._next(asking, walk)
            while question:
                question = await self._store_and_ask(local, ledger, walk, question, asking)

    async def _density(self, local: Lasting, due: Sequence[DueWindow]) -> RowRate:
        """What is known of the orders in what is due: of all kinds, or of its own where rows tell their time.

        And of the week before the last window, which tells what to expect of hours of which nothing is known yet.
        """
        windows = [visit.window for visit in due]
        last = windows[-1]
        stretches = sorted([*windows, *gaps(windows, Window(last.begin - WEEK_S, last.begin))])
        kind = str(self._interface.table).removesuffix("_case") if self._tells else None
        cursor = await local.execute(
            read_sql("inbound/schedule.sql", "registered"),
            {
                "begins": [stretch.begin for stretch in stretches],
                "ends": [stretch.end for stretch in stretches],
                "kind": kind,
            },
        )
        registered = [moment for (moment,) in await cursor.fetchall()]
        if not registered:
            return RowRate()
        until = max(registered) + 1 if self._tells else last.end
        return RowRate(registered, Window(stretches[0].begin, until))

    def _next(self, asking: asyncio.TaskGroup, walk: WindowPlanner) -> asyncio.Task[Answer] | None:
        """The next request, on its way; None when nothing is due any more, or the run has to end."""
        window = walk.next()
        if window and self._run.ending():
            self._counts.left_s = walk.left
            return None
        return asking.create_task(self._asker.ask(window)) if window else None

    async def _store_and_ask(
        self,
        local: Lasting,
        ledger: WindowLedger,
        walk: WindowPlanner,
        question: asyncio.Task[Answer],
        asking: asyncio.TaskGroup,
    ) -> asyncio.Task[Answer] | None:
        """Store what one request brings, while the platform already answers the next; gives that."""
        requests = self._counts.requests
        answer = await question
        window = answer.window
        await self._take_note(ledger, answer)
        if answer.problem:
            walk.fail(window)
            return self._next(asking, walk)
        if answer.is_full and window.length > 1:
            self._counts.cut += 1
            walk.full(window, self._registered(answer.rows))
            return self._next(asking, walk)
        parts, incomplete = [answer], False
        if answer.is_full:
            parts, incomplete = await self._ask_bottom(ledger, answer)
        requests = self._counts.requests - requests
        walk.complete(window, answer.rows.came, self._registered(answer.rows))
        following = self._next(asking, walk)
        async with local.transaction() as session:
            if await ledger.take(window, answer.requested_at):
                rows = await self._store(session, parts, answer.requested_at, whole=not incomplete)
                reached("answer-stored")
                await ledger.settle(window, answer.requested_at, rows=rows, requests=requests, incomplete=incomplete)
            else:
                self._counts.overtaken += 1
        reached("answer-committed")
        if incomplete:
            self._counts.incomplete_seconds += 1
            log.error(
                "%s: more rows in one second (%s) than an answer can hold; see collection_window",
                self._interface.name,
                readable(window.begin),
            )
        return following

    async def _ask_bottom(self, ledger: WindowLedger, both: Answer) -> tuple[list[Answer], bool]:
        """Two neighbouring seconds are full: each is asked alone. Incomplete where that does not tell them apart."""
        answered = []
        for moment in (both.window.begin, both.window.end):
            answer = await self._asker.ask(both.window, exactly=(moment, moment))
            await self._take_note(ledger, answer)
            answered += [] if answer.problem else [answer]
        known = {content for answer in answered for content in answer.rows.hashes}
        whole = len(answered) == 2 and not any(answer.is_full for answer in answered) and both.rows.hashes <= known
        return (answered, False) if whole else ([both, *answered], True)

    async def _take_note(self, ledger: WindowLedger, answer: Answer) -> None:
        """Count an answer, and write down what is wrong with it."""
        self._counts.requests += 1
        if answer.problem:
            self._counts.unanswered += 1
            log.warning("%s: no rows of %s: %s", self._interface.name, digits(answer.window.begin), answer.problem)
            await ledger.fail(answer.window, answer.problem)
        unknown = answer.rows.unknown_fields
        self._counts.unknown_fields += len(unknown)
        if unknown:
            names = ", ".join(sorted(name for name in unknown if name.isascii() and name.isidentifier()))
            log.warning(
                "%s: %d fields that the contract does not know: %s",
                self._interface.name,
                len(unknown),
                names or "their names are no plain words",
            )

    async def _store(
        self, local: AsyncConnection, parts: Sequence[Answer], requested_at: datetime, *, whole: bool
    ) -> int:
        """Put the answers to one window into the local store; gives how many rows they hold."""
        window = parts[0].window
        for part in parts:
            await land(
                local,
                self._interface,
                part.content,
                part.rows,
                requested_at=part.requested_at,
                window=window,
            )
        rows = join_rows([part.rows for part in parts])
        stored = await store_rows(local, self._interface, rows, requested_at=requested_at, window=window, whole=whole)
        counts = self._counts
        counts.rows += rows.came
        counts.added += stored.added
        counts.replaced += stored.replaced
        counts.quarantined += len(rows.bad)
        counts.outside += rows.outside
        counts.missing += stored.missing
        return rows.came

    def _registered(self, rows: Rows) -> list[int] | None:
        """Registration times of the rows; None where they do not tell."""
        return rows.registered if self._tells else None
