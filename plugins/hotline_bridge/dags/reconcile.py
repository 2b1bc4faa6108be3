"""The shape of count reconciliation (对账): reconcile, then report and verdict; only that turns red on differences."""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowFailException

from hotline_bridge.dags.policy import DEFAULT_ARGS, START, moment_param, no_retry_after_stop, owner_links
from hotline_bridge.hooks import reconcile as steps
from hotline_bridge.hooks.runs import record_run


def reconcile_dag(dag_id: str, *, description: str, doc_md: str | None) -> DAG:
    """A DAG that reconciles the last days every night, one run at a time.

    Args:
        dag_id: Its name.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
    """
    with DAG(
        dag_id,
        description=description,
        doc_md=doc_md,
        schedule="40 3 * * *",
        start_date=START,
        catchup=False,
        max_active_runs=1,
        tags=["operation", "reconciliation"],
        default_args=DEFAULT_ARGS,
        owner_links=owner_links(),
        params={
            "begin": moment_param(
                "Begin 开始", "Only the days of this window; by default the last 45. 默认为最近 45 天。"
            ),
            "end": moment_param("End 结束", "See begin; itself not in it. 不含终点。"),
        },
    ) as dag:

        @task(multiple_outputs=False)
        def reconcile(params: dict[str, Any]) -> dict[str, int]:
            """Compare day by day, repair, compare again; days and kinds by state are the XCom."""
            with no_retry_after_stop():
                counts = steps.counts_of(steps.reconcile(params["begin"], params["end"]))
                record_run(dag_id)
                return counts

        @task(multiple_outputs=False)
        def report() -> dict[str, int]:
            """Write the report in Chinese and its CSV."""
            with no_retry_after_stop():
                return steps.report()

        # Beside the report, not after it: a report that cannot be written hides no difference.
        @task
        def verdict() -> None:
            """Say what does not agree; mark the run red where something does not."""
            with no_retry_after_stop():
                found = steps.findings()
            if found:
                raise AirflowFailException("对账未全部相符：" + "；".join(found))

        reconcile() >> [report(), verdict()]
    return dag
