"""What happens at an invented hotline: seats sign in and out, people call, some are served, some rate the service.

Shares and times are calibrated with the one real call log that was found: a day of a call centre with 2,375 calls.
Where that day says nothing (ratings, calls made by seats, kinds of numbers), the figure is an assumption and says so.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from faker import Faker

from hotline_sandbox.sample.areas import AREAS, CALL_SHARES
from hotline_sandbox.sample.roster import SESSIONS_A_DAY, Roster, Session
from hotline_sandbox.sample.traffic import Traffic, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGS = ("callinfo", "recordinfo", "seatsignin", "satisfaction")
"""The interfaces that what happens is reported by."""
CALLS_A_DAY = 2_375
NEVER_QUEUED = 0.05
"""Of inbound calls: hung up in the voice menu."""
LEFT_QUEUE = 0.314
"""Of inbound calls: hung up while waiting. The others are served."""
PUT_THROUGH = 0.177
"""Of served calls: a seat was free at once."""
CLOCK_BEHIND = 0.74
"""Of those: the seats' clock reads one second less than the queue's."""
MADE_BY_SEAT = 0.03
"""Of all calls (呼出). Assumed."""
RATED = 0.42
"""Of served inbound calls. Assumed."""
RATINGS = {"1": 88, "2": 9, "3": 3}
"""Percent of the ratings. Assumed."""

SERVED = 1 - NEVER_QUEUED - LEFT_QUEUE
ROWS_A_DAY = CALLS_A_DAY * (1 + SERVED * (1 + RATED)) + SESSIONS_A_DAY

SETTLES_WITHIN = timedelta(minutes=80)
"""From a call's first second to its last row, at most: menu, wait, service and rating at their longest."""

_INBOUND, _OUTBOUND = "1", "2"  # calltype
_LONGEST_WAIT = timedelta(minutes=30)

Row = dict[str, str | None]
"""A docking row: column name to text."""


class Event(NamedTuple):
    """A row that 12345 writes: the interface it is meant for, its content, and when it is written (Asia/Shanghai)."""

    interface: str
    row: Row
    known_at: datetime


def world(rows: int, *, seed: int, end: datetime) -> Iterator[Event]:
    """Exactly so many rows of a consistent history, call by call as the calls come in, made as they are asked for.

    The history goes back as far as the measured traffic needs for them, a day at least.

    Args:
        rows: Rows over the four logs.
        seed: Same seed, rows and end: same history.
        end: When the history ends, aware, Asia/Shanghai; no row is known later.
    """
    if not rows:
        return iter(())
    days = max(1.0, rows / ROWS_A_DAY)
    last = end - SETTLES_WITHIN
    begin = (last - timedelta(days=days)).replace(microsecond=0)
    hotline = _Hotline(seed, scale=rows / days / ROWS_A_DAY, begin=begin, end=end)
    return islice(hotline.events(Traffic(begin, last), rows), rows)


