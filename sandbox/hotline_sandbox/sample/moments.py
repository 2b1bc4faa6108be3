"""Wall-clock seconds: times of Asia/Shanghai as plain numbers, quick to reckon with and to write.

Counted from 1970-01-01 00:00 on the clock of Asia/Shanghai, which has run at +08:00 without a jump since 1991.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from hotline_sandbox.sample.traffic import SHANGHAI

DAY_S = 86_400


def wall_seconds(moment: datetime) -> int:
    """An aware moment, its fraction of a second dropped."""
    return int(moment.astimezone(SHANGHAI).replace(tzinfo=UTC).timestamp())


@lru_cache(maxsize=1 << 14)
def _day(number: int) -> str:
    return f"{datetime.fromtimestamp(number * DAY_S, UTC):%Y-%m-%d}"


def as_date(wall: int) -> str:
    """As `yyyy-MM-dd`."""
    return _day(wall // DAY_S)


def as_minutes(wall: int) -> str:
    """As `yyyy-MM-dd HH:mm`, the 16 characters of String 16."""
    day, second = divmod(wall, DAY_S)
    minute = second // 60
    return f"{_day(day)} {minute // 60:02d}:{minute % 60:02d}"


def as_timestamp(wall: int) -> str:
    """As `yyyy-MM-dd HH:mm:ss`."""
    return f"{as_minutes(wall)}:{wall % 60:02d}"


def as_digits(wall: int) -> str:
    """As YYYYMMDDhhmmss."""
    day, second = divmod(wall, DAY_S)
    minute, second = divmod(second, 60)
    return f"{_day(day).replace('-', '')}{minute // 60:02d}{minute % 60:02d}{second:02d}"
