"""Ends a run early against a dead platform: 1,000 records waiting out four deadlines of 30 s would take 33 hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.platform_client.settings import SUCCESS_CODES

if TYPE_CHECKING:
    from hotline_bridge.platform_client.client import Attempt

_ALIVE = frozenset({Outcome.DELIVERED, Outcome.DUPLICATE, Outcome.REFUSED})


class Breaker:
    """Counts tries in a row without a usable answer; once open it stays open, since one object serves one run.

    Usable is a yes, a no, and a listed retry code: the platform thought about the record. All else counts: no answer,
    unreachable, 5xx, pages, a wrong path, and 429 too where even a lowered pace brings nothing else. What was refused
    for a pace that has been lowered since neither counts nor resets; nor do 401 and 403, which stop the run.
    """

    def __init__(self, failures: int = 10) -> None:
        self._limit = failures
        self._in_a_row = 0
        self._open = False

    @property
    def is_open(self) -> bool:
        """Whether the run should end."""
        return self._open

    def record(self, attempt: Attempt) -> None:
        """Takes note of one try, in the order in which they ended."""
        if attempt.outcome is Outcome.UNAUTHORIZED or attempt.crowded:
            return
        asked_to_wait = attempt.code is not None and attempt.code not in SUCCESS_CODES
        if attempt.outcome in _ALIVE or asked_to_wait:
            self._in_a_row = 0
            return
        self._in_a_row += 1
        self._open = self._open or self._in_a_row >= self._limit
