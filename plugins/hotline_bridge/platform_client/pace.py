"""How fast the platform may be asked: found out from its refusals, never set.

Additive increase, multiplicative decrease, as TCP does it: simple, known to settle, and fair among processes. And when
to give up (`Breaker`): 1,000 records waiting out four deadlines of 30 s would take 33 hours.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter, deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.platform_client.settings import SUCCESS_CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotline_bridge.platform_client.answers import Attempt

log = logging.getLogger(__name__)

GENTLE, GENTLE_S = 200.0, 0.25
"""Requests a second, and for how long at first: a gateway that admits few refuses one or two then, not all at once."""
SLOWEST = 0.5
"""Requests a second; a limit below it is met by refusals that cost nothing."""
SLOWEST_FOR_503 = 10.0
"""The same where the refusal may be a failure just as well, which no pace helps against: nginx limits by 503 too."""
FIRST = 5.0
"""The least that the first refusal leaves."""
KEPT = 0.8
"""Of the pace, at each refusal that tells something new."""
GAIN, LEAST_SHARE, MOST_SHARE = 1.0, 0.05, 0.25
"""Faster by so many requests a second each second, but by no less and no more than these shares of the pace."""
SETTLING_S = 0.5
"""What left so soon after the pace was lowered says nothing about the new one."""
LATE_S = 0.01
"""So much of the time that a request left after its turn is made up for by the next."""
ALIVE_S = 10.0
"""A 503 without a usable answer before it for so long is a platform that is down."""
TOLD_EVERY_S = 30.0


class Pace:
    """The pace of all requests of a process to one platform; not limited until it refuses for the first time.

    Args:
        clock: Reading of a clock that never goes back, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = math.inf
        """Requests a second."""
        self._clock = clock
        self._began_at: float | None = None
        self._next_at = 0.0
        self._heed_from = 0.0
        self._told_at = -math.inf
        self._searching = True
        self._usable: deque[float] = deque()
        self._alive_at = -math.inf

    def take(self) -> float:
        """Takes the turn of one request and gives 0, or gives the seconds until it may be asked for again."""
        now = self._clock()
        if now < self._next_at:
            return self._next_at - now
        if self._began_at is None:
            self._began_at = now
        rate = min(self.rate, GENTLE) if now < self._began_at + GENTLE_S else self.rate
        self._next_at = max(self._next_at, now - LATE_S) + 1.0 / rate
        return 0.0

    def within(self, seconds: float, most: int) -> int:
        """How many requests have their turn within so many seconds, at least 1 and no more than `most`."""
        return max(1, int(min(most, self.rate * seconds)))

    def learn(self, sent_at: float, status: int | None) -> bool:
        """Learn from one answer.

        Args:
            sent_at: Reading of the clock when its request left.
            status: HTTP status; None where no answer came.

        Returns:
            Whether it was refused for a pace that has been lowered since: that says nothing about the platform.
        """
        now = self._clock()
        if status not in {429, 503}:
            if status is not None and status < 500:
                self._faster(now)
            return False
        if status == 503 and now - self._alive_at > ALIVE_S:
            return False
        if sent_at < self._heed_from:
            return True
        self._slower(now, status)
        return False

    def _faster(self, now: float) -> None:
        self._alive_at = now
        if math.isinf(self.rate):
            self._usable.append(now)
            while self._usable[0] < now - 1.0:
                self._usable.popleft()
        else:
            # Doubled each second until it is refused again: one refusal may have been by chance, or of a burst.
            self.rate += 1.0 if self._searching else min(max(GAIN / self.rate, LEAST_SHARE), MOST_SHARE)

    def _slower(self, now: float, status: int) -> None:
        self._heed_from = now + SETTLING_S
        lowered = self.rate * KEPT
        if math.isinf(lowered):
            # What came through in the last second is what one second admits.
            lowered = max(FIRST, sum(at >= now - 1.0 for at in self._usable))
        else:
            self._searching = False
        self.rate = min(self.rate, max(lowered, SLOWEST if status == 429 else SLOWEST_FOR_503))
        self._next_at = now + 1.0 / self.rate
        if now - self._told_at >= TOLD_EVERY_S:
            self._told_at = now
            log.warning(
                "the platform, or a gateway before it, refuses requests for their number (HTTP %d): slowed down to %.1f"
                " a second; nothing is lost, and the pace goes on adapting by itself",
                status,
                self.rate,
            )


_PACES: dict[str, Pace] = {}
_USERS: Counter[str] = Counter()


@contextmanager
def shared_pace(base_url: str) -> Iterator[Pace]:
    """The pace that all clients of this process share for one platform while any of them is open."""
    pace = _PACES.setdefault(base_url, Pace())
    _USERS[base_url] += 1
    try:
        yield pace
    finally:
        _USERS[base_url] -= 1
        if not _USERS[base_url]:
            _PACES.pop(base_url, None)


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