class _Hotline:
    def __init__(self, seed: int, *, scale: float, begin: datetime, end: datetime) -> None:
        self._rng = random.Random(f"world {seed}")  # noqa: S311  (a repeatable sample, no secret)
        self._faker = Faker("zh_CN")
        self._faker.seed_instance(seed)
        self._node = seed % 100
        self._roster = Roster(self._rng, self._faker.name, node=self._node, scale=scale, begin=begin, end=end)
        self._areas = list(AREAS)
        self._serial = 0

    def events(self, traffic: Traffic, rows: int) -> Iterator[Event]:
        """Walks the time axis; the row with number n of `rows` falls where n/rows of the traffic falls."""
        made = 0
        while True:
            now = traffic.at(min(made / rows, 1.0))
            for session in self._roster.advance(now):
                yield _sign_in(session)
                made += 1
            for event in self._call(now):
                yield event
                made += 1

    def _call(self, now: datetime) -> Iterator[Event]:
        rng = self._rng
        self._serial += 1
        serial = f"{stamp(now)}{self._node:02d}{self._serial:07d}"
        area = rng.choices(self._areas, CALL_SHARES)[0]
        outbound = rng.random() < MADE_BY_SEAT
        call: Row = {
            "callid": area + serial,
            "callno": self._number(),
            "sourcearea": area,
            "calltime": stamp(now),
            "skilltime": None,
            "seattime": None,
            "ringtime": None,
            "calltype": _OUTBOUND if outbound else _INBOUND,
        }
        fate = 1.0 if outbound else rng.random()
        queued = now if outbound else now + self._seconds(6, 0.45, 60)
        if fate < NEVER_QUEUED:
            yield Event("callinfo", call, queued)
            return
        call["skilltime"] = stamp(queued)
        served = None
        if fate >= NEVER_QUEUED + LEFT_QUEUE:
            at_once = outbound or rng.random() < PUT_THROUGH
            wait = timedelta(0) if at_once else self._seconds(131, 0.71, 900)
            picked_up = timedelta(seconds=rng.randint(0, 8))
            service = self._seconds(116, 0.94, 2_400)
            served = self._roster.take(queued + wait, picked_up + service, _LONGEST_WAIT - wait)
        if served is None:
            yield Event("callinfo", call, queued + self._seconds(56, 0.81, 1_800))
            return
        session, ringing = served
        if ringing == queued and rng.random() < CLOCK_BEHIND:
            ringing -= timedelta(seconds=1)
            picked_up = timedelta(0)
        answered = ringing + picked_up
        call["ringtime"], call["seattime"] = stamp(ringing), stamp(answered)
        over = answered + service
        yield Event("callinfo", call, over)
        yield _recording(call, serial, session, answered, over)
        if not outbound and rng.random() < RATED:
            yield self._rating(call, over + timedelta(seconds=rng.randint(3, 60)))

    def _rating(self, call: Row, pressed: datetime) -> Event:
        rating: Row = {
            "id": f"{call['sourcearea']}{call['callid']}",
            "callid": call["callid"],
            "satisfaction": self._rng.choices(list(RATINGS), list(RATINGS.values()))[0],
            "opttime": stamp(pressed),
            "sourcearea": call["sourcearea"],
        }
        return Event("satisfaction", rating, pressed)

    def _number(self) -> str:
        """A caller's number: mostly a mobile phone, else a land line (区号 0751), rarely withheld. Assumed."""
        kind = self._rng.random()
        if kind < 0.81:
            return self._faker.phone_number()
        if kind < 0.99:
            return f"0751{self._rng.choice('68')}{self._rng.randrange(10**6):06d}"
        return "匿名"

    def _seconds(self, median: float, spread: float, longest: int) -> timedelta:
        """A time of log-normal length: `spread` is the deviation of its logarithm. After the real day's quartiles."""
        drawn = median * self._rng.lognormvariate(0, spread)
        return timedelta(seconds=max(1, min(longest, round(drawn))))


def _sign_in(session: Session) -> Event:
    seat, begin = session.seat, stamp(session.begin)
    row: Row = {
        "signid": seat.area + seat.number + begin,
        "seatno": seat.number,
        "seatname": seat.name,
        "begintime": begin,
        "endtime": stamp(session.end) if session.signed_out else None,
        "sourcearea": seat.area,
    }
    return Event("seatsignin", row, session.known_at)


def _recording(call: Row, serial: str, session: Session, begin: datetime, end: datetime) -> Event:
    name = f"{session.seat.number}_{serial}.wav"
    row: Row = {
        "recordid": f"{call['sourcearea']}{call['calltype']}{call['callid']}",
        "callid": call["callid"],
        "recordname": name,
        "recordpath": f"https://luyin.12345.example/{begin:%Y/%m/%d}/{name}",
        "begintime": stamp(begin),
        "endtime": stamp(end),
        "sourcearea": call["sourcearea"],
        "calltype": call["calltype"],
    }
    return Event("recordinfo", row, end)
