"""The shape of a report DAG (上报): intake, deliver, summary. A DAG file names its flow, all else is here."""

from __future__ import annotations

from datetime import timedelta
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
    moment_param,
    tell,
)
from hotline_bridge.hooks.airflow_admin import POOL
from hotline_bridge.tasks import outbound

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
    """A DAG a city that reports the docking rows of a flow to the platform: every minute, one run at a time.

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
        tags=tags,
        params={
            "interfaces": interfaces_param(interfaces, "Report only these. 只上报所选的类别。"),
            "begin": moment_param("Begin 开始", _WINDOW),
            "end": moment_param("End 结束", "The window's end, itself not in it. 时间段的终点（不含）。"),
        },
    ) as dag:
        # Budgets of 3 and 5 minutes: a run with a backlog ends before somebody is told that no run ends (10 minutes).
        @house_task(execution_timeout=timedelta(minutes=8))
        def intake(params: dict[str, Any]) -> Counts:
            """Take in docking rows as versions; mark them as collected only after that is committed."""
            return outbound.take_in(params["interfaces"], params["begin"], params["end"], budget_s())

        # What waits from earlier runs is sent even while the docking store is down, and before others ask anything.
        @house_task(trigger_rule="all_done", pool=POOL, priority_weight=10, execution_timeout=timedelta(minutes=10))
        def deliver(params: dict[str, Any]) -> Counts:
            """Send what is due, new and old, and record what became of it."""
            return outbound.deliver(params["interfaces"], budget_s())

        @house_task()
        def summary(params: dict[str, Any], taken_in: Counts, delivered: Counts) -> Counts:
            """Put the counts of this run beside what is not at rest; red when the platform answered nothing of a kind.

            Not run, so red, when one of the two before it failed.
            """
            still_open = outbound.summarise(dag_id, taken_in, delivered)
            tell(outbound.summary(taken_in, delivered, still_open))
            if found := outbound.failing(delivered):
                raise AirflowFailException("；".join(found))
            return {
                name: {
                    **{f"taken_in_{what}": count for what, count in taken_in[name].items()},
                    **{f"now_{state}": count for state, count in delivered[name].items()},
                    **{f"open_{state}": count for state, count in still_open[name].items()},
                }
                for name in params["interfaces"]
            }

        taken_in = intake()
        delivered = deliver()
        taken_in >> delivered
        summary(taken_in=taken_in, delivered=delivered)
    return dag
