"""Who sits at the invented hotline: seats in three shifts, with a break in each, signing in and out (坐席签入签出)."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from hotline_sandbox.sample.areas import AREAS, CALL_SHARES

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

SHIFTS = ((0, 8, 4), (8, 16, 20), (16, 24, 10))
"""First hour, last hour, seats. Assumed: so many that the measured traffic seldom finds none free."""
SESSIONS_A_DAY = 2 * sum(seats for _, _, seats in SHIFTS)
NEVER_SIGNED_OUT = 0.01
"""Of the sessions: the seat went home without signing out. Assumed."""

_EARLY_S = 600
_BREAK_MIN = (20, 45)


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat (坐席): number, name of who sits there, area that it belongs to."""

    number: str
    name: str
    area: str


@dataclass(slots=True, order=True)
class Session:
    """From a sign-in to its sign-out; `known_at` is when 12345 writes the row. All in Asia/Shanghai."""

    known_at: datetime
    number: int
    seat: Seat = field(compare=False)
    begin: datetime = field(compare=False)
    end: datetime = field(compare=False)
    signed_out: bool = field(compare=False)
    busy_until: datetime = field(compare=False)


class Roster:
    """The sessions of a span of time, made shift by shift as time advances: memory holds the present shifts only.

    Args:
        rng: Source of all chance.
        name: Gives the next name.
        node: Number of the telephone platform's node (two digits); the seat numbers begin with it.
        scale: Seats in parts of the full roster; every shift has one at least.
        begin: First moment asked for.
        end: Last moment of the sample: who is still signed in then has no sign-out yet.
    """

    def __init__(
        self, rng: random.Random, name: Callable[[], str], *, node: int, scale: float, begin: datetime, end: datetime
    ) -> None:
        self._rng = rng
        self._begin, self._end = begin, end
        self._sizes = [max(1, round(seats * scale)) for _, _, seats in SHIFTS]
        areas = list(AREAS)
        self._seats = [
            Seat(f"{node:02d}{801 + i}", name(), rng.choices(areas, CALL_SHARES)[0])
            for i in range(2 * sum(self._sizes))
        ]
        self._present: list[Session] = []
        self._unwritten: list[Session] = []
        self._numbers = count()
        self._shifts = self._make_shifts()
        self._next = next(self._shifts)

    def advance(self, now: datetime) -> Iterator[Session]:
        """Moves time on (never back) and gives the sessions whose row is written by now, in that order."""
        while self._next[0] - timedelta(seconds=_EARLY_S) <= now:
            self._present = [session for session in self._present if session.end > now]
            self._begin_shift(*self._next)
            self._next = next(self._shifts)
        while self._unwritten and self._unwritten[0].known_at <= now:
            yield heapq.heappop(self._unwritten)

    def take(self, at: datetime, service: timedelta, patience: timedelta) -> tuple[Session, datetime] | None:
        """The seat that serves a call and when it can, or None where no seat is free before the caller's patience ends.

        Args:
            at: When the call should be answered.
            service: How long it takes; the seat is busy a little longer.
            patience: How much later than `at` the caller still waits.
        """
        able = [session for session in self._present if session.begin < at and at + service <= session.end]
        if not able:
            return None
        free = [session for session in able if session.busy_until <= at]
        session = self._rng.choice(free) if free else min(able, key=lambda session: session.busy_until)
        answered = max(at, session.busy_until)
        if answered > at + patience or answered + service > session.end:
            return None
        session.busy_until = answered + service + timedelta(seconds=self._rng.randint(5, 40))
        return session, answered

    def _make_shifts(self) -> Iterator[tuple[datetime, datetime, list[Seat]]]:
        """All shifts from the one that runs at `begin`, each with its seats; who had one rests for the next two."""
        midnight = self._begin.replace(hour=0, minute=0, second=0, microsecond=0)
        first = 0
        while True:
            for (begin, end, _), size in zip(SHIFTS, self._sizes, strict=True):
                seats = [self._seats[(first + i) % len(self._seats)] for i in range(size)]
                first += size
                if midnight + timedelta(hours=end) > self._begin:
                    yield midnight + timedelta(hours=begin), midnight + timedelta(hours=end), seats
            midnight += timedelta(days=1)

    def _begin_shift(self, begin: datetime, end: datetime, seats: list[Seat]) -> None:
        rng = self._rng
        for seat in seats:
            sign_in = begin - timedelta(seconds=rng.randint(0, _EARLY_S - 1))
            sign_out = end + timedelta(seconds=rng.randint(0, 900))
            if len(seats) == 1:  # nobody else could take the calls meanwhile
                self._sign_in(seat, sign_in, sign_out)
                continue
            pause = begin + timedelta(seconds=rng.randint(3 * 3_600, 5 * 3_600))
            self._sign_in(seat, sign_in, pause)
            self._sign_in(seat, pause + timedelta(minutes=rng.randint(*_BREAK_MIN)), sign_out)

    def _sign_in(self, seat: Seat, begin: datetime, end: datetime) -> None:
        over = end <= self._end
        session = Session(
            known_at=(end if over else begin) + timedelta(seconds=1),
            number=next(self._numbers),
            seat=seat,
            begin=begin,
            end=end,
            signed_out=over and self._rng.random() >= NEVER_SIGNED_OUT,
            busy_until=begin,
        )
        self._present.append(session)
        if session.known_at >= self._begin:
            heapq.heappush(self._unwritten, session)
