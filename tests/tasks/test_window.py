"""A window that is none is refused in one wording, wherever it is asked for."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.errors import StopRun
from hotline_bridge.window import PATTERN, asked_window

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_WINDOWS: Sequence[tuple[str | None, str | None, str]] = (
    ("2026-01-01T00:00", None, "begin without end 只填了开始"),
    (None, "2026-01-01T00:00", "end without begin 只填了结束"),
    ("yesterday", "2026-01-02T00:00", "begin is no time 开始不是时间"),
    ("2026-01-01T00:00", "2026-13-02", "end is no time 结束不是时间"),
    ("2026-01-02T00:00", "2026-01-01T00:00", "结束不晚于开始"),
    ("2026-01-01T08:00", "2026-01-01T00:00Z", "结束不晚于开始"),
    ("2999-01-01", "2999-01-02", "the window lies in the future 时间段在将来"),
)


@pytest.mark.parametrize(("begin", "end", "words"), NOT_WINDOWS)
def test_what_is_no_window_is_refused_and_says_how_to_write_one(begin: str | None, end: str | None, words: str) -> None:
    with pytest.raises(StopRun, match=words) as refused:
        asked_window(begin, end)
    assert str(refused.value).endswith(
        "; give both begin and end, begin before end and not in the future, as 2026-11-24T08:00:00 (Asia/Shanghai where"
        " it names no zone) 开始和结束都要填，开始早于结束且不在将来，写成 2026-11-24T08:00:00（未写时区为北京时间）"
    )


def test_a_window_is_read_in_the_time_of_beijing() -> None:
    assert asked_window(None, None) == asked_window("", "") is None
    first, last = asked_window("2026-11-23", "2026-11-23T04:00:00Z") or pytest.fail("it is one")
    assert (first.utcoffset(), last - first) == (timedelta(hours=8), timedelta(hours=12))


def test_a_day_that_is_not_over_is_a_window() -> None:
    now = datetime.now(SHANGHAI)
    begin, end = now - timedelta(hours=1), now + timedelta(hours=1)
    assert asked_window(begin.isoformat(), end.isoformat()) == (begin, end)


@pytest.mark.parametrize(
    ("text", "is_a_time"),
    [
        *((text, True) for text in ("2026-11-24", "2026-11-24T08:00", "2026-11-24 08:00:00", "2026-11-24T08:00:00Z")),
        *((text, True) for text in ("2026-11-24T08:00:00.123456+08:00", "2026-11-24T00:00:00.000Z")),
        *((text, False) for text in ("", "yesterday", "now", "2026-11", "24.11.2026", "2026-11-24T08", "2026-11-24x")),
    ],
)
def test_a_form_takes_what_is_a_time(text: str, is_a_time: bool) -> None:
    assert (re.search(PATTERN, text) is not None) == is_a_time
    if is_a_time:
        datetime.fromisoformat(text)
