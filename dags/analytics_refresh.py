"""## Tables of the analysts · 分析数据

Every five minutes: facts of orders and feedback, rollups by day and indicators by month are computed again where something
changed since. The other views of schema `analytics` need no run: they are always current.

每五分钟一次：有变化的工单与反馈全貌、按日汇总和按月指标重新计算，只算变化的工单和日期。`analytics` 中的其他视图随时是最新的，不依赖本流程。

| Task | Does | Red means |
|---|---|---|
| `refresh` | computes what writers marked, a piece a transaction; orders, days and months computed are its XCom | the local store cannot be reached, or lacks a right: the log says which. What was computed stays, and the next run goes on |

**Any re-run is safe**, also two at once: what is computed already is not computed again.

**Params**: none. `hotline rollup` does the same at once; how far it is stands in `analytics.freshness`.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG

from hotline_bridge.dags.policy import budget_s
from hotline_bridge.dags.shapes import work_dags
from hotline_bridge.tasks import analytics


def refresh(_params: dict[str, Any]) -> dict[str, int]:
    """Compute facts, rollups and indicators again where something changed."""
    return analytics.refresh_rollups(budget_s())


dags: list[DAG] = work_dags(
    "analytics_refresh",
    refresh,
    schedule="*/5 * * * *",
    description="Facts, rollups and indicators for analysts, where something changed",
    doc_md=__doc__,
    tags=("analysis",),
)
