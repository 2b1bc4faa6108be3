"""Windows cover a range without a gap, are not too long, and come to an end, under any row_rate.

See architecture: closed windows.
"""

from __future__ import annotations

import itertools
import random
from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline_bridge.inbound.windows import CAP, LONGEST_S, RowRate, Window, WindowPlanner, gaps, is_full
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = 86_400


class Platform:
    """Registration times by the second, answered up to the cap, in one of the orders that it may choose."""

    def __init__(self, registered: list[int], *, end_counts: bool, order: str = "oldest") -> None:
        self.registered = sorted(registered)
        self.end_counts = end_counts
        self.order = order
        self.requests = 0

    def ask(self, window: Window) -> list[int]:
        self.requests += 1
        to = bisect_right if self.end_counts else bisect_left
        found = self.registered[bisect_left(self.registered, window.begin) : to(self.registered, window.end)]
        if self.order == "any":
            return found if len(found) <= CAP else random.Random(len(found)).sample(found, CAP)  # noqa: S311  (which rows come, no secret)
        return found[:CAP] if self.order == "oldest" else found[-CAP:]


def walk(
    platform: Platform,
    due: list[Window],
    row_rate: RowRate | None = None,
    *,
    tells: bool = True,
    told: Callable[[int], int] | None = None,
) -> list[Window]:
    """Every window that was answered whole, or is a single second; `told` is what rows say of their registration."""
    done = []
    pass_ = WindowPlanner(due, row_rate or RowRate())
    while window := pass_.next():
        rows = platform.ask(window)
        registered = [told(moment) if told else moment for moment in rows] if tells else None
        if is_full(len(rows)) and window.length > 1:
            pass_.full(window, registered)
            continue
        done.append(window)
        pass_.complete(window, len(rows), registered)
    return done


moments = st.lists(
    st.one_of(st.integers(0, 40 * DAY), st.integers(5 * DAY, 5 * DAY + 300), st.just(12 * DAY)), max_size=60
).map(lambda seeds: [moment + copy % 7 for moment in seeds for copy in range(90)])


@settings(max_examples=examples(150), deadline=None)
@given(
    registered=moments,
    end_counts=st.booleans(),
    order=st.sampled_from(["oldest", "newest", "any"]),
    tells=st.booleans(),
    ends=st.lists(st.integers(1, 41 * DAY), min_size=1, max_size=5, unique=True),
)
def test_a_pass_covers_all_that_is_due_and_loses_no_row(
    registered: list[int], end_counts: bool, order: str, tells: bool, ends: list[int]
) -> None:
    platform = Platform(registered, end_counts=end_counts, order=order)
    moments = [0, *sorted(ends)]
    done = walk(platform, [Window(*pair) for pair in itertools.pairwise(moments)], tells=tells)

    assert gaps(done, Window(0, moments[-1])) == []
    assert all(before.end == after.begin for before, after in itertools.pairwise(done)), "each second once"
    assert all(0 < window.length <= LONGEST_S for window in done)
    seen = {moment for window in done for moment in platform.ask(window)}
    bottom = {window.begin for window in done if window.length == 1} | {w.end for w in done if w.length == 1}
    last = moments[-1] if end_counts else moments[-1] - 1
    assert {moment for moment in registered if moment <= last} - seen <= bottom


@given(
    st.lists(st.tuples(st.integers(0, 1_000), st.integers(1, 200)).map(lambda pair: Window(pair[0], sum(pair)))),
)
def test_gaps_and_windows_together_are_the_whole(covered: list[Window]) -> None:
    whole = Window(100, 900)
    seconds = Counter(second for window in gaps(covered, whole) for second in range(window.begin, window.end))
    for second in range(whole.begin, whole.end):
        inside = any(window.begin <= second < window.end for window in covered)
        assert seconds[second] == (0 if inside else 1)


