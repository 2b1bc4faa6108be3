"""What all tasks have in common: when a failed one is tried again, and a budget that always ends before its timeout."""

from __future__ import annotations

import runpy
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import RetryAction
from airflow.sdk.exceptions import AirflowTaskTimeout, ParamValidationError
from airflow.sdk.execution_time.context import set_current_context

from hotline_bridge.dags import outbound
from hotline_bridge.dags.policy import budget_s, house_dag, house_task, look_s
from hotline_bridge.errors import GivenUp, StopRun, TryAgainLater
from hotline_bridge.names import DAG_ZH
from hotline_bridge.tasks import inbound, maintenance, reconcile
from hotline_bridge.tasks.watching import ENVIRONMENT
from hotline_sandbox.demo.airflow import PROJECT
from tests.tasks.test_window import NOT_WINDOWS

if TYPE_CHECKING:
    from types import ModuleType

LATER = TryAgainLater("away")
SHORT, MINUTES = timedelta(seconds=5), timedelta(minutes=1)


def context(timeout: timedelta, user: str | None = None) -> Any:
    dag_run = SimpleNamespace(triggering_user_name=user, run_type="scheduled")
    return {"task": SimpleNamespace(execution_timeout=timeout), "dag_run": dag_run, "ti": SimpleNamespace()}


def decide(error: BaseException, number: int, *, daily: bool, user: str | None = None) -> Any:
    with house_dag("any", schedule="0 0 * * *", description="", doc_md=None, tags=(), daily=daily):

        @house_task()
        def work() -> None: ...

        policy = work().operator.retry_policy
    return policy.evaluate(error, number, 9, context(MINUTES, user))


@pytest.mark.parametrize("daily", [True, False])
def test_what_only_a_person_can_mend_is_not_tried_again(daily: bool) -> None:
    assert decide(StopRun("no"), 1, daily=daily).action is RetryAction.FAIL


@pytest.mark.parametrize("error", [AirflowTaskTimeout("late"), GivenUp("late")])
def test_what_stood_still_is_left_to_the_next_run_where_that_comes_soon(error: BaseException) -> None:
    assert decide(error, 1, daily=False).action is RetryAction.FAIL
    assert decide(error, 2, daily=True).action is RetryAction.RETRY


def test_daily_dags_wait_longer_each_time_and_others_do_not() -> None:
    assert [decide(LATER, number, daily=False).retry_delay for number in (1, 2)] == [SHORT, SHORT]
    waits = [decide(LATER, number, daily=True).retry_delay for number in range(1, 6)]
    assert waits == [SHORT, *(MINUTES * minutes for minutes in (5, 15, 45, 90))]


def test_a_run_of_airflow_dags_test_is_not_kept_waiting() -> None:
    tries = [decide(LATER, number, daily=True, user="dag_test") for number in (1, 2, 3)]
    assert [each.action for each in tries] == [RetryAction.RETRY, RetryAction.RETRY, RetryAction.FAIL]
    assert [each.retry_delay for each in tries[:2]] == [SHORT, SHORT]


def test_only_runs_of_the_schedule_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "3")
    asked = context(MINUTES)
    for run_type, every_s in {"scheduled": 3.0, "manual": 0.0, "backfill": 0.0}.items():
        asked["dag_run"].run_type = run_type
        with set_current_context(asked):
            assert look_s() == every_s


@pytest.mark.parametrize(("said", "runs"), [("2", 2), ("0", 1), ("never", 2)])
def test_the_next_run_begins_while_one_watches(monkeypatch: pytest.MonkeyPatch, said: str, runs: int) -> None:
    monkeypatch.setenv(ENVIRONMENT, said)
    for dag_id in sorted(DAG_ZH):
        [dag] = runpy.run_path(str(PROJECT / "dags" / f"{dag_id}.py"))["dags"]
        watches = dag_id in {"telephony_report", "order_report", "docking_publish"}
        assert dag.max_active_runs == (runs if watches else 1)


@pytest.mark.parametrize("dag_id", sorted(DAG_ZH))
def test_a_run_whose_form_asks_for_no_window_does_nothing_and_is_red_at_once(dag_id: str) -> None:
    [dag] = runpy.run_path(str(PROJECT / "dags" / f"{dag_id}.py"))["dags"]
    if "begin" not in dag.params:
        assert "end" not in dag.params
        return
    for begin, end, words in NOT_WINDOWS:
        asked = {**context(MINUTES), "params": {"begin": begin, "end": end}}
        for task in dag.tasks:
            with set_current_context(asked), pytest.raises(StopRun, match=words) as refused:
                task.python_callable()
            assert task.retry_policy.evaluate(refused.value, 1, 9, asked).action is RetryAction.FAIL
    for name in ("begin", "end"):
        with pytest.raises(ParamValidationError):
            dag.params.get_param(name).resolve("yesterday")
        assert dag.params.get_param(name).resolve("2026-11-24T08:00:00.000Z")
        assert dag.params.get_param(name).resolve(None) is None


@pytest.mark.parametrize("seconds", [1, 30, 300, 900, 3600])
def test_a_budget_ends_before_its_timeout(seconds: int) -> None:
    with set_current_context(context(timedelta(seconds=seconds))):
        assert 0 < budget_s() < seconds / 2 + max(0, seconds - 600)


@pytest.mark.parametrize(
    ("dag_id", "task_id", "steps", "step"),
    [
        ("telephony_report", "take_in_and_deliver", outbound, "report"),
        ("case_collect", "collect", inbound, "collect"),
        ("feedback_collect", "drain", inbound, "drain_feedback"),
        ("count_reconciliation", "reconcile", reconcile, "reconcile"),
        ("maintenance", "tidy", maintenance, "tidy"),
    ],
)
def test_work_that_has_a_budget_gets_it_from_its_timeout(
    monkeypatch: pytest.MonkeyPatch, dag_id: str, task_id: str, steps: ModuleType, step: str
) -> None:
    class BudgetError(Exception):
        pass

    def take_note(*arguments: Any, **named: Any) -> None:
        raise BudgetError(named.get("budget_s", arguments[-1] if arguments else None))

    take_note.__name__ = step
    monkeypatch.setattr(steps, step, take_note)
    [dag] = runpy.run_path(str(PROJECT / "dags" / f"{dag_id}.py"))["dags"]
    task = dag.get_task(task_id)
    params = {"interfaces": [], "begin": None, "end": None}
    with set_current_context(context(timedelta(seconds=999))), pytest.raises(BudgetError) as caught:
        task.python_callable(params=params)
    assert caught.value.args == (699.0,)
