"""Whatever stands still, each task of each DAG ends within its timeout, red, and the next run works.

A real Airflow: scheduler, executor, task runner. Only timeouts are shorter than in service, and nothing is retried.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.docking.create import create_docking
from hotline_bridge.hooks.airflow_admin import POOL
from hotline_bridge.names import DAG_ZH
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.airflow import PROJECT, AirflowHome, platform_connection, postgres_connection
from hotline_sandbox.demo.pinned import free_port, pinned_keys, pinned_password
from hotline_sandbox.demo.postgres import throwaway_postgres
from hotline_sandbox.demo.services import Services, service_settings
from hotline_sandbox.proxy import POSTGRES_READY, Fault, FaultProxy
from hotline_sandbox.sample.load import load_sample
from hotline_sandbox.sample.orders import load_orders
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.dags.standstill import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

HERE = Path(__file__).parent
TIMEOUT_S = 150
DAGS = sorted(DAG_ZH)
UNFINISHED = (
    "SELECT dag_id, task_id, state, start_date FROM task_instance"
    " WHERE state IS NULL OR state NOT IN ('success', 'failed', 'upstream_failed', 'skipped')"
)
SILENT = Fault("hang")
HALF_OPEN = Fault("hang", "answers", once_said=POSTGRES_READY)
READS_DOCKING = {"telephony_report", "order_report", "docking_publish", "count_reconciliation"}

ASKS_THE_PLATFORM = {
    *("telephony_report", "case_collect", "process_collect", "feedback_collect", "feedback_repair"),
}
"""No order waits there to be sent, and no day that was collected to be counted."""


@dataclass
class Rig:
    """An Airflow, its stores each on a server of its own, and a proxy before everything that it reaches."""

    home: AirflowHome
    metadata: str
    local: Server
    docking: Server
    sandbox: SandboxControl
    before: dict[str, FaultProxy]

    def ask(self, query: str, *values: object) -> list[Any]:
        with psycopg.connect(self.metadata, autocommit=True) as session:
            return session.execute(query.encode(), values or None).fetchall()

    def start_all(self) -> datetime:
        """A run of every DAG; returns a moment before it."""
        since = datetime.now(ZoneInfo("UTC"))
        script = [sys.executable, str(HERE / "trigger.py"), *DAGS]
        subprocess.run(script, env=self.home.environment, check=True, capture_output=True)
        return since

    def until(self, met: Callable[[], bool], within_s: float, what: str) -> None:
        deadline = time.monotonic() + within_s
        while not met():
            if time.monotonic() > deadline:
                pytest.fail(f"{what}: {self.ask(UNFINISHED)}")
            time.sleep(0.5)

    def states(self, since: datetime) -> dict[str, str]:
        """DAG by DAG the state of its run that was started since then."""
        return dict(self.ask("SELECT dag_id, state FROM dag_run WHERE queued_at >= %s", since))

    def ended(self, since: datetime) -> bool:
        states = self.states(since)
        return set(states) == set(DAGS) and set(states.values()) <= {"success", "failed"}

    def until_ended(self, since: datetime) -> None:
        self.until(lambda: self.ended(since), 8 * TIMEOUT_S, "runs go on")
        self.until(lambda: self.task_processes() == 0, 30, "processes of tasks go on")

    def assert_ended_in_time(self, since: datetime, red: set[str]) -> None:
        states = self.states(since)
        assert {dag_id for dag_id in red if states[dag_id] != "failed"} == set()
        late = self.ask(
            "SELECT dag_id, task_id, end_date - start_date FROM task_instance"
            " WHERE start_date >= %s AND end_date - start_date > %s",
            since,
            timedelta(seconds=TIMEOUT_S),
        )
        assert late == []

    def accepted(self) -> int:
        """Calls that the platform has taken."""
        counts = self.sandbox.counts()
        return counts["callinfo"]["accepted"] if "callinfo" in counts else 0

    def task_processes(self) -> int:
        """Processes in which tasks run: children of the executor's workers."""
        workers = [
            worker
            for process in psutil.process_iter(["environ", "cmdline"])
            if (process.info["environ"] or {}).get("AIRFLOW_HOME") == str(self.home.folder)
            and "airflow worker" in " ".join(process.info["cmdline"] or [])
            for worker in [process]
        ]
        running = 0
        for worker in workers:
            with suppress(psutil.Error):  # it ended meanwhile
                running += len(worker.children())
        return running

    @contextmanager
    def standing_still(self, what: str) -> Iterator[None]:
        with {
            "local store frozen": lambda: frozen(self.local),
            "docking store frozen": lambda: frozen(self.docking),
            "platform silent": lambda: self.before["platform"].having(SILENT),
            "local store half open": lambda: self.before["local"].having(HALF_OPEN),
            "docking store half open": lambda: self.before["docking"].having(HALF_OPEN),
        }[what]():
            yield


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, sandbox_process: SandboxControl) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("standstill")
    with ExitStack() as stack:
        airflow, local, docking = (stack.enter_context(throwaway_postgres()) for _ in range(3))
        for server, name in ((airflow, "airflow"), (local, "local"), (docking, "docking")):
            server.create_database(name)
        create_docking(docking.conninfo("docking"), for_trial=True)
        migrate_local(local.conninfo("local"))
        sandbox_process.clear_faults()
        sandbox_process.reset()
        ports = {
            "local": local.port,
            "docking": docking.port,
            "platform": int(sandbox_process.base_url.rpartition(":")[2]),
        }
        proxies = {name: FaultProxy(port) for name, port in ports.items()}
        for proxy in proxies.values():
            stack.callback(proxy.close)

        def connection(name: str, server: Server) -> str:
            reached = type(server)(server.host, proxies[name].port, server.superuser, server.password)
            return postgres_connection(reached, name, server.superuser, server.password)

        (folder / "passwords.json").parent.mkdir(exist_ok=True)
        pinned_password(folder / "passwords.json")
        parts = conninfo_to_dict(airflow.conninfo("airflow"))
        database = f"postgresql+psycopg://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/airflow"
        yesterday = datetime.now(SHANGHAI) - timedelta(days=1)
        home = AirflowHome(
            folder / "airflow",
            {
                "local_db": connection("local", local),
                "docking_db": connection("docking", docking),
                "platform_12315": platform_connection(
                    f"http://127.0.0.1:{proxies['platform'].port}",
                    DEFAULT_APP_ID,
                    DEFAULT_TOKEN,
                    collect_from=yesterday.isoformat(),
                    reconcile_days=2,
                ),
            },
            {
                **service_settings(
                    free_port(0), database, pinned_keys(folder / "keys.json"), folder / "passwords.json"
                ),
                "AIRFLOW__CORE__DAGS_FOLDER": str(HERE / "hurried"),
                "HURRIED_DAGS": str(PROJECT / "dags"),
                "HURRIED_TIMEOUT_S": str(TIMEOUT_S),
                "HOTLINE_AIRFLOW_DAYS": "0",
            },
        )
        (folder / "logs").mkdir()
        home.run("db", "migrate", log=folder / "logs" / "migrate.log")
        services = Services(home, folder / "logs")
        stack.callback(services.stop)
        services.start()
        services.wait_until_healthy()
        made = Rig(home, airflow.conninfo("airflow"), local, docking, sandbox_process, proxies)
        made.until(lambda: made.ask("SELECT count(*) FROM dag") == [(len(DAGS),)], 120, "DAGs are not loaded")
        yield made


