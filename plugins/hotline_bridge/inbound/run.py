"""What the walks and drains of one inbound run share: its end, and how its failures are told."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import psycopg

from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.platform_client.pace import Breaker
from hotline_bridge.store.failures import explain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.platform_client.answers import Attempt
    from hotline_bridge.platform_client.client import PlatformClient
    from hotline_bridge.platform_client.settings import PlatformSettings


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
