"""Feedback that waits on the platform (待取反馈): fetched, stored, and only then acknowledged.

See architecture: fetch, store, acknowledge. Specification 4.2.5(1) and (2), 4.8.2.1.7.1 and .2; protocol: drains. An
acknowledgement names orders, not feedback: what arrives in between is hidden by it, and `feedback_repair` finds it.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.failpoints import reached
from hotline_bridge.inbound.fetch import InboundRun, log_tries, one_error
from hotline_bridge.inbound.replace import be_alone, land, store_rows
from hotline_bridge.inbound.rows import read_rows
from hotline_bridge.inbound.windows import is_full
from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.platform_client.request import build_request
from hotline_bridge.store.database import Lasting, connect_async
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.inbound.fetch import OneInterface
    from hotline_bridge.inbound.rows import Rows
    from hotline_bridge.platform_client.settings import PlatformSettings

log = logging.getLogger(__name__)

ACKNOWLEDGED_AT_ONCE = 50
"""Numbers in one acknowledgement; how many one may carry is not printed. One that brings no yes is halved."""
_MAY_BE_ONE = frozenset({Outcome.REFUSED, Outcome.TRY_LATER})
"""Answers that a single one of several orders may have caused."""
FEW = 50
"""Behind an answer of fewer rows nothing waits: no fetch is spent on seeing that. A platform that hands out fewer than
the printed 500 at once is still emptied."""
LONGEST_NAMED = 199
"""Longer numbers are kept shortened with their quarantined row, and an acknowledgement would name another order."""


@dataclass(slots=True)
class DrainCounts:
    """What one run did with one drain."""

    fetches: int = 0
    rows: int = 0
    added: int = 0
    quarantined: int = 0
    acknowledged: int = 0
    """Orders acknowledged."""
    refused: int = 0
    """Orders whose acknowledgement the platform refused: they come again with every fetch."""
    numberless: int = 0
    """Rows without an order number that an acknowledgement could name."""
    failed: int = 0
    """Calls without a usable answer: the next run goes on."""
    blocked: int = 0
    """1 where a full answer held nothing that can be acknowledged: what waits behind it cannot be reached."""
    rested: int = 0
    """1 where nothing was asked, as nothing waited a short while ago."""

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


async def drain(
    interfaces: Sequence[Interface],
    local_conninfo: str,
    settings: PlatformSettings,
    *,
    only_due: bool = False,
    budget_s: float = 240.0,
) -> dict[str, DrainCounts]:
    """Fetch, store and acknowledge until nothing waits, nothing moves any more, or the run has to end.

    Args:
        interfaces: Drains.
        local_conninfo: Connection string of the local store.
        settings: The platform, from its Airflow connection.
        only_due: Leave a drain alone that was found empty within `settings.empty_drain_pause_s`.
        budget_s: Seconds after which nothing more is fetched.

    Returns:
        Counts by interface name.

    Raises:
        StopRun: The platform refuses the authentication.
        TryAgainLater: The local store failed; what was not committed was not acknowledged.
    """
    found = {interface.name: DrainCounts() for interface in interfaces}
    run = InboundRun(settings, budget_s)
    rest = timedelta(seconds=settings.empty_drain_pause_s if only_due else 0)
    with one_error():
        async with PlatformClient(settings) as client, asyncio.TaskGroup() as drains:
            for interface in interfaces:
                one = _Drain(run.of_one(), client, interface, found[interface.name])
                drains.create_task(one.carry_out(local_conninfo, rest))
    run.check_authorized()
    return found


@dataclass(frozen=True, slots=True)
class _Fetched:
    """One answer of a drain."""

    rows: Rows
    answer: bytes = field(repr=False)
    requested_at: datetime


class _Drain:
    def __init__(self, run: OneInterface, client: PlatformClient, interface: Interface, counts: DrainCounts) -> None:
        self._run = run
        self._client = client
        self._interface = interface
        self._acknowledge = contract()[str(interface.acknowledged_by)]
        self._counts = counts
        self._refused: set[str] = set()
        self._seen: set[object] = set()
        """Contents fetched in this run."""

    async def carry_out(self, local_conninfo: str, rest: timedelta) -> None:
        """Empty it, unless it was found empty within `rest`."""
        async with Lasting(partial(connect_async, local_conninfo)) as local:
            if rest and await self._rests(local, rest):
                self._counts.rested = 1
                return
            while not self._run.ending() and await self._round(local):
                pass
        self._counts.refused = len(self._refused)

    async def _rests(self, local: Lasting, rest: timedelta) -> bool:
        now = datetime.now(UTC)
        found = await local.execute(
            "SELECT FROM hotline.drain_fetch"
            " WHERE interface = %s AND row_count = 0 AND fetched_at > %s AND fetched_at <= %s",
            [self._interface.name, now - rest, now],
        )
        return found.rowcount > 0

    async def _round(self, local: Lasting) -> bool:
        """One fetch and its acknowledgements; False when there is nothing more to do in this run."""
        fetched = await self._fetch(local)
        if fetched and fetched.rows.unreadable and not self._run.ending():
            # What happened on the way does not happen twice; what comes again like this is how the platform has it.
            fetched = await self._fetch(local) or fetched
        if fetched is None:
            self._counts.failed += 1
            return False
        rows = fetched.rows
        self._counts.fetches += 1
        await local.execute(
            read_sql("inbound/feedback.sql", "note_fetch"),
            {"interface": self._interface.name, "fetched_at": fetched.requested_at, "row_count": rows.came},
        )
        if not rows.came:
            return False
        await self._store(local, fetched)
        waiting = [number for number in _numbers(rows) if number not in self._refused]
        acknowledged = await self._acknowledge_all(local, waiting)
        if not acknowledged and is_full(rows.came):
            self._counts.blocked = 1
            log.error("%s: a full answer holds nothing that can be acknowledged", self._interface.name)
        # Without progress the same rows would come again; also where the platform says yes and hides nothing.
        is_new = not rows.hashes <= self._seen
        self._seen |= rows.hashes
        return acknowledged > 0 and is_new and rows.came >= FEW

    async def _fetch(self, local: Lasting) -> _Fetched | None:
        """What waits; None where no usable answer came."""
        requested_at = datetime.now(UTC)
        body = build_request(self._interface, {})
        tries = await self._run.deliver(self._client, self._interface, body)
        await log_tries(local, "", body, tries)
        last = tries[-1]
        if last.outcome is not Outcome.DELIVERED:
            return None
        return _Fetched(read_rows(self._interface, last.data), last.answer, requested_at)

    async def _store(self, local: Lasting, fetched: _Fetched) -> None:
        rows, asked = fetched.rows, fetched.requested_at
        async with local.transaction() as session:
            await be_alone(session, self._interface)
            await land(session, self._interface, fetched.answer, rows, requested_at=asked, window=None)
            stored = await store_rows(session, self._interface, rows, requested_at=asked, window=None, whole=False)
        reached("drain-committed")
        self._counts.rows += rows.came
        self._counts.added += stored.added
        self._counts.quarantined += len(rows.bad)
        self._counts.numberless = sum(not _can_be_named(key) for key in rows.keys)

    async def _acknowledge_all(self, local: Lasting, numbers: Sequence[str]) -> int:
        """How many orders were acknowledged; one that is refused does not hold the others."""
        done = 0
        batches = [numbers[at : at + ACKNOWLEDGED_AT_ONCE] for at in range(0, len(numbers), ACKNOWLEDGED_AT_ONCE)]
        while batches and not self._run.ending():
            batch = batches.pop()
            outcome = await self._acknowledge_batch(local, batch)
            if outcome in {Outcome.DELIVERED, Outcome.DUPLICATE}:
                reached("acknowledged")
                done += len(batch)
            elif len(batch) > 1 and outcome in _MAY_BE_ONE:
                half = len(batch) // 2
                batches += [batch[half:], batch[:half]]
            elif outcome is Outcome.REFUSED:
                self._refused.add(batch[0])
            else:
                self._counts.failed += 1
        self._counts.acknowledged += done
        return done

    async def _acknowledge_batch(self, local: Lasting, batch: Sequence[str]) -> Outcome:
        numbers = self._acknowledge.request[0].name
        body = build_request(self._acknowledge, {numbers: ",".join(batch)})
        tries = await self._run.deliver(self._client, self._acknowledge, body)
        await log_tries(local, batch[0] if len(batch) == 1 else f"{batch[0]} +{len(batch) - 1}", body, tries)
        return tries[-1].outcome


def _numbers(rows: Rows) -> list[str]:
    """Order numbers to acknowledge, each once: of good rows and of quarantined ones, or these would fill the drain."""
    numbers = dict.fromkeys(rows.keys)
    return [number for number in numbers if _can_be_named(number)]


def _can_be_named(number: str) -> bool:
    """Whether an acknowledgement can name it: several numbers are joined with a comma."""
    return bool(number.strip()) and "," not in number and len(number) <= LONGEST_NAMED