def test_a_fresh_installation_has_the_pool_and_its_tasks_are_run(rig: Rig) -> None:
    assert rig.ask("SELECT slots FROM slot_pool WHERE pool = %s", POOL)
    load_sample(rig.docking.conninfo("docking"), rows=100, seed=1)
    load_orders(rig.docking.conninfo("docking"), orders=50, seed=1)
    assert_all_work(rig)
    asked = rig.ask("SELECT DISTINCT task_id FROM task_instance WHERE pool = %s AND state = 'success'", POOL)
    assert {task for (task,) in asked} == {"take_in_and_deliver", "collect", "drain", "reconcile"}


@pytest.mark.parametrize(
    ("what", "red"),
    [
        ("local store frozen", set(DAGS)),
        ("local store half open", set(DAGS)),
        ("docking store frozen", READS_DOCKING),
        ("docking store half open", READS_DOCKING),
        ("platform silent", ASKS_THE_PLATFORM),
    ],
)
def test_every_task_ends_within_its_timeout_and_the_next_run_works(rig: Rig, what: str, red: set[str]) -> None:
    load_sample(rig.docking.conninfo("docking"), rows=100, seed=len(what))
    with rig.standing_still(what):
        since = rig.start_all()
        rig.until_ended(since)
    rig.assert_ended_in_time(since, red)
    assert_all_work(rig)


def test_a_store_that_freezes_in_the_midst_of_a_delivery_ends_it_too(rig: Rig) -> None:
    load_sample(rig.docking.conninfo("docking"), rows=2000, seed=99)
    rig.sandbox.set_faults([{"kind": "latency", "interface": "*", "ms": 300}])
    accepted = rig.accepted()
    since = rig.start_all()
    rig.until(lambda: rig.accepted() > accepted, 180, "nothing is sent")
    with rig.standing_still("local store frozen"):
        rig.until_ended(since)
    rig.assert_ended_in_time(since, {"telephony_report"})
    rig.sandbox.clear_faults()
    assert_all_work(rig)


def assert_all_work(rig: Rig) -> None:
    """A run of every DAG in which each task does its work; a verdict may find what it finds."""
    since = rig.start_all()
    rig.until_ended(since)
    failed = rig.ask(
        "SELECT t.dag_id, t.task_id, t.state FROM task_instance AS t JOIN dag_run AS d USING (dag_id, run_id)"
        " WHERE d.queued_at >= %s AND t.state <> 'success' AND task_id <> 'verdict'",
        since,
    )
    assert failed == []
