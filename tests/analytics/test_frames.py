"""What pandas makes of results of queries: pivots, changes on the year before, forecasts, days after holidays."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from hotline_bridge.analytics.frames import (
    after_holiday,
    by_month,
    forecast,
    forecast_check,
    week_by_hour,
    year_on_year,
)

LAST = date(2026, 3, 29)
"""A Sunday."""


def calendar(days: int, off: dict[date, bool] | None = None, *, last: date = LAST, coming: int = 7) -> pd.DataFrame:
    """Days until a week after the last, with `is_working_day` as the weekday says or as it is given."""
    dates = [last + timedelta(days=number) for number in range(1 - days, coming + 1)]
    frame = pd.DataFrame({"day": pd.to_datetime(dates), "weekday": [day.isoweekday() for day in dates]})
    frame["is_working_day"] = [(off or {}).get(day, day.isoweekday() < 6) for day in dates]
    return frame


def by_hour(frame: pd.DataFrame, calls: dict[int, int]) -> pd.DataFrame:
    """Two hours a day, with so many calls by weekday; days to come have none."""
    hours = frame.merge(pd.DataFrame({"hour": [9, 10]}), how="cross")
    known = hours["day"] <= pd.Timestamp(LAST)
    return hours.assign(call_count=hours["weekday"].map(calls).astype(float).where(known))


WEEK_OF_CALLS = {1: 70, 2: 60, 3: 50, 4: 40, 5: 30, 6: 20, 7: 10}


def test_hours_stand_below_each_other_and_weekdays_beside() -> None:
    frame = pd.DataFrame({"weekday": [1, 1, 7], "hour": [0, 9, 9], "seconds": [1.0, 2.0, 3.0]})
    table = week_by_hour(frame)
    assert list(table.columns) == ["hour", "周一", "周日"]
    assert table.fillna(-1).to_numpy().tolist() == [[0, 1, -1], [9, 2, 3]]


def test_months_keep_their_order_and_a_missing_value_is_blank() -> None:
    frame = pd.DataFrame({"month": ["2026-01", "2026-02"], "name": ["乙", "甲"], "rate": [0.5, 0.25]})
    table = by_month(frame)
    assert table["month"].tolist() == ["2026-01", "2026-02"]
    assert table["甲"].isna().tolist() == [True, False]


def test_changes_are_blank_without_an_earlier_value_and_a_month_without_data_counts_nothing() -> None:
    frame = pd.DataFrame(
        {"month": ["2025-01", "2025-03", "2026-01"], "kind_name": ["投诉"] * 3, "order_count": [10, 20, 15]}
    )
    table = year_on_year(frame).set_index("month")
    assert len(table) == 13
    assert table["total"]["2025-02"] == 0
    assert table["on_month"]["2025-02"] == -1
    assert pd.isna(table["on_month"]["2025-03"]), "nothing to compare with"
    assert table["on_year"]["2026-01"] == pytest.approx(0.5)
    assert pd.isna(table["on_year"]["2025-03"])


def test_what_repeats_every_week_is_forecast_exactly() -> None:
    table = forecast(by_hour(calendar(70), WEEK_OF_CALLS)).set_index("hour")
    assert list(table.columns) == [f"{LAST + timedelta(days=n):%m-%d}" for n in range(1, 8)]
    assert table.loc[9].tolist() == [70, 60, 50, 40, 30, 20, 10]


def test_a_day_off_is_forecast_as_a_sunday_and_a_shifted_working_day_as_a_monday() -> None:
    thursday, saturday = LAST + timedelta(days=4), LAST + timedelta(days=6)
    table = forecast(by_hour(calendar(70, {thursday: False, saturday: True}), WEEK_OF_CALLS)).set_index("hour")
    assert table.loc[9, f"{thursday:%m-%d}"] == 10
    assert table.loc[9, f"{saturday:%m-%d}"] == 70


def test_the_forecast_has_the_level_of_the_last_two_weeks() -> None:
    frame = by_hour(calendar(70), WEEK_OF_CALLS)
    lately = frame["day"] > pd.Timestamp(LAST - timedelta(weeks=2))
    frame["call_count"] = frame["call_count"].where(~lately, frame["call_count"] * 2)
    assert forecast(frame).set_index("hour").loc[9].tolist() == [140, 120, 100, 80, 60, 40, 20]


def test_the_check_forecasts_each_week_from_what_was_known_before_it() -> None:
    table = forecast_check(by_hour(calendar(90), WEEK_OF_CALLS))
    assert len(table) == 28
    assert table["off_by"].abs().max() == 0
    assert table["actual"].tolist() == table["forecast"].tolist()


def test_the_days_after_a_holiday_are_compared_with_ordinary_days_of_the_same_weekday() -> None:
    holiday = [date(2026, 2, 16) + timedelta(days=n) for n in range(5)]  # Monday to Friday
    frame = calendar(90, dict.fromkeys(holiday, False), coming=0)
    first = pd.Timestamp(2026, 2, 23)
    frame["call_count"] = 100
    frame.loc[frame["day"] == first, "call_count"] = 150
    frame["holiday_name"] = None
    table = after_holiday(frame)
    assert table["working_day"].tolist() == [1, 2, 3, 4, 5]
    assert table["ratio"].tolist() == [1.5, 1, 1, 1, 1]
    assert table["holiday_count"].tolist() == [1] * 5


def test_without_a_holiday_there_is_nothing_to_compare() -> None:
    assert after_holiday(calendar(30, coming=0).assign(call_count=1, holiday_name=None)).empty
