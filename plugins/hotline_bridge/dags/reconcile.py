"""The shape of count reconciliation (对账): reconcile, then report and verdict; only that turns red on differences."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from hotline_bridge.dags.policy import budget_s, house_dag, house_task, moment_param
from hotline_bridge.hooks.airflow_admin import POOL
from hotline_bridge.tasks import reconcile as steps
from hotline_bridge.tasks.runs import record_run

_WINDOW = "With end: only the days of this window; the last 45 without. 两端都要填；都不填为最近 45 天。"


def reconcile_dag(dag_id: str, *, description: str, doc_md: str | None) -> DAG:
    """A DAG that reconciles the last days every night, one run at a time.

    Args:
        dag_id: Its name.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
    """
    with house_dag(
        dag_id,
        description=description,
        doc_md=doc_md,
        schedule="40 3 * * *",
        daily=True,
        tags=["operation", "reconciliation"],
        params={
            "begin": moment_param(
                "Begin 开始",
                "With end: only the days of this window; without both, the last 45. 与结束一起填；都不填为最近 45 天。",
            ),
            "end": moment_param("End 结束", "The window's end, itself not in it. 时间段的终点（不含）。"),
        },
    ) as dag:

        @house_task(pool=POOL, execution_timeout=timedelta(hours=1))
        def reconcile(params: dict[str, Any]) -> dict[str, int]:
            """Compare day by day, repair, compare again; days and kinds by state are the XCom."""
            counts = steps.counts_of(steps.reconcile(params["begin"], params["end"], budget_s=budget_s()))
            record_run(dag_id)
            return counts

        # What was judged is told also where a part of the run failed.
        @house_task(trigger_rule="all_done")
        def report() -> dict[str, int]:
            """Write the report in Chinese and its CSV."""
            return steps.report()

        # Beside the report, not after it: a report that cannot be written hides no difference. It does not run after a
        # failure, or its success would make the whole run green.
        @house_task()
        def verdict() -> None:
            """Say what does not agree; mark the run red where something does not."""
            if found := steps.findings():
                raise AirflowFailException("对账未全部相符：" + "；".join(found))

        reconcile() >> [report(), verdict()]
    return dag
