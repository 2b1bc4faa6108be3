from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_bridge.platform_client.answers import Attempt, Outcome
from hotline_bridge.platform_client.pace import Breaker


def tried(outcome: Outcome, status: int | None = 200, code: str | None = None) -> Attempt:
    return Attempt("callinfo", 1, datetime(2026, 11, 24, tzinfo=UTC), 1.0, outcome, status, code, None, None, True)


FAILED = [
    tried(Outcome.NO_ANSWER, None),
    tried(Outcome.UNREACHABLE, None),
    tried(Outcome.TRY_LATER, 503),
    tried(Outcome.TRY_LATER, 404),
    tried(Outcome.TRY_LATER, 429),
    tried(Outcome.TRY_LATER, 200),
    tried(Outcome.TRY_LATER, 200, "0"),  # success code without issuc
]
ALIVE = [
    tried(Outcome.DELIVERED, 200, "0"),
    tried(Outcome.DUPLICATE, 200, "1003"),
    tried(Outcome.REFUSED, 200, "1001"),
    tried(Outcome.REFUSED, 400),
    tried(Outcome.TRY_LATER, 200, "9001"),
]


@pytest.mark.parametrize("failed", FAILED)
def test_opens_after_so_many_in_a_row(failed: Attempt) -> None:
    breaker = Breaker(failures=3)
    for _ in range(2):
        breaker.record(failed)
    assert not breaker.is_open
    breaker.record(failed)
    assert breaker.is_open


@pytest.mark.parametrize("alive", ALIVE)
def test_a_usable_answer_starts_the_count_again_but_never_closes(alive: Attempt) -> None:
    breaker = Breaker(failures=2)
    breaker.record(FAILED[0])
    breaker.record(alive)
    breaker.record(FAILED[0])
    assert not breaker.is_open
    breaker.record(FAILED[0])
    breaker.record(alive)
    assert breaker.is_open


def test_unauthorized_neither_counts_nor_resets() -> None:
    breaker = Breaker(failures=2)
    for attempt in (FAILED[0], tried(Outcome.UNAUTHORIZED, 401), FAILED[0]):
        breaker.record(attempt)
    assert breaker.is_open


@given(st.lists(st.booleans()), st.integers(1, 5))
def test_is_open_exactly_when_a_run_of_failures_occurred(successes: list[bool], limit: int) -> None:
    breaker = Breaker(limit)
    for success in successes:
        breaker.record(ALIVE[0] if success else FAILED[0])
    runs = "".join("s" if success else "f" for success in successes).split("s")
    assert breaker.is_open == any(len(run) >= limit for run in runs)
