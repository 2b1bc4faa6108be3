"""Invents the orders of a city on the national platform, one after the other, in order of registration."""

from __future__ import annotations

import random
from array import array
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from hotline_sandbox.sample.bursts import Burst, plan_bursts
from hotline_sandbox.sample.case_kinds import COMPLAINT, KINDS
from hotline_sandbox.sample.case_life import Happening, life
from hotline_sandbox.sample.case_rows import RowWriter
from hotline_sandbox.sample.moments import as_digits, wall_seconds
from hotline_sandbox.sample.traffic import WORKING_WEEK, Traffic

if TYPE_CHECKING:
    from collections.abc import Iterator


class InventedOrder(NamedTuple):
    """One order: its number, the wall-clock second of its registration, the table of its case, its rows."""

    regino: str
    registered: int
    case: str
    rows: list[Happening]


class CaseWorld:
    """So many orders over so many days, the same for the same arguments.

    Args:
        cases: Orders, exactly.
        days: How far back the registrations go.
        seed: Another seed makes other numbers too (seeds that differ by less than 100).
        end: No order is registered later; aware. What happens to the orders goes on after it.
        second_burst: Orders registered in one single second besides; part of `cases`.

    Raises:
        ValueError: The numbers are not positive, `end` has no zone, or the burst alone is more than half of the orders.
    """

    def __init__(self, *, cases: int, days: float, seed: int, end: datetime, second_burst: int = 0) -> None:
        if end.tzinfo is None:
            raise ValueError("end has no time zone: give it one, such as Asia/Shanghai")
        if cases < 1 or days <= 0 or second_burst < 0:
            raise ValueError("cases and days must be positive, second_burst must not be negative")
        if second_burst > cases // 2:
            raise ValueError("second_burst must be half of the cases at most")
        self._cases, self._seed = cases, seed
        self._begin, self._end = (end - timedelta(days=days)), end
        self.bursts: tuple[Burst, ...] = plan_bursts(
            wall_seconds(self._begin), wall_seconds(end), cases // 2, second_burst
        )

    def orders(self) -> Iterator[InventedOrder]:
        """The orders by time of registration, made as they are asked for."""
        rng = random.Random(f"cases {self._seed}")  # noqa: S311  (a repeatable sample, no secret)
        writer = RowWriter(rng, self._seed)
        node = f"{self._seed % 100:02d}"
        shares = [kind.share for kind in KINDS]
        for serial, (registered, is_burst) in enumerate(self._registrations(rng)):
            kind = COMPLAINT if is_burst else rng.choices(KINDS, shares)[0]
            tail = f"{as_digits(registered)[2:8]}{node}{serial % 10**7:07d}"
            party = writer.party(lambda area, tail=tail: f"1{area}{tail}", kind, registered)  # type: ignore[misc]
            yield InventedOrder(party.regino, registered, kind.case, life(rng, writer, party))

    def _registrations(self, rng: random.Random) -> list[tuple[int, bool]]:
        """When each order is registered, and whether in a burst; ordinary traffic keeps out of the bursts' windows."""
        in_bursts = [(at, True) for burst in self.bursts for at in burst.times()]
        traffic = Traffic(self._begin, self._end, WORKING_WEEK)
        ordinary = array("q")
        count = self._cases - len(in_bursts)
        for number in range(count):
            at = wall_seconds(traffic.at((number + rng.random()) / count))
            for burst in self.bursts:
                if burst.begin <= at <= burst.end:
                    at = burst.end + 1 + at - burst.begin
            ordinary.append(at)
        return sorted([*in_bursts, *((at, False) for at in ordinary)])
