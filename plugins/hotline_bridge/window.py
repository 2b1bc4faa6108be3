"""The window (时间段) that a form or a command asks for: read, and refused, in one place and in one wording."""

from __future__ import annotations

from datetime import datetime

from hotline_bridge.clock import SHANGHAI, iso_moment
from hotline_bridge.errors import StopRun

PATTERN = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$"
"""Of a time in a form: what JSON Schema can refuse before there is a run."""

_ZH = {"begin": "开始", "end": "结束"}
_REMEDY = (
    "give both begin and end, begin before end and not in the future, as 2026-11-24T08:00:00 (Asia/Shanghai where it "
    "names no zone) 开始和结束都要填，开始早于结束且不在将来，写成 2026-11-24T08:00:00（未写时区为北京时间）"
)


def asked_window(begin: str | None, end: str | None) -> tuple[datetime, datetime] | None:
    """The bounds that two texts name, aware; None where neither is given.

    An end in the future is fine, as that of a day which is not over yet.

    Args:
        begin: ISO text; Asia/Shanghai where it names no zone.
        end: See `begin`.

    Raises:
        StopRun: Only one is given, one is no time, they run backwards, or nothing of the window has begun.
    """
    if not begin and not end:
        return None
    if not end:
        raise StopRun("begin without end 只填了开始", remedy=_REMEDY)
    if not begin:
        raise StopRun("end without begin 只填了结束", remedy=_REMEDY)
    first, last = _moment("begin", begin), _moment("end", end)
    if first >= last:
        raise StopRun("the window does not end after it begins 结束不晚于开始", remedy=_REMEDY)
    if first > datetime.now(SHANGHAI):
        raise StopRun("the window lies in the future 时间段在将来", remedy=_REMEDY)
    return first, last


def _moment(name: str, text: str) -> datetime:
    try:
        return iso_moment(text)
    except ValueError:
        raise StopRun(f"{name} is no time {_ZH[name]}不是时间", remedy=_REMEDY) from None
