"""The shapes of the inbound flows: collect in windows, or drain; then a verdict that tells what is not whole."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, get_current_context
from airflow.sdk.exceptions import AirflowFailException

from hotline_bridge.contract.reader import names_of
from hotline_bridge.dags.policy import budget_s, house_dag, house_task, interfaces_param, moment_param
from hotline_bridge.hooks.airflow_admin import POOL
from hotline_bridge.tasks import inbound as steps
from hotline_bridge.tasks.inbound import Counts
from hotline_bridge.tasks.runs import record_run

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

_CHOICE = "Collect only these. 只收集所选的接口。"

WORDS = "in_words"
"""XCom of the counts in Chinese words."""
_WINDOW = (
    "Visit exactly these registration times again, due or not; set both. "
    "仅重新收集该登记时间段，两端都要填；重复收集不会产生重复数据。"
)


def collect_dag(
    dag_id: str,
    *,
    flow: str,
    schedule: str,
    description: str,
    doc_md: str | None,
    tags: Sequence[str],
    repair: bool = False,
) -> DAG:
    """A DAG that visits the windows of these queries that are due, one run at a time.

    Args:
        dag_id: One of the fixed names (architecture: names that stay fixed).
        flow: Of the contract, whose queries it carries.
        schedule: Cron text, Asia/Shanghai.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
        tags: What the list of DAGs is filtered by.
        repair: Visit in the slower policy of `feedback_repair`.
    """
    params = {
        "interfaces": interfaces_param(names_of(flow, "query"), _CHOICE),
        "begin": moment_param("Begin 开始", _WINDOW),
        "end": moment_param("End 结束", "The window's end. 时间段的终点。"),
    }
    with house_dag(
        dag_id,
        schedule=schedule,
        description=description,
        doc_md=doc_md,
        tags=tags,
        params=params,
        daily=repair,
    ) as dag:

        @house_task(pool=POOL)
        def collect(params: dict[str, Any]) -> Counts:
            """Ask the windows that are due, and store each answer; a full one is asked again in parts."""
            counts = steps.collect(
                params["interfaces"], params["begin"], params["end"], repair=repair, budget_s=budget_s()
            )
            record_run(dag_id)
            return _told(counts)

        @house_task()
        def verdict(counts: Counts, params: dict[str, Any]) -> None:
            """Mark the run red when a window failed, or while windows are overdue, or a second is incomplete."""
            if found := steps.unsound(counts, params["interfaces"]):
                raise AirflowFailException("；".join(found))

        verdict(collect())
    return dag


def drain_dag(
    dag_id: str,
    *,
    flow: str,
    schedule: str,
    description: str,
    doc_md: str | None,
    tags: Sequence[str],
) -> DAG:
    """A DAG that fetches, stores and acknowledges what waits on the platform, one run at a time.

    Args:
        dag_id: One of the fixed names (architecture: names that stay fixed).
        flow: Of the contract, whose drains it carries.
        schedule: Cron text, Asia/Shanghai.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
        tags: What the list of DAGs is filtered by.
    """
    with house_dag(
        dag_id,
        schedule=schedule,
        description=description,
        doc_md=doc_md,
        tags=tags,
        params={"interfaces": interfaces_param(names_of(flow, "drain"), _CHOICE)},
    ) as dag:

        @house_task(pool=POOL, execution_timeout=timedelta(minutes=10))
        def drain(params: dict[str, Any]) -> Counts:
            """Fetch, store, and only then acknowledge, until nothing waits."""
            counts = steps.drain_feedback(params["interfaces"], budget_s(), only_due=_is_scheduled())
            record_run(dag_id)
            return _told(counts)

        @house_task()
        def verdict(counts: Counts) -> None:
            """Mark the run red when a call failed, or a drain is blocked by rows that cannot be acknowledged."""
            if found := steps.failing(counts) + steps.blocked(counts):
                raise AirflowFailException("；".join(found))

        verdict(drain())
    return dag


def _is_scheduled() -> bool:
    """Whether the clock started this run, and nobody who wants an answer now."""
    return bool(get_current_context()["dag_run"].run_type == "scheduled")


def _told(counts: Counts) -> Counts:
    """The counts, after they were told in words to whoever reads the run."""
    words = steps.summary(counts)
    get_current_context()["ti"].xcom_push(WORDS, words)
    log.info("运行小结\n%s", words)
    return counts
