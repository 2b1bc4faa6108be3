"""When people call: a time axis on which the calls are spread as they were on the measured day."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

SHANGHAI = ZoneInfo("Asia/Shanghai")

HOURLY = (5, 3, 1, 1, 1, 1, 5, 24, 57, 94, 98, 90, 74, 74, 72, 82, 73, 72, 40, 27, 34, 34, 22, 18)
"""Calls by hour of the day, about a thousand in all: those of the measured call log, its empty night hours filled."""


def stamp(moment: datetime) -> str:
    """YYYYMMDDhhmmss of a moment given in Asia/Shanghai, as the docking store holds times."""
    return f"{moment:%Y%m%d%H%M%S}"


EVERY_DAY = (1.0,) * 7
WORKING_WEEK = (1.2, 1.15, 1.1, 1.1, 1.1, 0.75, 0.6)
"""Calls from Monday to Sunday, in parts of an even week. Assumed."""


class Traffic:
    """A span of time (aware, Asia/Shanghai) on which `at(share)` is when that share of its calls has come in.

    Args:
        begin: When it begins.
        end: When it ends.
        week: How busy the days from Monday to Sunday are, in parts of one another.

    Raises:
        ValueError: The span is empty.
    """

    def __init__(self, begin: datetime, end: datetime, week: Sequence[float] = EVERY_DAY) -> None:
        if begin >= end:
            raise ValueError("the span of the calls must not be empty")
        self._edges = [begin]
        self._calls = [0.0]
        while (last := self._edges[-1]) < end:
            edge = min(last.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1), end)
            busy = HOURLY[last.hour] * week[last.weekday()]
            self._calls.append(self._calls[-1] + busy * (edge - last).total_seconds())
            self._edges.append(edge)

    def at(self, share: float) -> datetime:
        """The moment, to the second, by which a share (0 to 1) of all calls has come in."""
        calls = share * self._calls[-1]
        after = max(1, bisect_left(self._calls, calls))
        begin, end = self._edges[after - 1], self._edges[after]
        passed = (calls - self._calls[after - 1]) / (self._calls[after] - self._calls[after - 1])
        return (begin + passed * (end - begin)).replace(microsecond=0)
