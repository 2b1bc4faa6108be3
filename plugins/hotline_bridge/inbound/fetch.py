"""Asking the platform for rows: one run's end, one question with its tries, and the line of the log that each leaves.

A window's answer is read here and not yet stored: the next one is under way while the rows of the last are stored.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, cast

import psycopg

from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.inbound.moments import digits
from hotline_bridge.inbound.rows import Rows, array_of, read_between, read_cut
from hotline_bridge.inbound.windows import Window, is_full
from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.platform_client.pace import Breaker
from hotline_bridge.platform_client.request import build_request
from hotline_bridge.store.failures import explain
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.platform_client.answers import Attempt
    from hotline_bridge.platform_client.client import PlatformClient
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_bridge.store.database import AnySession


class InboundRun:
    """When to stop asking: the time budget is spent, the platform is dead, or it refuses the authentication."""

    def __init__(self, settings: PlatformSettings, budget_s: float) -> None:
        self._settings = settings
        self._breaker = Breaker(settings.breaker_failures)
        self.deadline = time.monotonic() + budget_s
        """Reading of `time.monotonic` at which nothing more is asked."""
        self._unauthorized = False

    def of_one(self) -> OneInterface:
        """The end of the run for one of its interfaces."""
        return OneInterface(self, Breaker(self._settings.breaker_failures))

    def note(self, attempt: Attempt) -> None:
        """Learn from one try, as soon as it has ended."""
        self._breaker.record(attempt)
        self._unauthorized = self._unauthorized or attempt.outcome is Outcome.UNAUTHORIZED

    def ending(self) -> bool:
        """Whether nothing more is to be asked."""
        return self._unauthorized or self._breaker.is_open or time.monotonic() >= self.deadline

    @property
    def left_s(self) -> float:
        """Seconds of the time budget that are left, at least 0."""
        return max(0.0, self.deadline - time.monotonic())

    def check_authorized(self) -> None:
        """Raises StopRun where the platform refused the authentication."""
        if self._unauthorized:
            raise StopRun(
                "the platform refuses AppId, Token or signature (HTTP 401 or 403)",
                remedy=self._settings.unauthorized_remedy,
            )


class OneInterface:
    """When to stop asking one interface: with its run, or when it alone is dead, so that it does not hold up the run.

    Args:
        run: The run that it belongs to.
        breaker: Of this interface alone.
    """

    def __init__(self, run: InboundRun, breaker: Breaker) -> None:
        self._run = run
        self._breaker = breaker

    def ending(self) -> bool:
        """Whether nothing more is to be asked."""
        return self._breaker.is_open or self._run.ending()

    async def deliver(self, client: PlatformClient, interface: Interface, body: bytes) -> list[Attempt]:
        """`PlatformClient.deliver` within what is left of the run, which learns from each try."""
        return await client.deliver(interface, body, stop=self.ending, seen=self._note, deadline=self._run.deadline)

    def _note(self, attempt: Attempt) -> None:
        self._breaker.record(attempt)
        self._run.note(attempt)


@contextmanager
def one_error() -> Iterator[None]:
    """Of what several tasks raised at once, the one error that says what to do.

    Raises:
        StopRun: Any of them was one.
        TryAgainLater: Any of them was one, or the database broke off.
    """
    try:
        yield
    except ExceptionGroup as failures:
        for kind in (StopRun, TryAgainLater):
            if of_kind := failures.subgroup(kind):
                raise _first(of_kind) from None
        if (of_database := failures.subgroup(psycopg.Error)) is None:
            raise
        raise explain(cast("psycopg.Error", _first(of_database))) from None


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


@dataclass(frozen=True, slots=True)
class Answer:
    """What one window brought."""

    window: Window
    requested_at: datetime
    rows: Rows
    """Of a full answer to more than one second, their number and registration alone: it is asked again in parts."""
    problem: str | None = None
    """Why there is no usable answer, if there is none."""
    content: bytes = field(default=b"", repr=False)
    """A whole answer as it came."""

    @property
    def is_full(self) -> bool:
        """Whether rows may have been cut off."""
        return is_full(self.rows.came)


class WindowFetcher:
    """Asks the platform for windows of one interface.

    Args:
        run: When to stop trying.
        client: The platform.
        journal: Session on the local store, in autocommit; others may use it too.
        interface: A query with a window.
    """

    def __init__(self, run: OneInterface, client: PlatformClient, journal: AnySession, interface: Interface) -> None:
        self._run = run
        self._client = client
        self._journal = journal
        self._interface = interface
        self._begin_field, self._end_field = (
            next(printed.name for printed in interface.request if printed.name.startswith(part))
            for part in ("begin", "end")
        )

    async def ask(self, window: Window, exactly: tuple[int, int] | None = None) -> Answer:
        """One request with its tries; once more where rows cannot be read, which may have happened on the way.

        Args:
            window: Where its rows belong.
            exactly: Seconds to ask for, both of them, where these are not the window's ends.
        """
        answer = await self._ask(window, exactly)
        if not answer.rows.unreadable or self._run.ending():
            return answer
        again = await self._ask(window, exactly)
        return answer if again.problem else again

    async def _ask(self, window: Window, exactly: tuple[int, int] | None) -> Answer:
        begin, end = map(digits, exactly or (window.begin, window.end))
        body = build_request(self._interface, {self._begin_field: begin, self._end_field: end})
        requested_at = datetime.now(UTC)
        tries = await self._run.deliver(self._client, self._interface, body)
        async with asyncio.TaskGroup() as beside:
            beside.create_task(log_tries(self._journal, f"{begin}-{end}", body, tries))
            return await self._read(window, requested_at, tries[-1])

    async def _read(self, window: Window, requested_at: datetime, last: Attempt) -> Answer:
        if last.outcome is not Outcome.DELIVERED:
            return Answer(window, requested_at, Rows(), last.message or last.outcome.value)
        if is_full(len(array_of(last.data))) and window.length > 1:
            return Answer(window, requested_at, read_cut(self._interface, last.data))
        rows = await read_between(self._interface, last.data, window)
        return Answer(window, requested_at, rows, content=last.answer)


async def log_tries(local: AnySession, key: str, body: bytes, tries: Sequence[Attempt]) -> None:
    """Write the tries of one call.

    Args:
        local: Session on the local store.
        key: What was asked: the window as `BEGIN-END`, or the order's number; empty for a drain.
        body: The request; only its hash is kept.
        tries: From `PlatformClient.deliver`.
    """
    rows = [
        {
            "started_at": tried.started_at.isoformat(),
            "interface": tried.interface,
            "key": key,
            "attempt": tried.number,
            "outcome": tried.outcome.value,
            "http_status": tried.http_status,
            "code": tried.code,
            "message": tried.message,
            "elapsed_ms": tried.elapsed_ms,
            "body_sha256": rf"\x{sha256(body).hexdigest()}",
        }
        for tried in tries
    ]
    await local.execute(read_sql("inbound/fetch.sql", "log_tries"), {"tries": json.dumps(rows)})
