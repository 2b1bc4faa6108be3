"""Rollups and indicators are what a full computation over the subjects makes, whatever happened before and between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from hypothesis import given

from hotline_bridge.analytics import rollups
from hotline_bridge.analytics.rollups import refresh, waiting
from tests.analytics import plain
from tests.analytics.raw_rows import BEGIN, Act, do
from tests.analytics.test_views import histories, play, same, tried

if TYPE_CHECKING:
    import pytest
    from psycopg import Connection

CALL_HOUR = ["day", "hour", "area_code", "is_outbound"]
RATED = ["day", "area_code", "seat_code"]
ORDER_DAY = [*("day", "kind", "channel", "unit_code", "handling_unit_name", "problem_class_code", "goods_class_code")]


def added_up(subjects: pd.DataFrame, by: list[str], measures: dict[str, Any]) -> pd.DataFrame:
    """Rows by their group, each measure a function of the group's rows."""
    placed = subjects[subjects["day"].notna()] if len(subjects) else subjects
    if placed.empty:
        return pd.DataFrame()
    rows = [
        dict(zip(by, key, strict=True)) | {name: measure(group) for name, measure in measures.items()}
        for key, group in placed.groupby(by, dropna=False)
    ]
    return pd.DataFrame(rows, dtype=object)


def count(column: str) -> Any:
    return lambda group: int(group[column].fillna(value=False).astype(bool).sum())


def known(column: str) -> Any:
    return lambda group: int(group[column].notna().sum())


def total(column: str) -> Any:
    return lambda group: sum(value for value in group[column] if not pd.isna(value))


def key(by: list[str], frame: pd.DataFrame) -> pd.DataFrame:
    """With its key as one text, as parts of it can be missing."""
    if frame.empty:
        return frame
    text = frame[by].map(lambda value: "" if pd.isna(value) else str(value)).agg("|".join, axis=1)
    return frame.assign(key=text)


@tried
@given(history=histories)
def test_a_rollup_is_the_full_computation(local: Connection, history: list[Any]) -> None:
    with local.transaction(force_rollback=True):
        play(local, history)
        refresh(local)
        calls = plain.raw(local, "SELECT * FROM analytics.call")
        expected = added_up(
            calls,
            CALL_HOUR,
            {
                "call_count": len,
                "answered_count": count("is_answered"),
                "given_up_count": count("is_given_up"),
                "answered_within_15_seconds_count": count("is_answered_within_15_seconds"),
                "known_waiting_count": known("waiting_seconds"),
                "waiting_seconds": total("waiting_seconds"),
                "recorded_count": known("talking_seconds"),
                "talking_seconds": total("talking_seconds"),
            },
        )
        shown = plain.raw(local, "SELECT * FROM analytics.call_hour")
        same(key(CALL_HOUR, shown), key(CALL_HOUR, expected), ["key"])

        ratings = plain.raw(local, "SELECT * FROM analytics.satisfaction")
        expected = added_up(
            ratings,
            RATED,
            {
                "rating_count": len,
                "very_satisfied_count": lambda group: int((group["satisfaction_code"] == "1").sum()),
                "dissatisfied_count": lambda group: int((group["satisfaction_code"] == "3").sum()),
            },
        )
        shown = plain.raw(local, "SELECT * FROM analytics.satisfaction_day")
        same(key(RATED, shown), key(RATED, expected), ["key"])

        orders = plain.raw(local, "SELECT * FROM analytics.work_order")
        expected = added_up(
            orders,
            ORDER_DAY,
            {
                "order_count": len,
                "accepted_count": count("is_accepted"),
                "finished_count": count("is_finished"),
                "returned_count": count("is_returned"),
                "finished_in_time_count": count("is_finished_in_time"),
                "known_finishing_count": known("is_finished_in_time"),
                "finishing_working_days": total("finishing_working_days"),
                "urge_count": total("urge_count"),
                "consumption_amount": total("consumption_amount"),
            },
        )
        shown = plain.raw(local, "SELECT * FROM analytics.order_day")
        same(key(ORDER_DAY, shown), key(ORDER_DAY, expected), ["key"])

        shown = plain.raw(local, "SELECT * FROM analytics.indicator_month WHERE unit_role = 'handling'")
        repeated = repeated_complaints(orders)
        expected = added_up(
            orders.assign(unit_code=orders["handling_unit_name"].fillna(value=""), repeated=repeated)
            if len(orders)
            else orders,
            ["month", "unit_code"],
            {
                "received": len,
                "finished_in_time": count("is_finished_in_time"),
                "repeated_complaints": count("repeated"),
            },
        )
        for indicator in ("received", "finished_in_time", "repeated_complaints"):
            of_one = shown[shown["indicator"] == indicator] if len(shown) else shown
            wanted = expected.rename(columns={indicator: "numerator"}) if len(expected) else expected
            same(of_one, wanted[["month", "unit_code", "numerator"]] if len(wanted) else wanted, ["month", "unit_code"])


