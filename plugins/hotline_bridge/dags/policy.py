"""What every DAG of the house has in common."""

from __future__ import annotations

import logging
import os
from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from airflow.sdk import DAG, Param, RetryDecision, RetryPolicy, get_current_context, task
from airflow.sdk.exceptions import AirflowTaskTimeout

from hotline_bridge.cities import acting_for, cities, here
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract
from hotline_bridge.ending import run_apart
from hotline_bridge.errors import GivenUp, StopRun
from hotline_bridge.names import DAG_ZH, TASK_ZH, displayed
from hotline_bridge.tasks.alerts import AlertNotifier
from hotline_bridge.tasks.watching import is_watching, look_every_s
from hotline_bridge.window import PATTERN, asked_window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow.sdk import Context

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

START = datetime(2026, 1, 1, tzinfo=SHANGHAI)

OWNER = "hotline-bridge"
OWNER_LINK = "HOTLINE_OWNER_LINK"
"""Environment variable: where the owner's name in the list of DAGs leads to, `mailto:` or `https:`; no link without."""


def owner_links() -> dict[str, str]:
    """Where the owner's name leads to. A link that Airflow would refuse is left out, or no DAG would load."""
    link = os.environ.get(OWNER_LINK, "")
    place = urlsplit(link)
    usable = bool(place.path) if place.scheme == "mailto" else place.scheme in {"http", "https"} and bool(place.netloc)
    return {OWNER: link} if usable else {}


TIMEOUT = timedelta(minutes=15)
"""A task's `execution_timeout` where nothing else is said."""
_ROOM, _MARGIN = timedelta(seconds=30), timedelta(minutes=5)
"""Of the timeout: what is left for ending a task that stands still, and for finishing what a budget's end finds."""

_SHORTLY = timedelta(seconds=5)
_WITHIN_THE_DAY = (_SHORTLY, *(timedelta(minutes=minutes) for minutes in (5, 15, 45, 90)))
"""Retries of a DAG whose next run is a day away: they outlive an outage of two hours."""


class HouseRetries(RetryPolicy):  # type: ignore[misc]  # Airflow's types are not followed
    """When a failed task is tried again. What only a person can fix fails at once, with the sentence that says how.

    A task that stood still fails at once too where the next run comes soon; `airflow dags test`, which waits delays
    out, tries again shortly, twice at most.

    Args:
        delays: Before each retry.
    """

    def __init__(self, delays: Sequence[timedelta]) -> None:
        self.delays = tuple(delays)

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,  # noqa: ARG002  (the interface's parameter: Airflow holds it anyway)
        context: Context | None = None,
    ) -> RetryDecision:
        """What to do after this try."""
        if isinstance(exception, StopRun):
            return RetryDecision.fail("a person has to fix it")
        if isinstance(exception, (AirflowTaskTimeout, GivenUp)) and self.delays[-1] == _SHORTLY:
            return RetryDecision.fail("it stood still, and the next run comes soon")
        if context and context["dag_run"].triggering_user_name == "dag_test":
            return RetryDecision.retry(_SHORTLY) if try_number <= 2 else RetryDecision.fail("tried three times")
        return RetryDecision.retry(self.delays[min(try_number, len(self.delays)) - 1])


def house_dag(
    dag_id: str,
    *,
    schedule: str,
    description: str,
    doc_md: str | None,
    tags: Sequence[str],
    params: dict[str, Param] | None = None,
    daily: bool = False,
    watches: bool = False,
) -> DAG:
    """A DAG with what all of the house have in common: one run at a time, that ends.

    Args:
        dag_id: Its fixed name; that of the city that it is made for derives from it.
        schedule: Cron text, Asia/Shanghai.
        description: One line for the list of DAGs.
        doc_md: Its page in the UI.
        tags: What the list of DAGs is filtered by.
        params: Of its form.
        daily: Whether its next run is a day away, so that its retries are spread over hours.
        watches: Whether a run watches until the next one is there: a second one may begin meanwhile.
    """
    delays = _WITHIN_THE_DAY if daily else (_SHORTLY, _SHORTLY)
    city = here()
    return DAG(
        city.named(dag_id),
        dag_display_name=" ".join(filter(None, (city.title, DAG_ZH.get(dag_id), city.named(dag_id)))),
        description=description,
        doc_md=doc_md,
        schedule=schedule,
        start_date=START,
        catchup=False,
        max_active_runs=2 if watches and is_watching() else 1,
        # More than all its tasks may take with all their tries; also ends a run whose tasks are never started.
        dagrun_timeout=timedelta(hours=23 if daily else 3),
        tags=[*tags, *([city.name] if city.name else [])],
        default_args={
            "owner": OWNER,
            "retries": len(delays),
            "retry_delay": _SHORTLY,
            "retry_policy": HouseRetries(delays),
            "execution_timeout": TIMEOUT,
            "on_failure_callback": AlertNotifier(),
        },
        owner_links=owner_links(),
        params=params,
    )


