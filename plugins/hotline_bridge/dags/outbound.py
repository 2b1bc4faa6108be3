"""The shape of a report DAG (上报): intake, deliver, summary. A DAG file names its interfaces, all else is here."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException

from hotline_bridge.errors import StopRun
from hotline_bridge.hooks import report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Counts = report.Counts


def outbound_dag(
    dag_id: str, *, interfaces: Sequence[str], description: str, doc_md: str | None, tags: Sequence[str]
) -> DAG:
    """A DAG that reports the docking rows of these interfaces to the platform: every minute, one run at a time.

    Args:
        dag_id: One of the fixed names of DESIGN section 2.
        interfaces: Wire names of the report interfaces that it carries.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
        tags: What the list of DAGs is filtered by.
    """
    with DAG(
        dag_id,
        description=description,
        doc_md=doc_md,
        schedule="* * * * *",
        start_date=datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")),
        catchup=False,
        max_active_runs=1,
        tags=list(tags),
        # `airflow dags test` waits retry delays out, and the next run comes in a minute anyway.
        default_args={
            "owner": "hotline-bridge",
            "retries": 2,
            "retry_delay": timedelta(seconds=5),
            "execution_timeout": timedelta(minutes=15),
        },
        params={
            "interfaces": Param(
                list(interfaces),
                type="array",
                items={"type": "string", "enum": list(interfaces)},
                minItems=1,
                title="Interfaces 接口",
                description="Report only these.",
            ),
            "begin": _moment("Begin 开始"),
            "end": _moment("End 结束"),
        },
    ) as dag:

        @task
        def intake(params: dict[str, Any]) -> Counts:
            """Take in docking rows as versions; mark them as collected only after that is committed."""
            with _no_retry_after_stop():
                return report.take_in(params["interfaces"], params["begin"], params["end"])

        # What waits from earlier runs is sent even while the docking store is down.
        @task(trigger_rule="all_done")
        def deliver(params: dict[str, Any]) -> Counts:
            """Send what is due, new and old, and settle what became of it."""
            with _no_retry_after_stop():
                return report.deliver(params["interfaces"])

        @task
        def summary(params: dict[str, Any], taken_in: Counts, delivered: Counts) -> Counts:
            """Put the counts of this run beside what is not at rest. Not run, so red, when one of the two failed."""
            with _no_retry_after_stop():
                still_open = report.summarise(params["interfaces"])
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


def _moment(title: str) -> Param:
    return Param(
        None,
        type=["null", "string"],
        format="date-time",
        title=title,
        description="Begin and end together: read docking rows written in [begin, end) again, though collected, for "
        "example after the local store was restored. Equal content is never sent twice. 同一内容不会重复上报。",
    )


@contextmanager
def _no_retry_after_stop() -> Iterator[None]:
    """What only a person can mend fails at once, with the sentence that says how."""
    try:
        yield
    except StopRun as stop:
        raise AirflowFailException(str(stop)) from None
