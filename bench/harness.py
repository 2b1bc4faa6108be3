"""What every measure stands on: pinned cores, a PostgreSQL of its own, and programs in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]  # psutil ships no types

from hotline_bridge.docking.create import create_docking
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.airflow import PROJECT, platform_connection, postgres_connection
from hotline_sandbox.demo.postgres import Server, remove_postgres, running_postgres
from hotline_sandbox.sample.areas import AREAS
from hotline_sandbox.sample.load import load_sample
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CORES = sorted(os.sched_getaffinity(0))
PLATFORM_CORE, BRIDGE_CORE = _CORES[0], _CORES[min(1, len(_CORES) - 1)]
"""Where programs are kept apart, the sandbox has one core to itself; the bridge (or its baseline) shares the other with
PostgreSQL. Left alone, all of them run on both, as a database beside a bridge does in service."""


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """What is started in this block, and whatever that starts, stays on this core; None leaves it alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before if core is None else {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def run(
    module: str,
    *arguments: str,
    environment: Mapping[str, str],
    python: str = sys.executable,
    core: int | None = BRIDGE_CORE,
) -> dict[str, Any]:
    """Run a module in a process of its own; its last line of output is a JSON object.

    Args:
        module: Its name.
        arguments: Of its command line.
        environment: Variables besides our own.
        python: The interpreter; another one's own packages come after the project.
        core: The only one that it may use; None for any.

    Raises:
        RuntimeError: It failed; the message holds the end of what it said.
    """
    # Bytecode is kept, as in any deployment, whatever the shell of the benchmark says.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with on_core(core):
        done = subprocess.run(
            [python, "-m", module, *arguments],
            env={**kept, "PYTHONPATH": f"{PROJECT}:{PROJECT / 'plugins'}", **environment},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


@dataclass(frozen=True, slots=True)
class Harness:
    """A server with empty stores to copy, so that every try begins alike."""

    server: Server
    folder: Path

    def fill(self, rows: int) -> str:
        """Make a docking store with this many clean rows, none collected, to copy from. Returns its name."""
        name = f"docking_{rows}"
        if self.server.create_database(name, template="docking"):
            load_sample(self.server.conninfo(name), rows=rows, dirty=0.0, corrections=0.0, copies=0.0)
        return name

    def renew(self, filled: str) -> None:
        """Put a copy of this docking store and an empty local store in place."""
        for name, template in (("docking_try", filled), ("local_try", "local")):
            self.server.drop_database(name)
            self.server.create_database(name, template=template)

    def cpu_s(self) -> float:
        """CPU seconds of the server so far, with the sessions that have ended."""
        (postmaster,) = [child for child in psutil.Process().children() if self._is_server(child)]
        while True:
            sessions = postmaster.children()
            try:
                of_sessions = [session.cpu_times() for session in sessions]
            except psutil.NoSuchProcess:
                continue
            own = postmaster.cpu_times()
            # One that ended in between is in neither.
            if postmaster.children() == sessions:
                ended = own.children_user + own.children_system
                return float(ended + sum(times.user + times.system for times in (own, *of_sessions)))

    def _is_server(self, process: psutil.Process) -> bool:
        return any(found.laddr.port == self.server.port for found in process.net_connections("tcp"))

    def connections(self, platform_url: str, concurrency: int, **extras: object) -> dict[str, str]:
        """Airflow connections to the stores that `renew` put in place and to a platform, as JSON by name."""
        superuser = (self.server.superuser, self.server.password)
        return {
            "docking_db": postgres_connection(self.server, "docking_try", *superuser),
            "local_db": postgres_connection(self.server, "local_try", *superuser),
            "platform_12315": platform_connection(
                platform_url, DEFAULT_APP_ID, DEFAULT_TOKEN, areas=sorted(AREAS), max_concurrency=concurrency, **extras
            ),
        }

    def environment(self, platform_url: str, concurrency: int, **extras: object) -> dict[str, str]:
        """The same connections as environment variables, for `run`; extras are the platform connection's."""
        connections = self.connections(platform_url, concurrency, **extras)
        named = {f"AIRFLOW_CONN_{name.upper()}": value for name, value in connections.items()}
        return {**named, "AIRFLOW_HOME": str(self.folder / "airflow")}


@contextmanager
def new_harness(core: int | None = BRIDGE_CORE) -> Iterator[Harness]:
    """A PostgreSQL with its own (durable) defaults, on this core alone or on any; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as name:
        folder = Path(name)
        try:
            with ExitStack() as stack:
                with on_core(core):
                    server = stack.enter_context(running_postgres(folder / "postgres"))
                for database in ("docking", "local"):
                    server.create_database(database)
                create_docking(server.conninfo("docking"), for_trial=True)
                migrate_local(server.conninfo("local"))
                yield Harness(server, folder)
        finally:
            for own in ("postgres", "filled"):
                remove_postgres(folder / own)