def registrations(days: int, a_day: int) -> list[int]:
    """Calls of the working hours, fewer at the weekend."""
    return [
        day * DAY + 8 * 3600 + number * 10 * 3600 // count
        for day in range(days)
        for count in [a_day // 3 if day % 7 >= 5 else a_day]
        for number in range(count)
    ]


@pytest.mark.parametrize("a_day", [20, 250, 2_000])
@pytest.mark.parametrize("order", ["oldest", "newest", "any"])
def test_a_first_walk_needs_at_most_twice_the_fewest_requests(a_day: int, order: str) -> None:
    registered = registrations(120, a_day)
    platform = Platform(registered, end_counts=True, order=order)
    walk(platform, [Window(0, 120 * DAY)])
    assert platform.requests <= 2 * fewest(registered, 120 * DAY)


@pytest.mark.parametrize("a_day", [20, 250, 2_000])
def test_with_known_orders_a_walk_of_their_steps_needs_little_more_than_the_fewest(a_day: int) -> None:
    orders = registrations(120, a_day)
    steps = [moment for number, moment in enumerate(orders) for _ in range(1 + number % 3)]
    platform = Platform(steps, end_counts=False)
    walk(platform, [Window(0, 120 * DAY)], RowRate(orders, Window(0, 120 * DAY)), tells=False)
    assert platform.requests <= 1.5 * fewest(steps, 120 * DAY)


def fewest(registered: list[int], until: int) -> int:
    """Windows of a client that knows every row beforehand: as long as fewer than the cap fit, at most seven days."""
    windows, begin = 0, 0
    while begin < until:
        first = bisect_left(registered, begin)
        cap = registered[first + CAP - 1] if first + CAP - 1 < len(registered) else until
        begin = min(begin + LONGEST_S, max(cap, begin + 1), until)
        windows += 1
    return windows


def test_a_quiet_week_is_one_request() -> None:
    platform = Platform([], end_counts=True)
    walk(platform, [Window(0, LONGEST_S)])
    assert platform.requests == 1


def test_windows_that_touch_are_asked_as_one() -> None:
    platform = Platform(list(range(0, 3600, 60)), end_counts=True)
    assert walk(platform, [Window(900, 1800), Window(0, 900), Window(1800, 3600)]) == [Window(0, 3600)]


@pytest.mark.parametrize("with_seconds", [True, False])
@pytest.mark.parametrize(("order", "most"), [("oldest", 15), ("any", 15), ("newest", 40)])
def test_a_burst_costs_few_requests(order: str, most: int, with_seconds: bool) -> None:
    """Also where the rows tell their minute alone: it was asked for by halves of the time up to the next cut window."""
    burst = [3 * DAY + 5_000 + number % 60 for number in range(1_200)]
    platform = Platform([*registrations(7, 40), *burst], end_counts=True, order=order)
    done = walk(platform, [Window(0, 7 * DAY)], told=None if with_seconds else lambda moment: moment // 60 * 60)
    assert gaps(done, Window(0, 7 * DAY)) == []
    assert platform.requests <= most


@pytest.mark.parametrize("order", ["oldest", "any", "newest"])
def test_a_crowded_week_costs_little_more_than_the_fewest_requests(order: str) -> None:
    """A platform that answers the newest rows does not lead the walk on in steps of half an answer."""
    registered = [number * LONGEST_S // 20_000 for number in range(20_000)]
    platform = Platform(registered, end_counts=True, order=order)
    walk(platform, [Window(0, LONGEST_S)])
    assert platform.requests <= 1.4 * fewest(registered, LONGEST_S)


def test_a_single_second_is_the_callers() -> None:
    with pytest.raises(ValueError, match="single second"):
        WindowPlanner([Window(0, 1)], RowRate()).full(Window(0, 1))


def test_a_window_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="must end after"):
        Window(5, 5)


def test_windows_that_were_counted_are_asked_as_they_are_unless_cut() -> None:
    counted = [Window(100, 200), Window(200, 900)]
    walk = WindowPlanner([Window(0, 900), Window(950, 1000)], RowRate(), counted=counted)
    asked = []
    while window := walk.next():
        asked.append(window)
        if window == counted[1]:
            walk.full(window)
        else:
            walk.complete(window, 400)
    assert asked[:3] == [Window(0, 100), *counted]
    assert all(200 <= part.begin < part.end <= 900 and part != counted[1] for part in asked[3:-1])
    assert asked[-1] == Window(950, 1000)
    assert gaps(asked, Window(0, 1000)) == [Window(900, 950)]
