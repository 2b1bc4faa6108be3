"""The pace that is found out from refusals, on a clock of its own: no test waits."""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.platform_client.pace import SLOWEST, SLOWEST_FOR_503, Pace, shared_pace

if TYPE_CHECKING:
    from collections.abc import Callable

IN_FLIGHT, ANSWERED_AFTER_S = 32, 0.02


@dataclass
class Gateway:
    """As nginx does it: so many requests a second, some at once, the others refused."""

    rate: float
    burst: float
    level: float = 0.0
    at: float = 0.0

    def admits(self, now: float) -> bool:
        self.level = max(0.0, self.level - (now - self.at) * self.rate)
        self.at = now
        if self.level > self.burst:
            return False
        self.level += 1
        return True


def send(records: int, admits: Callable[[float], bool], status: int = 429) -> tuple[Pace, float, int]:
    """All records through a gateway, each until it is admitted; gives the pace, the seconds, and the tries refused."""
    now = 0.0
    pace = Pace(lambda: now)
    left, refused = records, 0
    under_way: list[tuple[float, float, bool]] = []
    while left or under_way:
        if left > len(under_way) < IN_FLIGHT and not (wait := pace.take()):
            heapq.heappush(under_way, (now + ANSWERED_AFTER_S, now, admits(now)))
            continue
        answered_at = under_way[0][0] if under_way else math.inf
        if left > len(under_way) < IN_FLIGHT and now + wait < answered_at:
            now += wait
            continue
        now, sent_at, came = heapq.heappop(under_way)
        pace.learn(sent_at, 200 if came else status)
        left, refused = left - came, refused + (not came)
    return pace, now, refused


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("burst", [0, 5, 40])
def test_a_thousand_records_pass_a_gateway_of_twenty_a_second_in_about_a_minute(status: int, burst: int) -> None:
    pace, seconds, refused = send(1000, Gateway(20, burst).admits, status)
    assert seconds < 75, "50 s at the best"
    assert refused < 150
    assert 12 < pace.rate < 25


@pytest.mark.parametrize(("limit", "records"), [(2, 100), (200, 5000), (1000, 20_000)])
def test_any_limit_is_found(limit: int, records: int) -> None:
    _, seconds, refused = send(records, Gateway(limit, limit / 4).admits)
    assert seconds < 1.5 * records / limit + 10
    assert refused < records / 5 + 60


def test_a_limit_by_the_clocks_seconds_is_found_too() -> None:
    counted: dict[int, int] = {}

    def admits(now: float) -> bool:
        counted[int(now)] = counted.get(int(now), 0) + 1
        return counted[int(now)] <= 20

    _, seconds, refused = send(1000, admits)
    assert seconds < 75
    assert refused < 150


def test_a_platform_that_never_refuses_is_never_slowed() -> None:
    pace, seconds, _ = send(10_000, lambda _: True)
    assert pace.rate == float("inf")
    assert seconds < 10_000 / IN_FLIGHT * ANSWERED_AFTER_S + 0.3


def test_failures_by_503_slow_down_a_little_and_nothing_stands_still() -> None:
    chance = random.Random(1)  # noqa: S311  (repeatable on purpose)
    pace, _, _ = send(1000, lambda _: chance.random() > 0.25, 503)
    assert pace.rate >= SLOWEST_FOR_503
    dead = Pace(lambda: 1.0)
    assert [dead.learn(1.0, 503) for _ in range(20)] == [False] * 20
    assert dead.rate == float("inf"), "no pace helps where nothing was ever answered"


def test_refusals_that_come_at_once_are_one_sign_and_a_lowered_pace_is_given_time() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    for _ in range(20):
        pace.learn(0.0, 200)
    assert [pace.learn(0.0, 429) for _ in range(12)] == [False] + [True] * 11
    assert pace.rate == 20
    now = 0.4
    assert pace.learn(0.3, 429)
    now = 0.7
    assert not pace.learn(0.6, 429)
    assert pace.rate == 16
    for second in range(1, 60):
        now = float(second)
        pace.learn(now, 429)
    assert pace.rate == SLOWEST


def test_one_pace_is_shared_while_somebody_uses_it() -> None:
    with shared_pace("http://a") as first, shared_pace("http://a") as second, shared_pace("http://b") as other:
        assert first is second
        assert first is not other
        first.learn(0.0, 429)
    with shared_pace("http://a") as anew:
        assert anew.rate == float("inf")
