"""The page of questions: each with its query, its chart and the table of what the chart shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd  # type: ignore[import-untyped]  # pandas ships no types
import sqlalchemy as sa

from development.pages.markdown import table
from hotline_bridge.analytics.questions import answer, questions
from hotline_bridge.reports.charts import number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.analytics.questions import Answer, Question

FOLDER = Path("docs/questions")
_MOST_LINES = 31


def answers() -> tuple[str, dict[Path, str]]:
    """The sections of the page, and its charts by file, from the store that the environment variables of libpq name."""
    engine = sa.create_engine("postgresql+psycopg://", poolclass=sa.NullPool)

    def ask(query: str) -> pd.DataFrame:
        with engine.connect() as connection:
            return pd.read_sql(sa.text(query), connection, parse_dates=["day"])

    found = [(question, answer(question, ask)) for question in questions()]
    index = "".join(f"- [{question.title}](#{_anchor(question.title)})\n" for question, _ in found)
    sections = "".join(f"\n{_section(question, answered)}" for question, answered in found)
    charts = {FOLDER / f"{question.name}.svg": answered.chart.as_file() for question, answered in found}
    return index + sections, charts


def _section(question: Question, answered: Answer) -> str:
    percents = {question.columns[name] for name in question.percents}
    if question.shown == "percent" and not percents:
        percents = set(answered.table.columns[1:])
    lines = list(_lines(answered.table, percents))
    return (
        f"## {question.title}\n\n{question.text}\n\n"
        f"![{question.title}](questions/{question.name}.svg)\n\n"
        f"{table(answered.table.columns, lines[:_MOST_LINES])}\n"
        f"<details><summary>SQL</summary>\n\n```sql\n{question.statement}\n```\n\n</details>\n"
    )


def _anchor(heading: str) -> str:
    """As GitHub makes it: punctuation dropped, each blank a hyphen."""
    return re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")


def _lines(answered: pd.DataFrame, percents: set[str]) -> Iterator[list[str]]:
    for line in answered.itertuples(index=False):
        yield [_written(value, is_share=name in percents) for name, value in zip(answered.columns, line, strict=True)]


def _written(value: Any, *, is_share: bool) -> str:  # noqa: ANN401  (whatever a query gives)
    if pd.isna(value):
        return ""
    if isinstance(value, str):
        return value
    return percent(value) if is_share else number(float(value))
