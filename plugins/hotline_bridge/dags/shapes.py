"""The shape that most DAGs have: one piece of work, then a verdict that turns the run red, and a page beside it.

Queries and drains stand here as well, since several DAG files are one of them; all else a DAG file says itself.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.sdk import DAG, get_current_context
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
from hotline_bridge.tasks import inbound
from hotline_bridge.tasks.runs import record_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Done = TypeVar("Done")
"""What work returns: small enough for an XCom."""

_CHOICE = "Collect only these. 只收集所选的接口。"
_WINDOW = (
    "Visit exactly these registration times again, due or not; set both. "
    "仅重新收集该登记时间段，两端都要填；重复收集不会产生重复数据。"
)


@for_each_city
def work_dags(
    dag_id: str,
    work: Callable[[dict[str, Any]], Done],
    *,
    verdict: Callable[[Done, dict[str, Any]], list[str]] | None = None,
    page: Callable[[Done], dict[str, int]] | None = None,
    page_after_failure: bool = False,
    is_noted: bool = True,
    options: Mapping[str, Any] | None = None,
    **house: Any,  # noqa: ANN401  (of `house_dag`)
) -> DAG:
    """A DAG a city that does one piece of work, one run at a time.

    Args:
        dag_id: One of the fixed names (architecture: names that stay fixed).
        work: Given the run's params. Its name is the task's, its docstring the task's page, what it returns its XCom.
        verdict: Given what the work returned, and params: what turns the run red, each a sentence in Chinese. It does
            not run after work that failed, or its success would make the whole run green.
        page: Writes a page of it, beside the verdict: a page that cannot be written hides no finding.
        page_after_failure: Whether the page is written, too, after work that failed; it is given None then.
        is_noted: Whether a run that did its work is noted here; work that watches notes it before it does.
        options: Of the task of the work.
        **house: Of `house_dag`.
    """

    def run(params: dict[str, Any]) -> Done:
        done = work(params)
        if is_noted:
            record_run(dag_id)
        return done

    def evaluate(done: Done, params: dict[str, Any]) -> None:
        """Mark the run red where something was found."""
        if verdict and (found := verdict(done, params)):
            raise AirflowFailException("；".join(found))

    def write(done: Done) -> dict[str, int]:
        """Write the page in Chinese; its counts are the XCom."""
        return page(done) if page else {}

    run.__doc__ = work.__doc__
    with house_dag(dag_id, **house) as dag:
        done = house_task(task_id=work.__name__, **(options or {}))(run)()
        if page:
            house_task(task_id="report", trigger_rule="all_done" if page_after_failure else "all_success")(write)(done)
        if verdict:
            house_task(task_id="verdict")(evaluate)(done)
    return dag


def collect_dags(dag_id: str, *, flow: str, repair: bool = False, **house: Any) -> list[DAG]:  # noqa: ANN401  (see above)
    """A DAG a city that visits the windows of a flow's queries that are due.

    Args:
        dag_id: One of the fixed names (architecture: names that stay fixed).
        flow: Of the contract.
        repair: Visit in the slower policy of `feedback_repair`.
        **house: Of `house_dag`.
    """

    def collect(params: dict[str, Any]) -> inbound.Counts:
        """Ask the windows that are due, and store each answer; a full one is asked again in parts."""
        return _told(
            inbound.collect(params["interfaces"], params["begin"], params["end"], repair=repair, budget_s=budget_s())
        )

    def verdict(counts: inbound.Counts, params: dict[str, Any]) -> list[str]:
        return inbound.unsound(counts, params["interfaces"])

    params = {
        "interfaces": interfaces_param(names_of(flow, "query"), _CHOICE),
        "begin": moment_param("Begin 开始", _WINDOW),
        "end": moment_param("End 结束", "The window's end. 时间段的终点。"),
    }
    return work_dags(dag_id, collect, verdict=verdict, options={"pool": POOL}, params=params, daily=repair, **house)


def drain_dags(dag_id: str, *, flow: str, **house: Any) -> list[DAG]:  # noqa: ANN401  (see above)
    """A DAG a city that fetches, stores and acknowledges what waits on the platform.

    Args:
        dag_id: One of the fixed names (architecture: names that stay fixed).
        flow: Of the contract.
        **house: Of `house_dag`.
    """

    def drain(params: dict[str, Any]) -> inbound.Counts:
        """Fetch, store, and only then acknowledge, until nothing waits."""
        # Who started it by hand wants an answer now.
        is_scheduled = bool(get_current_context()["dag_run"].run_type == "scheduled")
        return _told(inbound.drain_feedback(params["interfaces"], budget_s(), only_due=is_scheduled))

    def verdict(counts: inbound.Counts, _params: dict[str, Any]) -> list[str]:
        return inbound.failing(counts) + inbound.blocked(counts)

    return work_dags(
        dag_id,
        drain,
        verdict=verdict,
        options={"pool": POOL, "execution_timeout": timedelta(minutes=10)},
        params={"interfaces": interfaces_param(names_of(flow, "drain"), _CHOICE)},
        **house,
    )


def _told(counts: inbound.Counts) -> inbound.Counts:
    """The counts, after they were told in words to whoever reads the run."""
    tell(inbound.summary(counts))
    return counts