def repeated_complaints(orders: pd.DataFrame) -> pd.Series[bool]:
    """Complaints about a company that has two or more of the month."""
    complaints = orders[(orders["kind"] == "complaint") & orders["company_key"].notna()] if len(orders) else orders
    if complaints.empty:
        return pd.Series(data=False, index=orders.index)
    sizes = complaints.groupby(["month", "company_key"])["regino"].transform("size")
    return (sizes > 1).reindex(orders.index, fill_value=False)


def test_a_run_without_time_computes_nothing_and_forgets_nothing(local: Connection) -> None:
    do(local, Act("call_log", {"callid": "C1"}, {"calltime": BEGIN, "calltype": "1"}))
    before = waiting(local)
    assert refresh(local, budget_s=0) == {}
    assert waiting(local) == before
    assert refresh(local)["call_hour"] == 1
    assert waiting(local) == {}


def test_orders_are_computed_again_after_a_rule_changed_and_stand_as_they_were_until_then(
    local: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollups, "ORDERS", 1)
    for number in "12":
        do(local, Act("complaint_case", {"regino": f"R{number}"}, {"registime": BEGIN}))
        step = {"slflag": "9", "loaded_at": BEGIN}
        do(local, Act("complaint_handling", {"bh": f"R{number}"}, step))
    refresh(local)
    refused = "SELECT regino, is_refused FROM analytics.work_order ORDER BY regino"
    assert local.execute(refused).fetchall() == [("R1", False), ("R2", False)]

    local.execute(
        "INSERT INTO hotline.handling_meaning (kind, slflag, meaning, source, source_date)"
        " VALUES ('complaint', '9', 'refused', 't', '2026-01-01')"
    )
    assert local.execute(refused).fetchall() == [("R1", False), ("R2", False)]
    refresh(local)
    assert local.execute(refused).fetchall() == [("R1", True), ("R2", True)]


def test_an_order_of_a_backlog_is_computed_once_however_many_rows_it_has(
    local: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(local)
    monkeypatch.setattr(rollups, "ORDERS", 2)
    for number in "123":
        do(local, Act("complaint_case", {"regino": f"R{number}"}, {"registime": BEGIN}))
    for number in "321":
        do(local, Act("complaint_handling", {"bh": f"R{number}"}, {"slflag": "1", "loaded_at": BEGIN}))
    assert refresh(local)["order_fact"] == 3
    assert waiting(local) == {}


def test_what_did_not_change_is_not_computed_again(local: Connection) -> None:
    do(local, Act("complaint_case", {"regino": "R1"}, {"registime": BEGIN}))
    refresh(local)
    [written] = local.execute("SELECT xmin, ctid FROM hotline.order_fact").fetchall()
    local.execute("UPDATE hotline.complaint_case SET requested_at = now()")
    assert refresh(local) == {"order_fact": 1}, "looked at, and no day follows"
    assert local.execute("SELECT xmin, ctid FROM hotline.order_fact").fetchall() == [written]
