"""Questions with answers (问题与回答): what analysts ask, as data; each answer is a table and a chart of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import yaml
from pandas import isna  # type: ignore[import-untyped]  # pandas ships no types

from hotline_bridge.analytics import frames
from hotline_bridge.contract.model import Frozen
from hotline_bridge.reports import charts
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from hotline_bridge.reports.charts import Chart

Kind = Literal["lines", "columns", "bars", "heat"]
_DRAWN: Mapping[str, Callable[..., Chart]] = {"lines": charts.lines, "columns": charts.columns, "bars": charts.bars}
_SHOWN: Mapping[str, Callable[[float], str]] = {"number": charts.number, "percent": charts.percent}


class Question(Frozen):
    """One entry of `questions.yaml`, which says what each part means."""

    name: str
    title: str
    text: str
    chart: Kind
    columns: dict[str, str]
    query: str = ""
    frame: Literal["", "week_by_hour", "by_month", "year_on_year", "forecast", "forecast_check", "after_holiday"] = ""
    labels: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    percents: tuple[str, ...] = ()
    shown: Literal["number", "percent"] = "number"

    @property
    def statement(self) -> str:
        """The query as an analyst writes it."""
        return read_sql("analytics/questions.sql", self.query or self.name).as_string(None).strip()


@dataclass(frozen=True, slots=True)
class Answer:
    """The table with its columns as they are read, and the chart of it."""

    table: pd.DataFrame
    chart: Chart


@cache
def questions() -> tuple[Question, ...]:
    """All questions, in the order of the page."""
    text = files("hotline_bridge.analytics").joinpath("questions.yaml").read_text(encoding="utf-8")
    return tuple(Question(name=name, **entry) for name, entry in yaml.safe_load(text).items())


def answer(question: Question, ask: Callable[[str], pd.DataFrame]) -> Answer:
    """Ask a question.

    Args:
        question: Which.
        ask: Runs a query and gives its rows; `day` as a date of pandas.
    """
    found = ask(question.statement)
    table = getattr(frames, question.frame)(found) if question.frame else found
    table = table.rename(columns=question.columns)
    named = [question.columns.get(name, name) for name in question.series]
    labels = [question.columns[name] for name in question.labels]
    return Answer(table, draw(table, question.chart, question.title, labels, named, shown=question.shown))


def draw(
    table: pd.DataFrame,
    kind: Kind,
    title: str,
    labels: Sequence[str] = (),
    series: Sequence[str] = (),
    *,
    shown: str = "number",
) -> Chart:
    """A chart of a table.

    Args:
        table: A line a label.
        kind: A function of `reports.charts`; for `heat`, each series is a row.
        title: What is shown.
        labels: Columns that name the lines; by default the first.
        series: Columns that are drawn; by default the others.
        shown: How values are written: `number` or `percent`.
    """
    named = list(labels or table.columns[:1])
    drawn = list(series or [name for name in table.columns if name not in named])
    names = [" ".join(map(str, line)) for line in table[named].itertuples(index=False)]
    values = [[None if isna(value) else float(value) for value in table[name]] for name in drawn]
    if kind == "heat":
        return charts.heat(title, drawn, names, values, shown=_SHOWN[shown])
    made = [charts.Series(name, column) for name, column in zip(drawn, values, strict=True)]
    return _DRAWN[kind](title, names, made, shown=_SHOWN[shown])
