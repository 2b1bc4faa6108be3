"""Delivery (上报): claimed versions go to the platform, many at once, and what became of them is settled in batches.

See architecture: tries and waits; protocol: timeout and retransmission. On one event loop one task claims,
`max_concurrency` tasks send and one records; what is between them is bounded, so memory does not grow with the
backlog.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg

from hotline_bridge.ending import ended_early
from hotline_bridge.errors import HotlineError, StopRun, TryAgainLater
from hotline_bridge.failpoints import reached
from hotline_bridge.names import told
from hotline_bridge.outbound.delivery_queue import LONGEST_PAUSE_S, DeliveryQueue, Lease, Result
from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.platform_client.pace import Breaker
from hotline_bridge.store.database import Lasting, connect_async
from hotline_bridge.store.failures import explain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from contextlib import AbstractAsyncContextManager

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.platform_client.answers import Attempt
    from hotline_bridge.platform_client.pace import Pace
    from hotline_bridge.platform_client.settings import PlatformSettings

log = logging.getLogger(__name__)

FRESH, DUE = 400, 100
"""Versions claimed at once of one interface: never tried before, and due again."""
RECORD_EVERY_S = 0.05
"""Results are gathered this long and written together."""
QUEUEING_S = 30.0
"""How long a claimed version may wait in this process before it is sent; part of the lease."""
WRITE_AGAIN_S = 2.0
"""Pause before results are written down on yet another session."""
PROGRESS_EVERY_S = 30.0


@dataclass(slots=True)
class DeliveryCounts:
    """What one delivery run did with the versions of one interface."""

    states: Counter[str] = field(default_factory=Counter)
    """Versions settled, by the state they now have."""
    released: int = 0
    """Versions given back as they were: the run ended early, or their number alone was refused."""
    slowed: int = 0
    """Tries that were refused for the number of requests alone (429)."""

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return {**self.states, "released": self.released, **({"slowed": self.slowed} if self.slowed else {})}


async def deliver(
    interfaces: Sequence[Interface],
    local_conninfo: str,
    settings: PlatformSettings,
    *,
    budget_s: float = 300.0,
    again_only: bool = False,
) -> dict[str, DeliveryCounts]:
    """Send what is due, new and old, until nothing is, the time budget is spent, or the platform is found dead.

    Args:
        interfaces: Report interfaces to send for.
        local_conninfo: Connection string of the local store.
        settings: The platform, from its Airflow connection.
        budget_s: Seconds after which nothing more is claimed; versions in flight are settled all the same.
        again_only: Send only what a reconciliation wants to be sent once more.

    Returns:
        Counts by interface name.

    Raises:
        StopRun: The platform refused the authentication (401 or 403), and no version was marked; or the local store
            refuses.
        TryAgainLater: The local store cannot be reached, or failed in between: what was in flight was finished, and
            written down if the store could be reached again in time.
    """
    run = _Run(interfaces, settings, budget_s, again_only=again_only)
    mark, lease = uuid4(), timedelta(seconds=run.longest_flight_s + QUEUEING_S)

    @asynccontextmanager
    async def queue() -> AsyncIterator[DeliveryQueue]:
        async with Lasting(partial(connect_async, local_conninfo)) as session:
            yield DeliveryQueue(session, mark, lease)

    async with queue() as claims, queue() as results, PlatformClient(settings) as client:
        await claims.bound_waits(run.lanes, timedelta(seconds=settings.retry_after_cap_s))
        with ended_early(run.end):
            await run.carry_out(client, claims, results)
    await run.write_down(queue)
    if failure := run.store_failure:
        kind = StopRun if isinstance(failure, StopRun) and run.unwritten else TryAgainLater
        raise kind(
            f"a session on the local store failed; {run.unwritten or 'no'} results were not written down: {failure}",
            remedy=f"nothing is lost: what is not settled is due again within {lease}",
        )
    if run.unauthorized:
        raise StopRun(
            "the platform refuses AppId, Token or signature (HTTP 401 or 403); no version was marked",
            remedy=settings.unauthorized_remedy,
        )
    return {name: lane.counts for name, lane in run.lanes.items()}


class _Lane:
    """One interface in this run: its breaker, the pause that the platform asked for, and its counts."""

    def __init__(self, run: _Run, interface: Interface, breaker_failures: int) -> None:
        self.interface = interface
        self.counts = DeliveryCounts()
        self._run = run
        self._breaker = Breaker(failures=breaker_failures)
        self._paused_until = 0.0

    @property
    def pause_s(self) -> float:
        """Seconds that the platform still wants to be left alone; not above 0 when it does not."""
        return self._paused_until - time.monotonic()

    def closed(self) -> bool:
        """Whether nothing more of this interface is to be started in this run."""
        return self._run.ending() or self._breaker.is_open or self.pause_s > LONGEST_PAUSE_S

    def note(self, attempt: Attempt) -> None:
        """Learn from one try, as soon as it has ended: a hung platform is known after one deadline, not after four."""
        self._breaker.record(attempt)
        self.counts.slowed += attempt.is_about_pace
        if attempt.retry_after_s:
            self._paused_until = max(self._paused_until, time.monotonic() + attempt.retry_after_s)


class _Run:
    """State of one delivery run, shared by its tasks on one event loop."""

    def __init__(
        self, interfaces: Sequence[Interface], settings: PlatformSettings, budget_s: float, *, again_only: bool = False
    ) -> None:
        self._again_only = again_only
        self.lanes = {interface.name: _Lane(self, interface, settings.breaker_failures) for interface in interfaces}
        # One try more than the setting: a signature refused near midnight is made once more.
        self.longest_flight_s = (settings.tries + 1) * (settings.timeout_s + 1.0)
        self.unauthorized = False
        self.store_failure: HotlineError | None = None
        self._ended = False
        self._deadline = time.monotonic() + budget_s
        self._concurrency = settings.max_concurrency
        self._work: asyncio.Queue[tuple[Lease, float] | None] = asyncio.Queue(maxsize=FRESH + DUE)
        self._results: list[Result] = []
        self._unsent: list[Lease] = []
        self._outstanding = 0
        self._all_sent = asyncio.Event()
        self._something_settled = asyncio.Event()

    def end(self) -> None:
        """Start nothing more; what is in flight is finished and settled."""
        self._ended = True

    def ending(self) -> bool:
        """Whether the run is to start nothing more at all."""
        return self._ended or self.unauthorized or self.store_failure is not None or time.monotonic() >= self._deadline

    @property
    def unwritten(self) -> int:
        """Results, and versions to give back, that are not in the store yet."""
        return len(self._results) + len(self._unsent)

    async def carry_out(self, client: PlatformClient, claims: DeliveryQueue, results: DeliveryQueue) -> None:
        """Claim, send and record results side by side until nothing is due or the run is to end.

        A session that fails starts nothing more and cancels nothing: what is in flight is finished.
        """
        async with asyncio.TaskGroup() as run:
            run.create_task(self._record_all(results))
            async with asyncio.TaskGroup() as sending:
                for _ in range(self._concurrency):
                    sending.create_task(self._send_all(client))
                with self._ends_when_the_store_fails():
                    await self._claim_all(claims, client.pace)
                for _ in range(self._concurrency):
                    await self._work.put(None)
            self._all_sent.set()

    @contextmanager
    def _ends_when_the_store_fails(self) -> Iterator[None]:
        try:
            yield
        except (psycopg.Error, HotlineError) as error:
            self.store_failure = explain(error) if isinstance(error, psycopg.Error) else error
            self._something_settled.set()  # nobody waits for what is not going to be written any more

    async def _claim_all(self, queue: DeliveryQueue, pace: Pace) -> None:
        """Keep the work queue filled until no open lane has anything due and nothing outstanding could unblock more."""
        for lane in self.lanes.values():
            if not lane.closed():
                await self._hand_over(await queue.claim_again(lane.interface, most=DUE))
        if self._again_only:
            return
        while open_lanes := [lane for lane in self.lanes.values() if not lane.closed()]:
            self._something_settled.clear()
            was_outstanding = self._outstanding
            found = False
            for lane in open_lanes:
                # No more than can be sent in time: what is given back for its age was claimed for nothing.
                room = pace.within(QUEUEING_S / 3, 2 * (FRESH + DUE))
                while self._outstanding >= room and not self.ending():
                    self._something_settled.clear()
                    await self._something_settled.wait()
                if lane.closed():
                    continue
                most = min(room, FRESH + DUE)
                due = -(-most * DUE // (FRESH + DUE))
                claimed = await queue.claim(lane.interface, fresh=most - due, due=due)
                found = found or bool(claimed)
                await self._hand_over(claimed)
            if not found:
                # What was outstanding when this look began may have been settled behind it: only a later look tells.
                if not was_outstanding:
                    return
                # A version waits while an older one of its key is in flight: look again once something is settled.
                await self._something_settled.wait()

    async def _hand_over(self, claimed: Sequence[Lease]) -> None:
        if claimed:
            reached("versions-claimed")
        self._outstanding += len(claimed)
        give_up_at = time.monotonic() + QUEUEING_S
        for version in claimed:
            await self._work.put((version, give_up_at))

    async def _send_all(self, client: PlatformClient) -> None:
        while work := await self._work.get():
            claimed, give_up_at = work
            lane = self.lanes[claimed.interface.name]
            while lane.pause_s > 0 and not lane.closed():  # noqa: ASYNC110  (waits for a moment, not for an event)
                await asyncio.sleep(lane.pause_s)
            if lane.closed() or time.monotonic() > give_up_at:
                self._unsent.append(claimed)
                continue
            tries = await client.deliver(
                claimed.interface, claimed.body, stop=lane.closed, seen=lane.note, give_up_at=give_up_at
            )
            if not tries:
                self._unsent.append(claimed)
                continue
            reached("answer-received")
            self.unauthorized = self.unauthorized or tries[-1].outcome is Outcome.UNAUTHORIZED
            self._results.append(Result(claimed, tries))

    async def _record_all(self, queue: DeliveryQueue) -> None:
        progress_at = time.monotonic() + PROGRESS_EVERY_S
        with self._ends_when_the_store_fails():
            while not self._all_sent.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._all_sent.wait(), RECORD_EVERY_S)
                await self.record(queue)
                if time.monotonic() >= progress_at:
                    progress_at += PROGRESS_EVERY_S
                    for name, lane in self.lanes.items():
                        log.info("%s: so far %s", name, told(lane.counts.states))
            await self.record(queue)

    async def write_down(self, queue: Callable[[], AbstractAsyncContextManager[DeliveryQueue]]) -> None:
        """Write what a failed session left, on new ones: what the platform said is not to be asked for twice."""
        give_up_at = time.monotonic() + QUEUEING_S
        while self.unwritten:
            try:
                async with queue() as results:
                    await self.record(results, again=True)
            except HotlineError as failure:
                self.store_failure = failure
                if time.monotonic() > give_up_at:
                    return
                await asyncio.sleep(WRITE_AGAIN_S)

    async def record(self, queue: DeliveryQueue, *, again: bool = False) -> None:
        """Write the results gathered so far, and give back what was not sent. What cannot be written stays."""
        if results := self._results[:]:
            for interface, state in await queue.record_results(results, again=again):
                self.lanes[interface].counts.states[state] += 1
            reached("batch-settled")
            del self._results[: len(results)]
            self._unsent += [result.lease for result in results if not result.marks]
            self._noted(sum(result.marks for result in results))
        if unsent := self._unsent[:]:
            await queue.release(unsent)
            del self._unsent[: len(unsent)]
            for claimed in unsent:
                self.lanes[claimed.interface.name].counts.released += 1
            self._noted(len(unsent))

    def _noted(self, versions: int) -> None:
        self._outstanding -= versions
        self._something_settled.set()
