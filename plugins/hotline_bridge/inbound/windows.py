"""Windows of registration time (登记时间窗), pure: what to ask next, and what an answer says about it.

See architecture: closed windows; protocol: amounts and windows. Moments are whole seconds since 1970, since the
platform knows no finer ones. A window is asked with both of its ends; neighbours share the second between them, because
the specification does not say whether the platform counts the end in.

How many rows a window will hold is guessed from what is known already (`RowRate`), so that few windows are cut and few
are empty. A guess can cost requests, never rows: whether an answer is whole is judged by the answer alone.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hotline_bridge.errors import StopRun
from hotline_bridge.inbound.moments import seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

CAP = 500
"""An answer of as many rows may be cut: there is no paging (protocol: amounts and windows)."""
TARGET = 400
"""Rows that a window is planned for: far enough below the cap that chance seldom fills it."""
LONGEST_S = 7 * 86_400
"""Printed for the process interfaces; kept for all, so that one answer stays small."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Registration times from `begin` to `end`, both asked for; `begin` < `end`."""

    begin: int
    end: int

    def __post_init__(self) -> None:
        """A window that runs backwards, or is none, is a mistake of ours."""
        if self.begin >= self.end:
            raise ValueError(f"a window must end after it begins: {self.begin} to {self.end}")

    @property
    def length(self) -> int:
        """Seconds from end to end."""
        return self.end - self.begin

    @property
    def halves(self) -> list[Window]:
        """The same seconds in two windows that touch; in one where it cannot be cut."""
        middle = self.begin + self.length // 2
        return [Window(self.begin, middle), Window(middle, self.end)] if self.length > 1 else [self]

    def shares(self, other: Window) -> bool:
        """Whether the two have more than a bound in common."""
        return self.begin < other.end and other.begin < self.end


