"""The delivery queue in PostgreSQL, as three calls: claim, record results, release.

See architecture: never old after new.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.platform_client.answers import Attempt
    from hotline_bridge.store.database import AnySession


FIRST_WAIT_S = 60.0
LONGEST_WAIT_S = 3_600.0
LONGEST_PAUSE_S = 5.0
"""A platform that asks for a longer pause (Retry-After) ends the run; the next one comes in a minute."""
REFUSED_AGAIN = timedelta(days=1)
REFUSED_FOR = timedelta(days=7)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lease:
    """One version that this run, and no other, may send until its lease ends."""

    interface: Interface
    row_id: int
    key: str
    body: bytes = field(repr=False)
    body_sha256: bytes
    attempts: int
    """Tries made by earlier rounds."""
    rounds: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a claimed version in this round: its tries, in order; the last one decides."""

    lease: Lease
    tries: Sequence[Attempt]

    @property
    def state(self) -> str:
        """State: only a certain success is `delivered`, only a business no is `rejected`.

        See architecture: success is strict.
        """
        match self.tries[-1].outcome:
            case Outcome.DELIVERED | Outcome.DUPLICATE:
                return "delivered"
            case Outcome.REFUSED:
                return "rejected"
            case _:
                return "waiting"

    @property
    def marks(self) -> bool:
        """False when only the run was refused, its authentication or its pace: that says nothing of the version."""
        last = self.tries[-1]
        is_about_run = last.outcome is Outcome.UNAUTHORIZED or (
            last.is_about_pace and (last.retry_after_s or 0.0) <= LONGEST_PAUSE_S
        )
        return not is_about_run or self.may_have_arrived

    @property
    def may_have_arrived(self) -> bool:
        """Whether the platform may hold the version although no try says so."""
        return any(attempt.may_have_arrived for attempt in self.tries)

    @property
    def wait_s(self) -> float:
        """Seconds until the next round: 60, doubling, at most an hour, or as long as the platform asked; jittered."""
        longest = max((attempt.retry_after_s or 0.0 for attempt in self.tries), default=0.0)
        if self.tries[-1].is_about_pace and longest:
            return longest
        wait = min(FIRST_WAIT_S * 2.0 ** min(self.lease.rounds - 1, 10), LONGEST_WAIT_S)
        return max(wait * random.uniform(0.8, 1.0), longest)  # noqa: S311  (spreads load, guards nothing)


class DeliveryQueue:
    """The queue as one run sees it: what it claims carries its mark until it is settled, released or the lease ends.

    Args:
        connection: Session on the local store, in autocommit; one call at a time.
        run: The mark of the run, the same for all its sessions: what it claims on one it may record on another.
        lease_time: A little longer than a version can be in flight, waiting in this process included.
    """

    def __init__(self, connection: AnySession, run: UUID, lease_time: timedelta) -> None:
        self._connection = connection
        self._run = run
        self._lease_time = lease_time

    async def bound_waits(self, interfaces: Iterable[str], longest: timedelta) -> None:
        """Make due what waits longer from now than any wait is, as the clock was set back since.

        Args:
            interfaces: Wire names.
            longest: The longest wait of a version that was not refused.
        """
        await self._connection.execute(
            read_sql("outbound/delivery_queue.sql", "bound_waits"),
            {
                "interfaces": [*interfaces],
                "longest": max(longest, timedelta(seconds=LONGEST_WAIT_S), self._lease_time) + _MINUTE,
                "refused_again": REFUSED_AGAIN + _MINUTE,
            },
        )

    async def claim(self, interface: Interface, *, fresh: int, due: int) -> list[Lease]:
        """Take up to `fresh` + `due` versions of one interface: those never tried, and a share of those due again."""
        cursor = await self._connection.execute(
            read_sql("outbound/delivery_queue.sql", "claim"),
            {"interface": interface.name, "fresh": fresh, "due": due, "run": self._run, "lease": self._lease_time},
        )
        return [Lease(interface, *row) for row in await cursor.fetchall()]

    async def claim_again(self, interface: Interface, *, most: int) -> list[Lease]:
        """Take versions that a reconciliation wants to be sent once more, while nothing newer of their key is there."""
        cursor = await self._connection.execute(
            read_sql("outbound/delivery_queue.sql", "claim_again"),
            {"interface": interface.name, "most": most, "run": self._run, "lease": self._lease_time},
        )
        claimed = [Lease(interface, *row) for row in await cursor.fetchall()]
        if not claimed:
            return []
        cursor = await self._connection.execute(
            read_sql("outbound/delivery_queue.sql", "overtaken"), {"row_ids": [version.row_id for version in claimed]}
        )
        overtaken = {row_id for (row_id,) in await cursor.fetchall()}
        if overtaken:
            await self.release([version for version in claimed if version.row_id in overtaken])
        return [version for version in claimed if version.row_id not in overtaken]

    async def record_results(self, results: Sequence[Result], *, again: bool = False) -> list[tuple[str, str]]:
        """Write what became of a batch, and all its tries to the interaction log, in one transaction.

        Args:
            results: Of versions that this run claimed.
            again: They may be written already, by a session that broke before it said so.

        Returns:
            Interface name and new state of each version settled (`not_accepted`: it was sent once more, and stays
            delivered all the same); those that another run settled first, or that this round says nothing about
            (`Result.marks`), are not among them.
        """
        cursor = await self._connection.execute(
            read_sql("outbound/delivery_queue.sql", "record_results"),
            {
                "run": self._run,
                # As JSON: psycopg quotes arrays text by text in Python, which cost a twelfth of a whole delivery.
                "results": json.dumps([_result_row(result) for result in results if result.marks]),
                "tries": json.dumps([_try_row(result.lease, tried) for result in results for tried in result.tries]),
                "refused_for": REFUSED_FOR,
                "refused_again": REFUSED_AGAIN,
                "again": again,
            },
        )
        return await cursor.fetchall()

    async def release(self, leases: Sequence[Lease]) -> None:
        """Give back versions that were not sent: they are as fresh, or as due, as before."""
        await self._connection.execute(
            read_sql("outbound/delivery_queue.sql", "release"),
            {"row_ids": [lease.row_id for lease in leases], "run": self._run},
        )


def _result_row(result: Result) -> dict[str, object]:
    """What `record_results.sql` reads of a result."""
    last = result.tries[-1]
    return {
        "row_id": result.lease.row_id,
        "state": result.state,
        "tries": len(result.tries),
        "unknown": result.may_have_arrived,
        "code": last.code,
        "message": last.message,
        "delay": result.wait_s,
    }


def _try_row(lease: Lease, attempt: Attempt) -> dict[str, object]:
    """What `record_results.sql` reads of a try: a row of the interaction log."""
    return {
        "started_at": attempt.started_at.isoformat(),
        "interface": lease.interface.name,
        "key": lease.key,
        "attempt": lease.attempts + attempt.number,
        "outcome": attempt.outcome.value,
        "http_status": attempt.http_status,
        "code": attempt.code,
        "message": attempt.message,
        "elapsed_ms": attempt.elapsed_ms,
        "body_sha256": rf"\x{lease.body_sha256.hex()}",
    }
