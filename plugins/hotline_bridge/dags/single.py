"""The shape of a DAG with one job: everything else is the function that the job calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import DAG

from hotline_bridge.dags.policy import budget_s, house_dag, house_task
from hotline_bridge.tasks.runs import record_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def single_dag(
    dag_id: str,
    *,
    job: Callable[..., dict[str, int]],
    schedule: str,
    description: str,
    doc_md: str | None,
    tags: Sequence[str],
    daily: bool = False,
    budgeted: bool = False,
) -> DAG:
    """A DAG that calls one function, one run at a time; its small counts are the XCom.

    Args:
        dag_id: Its name.
        job: What it does; must be light to import.
        schedule: Cron text, Asia/Shanghai.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
        tags: What the list of DAGs is filtered by.
        daily: Whether its next run is a day away.
        budgeted: Whether the job is told how many seconds it may take (`budget_s`).
    """
    with house_dag(dag_id, schedule=schedule, description=description, doc_md=doc_md, tags=tags, daily=daily) as dag:

        @house_task(task_id=job.__name__)
        def run() -> dict[str, int]:
            counts = job(budget_s=budget_s()) if budgeted else job()
            record_run(dag_id)
            return counts

        run()
    return dag
