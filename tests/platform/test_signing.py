from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.platform_client.request import across_midnight, sign

moments = st.integers(0, 2**33).map(
    lambda second: datetime(1992, 1, 1, tzinfo=UTC) + timedelta(seconds=second, milliseconds=999)
)


# Computed by `printf '20261124-{...}' | md5sum`.
@pytest.mark.parametrize(
    ("body", "at", "expected"),
    [
        (
            b'{"callid":"4402000001","callno":"13800138000"}',
            datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI),
            "8a7cac10c54f3d0820cfa6f564e66d74",
        ),
        ('{"a":"中文"}'.encode(), datetime(2026, 1, 1, 0, 0, tzinfo=SHANGHAI), "261327231010636ca7625e2a8f83adf2"),
        (b"{}", datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=SHANGHAI), "dcab6068c768fda468be6f1e24867a54"),
        # The machine's clock in UTC: 16:00 there is midnight in Shanghai.
        (b"x", datetime(2026, 12, 31, 15, 59, 59, 999999, tzinfo=UTC), "0e4be29667f0b7a5d3ad83d418549b67"),
        (b"x", datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), "2452ecb94d67a4e0820d7ca868151ba0"),
    ],
)
def test_agrees_with_values_computed_by_hand(body: bytes, at: datetime, expected: str) -> None:
    assert sign("app", "tok&en", body, at) == f"app&tok&en&{expected}"


@given(body=st.binary(min_size=1), at=moments)
@example(body=b"\x00", at=datetime(2026, 11, 23, 15, 59, 59, 999999, tzinfo=UTC))
@example(body=b"-", at=datetime(2026, 11, 23, 16, 0, tzinfo=UTC))
def test_agrees_with_a_server_that_verifies(body: bytes, at: datetime) -> None:
    # Without the zone database: since 1992 Shanghai is eight hours ahead of UTC.
    day = at.astimezone(timezone(timedelta(hours=8))).date().isoformat().replace("-", "")
    check = hashlib.new("md5", usedforsecurity=False)
    check.update(day.encode())
    check.update(b"-")
    check.update(body)
    assert sign("a", "t", body, at).split("&") == ["a", "t", check.hexdigest()]


def test_every_hour_of_a_day_has_the_day_of_shanghai() -> None:
    start = datetime(2026, 11, 24, tzinfo=SHANGHAI)
    signatures = {sign("a", "t", b"x", (start + timedelta(hours=hour)).astimezone(UTC)) for hour in range(24)}
    assert len(signatures) == 1
    assert sign("a", "t", b"x", start + timedelta(hours=24)) not in signatures
    assert sign("a", "t", b"x", start - timedelta(microseconds=1)) not in signatures


def test_without_body_there_is_no_check_code() -> None:
    assert sign("app", "token", b"", datetime(2026, 11, 24, tzinfo=UTC)) == "app&token"


def test_a_moment_without_zone_is_an_error() -> None:
    with pytest.raises(TypeError):
        sign("app", "token", b"x", datetime(2026, 11, 24))  # noqa: DTZ001 (the mistake that is meant)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{clock}+08:00")


@pytest.mark.parametrize(
    ("signed", "refused", "day"),
    [
        ("23T23:59:59.900", "24T00:00:00.100", 24),  # midnight passed on the way
        ("23T23:59:30", "23T23:59:30.200", 24),  # the platform's clock is ahead
        ("24T00:00:20", "24T00:00:20.100", 23),  # or behind
        ("23T23:58:40", "24T00:00:05", 24),  # a slow answer
        ("23T23:58:00", "23T23:58:01", None),
        ("24T12:00:00", "24T12:00:01", None),
        ("24T00:02:00", "24T00:02:01", None),
    ],
)
def test_the_other_side_of_midnight(signed: str, refused: str, day: int | None) -> None:
    found = across_midnight(at(signed).astimezone(UTC), at(refused).astimezone(UTC))
    assert (found and found.astimezone(SHANGHAI).day) == day
