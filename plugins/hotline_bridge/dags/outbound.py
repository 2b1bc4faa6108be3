"""The shape of a report DAG (上报): one task, that takes in and delivers. A DAG file names its flow, no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from hotline_bridge.contract.reader import names_of
from hotline_bridge.dags.policy import (
    budget_s,
    for_each_city,
    house_dag,
    house_task,
    interfaces_param,
    look_s,
    moment_param,
    tell,
)
from hotline_bridge.hooks.airflow_admin import POOL
from hotline_bridge.tasks import outbound
from hotline_bridge.tasks.report import report

if TYPE_CHECKING:
    from collections.abc import Sequence

Counts = outbound.Counts

_WINDOW = (
    "Only to read docking rows written in [begin, end) again, though collected, for example where they were changed "
    "without clearing collected_at: set both. Equal content is never sent twice. "
    "仅用于重新读取该时间段内写入的来源行，两端都要填；同一内容不会重复上报。"
)


@for_each_city
def outbound_dags(dag_id: str, *, flow: str, description: str, doc_md: str | None, tags: Sequence[str]) -> DAG:
    """A DAG a city that reports the docking rows of a flow to the platform: every minute, and what comes in between.

    Args:
        dag_id: One of the fixed names (architecture: names that stay fixed).
        flow: Of the contract, whose reports it carries.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
        tags: What the list of DAGs is filtered by.
    """
    interfaces = names_of(flow, "report")
    with house_dag(
        dag_id,
        description=description,
        doc_md=doc_md,
        schedule="* * * * *",
        watches=True,
        tags=tags,
        params={
            "interfaces": interfaces_param(interfaces, "Report only these. 只上报所选的类别。"),
            "begin": moment_param("Begin 开始", _WINDOW),
            "end": moment_param("End 结束", "The window's end, itself not in it. 时间段的终点（不含）。"),
        },
    ) as dag:
        # What waits is sent before others ask anything.
        @house_task(pool=POOL, priority_weight=10)
        def take_in_and_deliver(params: dict[str, Any]) -> Counts:
            """Take in docking rows as versions, send what is due, and go on with what comes until the next run does.

            Red where either failed, and where the platform answered nothing of a kind.
            """
            done = report(
                dag_id, params["interfaces"], params["begin"], params["end"], budget_s=budget_s(), look_s=look_s()
            )
            tell(outbound.summary(done.taken_in, done.delivered, done.still_open))
            if found := outbound.failing(done.delivered):
                raise AirflowFailException("；".join(found))
            return done.counts(params["interfaces"])

        take_in_and_deliver()
    return dag
