"""The invented history: consistent, in its bounds, and shaped like the measured day."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline_bridge.contract.reader import contract
from hotline_sandbox.sample.areas import AREAS, CALL_SHARES
from hotline_sandbox.sample.roster import SESSIONS_A_DAY
from hotline_sandbox.sample.traffic import HOURLY, SHANGHAI, Traffic
from hotline_sandbox.sample.world import (
    CALLS_A_DAY,
    CLOCK_BEHIND,
    LEFT_QUEUE,
    MADE_BY_SEAT,
    NEVER_QUEUED,
    PUT_THROUGH,
    RATED,
    RATINGS,
    SERVED,
    Event,
    world,
)
from tests.examples import examples

pytestmark = pytest.mark.slow

END = datetime(2026, 11, 24, 13, 20, tzinfo=SHANGHAI)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=700)).map(lambda before: END - before)


@pytest.fixture(scope="module")
def history() -> list[Event]:
    return list(world(60_000, seed=7, end=END))


def rows_of(history: list[Event], interface: str) -> list[dict[str, str]]:
    return [{k: v or "" for k, v in event.row.items()} for event in history if event.interface == interface]


def parse(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)


@given(rows=st.integers(0, 400), seed=st.integers(0, 2**40), end=MOMENTS)
@settings(max_examples=examples(60), deadline=None)
def test_any_history_has_exactly_its_rows_all_known_by_its_end(rows: int, seed: int, end: datetime) -> None:
    events = list(world(rows, seed=seed, end=end))
    assert len(events) == rows
    assert all(event.known_at <= end for event in events)
    for event in events:
        assert list(event.row) == [field.column for field in contract()[event.interface].request]
        assert all(parse(v) <= end for k, v in event.row.items() if k.endswith("time") and v)
    assert events == list(world(rows, seed=seed, end=end))


def test_another_seed_is_another_history_with_other_keys() -> None:
    one, other = (
        {event.row[contract()[event.interface].key_column] for event in world(500, seed=seed, end=END)}
        for seed in (1, 2)
    )
    assert not one & other


def test_calls_end_as_on_the_measured_day(history: list[Event]) -> None:
    calls = [row for row in rows_of(history, "callinfo") if row["calltype"] == "1"]
    shares = Counter((bool(row["skilltime"]), bool(row["seattime"])) for row in calls)
    assert shares[False, False] / len(calls) == pytest.approx(NEVER_QUEUED, abs=0.01)
    assert shares[True, False] / len(calls) == pytest.approx(LEFT_QUEUE, abs=0.015)
    assert shares[True, True] / len(calls) == pytest.approx(SERVED, abs=0.015)
    everything = rows_of(history, "callinfo")
    assert 1 - len(calls) / len(everything) == pytest.approx(MADE_BY_SEAT, abs=0.006)


def test_the_measured_day_is_what_the_constants_say() -> None:
    """Of 2,375 calls 118 were hung up in the menu, 728 in the queue, 18 were none, 1,511 were served."""
    assert pytest.approx(118 / 2_375, abs=0.001) == NEVER_QUEUED
    assert pytest.approx((728 + 18) / 2_375, abs=0.001) == LEFT_QUEUE
    assert pytest.approx(1_511 / 2_375, abs=0.001) == SERVED
    assert pytest.approx(268 / 1_511, abs=0.001) == PUT_THROUGH
    assert pytest.approx(198 / 268, abs=0.002) == CLOCK_BEHIND
    assert len(HOURLY) == 24
    assert sum(CALL_SHARES) == sum(RATINGS.values()) == 100
    assert len(CALL_SHARES) == len(AREAS)


def test_calls_come_by_the_hours_of_the_measured_day(history: list[Event]) -> None:
    calls = rows_of(history, "callinfo")
    hours = Counter(int(row["calltime"][8:10]) for row in calls)
    whole_days = {hour: hours[hour] / len(calls) for hour in range(24)}
    assert sum(abs(whole_days[hour] - HOURLY[hour] / sum(HOURLY)) for hour in range(24)) < 0.08
    days = (parse(calls[-1]["calltime"]) - parse(calls[0]["calltime"])) / timedelta(days=1)
    assert len(calls) / days == pytest.approx(CALLS_A_DAY, rel=0.05)
    assert len(rows_of(history, "seatsignin")) / days == pytest.approx(SESSIONS_A_DAY, rel=0.1)


def test_the_two_clocks_disagree_by_one_second_in_the_measured_share(history: list[Event]) -> None:
    served = [row for row in rows_of(history, "callinfo") if row["calltype"] == "1" and row["seattime"]]
    behind = [row for row in served if row["seattime"] < row["skilltime"]]
    assert len(behind) / len(served) == pytest.approx(PUT_THROUGH * CLOCK_BEHIND, abs=0.02)
    assert all(row["ringtime"] == row["seattime"] for row in behind)
    assert {parse(row["skilltime"]) - parse(row["seattime"]) for row in behind} == {timedelta(seconds=1)}
    assert all(row["calltime"] <= row["skilltime"] for row in served)


def test_recordings_and_ratings_belong_to_served_calls(history: list[Event]) -> None:
    served = {row["callid"]: row for row in rows_of(history, "callinfo") if row["seattime"]}
    recordings = rows_of(history, "recordinfo")
    assert len(served) - len(recordings) in {0, 1}, "the last call may be cut off by the number of rows"
    for row in recordings:
        call = served[row["callid"]]
        assert (row["begintime"], row["calltype"]) == (call["seattime"], call["calltype"])
        assert row["begintime"] < row["endtime"]
    inbound = sum(row["calltype"] == "1" for row in served.values())
    ratings = rows_of(history, "satisfaction")
    assert len(ratings) / inbound == pytest.approx(RATED, abs=0.02)
    assert all(row["callid"] in served for row in ratings)
    codes = Counter(row["satisfaction"] for row in ratings)
    assert {code: codes[code] / len(ratings) for code in RATINGS} == pytest.approx(
        {code: share / 100 for code, share in RATINGS.items()}, abs=0.015
    )


def test_a_seat_serves_one_caller_at_a_time_while_it_is_signed_in(history: list[Event]) -> None:
    sessions = defaultdict(list)
    for row in rows_of(history, "seatsignin"):
        sessions[row["seatno"]].append((row["begintime"], row["endtime"] or "9"))
    first = min(begin for spans in sessions.values() for begin, _ in spans)
    services = defaultdict(list)
    for row in rows_of(history, "recordinfo"):
        services[row["recordname"].split("_")[0]].append((row["begintime"], row["endtime"]))
    last_day = f"{END - timedelta(days=1):%Y%m%d%H%M%S}"
    for seat, spans in services.items():
        spans.sort()
        assert all(earlier[1] < later[0] for earlier, later in pairwise(spans))
        for begin, end in spans:
            if first < begin < last_day:
                assert any(signed <= begin and end <= out for signed, out in sessions[seat]), seat


def test_who_sits_there_at_the_end_has_not_signed_out(history: list[Event]) -> None:
    logins = rows_of(history, "seatsignin")
    there = [row for row in logins if not row["endtime"]]
    assert there
    assert max(row["begintime"] for row in there) > f"{END - timedelta(hours=8):%Y%m%d%H%M%S}"
    assert len({row["signid"] for row in logins}) == len(logins)


@given(begin=MOMENTS, hours=st.floats(0.01, 200), shares=st.lists(st.floats(0, 1), min_size=2, max_size=20))
@settings(deadline=None)
def test_traffic_never_runs_backwards_and_stays_in_its_span(begin: datetime, hours: float, shares: list[float]) -> None:
    end = begin + timedelta(hours=hours)
    traffic = Traffic(begin, end)
    moments = [traffic.at(share) for share in sorted(shares)]
    assert moments == sorted(moments)
    assert all(begin.replace(microsecond=0) <= moment <= end for moment in moments)


def test_traffic_of_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Traffic(END, END)
