"""The end of `make demo`: the report of the month, and what analysts see with their rights alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd  # type: ignore[import-untyped]  # pandas ships no types
from rich.table import Table

from hotline_bridge.analytics.questions import questions
from hotline_bridge.reports.charts import number
from hotline_bridge.store.database import connect
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.stage import console, step
from hotline_sandbox.sample.traffic import SHANGHAI

if TYPE_CHECKING:
    from hotline_sandbox.demo.stage import Stage

_QUESTION = "reply_lag"


def analyse(stage: Stage) -> list[str]:
    """Write the report of yesterday's month, and answer one question as an analyst."""
    month = f"{datetime.now(SHANGHAI) - timedelta(days=1):%Y-%m}"
    with step(f"hotline report-month 分析月报 {month}"):
        done = stage.hotline("report-month", "--month", month)
    if done.returncode:
        return [f"report-month failed: {done.stderr.strip()}"]
    console.print(done.stdout.strip())
    question = next(question for question in questions() if question.name == _QUESTION)
    migrate_local(stage.local)  # as a DBA does: the bridge's account may make no roles
    with connect(stage.local) as local:
        local.execute("SET ROLE hotline_analyst")
        cursor = local.execute(question.statement.encode())
        names = [column.name for column in cursor.description or ()]
        answer = pd.DataFrame(cursor.fetchall(), columns=names)
        [(orders,)] = local.execute("SELECT count(*) FROM analytics.work_order").fetchall()
    console.print(_table(question.title, answer.rename(columns=question.columns)))
    console.print("以上由账号 hotline_analyst 查询，只能读取不含个人信息的分析视图。More: docs/questions.md")
    return [] if orders and len(answer) else ["analytics: the analysts' views show no orders, or no answers"]


def _table(title: str, answer: pd.DataFrame) -> Table:
    table = Table(*map(str, answer.columns), title=title)
    for row in answer.itertuples(index=False):
        table.add_row(*(value if isinstance(value, str) else number(float(value)) for value in row))
    return table
