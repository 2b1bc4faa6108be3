"""A reconciliation is stopped in the middle, or out of time: the newest days are judged, repaired and kept first."""

from __future__ import annotations

import time
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_bridge.errors import TryAgainLater
from hotline_bridge.reconcile import run
from hotline_bridge.reconcile.days import AT_A_TIME, groups_of
from tests.reconcile.city import DAYS

if TYPE_CHECKING:
    from tests.reconcile.city import City

OLD = DAYS[0] - timedelta(days=9)


@given(st.sets(st.integers(0, 90), min_size=1))
def test_days_are_taken_newest_first_and_those_that_follow_each_other_together(numbers: set[int]) -> None:
    days = [date(2026, 11, 1) + timedelta(days=number) for number in numbers]
    groups = groups_of(days)
    assert [day for group in groups for day in group] == sorted(days, reverse=True)
    assert all(group[0] - group[-1] == timedelta(days=len(group) - 1) for group in groups)
    assert max(map(len, groups)) <= AT_A_TIME


def out_of_time(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The time budget is spent when a run comes to a step."""

    def reached(at: str) -> None:
        if at == step:
            late = SimpleNamespace(monotonic=lambda: time.monotonic() + 1e6)
            monkeypatch.setattr("hotline_bridge.inbound.fetch.time", late)

    monkeypatch.setattr(run, "reached", reached)


@pytest.fixture
def differing(city: City) -> City:
    """On an old day and on two new ones an order was lost here."""
    city.collect_from(OLD)
    for place, day in enumerate((OLD, DAYS[0], DAYS[3])):
        city.network(f"N{place}", day)
    city.again()
    city.collect()
    for place in range(3):
        city.lose_locally(f"N{place}")
    return city


def kept(city: City) -> list[tuple[date, str]]:
    return city.local("SELECT day, state FROM hotline.count_reconciliation WHERE kind = 'complaint' ORDER BY row_id")


JUDGED = [(day, "open" if day in {DAYS[0], DAYS[3]} else "agreed") for day in reversed(DAYS)]


def test_days_that_are_not_reached_in_time_are_told_and_no_repair_is_begun(
    differing: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    out_of_time(monkeypatch, "checks-kept")
    with pytest.raises(TryAgainLater, match=rf"1 days up to {OLD} were not reached"):
        differing.reconcile(OLD, *DAYS)
    assert kept(differing) == JUDGED
    assert not differing.local("SELECT FROM hotline.complaint_case")


def test_between_two_repairs_the_budget_is_honoured_and_what_was_repaired_is_kept(
    differing: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    out_of_time(monkeypatch, "day-repaired")
    with pytest.raises(TryAgainLater, match="not reached"):
        differing.reconcile(OLD, *DAYS)
    assert kept(differing) == [*JUDGED, (DAYS[3], "agreed")]
    assert differing.local("SELECT regino FROM hotline.complaint_case") == [("N2",)]


def test_old_days_that_differ_take_no_repair_from_yesterday(differing: City) -> None:
    states = {
        day: check.state
        for (day, kind), check in differing.reconcile(OLD, *DAYS, collections=1).items()
        if kind == "complaint"
    }
    assert states == {OLD: "open", DAYS[0]: "open", DAYS[1]: "agreed", DAYS[2]: "agreed", DAYS[3]: "agreed"}


def test_a_count_that_fails_after_a_repair_leaves_the_difference_as_it_was(differing: City) -> None:
    differing.sandbox.set_faults([{"kind": "status", "status": 500, "interface": "getTsBusiCaseInfoData"}])
    calls = differing.requests()
    differing.reconcile(DAYS[3])
    assert differing.requests() > calls
    differing.sandbox.set_faults(
        [
            {"kind": "status", "status": 500, "interface": "numcaseinfo", "after": 1},
            {"kind": "status", "status": 500, "interface": "getTsBusiCaseInfoData"},
        ]
    )
    check = differing.reconcile(DAYS[3])[DAYS[3], "complaint"]
    assert (check.state, check.unexplained, check.platform_count) == ("open", 1, 1)