def window_within(within: tuple[datetime, datetime], until: int) -> Window:
    """The whole seconds that hold both aware moments and what is between them, as far as they have passed.

    Raises:
        StopRun: None of them has.
    """
    begin, end = max(seconds(within[0]), 0), min(-int(-within[1].timestamp() // 1), until)
    if begin >= end:
        raise StopRun("no second of the window has passed", remedy="set begin before end, and before now")
    return Window(begin, end)


def is_full(rows: int) -> bool:
    """Whether an answer of so many rows may have been cut."""
    return rows >= CAP


class WindowPlanner:
    """One pass over what is due of one interface: `next` says what to ask, `complete` and `full` what came of it.

    Everything that is due is answered whole exactly once, in order; a window that was cut is asked again in parts. It
    ends, because each cut window becomes shorter, down to a single second (`Window.length` of 1): the caller's.

    Args:
        due: What is to be visited; may overlap or touch, in any order.
        row_rate: What is known of the rows to expect; it learns from the answers.
        counted: Windows that one answer held at their last visit: asked as they are, unless cut this time.
        longest_s: Greatest length of one window in seconds.
    """

    def __init__(
        self,
        due: Iterable[Window],
        row_rate: RowRate,
        *,
        counted: Iterable[Window] = (),
        longest_s: int = LONGEST_S,
    ) -> None:
        self.due = _joined(due)
        """What is still to be answered, in order."""
        self.failed: list[Window] = []
        """Windows that were asked and brought nothing."""
        self._density = row_rate
        self._counted = sorted(counted)
        self._longest_s = longest_s
        self._cuts: dict[Window, int] = {}
        """Windows that were cut, the innermost last, and how many of the rows seen then have not come again yet: while
        some have not, nothing is asked across its end."""

    @property
    def left(self) -> int:
        """Seconds that are still to be answered."""
        return sum(window.length for window in self.due)

    def next(self) -> Window | None:
        """The window to ask now; None when everything was answered."""
        if not self.due:
            return None
        begin, end = self.due[0].begin, self.due[0].end
        end = min(end, begin + self._longest_s)
        while self._counted and self._counted[0].begin < begin:
            del self._counted[0]
        if self._counted:
            counted = self._counted[0]
            if counted.begin == begin and counted.end <= end and not self._cuts:
                return counted
            # What comes before it is not asked across its begin.
            end = end if counted.begin == begin else min(end, counted.begin)
        if self._cuts:
            inner = next(reversed(self._cuts))
            end = min(end, inner.end)
            if begin == inner.begin and end == inner.end:
                # The same again would be cut again.
                end = self._density.split(inner)
        return Window(begin, max(begin + 1, min(end, self._density.reach(begin, end, TARGET))))

    def complete(self, window: Window, rows: int, registered: Sequence[int] | None = None) -> None:
        """The window was answered whole; see `RowRate.learn`."""
        self._density.learn(window, rows, registered)
        self._cuts = {cut: left - rows for cut, left in self._cuts.items() if left > rows}
        self._leave(window)

    def full(self, window: Window, registered: Sequence[int] | None = None) -> None:
        """The answer was cut. Not for a window of one second: nothing shorter can be asked.

        Args:
            window: The window that was asked.
            registered: Registration times of the rows that came, where they tell.
        """
        if window.length <= 1:
            raise ValueError("a single second cannot be cut further")
        self._density.learn_cut(window, registered)
        self._cuts[window] = CAP

    def fail(self, window: Window) -> None:
        """The window brought nothing: no more of it is asked in this pass."""
        self.failed.append(window)
        self._leave(window)

    def _leave(self, window: Window) -> None:
        self.due = [part for due in self.due for part in _without(due, window)]
        self._cuts = {cut: left for cut, left in self._cuts.items() if cut.end > window.end}


@dataclass(frozen=True, slots=True)
class DueWindow:
    """A window as the last visit left it."""

    window: Window
    rows: int | None
    """Rows of the last answer; None where it was never asked by itself."""
    is_due: bool
    because: str = "age"


def due_together(visits: Iterable[DueWindow], *, rows: int = TARGET, longest_s: int = LONGEST_S) -> list[DueWindow]:
    """What to visit now: what is due, and small neighbours that one request answers along with it.

    What failed is asked by itself: whatever makes it fail is not to hold up its neighbours.

    Args:
        visits: All windows of a stretch, in order.
        rows: Rows that one request is to bring at most.
        longest_s: Seconds that one request may span.

    Returns:
        Due windows, joined where one request will do; `rows` is then the sum.
    """
    groups: list[DueWindow] = []
    for visit in visits:
        last = groups[-1] if groups else None
        if (
            last
            and "failed" not in {last.because, visit.because}
            and last.window.end == visit.window.begin
            and (last.rows or 0) + (visit.rows or 0) <= rows
            and visit.window.end - last.window.begin <= longest_s
        ):
            groups[-1] = DueWindow(
                Window(last.window.begin, visit.window.end),
                (last.rows or 0) + (visit.rows or 0),
                last.is_due or visit.is_due,
                visit.because if visit.is_due else last.because,
            )
        else:
            groups.append(visit)
    return [group for group in groups if group.is_due]


def gaps(covered: Iterable[Window], whole: Window) -> list[Window]:
    """Parts of `whole` that no window covers, in order; windows that touch leave no gap."""
    missing = [whole]
    for window in covered:
        missing = [part for gap in missing for part in _without(gap, window)]
    return missing


def _joined(windows: Iterable[Window]) -> list[Window]:
    """The same seconds in fewest windows, in order."""
    joined: list[Window] = []
    for window in sorted(windows):
        if joined and window.begin <= joined[-1].end:
            joined[-1] = Window(joined[-1].begin, max(joined[-1].end, window.end))
        else:
            joined.append(window)
    return joined


def _without(window: Window, taken: Window) -> list[Window]:
    """What is left of a window when another is taken out of it."""
    if taken.end <= window.begin or taken.begin >= window.end:
        return [window]
    return [
        *([Window(window.begin, taken.begin)] if window.begin < taken.begin else []),
        *([Window(taken.end, window.end)] if taken.end < window.end else []),
    ]


WEEK_S = 7 * 86_400
_MINUTE_S = 60
_MEMORY_ROWS = 4_000.0
"""Rows an order, and rows a second, are those of about the last so many rows."""
_EDGE = 8
"""Rows of a cut answer that lie in the first and in the last eighth of its window were not cut off at one side."""


class RowRate:
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
