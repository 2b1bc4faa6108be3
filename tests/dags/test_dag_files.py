"""Every DAG file: loads without errors and warnings, loads nothing heavy, and keeps the house's policy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hotline_bridge.contract.reader import contract, names_of
from hotline_bridge.names import DAG_ZH
from hotline_sandbox.demo.airflow import PROJECT

if TYPE_CHECKING:
    from hotline_sandbox.demo.airflow import AirflowHome

LOOK = Path(__file__).parent / "look_at_dags.py"
EXPECTED = {
    "telephony_report": "telephony_report.py",
    "order_report": "order_report.py",
    "alert_watch": "alert_watch.py",
    "analytics_refresh": "analytics_refresh.py",
    "maintenance": "maintenance.py",
    "quality_check": "quality_check.py",
    "docking_publish": "docking_publish.py",
    "case_collect": "case_collect.py",
    "process_collect": "process_collect.py",
    "feedback_collect": "feedback_collect.py",
    "feedback_repair": "feedback_repair.py",
    "count_reconciliation": "count_reconciliation.py",
    "analyst_report": "analyst_report.py",
}
"""DAG by DAG its file: a DAG that is missing, renamed or added shows here."""
POOL, ASKING = "platform_12315", {"take_in_and_deliver", "collect", "drain", "reconcile"}
"""The pool of the tasks that ask the platform, and these."""
LOGS = {"callinfo", "recordinfo", "seatsignin"}
LIGHT = {
    "cities",
    *("dags", "dags.outbound", "dags.policy", "dags.shapes"),
    *("clock", "contract", "contract.model", "contract.reader", "ending", "errors", "names", "window"),
    *(
        "hooks",
        "hooks.airflow_admin",
        "tasks",
        "tasks.alerts",
        "tasks.analytics",
        "tasks.inbound",
        "tasks.maintenance",
        "tasks.outbound",
    ),
    *("tasks.publish", "tasks.quality", "tasks.reconcile", "tasks.report", "tasks.restore", "tasks.runs"),
    "tasks.watching",
}
"""Modules of the package that a DAG file may load: they import what is heavy only when a task calls them."""
HEAVY = {
    "pandas",
    "great_expectations",
    "psycopg",
    "psycopg2",
    "sqlalchemy",
    "aiohttp",
    "yaml",
    "rich",
    "typer",
    "uvloop",
}


def look(home: AirflowHome, what: str) -> Any:
    done = subprocess.run(
        [sys.executable, str(LOOK), what],
        env=home.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def bag(home: AirflowHome) -> Any:
    return look(home, "bag")


def test_all_dags_load_without_errors_and_warnings(bag: Any) -> None:
    assert bag["errors"] == {}
    assert bag["warnings"] == []
    assert {name: dag["file"] for name, dag in bag["dags"].items()} == EXPECTED


def test_every_dag_file_is_expected() -> None:
    assert {file.name for file in (PROJECT / "dags").glob("*.py")} == {*EXPECTED.values(), "cities.py"}
    assert {*EXPECTED} == {*DAG_ZH}


def test_parsing_loads_only_airflow_the_light_modules_and_the_standard_library(home: AirflowHome) -> None:
    for file, modules in look(home, "parse").items():
        packages = {module.partition(".")[0] for module in modules}
        assert packages - sys.stdlib_module_names - {"airflow", "hotline_bridge"} == set(), file
        assert packages & HEAVY == set(), file
        assert not any(module.startswith(("airflow.providers", "airflow.hooks")) for module in modules), file
        ours = {module.removeprefix("hotline_bridge.") for module in modules if module.startswith("hotline_bridge.")}
        assert ours <= LIGHT, file


@pytest.mark.parametrize("dag_id", EXPECTED)
def test_policy(bag: Any, dag_id: str) -> None:
    dag = bag["dags"][dag_id]
    assert dag["max_active_runs"] == 1
    assert dag["catchup"] is False
    assert dag["tags"]
    assert dag["description"]
    for words in ("Red means", "re-run is safe", "Params"):
        assert words in dag["doc_md"], f"its page in the UI does not say: {words}"
    assert 1 <= len(dag["tasks"]) <= 3
    for name, task in dag["tasks"].items():
        assert task["owner"] == "hotline-bridge", name
        assert task["retries"] >= 1, name
        assert task["retry_delay_s"] <= 10, f"{name}: `airflow dags test` waits retry delays out"
        assert 0 < task["execution_timeout_s"] <= 3600, name
        assert task["called"] == "policy.py", f"{name}: without `house_task` its timeout does not end it"
        assert task["pool"] == (POOL if name in ASKING else "default_pool"), name
    longest = sum(
        (task["retries"] + 1) * task["execution_timeout_s"] + sum(task["retried_after_s"])
        for task in dag["tasks"].values()
    )
    assert longest < dag["dagrun_timeout_s"]


@pytest.mark.parametrize("dag_id", EXPECTED)
def test_staff_read_chinese_and_engineers_find_the_name(bag: Any, dag_id: str) -> None:
    dag = bag["dags"][dag_id]
    shown = {dag_id: dag["display_name"], **{name: task["display_name"] for name, task in dag["tasks"].items()}}
    for name, words in shown.items():
        chinese, _, fixed = words.partition(" ")
        assert fixed == name
        assert chinese
        assert not chinese.isascii(), words


@pytest.mark.parametrize("dag_id", EXPECTED)
def test_the_form_calls_interfaces_what_they_carry(bag: Any, dag_id: str) -> None:
    dag = bag["dags"][dag_id]
    assert ("interfaces" in dag["params"]) == ("interfaces" in dag["choices"])
    for name, words in dag["choices"].get("interfaces", {}).items():
        assert words == f"{contract()[name].label_zh} {name}"
        assert ("反馈" in words) == dag_id.startswith("feedback")
        assert "日志" in words or name not in LOGS
        assert "日志" not in words or contract()[name].flow == "telephony"
    assert set(dag["choices"].get("interfaces", {})) == set(dag["params"].get("interfaces", {}))


@pytest.mark.parametrize("dag_id", EXPECTED)
def test_a_task_that_failed_makes_its_run_red(bag: Any, dag_id: str) -> None:
    """A run has the colour of its last tasks: one of them must not run, and so not be green, after a failure."""
    tasks = bag["dags"][dag_id]["tasks"]
    last = set(tasks) - {upstream for task in tasks.values() for upstream in task["upstream"]}

    def reddens(name: str) -> bool:
        followers = [other for other in tasks if name in tasks[other]["upstream"]]
        return name in last or any(
            tasks[other]["trigger_rule"] == "all_success" and reddens(other) for other in followers
        )

    assert all(reddens(name) for name in tasks)


@pytest.mark.parametrize("dag_id", ["count_reconciliation", "feedback_repair", "maintenance"])
def test_a_daily_dag_outlives_an_outage_of_two_hours(bag: Any, dag_id: str) -> None:
    dag = bag["dags"][dag_id]
    assert dag["dagrun_timeout_s"] < 24 * 3600, "its next run must find it ended"
    for name, task in dag["tasks"].items():
        assert len(task["retried_after_s"]) == task["retries"], name
        assert sum(task["retried_after_s"]) > 2 * 3600, name


@pytest.mark.parametrize(
    ("dag_id", "flow", "first"), [("telephony_report", "telephony", "callinfo"), ("order_report", "order", "putTs")]
)
def test_reports(bag: Any, dag_id: str, flow: str, first: str) -> None:
    interfaces = names_of(flow, "report")
    assert interfaces[0].startswith(first)
    dag = bag["dags"][dag_id]
    assert dag["schedule"] == "* * * * *"
    assert dag["params"] == {"interfaces": interfaces, "begin": None, "end": None}
    assert set(dag["tasks"]) == {"take_in_and_deliver"}


def test_whatever_carries_records_is_carried_by_a_dag(bag: Any) -> None:
    carried = [name for dag in bag["dags"].values() for name in dag["params"].get("interfaces", ())]
    assert sorted(carried) == sorted(name for name, known in contract().items() if known.flow is not None)


def test_quality_check(bag: Any) -> None:
    dag = bag["dags"]["quality_check"]
    assert dag["schedule"] == "20 * * * *"
    assert dag["params"] == {"begin": None, "end": None}
    upstream = {name: task["upstream"] for name, task in dag["tasks"].items()}
    # Neither a report that cannot be written nor a finding hides the other.
    assert upstream == {"check": [], "report": ["check"], "verdict": ["check"]}
