"""The one time zone of hotline and platform: what a time without a zone means, and how staff read one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def iso_moment(text: str) -> datetime:
    """An ISO text as an aware moment, of Shanghai where it names no zone. Raises ValueError where it is none."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
