"""Two cities side by side, through the DAGs that a scheduler would run: they share nothing but the code."""

from __future__ import annotations

import json
import runpy
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.execution_time.context import set_current_context

from hotline_bridge.alerts.conditions import Alert
from hotline_bridge.alerts.notifiers import Mail
from hotline_bridge.cities import City
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.tasks.alerts import notifiers
from hotline_sandbox.demo.airflow import PROJECT
from hotline_sandbox.server.world.orders import Order
from tests.alerts.test_notifiers import Robot, robot
from tests.fixtures import platform_at
from tests.inbound.inbound_bridge import COMPLAINTS, shown
from tests.outbound.bridge import Bridge, call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airflow.sdk import DAG

    from tests.cities.conftest import Served

__all__ = ["robot"]

FOLDER = PROJECT / "dags"
WAY = "以上命令加 --city shaoguan，DAG 的名称加 __shaoguan。"
"""With which an alert of a city ends."""


@contextmanager
def task_context(params: Mapping[str, Any]) -> Iterator[None]:
    dag_run = SimpleNamespace(triggering_user_name=None, run_type="manual")
    task = SimpleNamespace(execution_timeout=timedelta(minutes=5))
    instance = SimpleNamespace(xcom_push=lambda *_: None)
    with set_current_context({"task": task, "dag_run": dag_run, "ti": instance, "params": params}):  # type: ignore[arg-type]
        yield


def run(dag: DAG, *tasks: str, **params: Any) -> dict[str, Any]:
    """Calls tasks of a DAG as Airflow's task runner calls them, each given what those before it returned."""
    done: dict[str, Any] = {}
    params = {**dag.params.dump(), **params}
    with task_context(params):
        for name in tasks:
            task = dag.get_task(name)
            given = {key: done[value.operator.task_id] for key, value in task.op_kwargs.items()}
            positional = [done[value.operator.task_id] for value in task.op_args]
            done[name] = task.python_callable(*positional, params=params, **given)
    return done


def family(name: str) -> list[DAG]:
    found: list[DAG] = runpy.run_path(str(FOLDER / f"{name}.py"))["dags"]
    return found


def write_calls(one: Served, numbers: range) -> None:
    Bridge(one.stores, platform_at(one.sandbox), one.sandbox).write(*map(call, numbers))


def keys(one: Served) -> set[str]:
    return {key for (key,) in one.local("SELECT key FROM hotline.delivery")}


def told(one: Served) -> set[str]:
    """Keys of the calls that its platform was given."""
    history = one.sandbox.history(interface="callinfo", bodies=True)
    return {json.loads(record["body"])["callid"] for record in history}


def test_both_flows_run_and_nothing_of_one_city_is_anywhere_of_the_other(two_cities: tuple[Served, Served]) -> None:
    numbers = (range(1, 4), range(101, 106))
    for one, mine in zip(two_cities, numbers, strict=True):
        write_calls(one, mine)
        order = Order(regino=f"R-{one.city.name}", registered="20261124100000", rows=(shown(COMPLAINTS),))
        one.sandbox.world.put(order)
    for dag in family("telephony_report"):
        run(dag, "take_in_and_deliver")
    begin, end = "2026-11-24T00:00:00", "2026-11-25T00:00:00"
    for dag in family("case_collect"):
        run(dag, "collect", "verdict", begin=begin, end=end)

    for one, mine in zip(two_cities, numbers, strict=True):
        expected = {call(number)["callid"] for number in mine}
        assert keys(one) == expected
        assert told(one) == expected
        assert one.local("SELECT state, count(*) FROM hotline.delivery GROUP BY state") == [("delivered", len(mine))]
        assert one.local("SELECT regino FROM hotline.complaint_case") == [(f"R-{one.city.name}",)]
        # Within its own store a city's runs go by the fixed names, which alerts and checks know.
        assert {dag for (dag,) in one.local("SELECT dag FROM hotline.run_log")} == {"telephony_report", "case_collect"}


def test_a_dead_city_stops_itself_alone(two_cities: tuple[Served, Served], monkeypatch: pytest.MonkeyPatch) -> None:
    dead, living = two_cities
    for one in two_cities:
        write_calls(one, range(1, 3))
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB__SHAOGUAN", "postgres://nobody:x@127.0.0.1:1/nowhere")
    first, second = family("telephony_report")
    with pytest.raises(TryAgainLater, match="nowhere"):
        run(first, "take_in_and_deliver")
    run(second, "take_in_and_deliver")
    assert len(told(living)) == 2
    assert told(dead) == set()


def test_an_alert_names_its_city_and_goes_to_its_own_people(
    two_cities: tuple[Served, Served], robot: tuple[str, type[Robot]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, handler = robot
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_WEBHOOK__SHAOGUAN", json.dumps({"conn_type": "http", "host": url}))
    # It would take an alert of whoever has no robot, if that could happen.
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_WEBHOOK", json.dumps({"conn_type": "http", "host": url}))
    for one in two_cities:
        one.local(
            "INSERT INTO hotline.delivery"
            " (interface, key, content_hash, state, body, body_sha256, written_at, taken_in_at)"
            " SELECT 'callinfo', %s, '\\x01', 'waiting', '{}', '\\x01', since, since"
            " FROM (SELECT now() - interval '3 hours') AS long_ago (since)",
            one.city.name,
        )
    for dag in family("alert_watch"):
        run(dag, "watch")
    assert handler.received
    assert {body["title"].partition("】")[0] for _, body in handler.received} == {"【韶关 12315 对接"}
    assert all(body["text"].endswith(WAY) for _, body in handler.received)
    with pytest.raises(StopRun, match="nobody said for which city"):
        notifiers()
    mine, theirs = (
        {notifier for (notifier,) in one.local("SELECT DISTINCT notifier FROM hotline.alert_told")}
        for one in two_cities
    )
    assert (mine, theirs) == ({"alert_webhook__shaoguan"}, set())


def test_a_mail_too_names_its_city() -> None:
    sent: list[tuple[str, str]] = []
    mail = Mail(["duty@city.invalid"], lambda _, title, page: sent.append((title, page)), city=City("shaoguan", "韶关"))
    mail.send([Alert("backlog", "callinfo", datetime.now(SHANGHAI), 3)])
    [(title, page)] = sent
    assert title.startswith("【韶关 12315 对接】")
    assert WAY in page


def test_a_task_that_failed_is_told_in_its_own_city(two_cities: tuple[Served, Served]) -> None:
    told_in = [dag.default_args["on_failure_callback"].city for dag in family("order_report")]
    assert told_in == [one.city for one in two_cities]
