"""## Count reconciliation · 对账

Every night: the platform's counts of complaints, reports and consultations (numcaseinfo), day by day over the last 45 days,
against what 12345 took, what the platform accepted and what was collected; and for the telephony logs that every docking row
is in a state. The newest days first, each check kept as soon as it is made. A day that differs is collected again and compared by order number; an order that the platform lost for certain
is sent once more, byte for byte; then it is counted again. What is left stays open for a person. Every check is kept in
`hotline.count_reconciliation`; the latest of each day is in the view `hotline.reconciliation_state`. A repair that somebody asked for on
the page 对账 is done and answered.

每晚按登记日期逐日核对平台、12345、已上报、本地四个数量；有差异的日期重新收集、按工单编号比对，平台确实丢失的工单原样补报一次，再次核对；仍不相符的留给人工处理；页面上申请的修复一并完成。

| Task | Does | Red means |
|---|---|---|
| `reconcile` | counts, compares, repairs, keeps every check | a database, the platform's authentication, a day that cannot be judged, or time that ran out: all else is kept; **not** that something differs |
| `report` | writes the report in Chinese, `reconciliation.html` and `.csv` in `HOTLINE_REPORT_DIR` (对账报告) | the folder cannot be written |
| `verdict` | names kinds, states and days that do not agree | counts differ after the repair, or the platform gave none: the report says what to do |

**Any re-run is safe**: counting reads; an order is sent again once in its life, however often this runs.

**Params**: `begin` and `end`, days of registration; by default the last 45 days (extra `reconcile_days`), and every earlier day
that was never counted, did not agree, or whose repair was asked for. `hotline reconcile` does the same in a terminal.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG

from hotline_bridge.dags.policy import budget_s, moment_param
from hotline_bridge.dags.shapes import work_dags
from hotline_bridge.hooks.airflow_admin import POOL
from hotline_bridge.tasks import reconcile as steps


def reconcile(params: dict[str, Any]) -> dict[str, int]:
    """Compare day by day, repair, compare again; days and kinds by state are the XCom."""
    return steps.counts_of(steps.reconcile(params["begin"], params["end"], budget_s=budget_s()))


def verdict(_counts: dict[str, int], _params: dict[str, Any]) -> list[str]:
    """What does not agree."""
    found = steps.findings()
    return ["对账未全部相符：" + "；".join(found)] if found else []


dags: list[DAG] = work_dags(
    "count_reconciliation",
    reconcile,
    verdict=verdict,
    page=lambda _counts: steps.write_page(),
    # What was judged is told also where a part of the run failed.
    page_after_failure=True,
    options={"pool": POOL, "execution_timeout": timedelta(hours=1)},
    schedule="40 3 * * *",
    description="The platform's counts against ours, day by day; finds, locates and repairs differences",
    doc_md=__doc__,
    tags=("operation", "reconciliation"),
    params={
        "begin": moment_param(
            "Begin 开始",
            "With end: only the days of this window; without both, the last 45. 与结束一起填；都不填为最近 45 天。",
        ),
        "end": moment_param("End 结束", "The window's end, itself not in it. 时间段的终点（不含）。"),
    },
    daily=True,
)
