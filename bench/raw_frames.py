"""Run in a process of its own: one question answered with pandas from the raw tables, as one would without the views.

    python -m bench.raw_frames QUESTION

The store is that of libpq's variables (PGHOST, ...). Prints one JSON object: seconds until the answer, and the
most memory that it took, in MB.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import create_engine

from bench.step import peak_mib
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine


def _waiting(engine: Engine) -> pd.DataFrame:
    calls = pd.read_sql("SELECT calltime, skilltime, seattime, calltype FROM hotline.call_log", engine)
    calls = calls[(calls["calltype"] != "2") & calls["seattime"].notna() & calls["skilltime"].notna()]
    called = pd.to_datetime(calls["calltime"], utc=True).dt.tz_convert("Asia/Shanghai")
    waited = (
        pd.to_datetime(calls["seattime"], utc=True) - pd.to_datetime(calls["skilltime"], utc=True)
    ).dt.total_seconds()
    return waited.groupby([called.dt.weekday, called.dt.hour]).mean().unstack()


def _repeat_callers(engine: Engine) -> pd.DataFrame:
    newest = "(SELECT max(calltime) FROM hotline.call_log)"
    query = f"SELECT callno, calltype FROM hotline.call_log WHERE calltime > {newest} - interval '30 days'"  # noqa: S608  (ours)
    calls = pd.read_sql(query, engine)
    times = calls.loc[(calls["calltype"] != "2") & (calls["callno"] != "匿名"), "callno"].value_counts()
    return times.clip(upper=6).value_counts().to_frame()


def _satisfaction(engine: Engine) -> pd.DataFrame:
    rated = pd.read_sql("SELECT opttime, satisfaction FROM hotline.satisfaction_log", engine)
    month = pd.to_datetime(rated["opttime"], utc=True).dt.tz_convert("Asia/Shanghai").dt.strftime("%Y-%m")
    return pd.crosstab(month, rated["satisfaction"], normalize="index")


def _received(engine: Engine) -> pd.DataFrame:
    frames = []
    for kind in ("complaint", "report", "consultation"):
        cases = pd.read_sql(f"SELECT regino, registime FROM hotline.{kind}_case", engine)  # noqa: S608  (a name of ours)
        frames.append(cases.assign(kind=kind))
    cases = pd.concat(frames)
    month = pd.to_datetime(cases["registime"], utc=True).dt.tz_convert("Asia/Shanghai").dt.strftime("%Y-%m")
    return pd.crosstab(month, cases["kind"])


def _reply_lag(engine: Engine) -> pd.DataFrame:
    replies = pd.read_sql("SELECT region, feetime, feedbackarea FROM hotline.case_feedback", engine)
    cases = pd.concat(
        pd.read_sql(f"SELECT regino, registime FROM hotline.{kind}_case", engine)  # noqa: S608  (a name of ours)
        for kind in ("complaint", "report", "consultation")
    )
    days = pd.read_sql("SELECT day, workday_number FROM hotline.calendar_day", engine, parse_dates=["day"])
    number = days.set_index("day")["workday_number"]
    first = replies.sort_values("feetime").drop_duplicates("region").merge(cases, left_on="region", right_on="regino")

    def working_day(moments: pd.Series) -> pd.Series:
        shanghai = pd.to_datetime(moments, utc=True).dt.tz_convert("Asia/Shanghai")
        return shanghai.dt.tz_localize(None).dt.normalize().map(number)

    lag = working_day(first["feetime"]) - working_day(first["registime"])
    return lag.groupby(first["feedbackarea"]).quantile([0.5, 0.9]).unstack()


QUESTIONS: dict[str, Callable[[Engine], pd.DataFrame]] = {
    "waiting": _waiting,
    "repeat_callers": _repeat_callers,
    "satisfaction": _satisfaction,
    "received": _received,
    "reply_lag": _reply_lag,
}


def main() -> None:
    """Answer the question and say what it took."""
    question = sys.argv[1]
    engine = create_engine("postgresql+psycopg://", creator=lambda: connect(""))
    began = time.perf_counter()
    rows = len(QUESTIONS[question](engine))
    seconds = time.perf_counter() - began
    peak = peak_mib()
    sys.stdout.write(f"{json.dumps({'seconds': seconds, 'peak_mb': peak, 'rows': rows})}\n")


if __name__ == "__main__":
    main()
