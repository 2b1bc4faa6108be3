"""The sandbox's idea of now, which a test can shift (for example across midnight)."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from email.utils import formatdate
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock:
    """Wall clock with an offset. Days and dates are remembered until they end, since every call asks for them."""

    def __init__(self) -> None:
        self.offset_s = 0.0
        self._day = b""
        self._day_begin = self._day_end = 0.0
        self._http_date = b""
        self._http_date_of = -1

    def now(self) -> float:
        """Seconds since the epoch, shifted by the offset."""
        return time.time() + self.offset_s

    def day(self, now: float) -> bytes:
        """The date of Asia/Shanghai at that moment as `yyyymmdd` (protocol: the header value)."""
        if not self._day_begin <= now < self._day_end:
            midnight = datetime.fromtimestamp(now, SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
            self._day = midnight.strftime("%Y%m%d").encode()
            self._day_begin = midnight.timestamp()
            self._day_end = (midnight + timedelta(days=1)).timestamp()
        return self._day

    def http_date(self, now: float) -> bytes:
        """The moment as the HTTP header `Date` writes it, in GMT and whole seconds."""
        second = int(now)
        if second != self._http_date_of:
            self._http_date = formatdate(second, usegmt=True).encode()
            self._http_date_of = second
        return self._http_date


def shanghai_text(moment: float) -> str:
    """A moment (seconds since the epoch) as ISO 8601 in Asia/Shanghai, with milliseconds."""
    return datetime.fromtimestamp(moment, SHANGHAI).isoformat(timespec="milliseconds")
