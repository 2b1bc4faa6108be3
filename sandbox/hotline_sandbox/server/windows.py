"""Windows of registration time in requests (protocol: amounts and windows).

The specification does not say whether the ends belong to a window, how a day is counted in its longest, nor what a
longer one or one that runs backwards gets. Here a day is 24 hours, such windows are refused (1004),
and the end is a setting.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from hotline_sandbox.server.answers import WINDOW, Answer, refusal
from hotline_sandbox.server.rules import is_empty

if TYPE_CHECKING:
    from hotline_sandbox.server.rules import Row


class Window(NamedTuple):
    """From one moment to another, both inside; moments as in `world.orders`."""

    begin: int
    end: int


def refuse_window(row: Row, begin: str, end: str, longest_days: int | None) -> Answer | None:
    """The refusal of a window that is too long or runs backwards; the two fields keep their own rules already."""
    if is_empty(row.get(begin)) or is_empty(row.get(end)):
        return None
    length = _time(str(row[end])) - _time(str(row[begin]))
    if timedelta(0) <= length <= (timedelta.max if longest_days is None else timedelta(days=longest_days)):
        return None
    longest = "" if longest_days is None else f"查询时间范围不能超过 {longest_days} 天，"
    return refusal(WINDOW, f"{longest}结束不得早于开始")


def read_window(row: Row, begin: str, end: str, *, end_is_outside: bool) -> Window:
    """The window that a request asks for; an end that is not filled in is open."""
    first = 0 if is_empty(row.get(begin)) else int(str(row[begin]))
    last = 9999_12_31_23_59_59 if is_empty(row.get(end)) else int(str(row[end]))
    # No moment lies between the number before a moment and the second before it.
    return Window(first, last - end_is_outside)


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007  (two wall-clock times of one zone, compared)
