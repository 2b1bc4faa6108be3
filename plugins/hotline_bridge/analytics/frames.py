"""What pandas does better than SQL, for small results of queries: pivots, changes on the year before, forecasts.

Each function takes the result of a query and gives a table as it is read. The notebook shows their source, so they
stand alone.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]  # pandas ships no types

WEEK = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def week_by_hour(frame: pd.DataFrame) -> pd.DataFrame:
    """A line an hour and a column a weekday, of a query that gives weekday (1 is Monday), hour, and one value."""
    table = frame.pivot_table(index="hour", columns="weekday").droplevel(0, axis="columns")
    table.columns = [WEEK[weekday - 1] for weekday in table.columns]
    return table.reset_index()


def by_month(frame: pd.DataFrame) -> pd.DataFrame:
    """A line a month and a column a name, of a query that gives month, one number, and its name."""
    [value] = frame.select_dtypes("number").columns
    [name] = frame.columns.difference(["month", value])
    table = frame.pivot_table(index="month", columns=name, values=value, aggfunc="sum", sort=False)
    table.columns.name = None
    return table.reset_index()


def year_on_year(frame: pd.DataFrame) -> pd.DataFrame:
    """As `by_month`, with the sum and its change on the month and on the year before; blank where that is 0."""
    table = by_month(frame).set_index("month").fillna(0)
    every_month = pd.period_range(table.index.min(), table.index.max(), freq="M").astype(str)
    table = table.reindex(every_month, fill_value=0)
    total = table.sum(axis="columns")
    table["total"] = total
    for name, months in (("on_month", 1), ("on_year", 12)):
        before = total.shift(months)
        table[name] = (total / before - 1).where(before > 0)
    return table.rename_axis("month").reset_index()


def forecast(frame: pd.DataFrame) -> pd.DataFrame:
    """Calls of the seven days to come: a line an hour, a column a day.

    A day resembles the days of its kind in the eight weeks before: the same weekday in an ordinary week, a Sunday where
    it is a day off, a Monday where people work on a weekend. The level is that of the last two weeks.

    Args:
        frame: day, weekday, is_working_day, hour, call_count; the latter is empty in days to come.
    """
    days = frame.assign(kind=frame["weekday"])
    is_weekend = days["weekday"] > 5
    days.loc[~is_weekend & ~days["is_working_day"], "kind"] = 7
    days.loc[is_weekend & days["is_working_day"], "kind"] = 1
    known = days[days["call_count"].notna()]
    newest = known["day"].max()
    known = known[known["day"] > newest - pd.Timedelta(weeks=8)]
    typical = known.groupby(["kind", "hour"])["call_count"].mean().rename("typical")
    recent = known[known["day"] > newest - pd.Timedelta(weeks=2)].join(typical, on=["kind", "hour"])
    expected = recent["typical"].sum()
    level = recent["call_count"].sum() / expected if expected else 1.0
    coming = days[(days["day"] > newest) & (days["day"] <= newest + pd.Timedelta(days=7))]
    coming = coming.join(typical * level, on=["kind", "hour"])
    table = coming.pivot_table(index="hour", columns="day", values="typical").round(1)
    table.columns = [f"{day:%m-%d}" for day in table.columns]
    return table.reset_index()


def forecast_check(frame: pd.DataFrame) -> pd.DataFrame:
    """How well `forecast` would have done: each of the last four weeks, forecast from what was known before it."""
    newest = frame.loc[frame["call_count"].notna(), "day"].max()
    weeks = []
    for week in range(4, 0, -1):
        last = newest - pd.Timedelta(weeks=week)
        known = frame.assign(call_count=frame["call_count"].where(frame["day"] <= last))
        expected = forecast(known).set_index("hour").sum().rename("forecast")
        days = frame[(frame["day"] > last) & (frame["day"] <= last + pd.Timedelta(days=7))]
        actual = days.groupby("day")["call_count"].sum()
        actual.index = [f"{day:%m-%d}" for day in actual.index]
        weeks.append(pd.concat([actual.rename("actual"), expected], axis="columns"))
    table = pd.concat(weeks)
    table["off_by"] = (table["forecast"] / table["actual"] - 1).where(table["actual"] > 0)
    return table.rename_axis("day").reset_index()


def after_holiday(frame: pd.DataFrame) -> pd.DataFrame:
    """Calls on the first five working days after a holiday of three days or more, against ordinary days.

    Args:
        frame: day, weekday, is_working_day, holiday_name, call_count.

    Returns:
        A line a working day: its calls in parts of the median of the same weekday in the six weeks around it, and of
        how many holidays that is the mean.
    """
    days = frame.sort_values("day").reset_index(drop=True)
    is_off = ~days["is_working_day"]
    stretch = (is_off != is_off.shift()).cumsum()
    length = is_off.groupby(stretch).transform("size")
    is_break = is_off & (length >= 3)
    ordinary = days[days["is_working_day"]]
    found = []
    for place in days.index[is_break & ~is_break.shift(-1, fill_value=True)]:
        for number, (_, day) in enumerate(ordinary[ordinary.index > place].head(5).iterrows(), start=1):
            around = ordinary[(ordinary["weekday"] == day["weekday"]) & (ordinary["day"] != day["day"])]
            near = around[(around["day"] - day["day"]).abs() <= pd.Timedelta(weeks=6)]
            found.append({"working_day": number, "ratio": day["call_count"] / near["call_count"].median()})
    table = pd.DataFrame(found, columns=["working_day", "ratio"]).groupby("working_day")["ratio"]
    return table.agg(ratio="mean", holiday_count="size").reset_index()
