"""Reads the header Retry-After (RFC 9110 section 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(value: str | None, *, now: datetime, cap_s: float) -> float | None:
    """Seconds that the platform asks to be left alone, 0 to `cap_s`; None where it does not say so in HTTP's terms.

    Args:
        value: The header, in whole seconds or as an HTTP date.
        now: Aware moment that a date is counted from.
        cap_s: Longest wait that is honoured, in seconds.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), cap_s)
    until = http_date(value)
    return None if until is None else min(max((until - now).total_seconds(), 0.0), cap_s)


def http_date(value: str) -> datetime | None:
    """The aware moment of an HTTP date; None where it is none."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    # "-0000" and a missing zone; HTTP dates are in GMT
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
