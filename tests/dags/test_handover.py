"""Airflow's own scheduler begins run after run, each watches until the next is there, and nothing falls between two."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from hotline_sandbox.demo.airflow import AirflowHome
from hotline_sandbox.demo.pinned import free_port, pinned_keys, pinned_password
from hotline_sandbox.demo.postgres import throwaway_postgres
from hotline_sandbox.demo.services import Services, service_settings
from tests.dags.test_run import airflow as connections_of
from tests.fixtures import platform_at
from tests.outbound.bridge import Bridge, call
from tests.sessions import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

DAG = "telephony_report"
RUNS = 4
WITHIN_S = 600


def until(met: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not met():
        assert time.monotonic() < deadline, what
        time.sleep(0.5)


@pytest.fixture
def metadata(tmp_path: Path, stores: Stores, sandbox: SandboxControl) -> Iterator[Callable[..., list[Any]]]:
    """A scheduler that runs the flow; asks its database."""
    with ExitStack() as stack:
        server = stack.enter_context(throwaway_postgres())
        server.create_database("airflow")
        pinned_password(tmp_path / "passwords.json")
        parts = conninfo_to_dict(server.conninfo("airflow"))
        database = f"postgresql+psycopg://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/airflow"
        settings = service_settings(
            free_port(0), database, pinned_keys(tmp_path / "keys.json"), tmp_path / "passwords.json"
        )
        settings |= {"AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True", "HOTLINE_LOOK_S": "1"}
        home = AirflowHome(tmp_path / "airflow", connections_of(stores, sandbox).connections, settings)
        home.run("db", "migrate", log=tmp_path / "migrate.log")
        services = Services(home, tmp_path)
        stack.callback(services.stop)
        services.start()
        services.wait_until_healthy()

        def question(query: str) -> list[Any]:
            with psycopg.connect(server.conninfo("airflow")) as session:
                return session.execute(query.encode()).fetchall()

        until(lambda: question("SELECT FROM dag WHERE dag_id = 'telephony_report'"), "the DAG is not loaded")
        home.run("dags", "unpause", "--yes", DAG, log=tmp_path / "unpause.log")
        yield question


def test_a_row_is_delivered_by_a_run_that_was_there_before_it(
    metadata: Callable[..., list[Any]], stores: Stores, sandbox: SandboxControl
) -> None:
    bridge = Bridge(stores, platform_at(sandbox), sandbox)
    until(lambda: ask(stores.local, "SELECT FROM hotline.run_log WHERE subject = ''"), "no run watches")
    written = 0
    while len(metadata("SELECT FROM dag_run WHERE state = 'success'")) < RUNS:
        written += 1
        bridge.write(call(written))
        until(lambda number=written: sandbox.counts()["callinfo"]["accepted"] == number, "a row waits")

    assert metadata("SELECT state FROM dag_run WHERE state NOT IN ('success', 'running', 'queued')") == []
    assert metadata("SELECT FROM task_instance WHERE try_number > 1") == []
    assert sandbox.counts()["callinfo"]["repeated"] == 0
    [(passes,)] = ask(stores.local, "SELECT count(*) FROM hotline.run_log WHERE subject = ''")
    assert written > 2 * passes, "rows were delivered by runs that watched"
