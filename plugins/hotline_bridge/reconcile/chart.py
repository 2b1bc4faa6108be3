"""The chart of the four counts by day, as points and paths of an inline SVG. Pure; the template draws it.

Two pairs that should run together: what 12345 took and what the platform accepted of it, what the platform counts and
what was collected. Each pair is a wide pale line with a thin dark one on it, so that a difference is where one leaves
the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hotline_bridge.reconcile.words import COUNT_ZH, STATE_ZH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from hotline_bridge.reconcile.evaluate import State
    from hotline_bridge.reconcile.state import LatestCheck

_DATES = 8


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the drawing and its field lie."""

    width: int = 1000
    height: int = 250
    left: int = 64
    right: int = 984
    top: int = 22
    bottom: int = 220


FRAME = Frame()


@dataclass(frozen=True, slots=True)
class Line:
    """One count over the days."""

    name: str
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Slot:
    """The strip of one day."""

    x: float
    width: float
    title: str
    """All that is known of the day, in Chinese."""
    state: State | None
    """None where the day was not reconciled."""

    @property
    def middle(self) -> float:
        """Where its marks stand."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of one kind."""

    kind: str
    title: str
    description: str
    lines: tuple[Line, ...]
    slots: tuple[Slot, ...]
    ticks: tuple[tuple[float, int], ...]
    """Heights and the counts there."""
    dates: tuple[tuple[float, str], ...]


def chart_of(kind: str, title: str, checks: Sequence[LatestCheck]) -> Chart:
    """The chart of a kind.

    Args:
        kind: Name of the kind.
        title: Its Chinese name.
        checks: The kind's checks of the range, at least one, in the order of days.
    """
    by_day = {check.day: check for check in checks}
    first, last = checks[0].day, checks[-1].day
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    counts = {name: [by_day[day].counts[name] if day in by_day else None for day in days] for name in COUNT_ZH}
    top = nice_top(max((count for row in counts.values() for count in row if count is not None), default=0))
    step = (FRAME.right - FRAME.left) / len(days)
    every = max(1, -(-len(days) // _DATES))

    def y(count: int) -> float:
        return round(FRAME.bottom - count / top * (FRAME.bottom - FRAME.top), 1)

    def x(number: int) -> float:
        return round(FRAME.left + (number + 0.5) * step, 1)

    return Chart(
        kind=kind,
        title=f"{title}：每天的四个数量",
        description=_described(title, days, by_day),
        lines=tuple(
            Line(name, COUNT_ZH[name], _path([None if c is None else (x(n), y(c)) for n, c in enumerate(row)]))
            for name, row in counts.items()
        ),
        slots=tuple(
            Slot(
                round(FRAME.left + number * step, 1),
                round(step, 1),
                _told(day, by_day.get(day)),
                by_day[day].state if day in by_day else None,
            )
            for number, day in enumerate(days)
        ),
        ticks=tuple((y(count), count) for count in (0, top // 2, top)),
        dates=tuple((x(number), f"{day:%m-%d}") for number, day in enumerate(days) if number % every == 0),
    )


def nice_top(most: int) -> int:
    """The least even number of at most two digits and zeros, at least 10, that is not below `most`."""
    unit: int = 10 ** max(0, len(str(most)) - 2)
    top = -(-most // unit) * unit
    return max(10, top + top % 2)


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Drawn through all points; a day without a count is a gap, and a point alone a dot (by its round end)."""
    parts, is_drawing = [], False
    for point in points:
        if point is not None:
            parts.append(f"{'L' if is_drawing else 'M'}{point[0]:g} {point[1]:g}" + ("" if is_drawing else "h0"))
        is_drawing = point is not None
    return "".join(parts)


def _described(title: str, days: Sequence[date], by_day: dict[date, LatestCheck]) -> str:
    states = [check.state for check in by_day.values()]
    told = "、".join(f"{words} {states.count(state)} 天" for state, words in STATE_ZH.items() if state in states)
    return f"{title}，{days[0]} 至 {days[-1]}：{told}。每天的数量在图下的表中。"


def _told(day: date, check: LatestCheck | None) -> str:
    if check is None:
        return f"{day}：未核对"
    counts = "，".join(f"{COUNT_ZH[name]} {'无' if count is None else count}" for name, count in check.counts.items())
    return f"{day}（{STATE_ZH[check.state]}）：{counts}"
