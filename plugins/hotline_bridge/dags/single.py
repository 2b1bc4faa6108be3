"""The shape of a DAG with one job: everything else is the function that the job calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import DAG, task

from hotline_bridge.dags.policy import DEFAULT_ARGS, START, no_retry_after_stop, owner_links
from hotline_bridge.hooks.runs import record_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def single_dag(
    dag_id: str,
    *,
    job: Callable[[], dict[str, int]],
    schedule: str,
    description: str,
    doc_md: str | None,
    tags: Sequence[str],
) -> DAG:
    """A DAG that calls one function, one run at a time; its small counts are the XCom.

    Args:
        dag_id: Its name.
        job: What it does; must be light to import.
        schedule: Cron text, Asia/Shanghai.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
        tags: What the list of DAGs is filtered by.
    """
    with DAG(
        dag_id,
        description=description,
        doc_md=doc_md,
        schedule=schedule,
        start_date=START,
        catchup=False,
        max_active_runs=1,
        tags=list(tags),
        default_args=DEFAULT_ARGS,
        owner_links=owner_links(),
    ) as dag:

        @task(task_id=job.__name__, multiple_outputs=False)
        def run() -> dict[str, int]:
            with no_retry_after_stop():
                counts = job()
                record_run(dag_id)
                return counts

        run()
    return dag
