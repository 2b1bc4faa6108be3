"""## Data quality · 数据质量检查

Every hour: Great Expectations over the typed tables of the local store, by suites that derive from the contract (columns and
types, required and conditional fields, lengths, codes, area, unique keys, plausible times and their order), and by SQL files
(volume and freshness against the same weekday and hour of eight weeks, each recording's and rating's call known, seats signed
in while calls were served). It looks at rows written in the last seven days, and never holds back or changes a row.

每小时检查一次本地库各表的数据质量，生成中文报告；只报告，不拦截、不改动任何一行。

| Task | Does | Red means |
|---|---|---|
| `check` | judges, and keeps every result in `hotline.quality_result` (with keys, never values) | the local store cannot be reached, or a rule could not be run; **not** that something was found |
| `report` | writes the report in Chinese, `quality.html` in `HOTLINE_REPORT_DIR` (质量报告) | the folder cannot be written |
| `verdict` | says in its log what was found: table, rule and count | an error was found: the report says what to do; warnings stay green |

**Any re-run is safe**: a check reads, and adds its results under its own time.

**Params**: `begin` and `end`, the window of rows by the time at which 12345 wrote them, or at which they were loaded from the
platform; by default the last seven days.
`hotline quality` does the same in a terminal.
"""

from __future__ import annotations

import logging
from typing import Any

from airflow.sdk import DAG

from hotline_bridge.dags.policy import moment_param
from hotline_bridge.dags.shapes import work_dags
from hotline_bridge.tasks import quality

log = logging.getLogger(__name__)

_WINDOW = "With end: only rows written from here; the last 7 days without. 两端都要填；都不填为最近七天。"


def check(params: dict[str, Any]) -> str:
    """Judge every typed table over the window; the results go to `hotline.quality_result`."""
    return quality.check(params["begin"], params["end"])


def verdict(checked_at: str, _params: dict[str, Any]) -> list[str]:
    """Errors; warnings stand in the log alone."""
    errors, warnings = (quality.findings(checked_at, severity) for severity in ("error", "warning"))
    for warning in warnings:
        log.warning("数据质量提醒：%s", warning)
    return ["数据质量错误：" + "；".join(errors)] if errors else []


dags: list[DAG] = work_dags(
    "quality_check",
    check,
    verdict=verdict,
    page=quality.write_page,
    schedule="20 * * * *",
    description="Great Expectations and SQL checks over the local tables, with a report in Chinese",
    doc_md=__doc__,
    tags=("operation", "quality"),
    params={
        "begin": moment_param("Begin 开始", _WINDOW),
        "end": moment_param("End 结束", "Up to here, itself not in it. 时间段的终点（不含）。"),
    },
)
