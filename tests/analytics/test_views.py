"""The views tell what a slow and plain computation tells, and rollups what a full one would, after any history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline_bridge.analytics.rollups import refresh, waiting
from tests.analytics import plain
from tests.analytics.raw_rows import Act, acts, do
from tests.examples import examples

if TYPE_CHECKING:
    from psycopg import Connection

NOW = object()
"""Not an act of others: here the rollups are refreshed."""
histories = st.lists(acts | st.just(NOW), min_size=1, max_size=60)
tried = settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def play(local: Connection, history: list[Any]) -> None:
    for act in history:
        if isinstance(act, Act):
            do(local, act)
        else:
            refresh(local)


def same(shown: pd.DataFrame, expected: pd.DataFrame, by: list[str]) -> None:
    """Equal in the columns that are expected; a frame without rows has none."""
    if expected.empty:
        assert shown.empty
        return
    shown = shown[list(expected.columns)].sort_values(by, ignore_index=True)
    told, wanted = (
        [{name: _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]
        for frame in (shown, expected)
    )
    assert len(told) == len(wanted)
    differing = [
        (*(want[key] for key in by), name, tell[name], value)
        for tell, want in zip(told, wanted, strict=True)
        for name, value in want.items()
        if tell[name] != value
    ]
    assert differing == []


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value if isinstance(value, bool | str) or not hasattr(value, "__float__") else float(value)


@tried
@given(history=histories)
def test_subjects_are_what_a_plain_computation_makes_of_the_raw_rows(local: Connection, history: list[Any]) -> None:
    with local.transaction(force_rollback=True):
        play(local, history)
        orders = plain.orders(local)
        expected = pd.DataFrame(orders, dtype=object)
        if not expected.empty:
            expected = expected.drop(columns="record_name").sort_values(["regino", "kind"], ignore_index=True)
        refresh(local)
        assert waiting(local) == {}
        same(plain.raw(local, "SELECT * FROM analytics.work_order"), expected, ["regino", "kind"])
        same(plain.raw(local, "SELECT * FROM analytics.feedback"), plain.feedback(local, orders), ["feedback_id"])
        same(plain.raw(local, "SELECT * FROM analytics.call"), plain.calls(local, orders), ["callid"])
        same(
            plain.raw(local, "SELECT * FROM analytics.satisfaction"), plain.ratings(local, orders), ["satisfaction_id"]
        )
        same(plain.raw(local, "SELECT * FROM analytics.seat_day"), plain.seat_days(local), ["seat_code", "day"])
        seat_hours = plain.raw(local, "SELECT * FROM analytics.seat_hour")
        same(seat_hours, plain.seat_hours(local), ["seat_code", "day", "hour"])
