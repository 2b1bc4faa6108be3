"""The chart of the four counts by day.

Two pairs that should run together: what 12345 took and what the platform accepted of it, what the platform counts and
what was collected. Each pair is a wide pale line with a thin dark one on it, so that a difference is where one leaves
the other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hotline_bridge.reconcile.words import COUNT_ZH, STATE_ZH
from hotline_bridge.reports.charts import Mark, Series, lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from hotline_bridge.reconcile.state import LatestCheck
    from hotline_bridge.reports.charts import Chart

_LOOKS = {
    "docking_count": ("#a9c8ee", "", 8),
    "delivered_count": ("#1a4f8f", "", 2),
    "platform_count": ("#f3c48b", "", 8),
    "local_count": ("#9a4a00", "7 4", 2),
}
"""Colour, dash and width of each count."""
_BAD, _UNKNOWN = ("#fdeceb", "!", "#b42318"), ("#e9edf1", "?", "#5b6876")
_MARKS = {"open": _BAD, "incomplete": _BAD, "unknown": _UNKNOWN, None: _UNKNOWN}
"""Strip, sign and its ink by state; None where the day was not reconciled."""


def chart_of(title: str, checks: Sequence[LatestCheck]) -> Chart:
    """The chart of a kind.

    Args:
        title: Chinese name of the kind.
        checks: The kind's checks of the range, at least one, in the order of days.
    """
    by_day = {check.day: check for check in checks}
    first, last = checks[0].day, checks[-1].day
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    states = {day: by_day[day].state if day in by_day else None for day in days}
    return lines(
        f"{title}：每天的四个数量",
        [f"{day:%m-%d}" for day in days],
        [
            Series(words, [by_day[day].counts[name] if day in by_day else None for day in days], *_LOOKS[name])
            for name, words in COUNT_ZH.items()
        ],
        description=_described(title, days, by_day),
        marks=[Mark(n, *_MARKS[state]) for n, state in enumerate(states.values()) if state in _MARKS],
        told=[_told(day, by_day.get(day)) for day in days],
    )


def _described(title: str, days: Sequence[date], by_day: dict[date, LatestCheck]) -> str:
    states = [check.state for check in by_day.values()]
    told = "、".join(f"{words} {states.count(state)} 天" for state, words in STATE_ZH.items() if state in states)
    return f"{title}，{days[0]} 至 {days[-1]}：{told}。每天的数量在图下的表中。"


def _told(day: date, check: LatestCheck | None) -> str:
    if check is None:
        return f"{day}：未核对"
    counts = "，".join(f"{COUNT_ZH[name]} {'无' if count is None else count}" for name, count in check.counts.items())
    return f"{day}（{STATE_ZH[check.state]}）：{counts}"
