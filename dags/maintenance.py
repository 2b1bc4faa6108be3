"""## Maintenance · 维护

Every night: makes the months of the interaction log three months ahead, and drops what has outlived its stated retention:
bodies of delivered versions, the interaction log month by month, run and alert records. What is the only copy of something is
never dropped. Where `HOTLINE_ARCHIVE_DIR` is set, old months of logs, answers and histories move there instead. Then codes that are
in no list are counted, for the page 编码.

每晚提前三个月建立交互日志的月分区，并清理超过保留期限的报文、交互日志（整月）、运行与告警记录；唯一的一份数据从不清理。设置了
`HOTLINE_ARCHIVE_DIR` 时按整月移入归档，不再直接清理。最后统计不在代码表内的代码。

| Task | Does | Red means |
|---|---|---|
| `tidy` | makes months; drops months and small batches; counts codes; its counts are its XCom | the local store cannot be reached, or the archive cannot be written |

With each scheduled or triggered run, the scheduler also cleans Airflow's own database of old records of runs
(`HOTLINE_AIRFLOW_DAYS`, 35); its log says so. 同时清理 Airflow 自身数据库中的旧运行记录。

**Any re-run is safe**: it moves and drops by age only.

**Params**: none; the retentions stand in `hotline_bridge/tasks/maintenance.py` and in docs/configuration.md.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG

from hotline_bridge.dags.policy import budget_s
from hotline_bridge.dags.shapes import work_dags
from hotline_bridge.tasks import maintenance


def tidy(_params: dict[str, Any]) -> dict[str, int]:
    """Make months ahead, drop what has outlived its retention, count codes that no list knows."""
    return maintenance.tidy(budget_s=budget_s())


dags: list[DAG] = work_dags(
    "maintenance",
    tidy,
    schedule="10 3 * * *",
    description="Drops what has outlived its retention",
    doc_md=__doc__,
    tags=("operation",),
    daily=True,
)
