"""## The month in figures · 分析月报

On the second of each month: the report of the month before, for analysts and heads of bureaus. Calls, orders by kind, channel
and unit, rates with numerator and denominator, changes on the month and on the year before, as one page in Chinese and as XLSX.
Counts below five are left blank.

每月 2 日生成上月的分析月报：来电、工单、各承办单位的指标及环比、同比，一个网页和一个表格文件；少于 5 的数不公布。

| Task | Does | Red means |
|---|---|---|
| `write` | writes `month.html`, `month.xlsx`, and the same under the month's name, in `HOTLINE_REPORT_DIR` | the local store cannot be reached, or the folder cannot be written |

**Any re-run is safe**: it reads, and writes the files anew.

**Params**: `month`, such as 2026-03; by default the last that is over. `hotline report-month` does the same in a terminal.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Param

from hotline_bridge.dags.shapes import work_dags
from hotline_bridge.tasks import analytics


def write(params: dict[str, Any]) -> dict[str, Any]:
    """Write the page and the sheets; how many tables and rows is the XCom."""
    return analytics.month_report(params["month"])


dags: list[DAG] = work_dags(
    "analyst_report",
    write,
    schedule="30 4 2 * *",
    description="The indicators of the last month as a page in Chinese and as XLSX",
    doc_md=__doc__,
    tags=("operation", "analytics"),
    params={
        "month": Param(
            None,
            type=["null", "string"],
            pattern=r"^20\d\d-(0[1-9]|1[0-2])$",
            title="Month 月份",
            description="Such as 2026-03; without it, the last month that is over. 不填为上一个完整的月份。",
        ),
    },
    daily=True,
)
