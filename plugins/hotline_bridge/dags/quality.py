"""The shape of the quality check (质量检查): check, then report and verdict. Only the verdict turns red on findings."""

from __future__ import annotations

import logging
from typing import Any

from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from hotline_bridge.dags.policy import house_dag, house_task, moment_param
from hotline_bridge.tasks import quality
from hotline_bridge.tasks.runs import record_run

log = logging.getLogger(__name__)

_WINDOW = "With end: only rows written from here; the last 7 days without. 两端都要填；都不填为最近七天。"


def quality_dag(dag_id: str, *, description: str, doc_md: str | None) -> DAG:
    """A DAG that checks the typed tables every hour, one run at a time.

    Args:
        dag_id: Its name.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
    """
    with house_dag(
        dag_id,
        description=description,
        doc_md=doc_md,
        schedule="20 * * * *",
        tags=["operation", "quality"],
        params={
            "begin": moment_param("Begin 开始", _WINDOW),
            "end": moment_param("End 结束", "Up to here, itself not in it. 时间段的终点（不含）。"),
        },
    ) as dag:

        @house_task()
        def check(params: dict[str, Any]) -> str:
            """Judge every typed table over the window; the results go to `hotline.quality_result`."""
            checked_at = quality.check(params["begin"], params["end"])
            record_run(dag_id)
            return checked_at

        @house_task()
        def report(checked_at: str) -> dict[str, int]:
            """Write the report in Chinese; its counts are the XCom."""
            return quality.report(checked_at)

        # Beside the report, not after it: a report that cannot be written hides no finding.
        @house_task()
        def verdict(checked_at: str) -> None:
            """Say what was found; mark the run red when an error is among it."""
            errors, warnings = (quality.findings(checked_at, severity) for severity in ("error", "warning"))
            for warning in warnings:
                log.warning("数据质量提醒：%s", warning)
            if errors:
                raise AirflowFailException("数据质量错误：" + "；".join(errors))

        checked_at = check()
        report(checked_at)
        verdict(checked_at)
    return dag
