from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_bridge.platform_client.transport import retry_after_s

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("0", 0.0),
        ("17", 17.0),
        (" 17 ", 17.0),
        ("3600", 3600.0),
        ("1000000000", 3600.0),
        ("9" * 6000, 3600.0),
        ("-5", None),
        ("1.5", None),
        ("１７", None),
        ("", None),
        ("soon", None),
        ("Tue, 99 Nov 2026 99:99:99 GMT", None),
        ("Tue, 24 Nov 2026 02:01:30 GMT", 90.0),
        ("Tue, 24 Nov 2026 02:01:30 -0000", 90.0),
        ("Tue, 24 Nov 2026 01:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0),
    ],
)
def test_both_forms_of_http_are_read_and_capped(value: str | None, expected: float | None) -> None:
    assert retry_after_s(value, now=NOW, cap_s=3600.0) == expected


@given(st.text() | st.datetimes(timezones=st.just(UTC)).map(lambda at: format_datetime(at, usegmt=True)))
def test_nothing_raises_or_leaves_the_bounds(value: str) -> None:
    wait = retry_after_s(value, now=NOW, cap_s=60.0)
    assert wait is None or 0.0 <= wait <= 60.0
