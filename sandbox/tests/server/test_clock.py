from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hotline_sandbox.server.clock import Clock, shanghai_text


@pytest.mark.parametrize(
    ("moments", "days"),
    [
        (["2026-11-24T15:59:59.999", "2026-11-24T16:00:00"], [b"20261124", b"20261125"]),
        (["2026-11-24T16:00:00", "2026-11-24T15:59:59.999"], [b"20261125", b"20261124"]),
        (["2026-12-31T15:59:59", "2026-12-31T16:00:00"], [b"20261231", b"20270101"]),
        (["2028-02-28T16:00:00", "2028-02-29T16:00:00"], [b"20280229", b"20280301"]),
    ],
)
def test_the_day_is_that_of_shanghai_whichever_way_time_goes(moments: list[str], days: list[bytes]) -> None:
    clock = Clock()
    assert [clock.day(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) for text in moments] == days


def test_the_http_date_is_gmt_and_moves_every_second() -> None:
    clock = Clock()
    assert clock.http_date(1795492800.0) == b"Tue, 24 Nov 2026 04:00:00 GMT"
    assert clock.http_date(1795492801.5) == b"Tue, 24 Nov 2026 04:00:01 GMT"


def test_history_times_are_written_in_shanghai() -> None:
    assert shanghai_text(1795492800.25) == "2026-11-24T12:00:00.250+08:00"
