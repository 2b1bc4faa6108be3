"""What must hold between the counts, days and ends of windows, answers of all kinds: pure."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_bridge.reconcile.counting import read_counts
from hotline_bridge.reconcile.days import (
    WindowBounds,
    bounds,
    chosen,
    days_of,
    last_settled,
    order_kinds,
    returned_interface,
    window_bounds_of,
)
from hotline_bridge.reconcile.evaluate import UNSENT, Absent, Sides, evaluate
from hotline_bridge.reconcile.repair import MINUTES, Place, locate
from hotline_bridge.reconcile.words import EXPLAINED_ZH, KIND_ZH, REPAIR_ZH

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = date(2026, 11, 20)
PATIENCE = timedelta(hours=24)
EITHER_WAY = [WindowBounds(begin, end) for begin in (True, False) for end in (True, False)]


def counted(seconds: Sequence[int], begin: int, end: int, ends: WindowBounds) -> int:
    """What a platform of this ends counts of a window."""
    return sum(
        (begin < second < end) or (second == begin and ends.begin) or (second == end and ends.end)
        if begin != end
        else second == begin and ends.begin and ends.end
        for second in seconds
    )


@given(
    st.lists(st.integers(0, 200), max_size=40), st.sampled_from(EITHER_WAY), st.lists(st.integers(1, 199), max_size=5)
)
def test_windows_of_counting_hold_every_second_once_under_any_reading(
    seconds: list[int], ends: WindowBounds, cuts: list[int]
) -> None:
    edges = sorted({0, *cuts, 201})
    parts = [ends.window(begin, end) for begin, end in pairwise(edges)]
    assert sum(counted(seconds, *part, ends) for part in parts) == len(seconds)


@given(st.integers(1, 600), st.sampled_from(EITHER_WAY))
def test_three_counts_around_a_lonely_second_tell_the_reading(orders: int, ends: WindowBounds) -> None:
    seconds = [10] * orders
    counts = [counted(seconds, *window, ends) for window in ((9, 10), (10, 11), (9, 11))]
    assert window_bounds_of(*counts) == ends


@pytest.mark.parametrize("counts", [(0, 0, 0), (5, 0, 3), (2, 3, 5), (0, 9, 4)])
def test_counts_that_do_not_tell_the_reading_are_not_believed(counts: tuple[int, int, int]) -> None:
    assert window_bounds_of(*counts) is None


def test_a_day_is_one_of_shanghai_and_waits_until_it_is_settled() -> None:
    begin, end = bounds(DAY)
    assert begin.isoformat() == "2026-11-20T00:00:00+08:00"
    assert end - begin == timedelta(days=1)
    assert days_of(begin, end) == [DAY]
    assert days_of(begin - timedelta(seconds=1), end + timedelta(seconds=1)) == [
        DAY - timedelta(days=1),
        DAY,
        DAY + timedelta(days=1),
    ]
    midnight = end + timedelta(minutes=29)
    assert last_settled(midnight) == DAY - timedelta(days=1)
    assert last_settled(midnight + timedelta(minutes=1)) == DAY


@given(st.integers(1, 60), st.sets(st.integers(-90, 5)))
def test_the_days_of_a_run_are_the_last_ones_and_those_left_over(trailing: int, left: set[int]) -> None:
    last = last_settled(NOW)
    first = last - timedelta(days=50)
    days = chosen(trailing, NOW, first, [last + timedelta(days=number) for number in left])
    assert days == sorted(set(days))
    assert days[0] >= first
    assert days[-1] == last
    assert len(days) >= min(trailing, 51)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("12", 12),
        (" 7 ", 7),
        (0, 0),
        ("0", 0),
        ("", None),
        (None, None),
        ("-1", None),
        (-1, None),
        (3.0, None),
        (True, None),
        ("三", None),
        ("１２", None),
        ("9" * 40, None),
        (10**30, None),
        ([], None),
    ],
)
def test_a_count_is_a_whole_number_or_none(value: object, count: int | None) -> None:
    assert read_counts({"numcaseinfo1": value, "NumCaseInfo2": "5"}) == {
        "complaint": count,
        "report": 5,
        "consultation": None,
    }


@pytest.mark.parametrize("data", [None, [], "", "x", 5, [{}, {}], [[]], {}])
def test_an_answer_of_another_shape_gives_no_count(data: object) -> None:
    assert set(read_counts(data).values()) == {None}


def test_an_array_of_one_object_is_that_object() -> None:
    answer = {"numcaseinfo1": "1", "numcaseinfo2": 2, "numcaseinfo3": "3"}
    assert [*read_counts([answer]).values()] == [1, 2, 3]


def test_kinds_follow_the_contract() -> None:
    assert [(kind.name, kind.put.name, kind.case.name, kind.counted_in) for kind in order_kinds()] == [
        ("complaint", "putTsBusiRegInfoData", "getTsBusiCaseInfoData", "numcaseinfo1"),
        ("report", "putJbBusiRegInfoData", "getJbBusiCaseInfoData", "numcaseinfo2"),
        ("consultation", "putZxBusiRegInfoData", "getZxBusiCaseInfoData", "numcaseinfo3"),
    ]
    assert returned_interface().name == "getShBtgData"
    assert {kind.name for kind in order_kinds()} <= set(KIND_ZH)


FATES = ("returned", "quarantined", "sent_again", "recent", "lost")


def absent(fate: str, number: int) -> Absent:
    old = NOW - timedelta(days=3)
    return Absent(
        f"R{number}",
        NOW if fate == "recent" else old,
        number,
        is_returned=fate == "returned",
        is_quarantined=fate == "quarantined",
        sent_again_at=NOW if fate == "sent_again" else None,
    )


@st.composite
def days_that_agree(draw: st.DrawFn) -> tuple[Sides, int]:
    """A day on which nothing is lost: what the stores say, and what the platform counts."""
    places = {name: draw(st.integers(0, 5)) for name in UNSENT}
    fates = draw(st.lists(st.sampled_from(FATES[:-1]), max_size=6))
    matched, network, withdrawn = (draw(st.integers(0, 5)) for _ in range(3))
    delivered = matched + len(fates)
    moved, removed = draw(st.integers(0, 3)), draw(st.integers(0, delivered))
    sides = Sides(
        placed=Counter({**places, "delivered": delivered - removed + moved}),
        same_day=delivered - removed,
        delivered=delivered,
        matched=matched,
        local=matched + network,
        withdrawn=withdrawn,
        answer_quarantined=fates.count("quarantined"),
        absent=[absent(fate, number) for number, fate in enumerate(fates)],
    )
    uncertain = fates.count("returned") + fates.count("recent")
    platform = sides.local + fates.count("quarantined") + fates.count("sent_again") + draw(st.integers(0, uncertain))
    return sides, platform


@given(days_that_agree())
def test_whatever_can_be_explained_is_no_alarm(day: tuple[Sides, int]) -> None:
    sides, platform = day
    check = evaluate(DAY, "complaint", sides, (platform, platform), NOW, patience=PATIENCE)
    assert (check.state, check.unexplained) == ("agreed", 0)
    assert set(check.explained) <= set(EXPLAINED_ZH)
    sums = check.explained
    unsent = sum(sums.get(name, 0) for name in UNSENT)
    assert check.docking_count == (
        check.delivered_count + unsent + sums.get("other_day", 0) - sums.get("not_in_docking", 0)
    )


@given(days_that_agree(), st.integers(0, 5), st.integers(0, 4), st.integers(0, 5), st.booleans())
def test_a_loss_beyond_what_is_uncertain_is_counted_exactly(
    day: tuple[Sides, int], lost_here: int, lost_there: int, on_intake: int, is_incomplete: bool
) -> None:
    sides, _ = day
    uncertain = [order for order in sides.absent if order.is_returned or order.delivered_at == NOW]
    sides.absent = [order for order in sides.absent if order not in uncertain]
    sides.delivered += lost_there - len(uncertain)
    sides.placed["lost_on_intake"] = on_intake
    sides.absent += [absent("lost", 100 + number) for number in range(lost_there)]
    sides.incomplete_windows = int(is_incomplete)
    sure = sides.local + sides.answer_quarantined + sum(order.sent_again_at is not None for order in sides.absent)
    check = evaluate(DAY, "report", sides, (sure + lost_here, sure + lost_here), NOW, patience=PATIENCE)
    assert check.unexplained == on_intake + max(lost_here, lost_there)
    assert len(check.lost) == lost_there
    assert (check.state == "agreed") == (not check.unexplained)
    assert (check.state == "incomplete") == (is_incomplete and bool(check.unexplained))


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_what_moves_while_it_looks_is_no_difference_within_its_bounds(before: int, after: int, local: int) -> None:
    check = evaluate(DAY, "report", Sides(local=local), (before, after), NOW, patience=PATIENCE)
    inside = min(before, after) <= local <= max(before, after)
    assert (check.state == "agreed") == inside
    assert check.platform_count == after


def test_without_a_count_a_day_is_neither_green_nor_red() -> None:
    check = evaluate(DAY, "report", Sides(local=3), None, NOW, patience=PATIENCE)
    assert (check.state, check.unexplained, check.platform_count) == ("unknown", None, None)
    lost = evaluate(DAY, "report", Sides(placed=Counter(lost_on_intake=2)), None, NOW, patience=PATIENCE)
    assert (lost.state, lost.unexplained) == ("open", 2)


@given(st.dictionaries(st.integers(0, MINUTES - 1), st.integers(1, 9), max_size=6), st.integers(0, 200))
def test_halving_finds_every_minute_that_lacks_orders(missing: dict[int, int], stored: int) -> None:
    local = {minute: 1 + minute % 3 for minute in range(0, MINUTES, 1 + stored)}
    platform = Counter(local) + Counter(missing)
    asked = 0

    async def count(begin: int, end: int) -> int:
        nonlocal asked
        asked += 1
        return sum(orders for minute, orders in platform.items() if begin <= minute < end)

    places = asyncio.run(locate(count, local, platform.total(), most_requests=1000))
    assert {(place.begin, place.end - place.begin, place.platform_count - place.local_count) for place in places} == {
        (minute, 1, orders) for minute, orders in missing.items()
    }
    assert asked <= 11 * len(missing)


def test_halving_stops_where_requests_run_out_or_no_number_comes() -> None:
    async def none(begin: int, end: int) -> None:
        return None

    whole = [Place(0, MINUTES, 5, 0)]
    assert asyncio.run(locate(none, {}, 5)) == whole
    assert asyncio.run(locate(none, {}, 5, most_requests=0)) == whole
    assert asyncio.run(locate(none, {7: 5}, 5)) == []


def test_every_name_of_a_repair_has_words() -> None:
    assert {"tries", "collected", "came", "sent_again", "not_sent_again", "not_accepted"} <= set(REPAIR_ZH)
