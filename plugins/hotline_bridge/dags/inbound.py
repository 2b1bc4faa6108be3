"""The shapes of the inbound flows: collect in windows, or drain; then a verdict that tells what is not whole."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from hotline_bridge.dags.policy import DEFAULT_ARGS, START, moment_param, no_retry_after_stop, owner_links
from hotline_bridge.hooks import collect as steps
from hotline_bridge.hooks.collect import Counts
from hotline_bridge.hooks.runs import record_run

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

WORDS = "in_words"
"""XCom of the counts in Chinese words."""
_WINDOW = (
    "Visit exactly these registration times again, due or not; set both. "
    "仅重新收集该登记时间段，两端都要填；重复收集不会产生重复数据。"
)


def collect_dag(
    dag_id: str,
    *,
    interfaces: Sequence[str],
    schedule: str,
    description: str,
    doc_md: str | None,
    tags: Sequence[str],
    repair: bool = False,
) -> DAG:
    """A DAG that visits the windows of these queries that are due, one run at a time.

    Args:
        dag_id: One of the fixed names of DESIGN section 2.
        interfaces: Wire names of the queries.
        schedule: Cron text, Asia/Shanghai.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
        tags: What the list of DAGs is filtered by.
        repair: Visit in the slower tiers of `feedback_repair`.
    """
    params = {
        "interfaces": _choice(interfaces),
        "begin": moment_param("Begin 开始", _WINDOW),
        "end": moment_param("End 结束", "The window's end. 时间段的终点。"),
    }
    with _dag(dag_id, schedule, description, doc_md, tags, params) as dag:

        @task(multiple_outputs=False)
        def collect(params: dict[str, Any]) -> Counts:
            """Ask the windows that are due, and store each answer; a full one is asked again in parts."""
            with no_retry_after_stop():
                counts = steps.collect(params["interfaces"], params["begin"], params["end"], repair=repair)
                record_run(dag_id)
            return _told(counts)

        @task
        def verdict(params: dict[str, Any]) -> None:
            """Mark the run red while a second of registration is incomplete."""
            with no_retry_after_stop():
                found = steps.incomplete(params["interfaces"])
            if found:
                raise AirflowFailException("；".join(found))

        collect() >> verdict()
    return dag


def drain_dag(
    dag_id: str,
    *,
    interfaces: Sequence[str],
    schedule: str,
    description: str,
    doc_md: str | None,
    tags: Sequence[str],
) -> DAG:
    """A DAG that fetches, stores and acknowledges what waits on the platform, one run at a time.

    Args:
        dag_id: One of the fixed names of DESIGN section 2.
        interfaces: Wire names of the drains.
        schedule: Cron text, Asia/Shanghai.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
        tags: What the list of DAGs is filtered by.
    """
    with _dag(dag_id, schedule, description, doc_md, tags, {"interfaces": _choice(interfaces)}) as dag:

        @task(multiple_outputs=False)
        def drain(params: dict[str, Any]) -> Counts:
            """Fetch, store, and only then acknowledge, until nothing waits."""
            with no_retry_after_stop():
                counts = steps.drain_feedback(params["interfaces"], only_due=_is_scheduled())
                record_run(dag_id)
            return _told(counts)

        @task
        def verdict(counts: Counts) -> None:
            """Mark the run red when a drain is blocked by rows that cannot be acknowledged."""
            if found := steps.blocked(counts):
                raise AirflowFailException("；".join(found))

        verdict(drain())
    return dag


def _dag(
    dag_id: str, schedule: str, description: str, doc_md: str | None, tags: Sequence[str], params: dict[str, Param]
) -> DAG:
    return DAG(
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
        params=params,
    )


def _is_scheduled() -> bool:
    """Whether the clock started this run, and nobody who wants an answer now."""
    return bool(get_current_context()["dag_run"].run_type == "scheduled")


def _choice(interfaces: Sequence[str]) -> Param:
    return Param(
        list(interfaces),
        type="array",
        items={"type": "string", "enum": list(interfaces)},
        minItems=1,
        examples=list(interfaces),  # what makes the form offer a list to choose from
        title="Interfaces 接口",
        description="Collect only these. 只收集所选的接口。",
    )


def _told(counts: Counts) -> Counts:
    """The counts, after they were told in words to whoever reads the run."""
    words = steps.in_words(counts)
    get_current_context()["ti"].xcom_push(WORDS, words)
    log.info("运行小结\n%s", words)
    return counts
