"""The services of the compose file, really run as plain processes, and their own health checks on them."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import psycopg
import pytest

from hotline_sandbox.demo.postgres import throwaway_postgres
from tests.containers.container_files import HANGS_S, Image, services
from tests.containers.running_services import RunningServices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hotline_sandbox.demo.postgres import Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(4 * HANGS_S)]

LASTING = ("sandbox", "api-server", "scheduler", "dag-processor", "triggerer")


@dataclass(frozen=True, slots=True)
class Stack:
    """Everything of `docker compose --profile demo up`, and the two servers that it stands on."""

    running: RunningServices
    postgres: Server
    stop_docking: Callable[[], None]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Started in its order."""
    with ExitStack() as docking_server, throwaway_postgres() as postgres:
        docking = docking_server.enter_context(throwaway_postgres())
        running = RunningServices(Image.build(tmp_path / "image"), postgres, docking, tmp_path)
        try:
            running.start("sandbox")
            done = running.run("airflow-init")
            assert done.returncode == 0, done.stdout + done.stderr
            running.start("api-server", "dag-processor", "triggerer")
            running.start("scheduler")
            yield Stack(running, postgres, docking_server.close)
        finally:
            running.close()


def delivered(running: RunningServices) -> bool:
    done = running.run("scheduler", ["hotline", "status", "telephony", "--json"])
    logs = json.loads(done.stdout)
    return done.returncode == 0 and all(
        log["waiting"] == log["uncollected"] == 0 and log["delivered"] > 0 for log in logs
    )


def has_run(postgres: Server, dag: str) -> bool:
    """Whether a run of a DAG has come to its end; the store is asked, since a command takes seconds to start."""
    with psycopg.connect(postgres.conninfo("hotline")) as local:
        return bool(local.execute("SELECT 1 FROM hotline.run_log WHERE dag = %s", [dag]).fetchall())


def switch_on(running: RunningServices, *dags: str) -> None:
    """Nothing else is needed: with `catchup` off, the scheduler starts the run that is due now."""
    command = ["airflow", "dags", "unpause", "--yes", "--treat-dag-id-as-regex", f"^({'|'.join(dags)})$"]
    done = running.run("scheduler", command)
    assert done.returncode == 0, done.stdout + done.stderr


def may_log_in(running: RunningServices, password: str) -> bool:
    body = json.dumps({"username": "admin", "password": password}).encode()
    request = Request(  # noqa: S310  (our own address)
        f"{running.ui}/auth/token", data=body, headers={"Content-Type": "application/json"}, method="POST"
    )
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=HANGS_S) as answer:
            return bool(json.load(answer)["access_token"])
    except HTTPError as error:
        assert error.code == 401
        return False


def test_services_do_the_main_job_and_their_health_checks_tell_the_truth(stack: Stack) -> None:
    """One start for all: it is what takes the time."""
    running = stack.running
    they_do_the_main_job(stack)
    who_may_log_in_is_decided_by_the_secret_and_no_output_shows_one(running)
    grooming_is_real(running)
    initialising_again_changes_nothing_and_a_lost_docking_store_is_said_in_one_sentence(stack)
    health_checks_tell_what_hangs_and_what_ended(running)
    the_api_server_is_not_well_without_its_database(stack)


def they_do_the_main_job(stack: Stack) -> None:
    """Through the scheduler, with an account that owns no table."""
    running = stack.running
    checked = running.run("scheduler", ["hotline", "check"])
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert running.run("airflow-init", ["hotline", "migrate", "--for-trial"]).returncode == 0
    running.start("gateway")  # which is ready once its account reads the store
    assert running.run("scheduler", ["hotline", "sample", "--rows", "200"]).returncode == 0
    deadline = time.monotonic() + HANGS_S
    dags = ["telephony_report", "quality_check"]
    while len(running.ask_airflow("SELECT 1 FROM dag WHERE dag_id = any(%s)", dags)) < len(dags):
        assert time.monotonic() < deadline, running.printed("dag-processor")[-3000:]
        time.sleep(0.1)
    switch_on(running, *dags)
    while not (has_run(stack.postgres, "telephony_report") and delivered(running)):
        assert time.monotonic() < deadline, running.printed("scheduler")[-3000:]
        time.sleep(0.2)

    # The quality report, where its volume is mounted.
    while not running.quality_report.exists():
        assert time.monotonic() < deadline, running.printed("scheduler")[-3000:]
        time.sleep(0.2)
    assert "数据质量报告" in running.quality_report.read_text(encoding="utf-8")


def who_may_log_in_is_decided_by_the_secret_and_no_output_shows_one(running: RunningServices) -> None:
    password = json.loads(running.secret("ui_passwords"))["admin"]
    assert may_log_in(running, password)
    assert not may_log_in(running, "wrong")
    secrets = [
        password,
        *(text for file in running.secrets.iterdir() if len(text := file.read_text()) in range(20, 100)),
    ]
    assert len(secrets) > 8
    for service in (*LASTING, "gateway"):
        assert not any(secret in running.printed(service) for secret in secrets), service


def grooming_is_real(running: RunningServices) -> None:
    """With `airflow db clean` itself."""
    assert running.healthy("groom").returncode != 0
    groomed = running.run("groom", [*services()["groom"]["command"], "--once"])
    assert groomed.returncode == 0, groomed.stdout + groomed.stderr
    assert running.healthy("groom").returncode == 0


def initialising_again_changes_nothing_and_a_lost_docking_store_is_said_in_one_sentence(stack: Stack) -> None:
    done = stack.running.run("airflow-init")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "stands at" in done.stdout
    stack.stop_docking()
    done = stack.running.run("airflow-init", ["hotline", "migrate"])
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("TryAgainLater: ")


def health_checks_tell_what_hangs_and_what_ended(running: RunningServices) -> None:
    """And what another service's account does changes nothing."""
    assert all(running.healthy(service).returncode == 0 for service in LASTING)
    for service in ("scheduler", "dag-processor"):
        running.freeze(service)
    assert running.stop("triggerer") == 0
    without = running.healthy("triggerer")
    assert without.returncode != 0
    assert "No alive jobs found" in without.stdout + without.stderr
    for service in ("scheduler", "dag-processor"):
        running.wait_until_ill(service)
    assert running.healthy("api-server").returncode == 0, "it is well itself"
    for service in ("sandbox", "gateway"):
        assert running.stop(service) == 0
    for service in ("sandbox", "gateway"):
        assert running.healthy(service).returncode != 0


def the_api_server_is_not_well_without_its_database(stack: Stack) -> None:
    stack.postgres.drop_database("airflow")
    done = stack.running.healthy("api-server")
    assert done.returncode != 0
    assert "the metadata database is unhealthy" in done.stderr
    stack.running.stop("api-server")
    assert "refused" in stack.running.healthy("api-server").stderr