def for_each_city(make: Callable[P, DAG]) -> Callable[P, list[DAG]]:
    """A factory of DAGs that makes a DAG for each city (`cities`): for the only one where none is named."""

    @wraps(make)
    def family(*args: P.args, **kwargs: P.kwargs) -> list[DAG]:
        made = []
        for city in cities():
            with acting_for(city):
                made.append(make(*args, **kwargs))
        return made

    return family


def house_task(**options: Any) -> Callable[[Callable[P, T]], Callable[..., Any]]:  # noqa: ANN401  (Airflow's own options)
    """Airflow's `@task`, for work that ends within `execution_timeout` whatever stands still (`ending.run_apart`).

    A run whose form asks for a window that is none does nothing: each task refuses it first. The work is for the city
    that the task was made for, and takes a slot of that city's pool.

    Args:
        **options: Of `airflow.sdk.task`. One XCom a task, whatever it returns.
    """
    city = here()
    if "pool" in options:
        options["pool"] = city.named(options["pool"])

    def decorate(work: Callable[P, T]) -> Callable[..., Any]:
        @wraps(work)
        def within_its_timeout(*args: P.args, **kwargs: P.kwargs) -> T:
            timeout = _timeout()
            params = get_current_context().get("params") or {}
            asked_window(params.get("begin"), params.get("end"))
            with acting_for(city):
                return run_apart(lambda: work(*args, **kwargs), (timeout - min(_ROOM, timeout / 2)).total_seconds())

        name = displayed(options.get("task_id", work.__name__), TASK_ZH)
        made: Callable[..., Any] = task(multiple_outputs=False, task_display_name=name, **options)(within_its_timeout)
        return made

    return decorate


def budget_s() -> float:
    """Seconds after which the running task is to start nothing more: always shorter than its timeout."""
    timeout = _timeout()
    return max(timeout - _MARGIN, timeout / 3).total_seconds()


def look_s() -> float:
    """Seconds from look to look of the running task; 0 where it does not watch: who began it by hand waits for it."""
    return look_every_s() if get_current_context()["dag_run"].run_type == "scheduled" else 0.0


def _timeout() -> timedelta:
    timeout: timedelta = get_current_context()["task"].execution_timeout
    return timeout


def tell(words: str) -> None:
    """Leave what a run did, in Chinese words, as XCom `in_words` beside its counts, and in the task's log.

    A run's note would be the place, but Airflow 3.3 lets no task write it: only a user of its API can.
    """
    get_current_context()["ti"].xcom_push("in_words", words)
    log.info("运行小结\n%s", words)


_WRITTEN = "Written 2026-11-30T08:00:00; Shanghai's time where no zone is named. 写法如前，不写时区为北京时间。"


def moment_param(title: str, description: str) -> Param:
    """A time that may be left out.

    Without `format`: where rfc3339-validator is installed, it refuses each time that names no zone.
    """
    return Param(None, type=["null", "string"], pattern=PATTERN, title=title, description=f"{description} {_WRITTEN}")


def interfaces_param(interfaces: Sequence[str], description: str) -> Param:
    """A choice of interfaces, all of them at first; the form calls them as staff do."""
    return Param(
        list(interfaces),
        type="array",
        items={"type": "string", "enum": list(interfaces)},
        minItems=1,
        examples=list(interfaces),  # what makes the form offer a list to choose from
        values_display={name: f"{contract()[name].label_zh} {name}" for name in interfaces},
        title="Interfaces 接口",
        description=description,
    )
