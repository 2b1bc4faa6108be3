"""What minutes with nothing due cost beside an idle Airflow: CPU and memory of all processes.

A real Airflow as `make up` runs it: all services, LocalExecutor, PostgreSQL for its own database and for the stores.
Measured with every DAG paused, then with all of them on: while runs watch, and where they end with their work.
"""

from __future__ import annotations

import ctypes
import os
import resource
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]  # psutil ships no types

from bench.findings import Finding, at_most
from hotline_bridge.names import DAG_ZH
from hotline_bridge.store.database import connect
from hotline_sandbox.demo.airflow import AirflowHome
from hotline_sandbox.demo.pinned import free_port, pinned_keys, pinned_password
from hotline_sandbox.demo.services import Services, service_settings
from hotline_sandbox.server.control import running_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.harness import Harness

MOST_OF_A_CORE, MOST_GIB = 0.10, 1.5
_KNOWN_S = 120.0
_SETTLE_S = 75.0
"""Left out after each change: Airflow's start, and the run that Airflow starts at once when a DAG is turned on."""
_PR_SET_CHILD_SUBREAPER = 36


def measure_idle(harness: Harness, minutes: float) -> Iterator[Finding]:
    """Share of a core, and memory, with nothing due: each state of the DAGs is watched for this many minutes."""
    # What a dead parent leaves behind becomes our child, so that its time is counted.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for look_s, name in (("0", "runs end with their work"), ("2", "runs watch")):
        harness.server.drop_database("airflow")
        harness.server.create_database("airflow")
        harness.renew("docking")
        with running_sandbox() as platform, airflow_of(harness, platform.base_url, HOTLINE_LOOK_S=look_s) as home:
            if look_s == "0":
                share, _, gib = _cost(harness, minutes)
                yield Finding("Airflow alone, all DAGs paused: of a core", f"{share:.3f}", note="PostgreSQL's too")
                yield Finding("its memory (PSS)", f"{gib:.2f} GiB")
            unpause(home, *DAG_ZH)
            share, runs, gib = _cost(harness, minutes)
            yield at_most(f"all DAGs on, {name}: of a core", share, MOST_OF_A_CORE, note=f"{runs} runs")
            yield at_most(f"its memory (PSS), {name}", gib, MOST_GIB, " GiB")


@contextmanager
def airflow_of(harness: Harness, platform_url: str, **more: str) -> Iterator[AirflowHome]:
    """All services of an Airflow that knows the DAGs, every one of them paused; `more` stands in its environment."""
    server, folder = harness.server, harness.folder / f"airflow-{time.monotonic_ns()}"
    folder.mkdir()
    pinned_password(folder / "passwords.json")
    database = f"postgresql+psycopg://{server.superuser}:{server.password}@{server.host}:{server.port}/airflow"
    settings = service_settings(free_port(0), database, pinned_keys(folder / "keys.json"), folder / "passwords.json")
    settings |= {"AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True", **more}
    # Bytecode is kept, as in any deployment, whatever the shell of the benchmark says.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    home = AirflowHome(folder, harness.connections(platform_url, concurrency=32), settings)
    home.run("db", "migrate", log=folder / "migrate.log")
    services = Services(home, folder)
    try:
        services.start()
        services.wait_until_healthy()
        _wait_until_known(harness)
        yield home
    finally:
        services.stop()


def _wait_until_known(harness: Harness) -> None:
    deadline = time.monotonic() + _KNOWN_S
    with connect(harness.server.conninfo("airflow")) as airflow:
        while airflow.execute("SELECT FROM dag").rowcount < len(DAG_ZH):
            if time.monotonic() > deadline:
                raise RuntimeError("Airflow does not find the DAGs")
            time.sleep(1)


def unpause(home: AirflowHome, *dags: str) -> None:
    """Turn DAGs on."""
    pattern = f"^({'|'.join(dags)})$"
    home.run("dags", "unpause", "--yes", "--treat-dag-id-as-regex", pattern, log=home.folder / "unpause.log")


def _cost(harness: Harness, minutes: float) -> tuple[float, int, float]:
    """Cores that everything keeps busy, runs that ended well meanwhile, and GiB at the end; none may have failed."""
    time.sleep(_SETTLE_S)
    before, (runs_before, _), began = _cpu_s(), _runs(harness), time.monotonic()
    time.sleep(60 * minutes)
    after, (runs, failed) = _cpu_s(), _runs(harness)
    if failed:
        raise RuntimeError(f"tasks failed: {', '.join(failed)}; `hotline check` and these DAGs' own steps tell why")
    return (after - before) / (time.monotonic() - began), runs - runs_before, _pss_gib()


def _runs(harness: Harness) -> tuple[int, list[str]]:
    """How many runs ended well so far, and the tasks that failed."""
    with connect(harness.server.conninfo("airflow")) as airflow:
        [(ended_well,)] = airflow.execute("SELECT count(*) FROM dag_run WHERE state = 'success'").fetchall()
        failed = airflow.execute(
            "SELECT DISTINCT dag_id || '.' || task_id FROM task_instance WHERE state = 'failed' ORDER BY 1"
        ).fetchall()
    return ended_well, [name for (name,) in failed]


def _cpu_s() -> float:
    """CPU seconds of all that this process started, of what still runs and of what has ended.

    A parent that waits for a child takes over the child's time, so tasks that lived for a second are counted too.
    """
    for child in psutil.Process().children():
        with suppress(psutil.Error, ChildProcessError):
            if child.status() == psutil.STATUS_ZOMBIE:  # handed to us: none of our own ends while this runs
                os.waitpid(child.pid, os.WNOHANG)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = ended.ru_utime + ended.ru_stime
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            times = child.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return float(total)


def _pss_gib() -> float:
    """Memory of all that this process started; what several share is counted once."""
    total = 0
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            total += child.memory_full_info().pss
    return float(total / 2**30)
