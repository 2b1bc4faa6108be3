"""How many rows a window will hold: a guess, from what is known already, so that few windows are cut and few are empty.

A guess can cost requests, never rows: whether an answer is whole is judged by the answer alone.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hotline_bridge.inbound.windows import Window

WEEK_S = 7 * 86_400
_MINUTE_S = 60
_MEMORY_ROWS = 4_000.0
"""Rows an order, and rows a second, are those of about the last so many rows."""
_EDGE = 8
"""Rows of a cut answer that lie in the first and in the last eighth of its window were not cut off at one side."""


class Density:
    """Expected rows by registration time (moments in whole seconds since 1970).

    Args:
        registered: Registration times of orders known locally, in any order.
        known: From where to where these are all orders of what will be asked about; beyond, the hours of the last known
            week are taken for typical.
    """

    def __init__(self, registered: Iterable[int] = (), known: Window | None = None) -> None:
        self._registered = array("q", sorted(registered))
        self._known = known
        self._rows = self._orders = self._seconds = 0.0
        self._splits: dict[Window, int] = {}

    def expected(self, begin: int, end: int) -> float:
        """Rows to expect from `begin` to `end`; 0 while nothing at all is known."""
        orders = self._orders_between(begin, end)
        if orders is not None:
            return orders * (self._rows / self._orders if self._orders else 1.0)
        return (end - begin) * self._rows / self._seconds if self._seconds else 0.0

    def reach(self, begin: int, end: int, rows: float) -> int:
        """The last moment up to which no more than `rows` rows are expected; at most `end`, at least a second."""
        if self.expected(begin, end) <= rows:
            return end
        low, high = begin, end
        while high - low > 1:
            middle = (low + high) // 2
            if self.expected(begin, middle) <= rows:
                low = middle
            else:
                high = middle
        return max(low, begin + 1)

    def split(self, cut: Window) -> int:
        """Where to end the first part of a window whose answer was cut: half of its rows, as far as they are seen."""
        if cut in self._splits:
            return self._splits[cut]
        half = self.reach(cut.begin, cut.end, self.expected(cut.begin, cut.end) / 2)
        return half if cut.begin < half < cut.end else cut.begin + cut.length // 2

    def learn(self, window: Window, rows: int, registered: Sequence[int] | None = None) -> None:
        """A window was answered whole.

        Args:
            window: The window that was asked.
            rows: Rows of the answer.
            registered: Registration times of all its orders; None where the rows do not tell.
        """
        if registered is not None:
            self._add(window, registered)
        fade = max(0.0, 1.0 - rows / _MEMORY_ROWS)
        self._rows = self._rows * fade + rows
        self._orders = self._orders * fade + (self._orders_between(window.begin, window.end) or 0.0)
        self._seconds = self._seconds * fade + window.length

    def learn_cut(self, window: Window, registered: Sequence[int] | None = None) -> None:
        """An answer was cut; `registered` are the registration times of the rows that came, where they tell."""
        within = sorted(moment for moment in registered or () if window.begin - _MINUTE_S < moment <= window.end)
        if within:
            self._splits[window] = _half_of(window, within)

    def _add(self, window: Window, registered: Sequence[int]) -> None:
        known = self._known
        if known is None or not known.begin <= window.begin <= known.end:
            # Orders known in places only would be compared with hours in which none is known.
            self._known, self._registered = window, array("q", sorted(registered))
        elif window.end > known.end:
            self._registered.extend(sorted(moment for moment in registered if moment >= known.end))
            self._known = replace(known, end=window.end)

    def _orders_between(self, begin: int, end: int) -> float | None:
        """Orders from `begin` up to `end`; None where neither they nor those of the week before are known."""
        known = self._known
        if known is None or begin < known.begin:
            return None
        if begin >= known.end:
            shift = -((known.end - end) // WEEK_S) * WEEK_S
            begin, end = begin - shift, end - shift
            return self._count(begin, end) if begin >= known.begin else None
        if end <= known.end:
            return self._count(begin, end)
        rest = self._orders_between(known.end, end)
        return None if rest is None else self._count(begin, known.end) + rest

    def _count(self, begin: int, end: int) -> float:
        return float(bisect_left(self._registered, end) - bisect_left(self._registered, begin))


def _half_of(window: Window, registered: Sequence[int]) -> int:
    """Where about half of a window's rows end, inside of it; `registered` are those of a cut answer, in order."""
    middle, median = window.begin + window.length // 2, registered[len(registered) // 2]
    edge = window.length // _EDGE
    if registered[0] > window.begin + edge or registered[-1] < window.end - edge:
        # A platform that answers the oldest rows shows where they crowd; one that answers the newest may not lead us.
        median = min(median, middle)
    if median <= window.begin:
        # They crowd in the minute in which it begins, which is all that is known of a time without seconds.
        median = window.begin - window.begin % _MINUTE_S + _MINUTE_S
    return median if window.begin < median < window.end else middle
