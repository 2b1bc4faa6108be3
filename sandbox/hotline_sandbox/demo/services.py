"""Airflow as a city runs it, on one machine: API server with the UI, scheduler, DAG processor and triggerer.

Not `airflow standalone`: its parent leaves children behind when it is told to stop, and its two log servers listen on
every address, for which 3.3 has no setting. Here all is read from the same disk, so no log server is started.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.request import ProxyHandler, build_opener

import psutil  # type: ignore[import-untyped]  # psutil ships no types

from hotline_sandbox.demo.pinned import LOOPBACK, USER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hotline_sandbox.demo.airflow import AirflowHome
    from hotline_sandbox.demo.pinned import Keys

SERVICES = {
    "api-server": ("api-server",),
    "dag-processor": ("dag-processor",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
"""The processes, by name: arguments of `airflow`."""

_READY_S = 180
_STOP_S = 15


def service_settings(port: int, database: str, keys: Keys, passwords: Path) -> dict[str, str]:
    """Airflow settings of a small machine, reachable from itself alone.

    Args:
        port: Of the UI.
        database: SQLAlchemy URL of the metadata.
        keys: What it signs and encrypts with.
        passwords: File of users and passwords.
    """
    return {
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{LOOPBACK}:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": keys.api,
        "AIRFLOW__API_AUTH__JWT_SECRET": keys.jwt,
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{LOOPBACK}:{port}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__FERNET_KEY": keys.fernet,
        "AIRFLOW__CORE__PARALLELISM": "15",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",  # a tenth of a core to read what rarely changes
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        # Tasks of a run that was killed are taken up again soon, not after five minutes.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
        # No proxy of the environment stands between the processes of one machine.
        **dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(filter(None, (os.environ.get("NO_PROXY"), LOOPBACK)))),
    }


class Services:
    """The processes, each in a session of its own: a Ctrl-C in the terminal is ours to pass on.

    Args:
        home: The Airflow that they belong to.
        logs: Folder for what they print, a file each.
        services: Arguments of `airflow` by name of the process; schedulers are named `scheduler...`.
    """

    def __init__(self, home: AirflowHome, logs: Path, services: Mapping[str, Sequence[str]] = SERVICES) -> None:
        self._home, self._logs = home, logs
        self._services = services
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start these, or all of them."""
        for name in names or self._services:
            self._start(name, ["airflow", *self._services[name]], self._home.environment)

    def kill(self, name: str) -> None:
        """Kill one as if its machine had gone: with all that it started, at once; `check` asks for it no more."""
        process = self._processes.pop(name)
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()
        self._log(name).replace(self._log(f"{name}-killed"))

    def start_ended(self) -> list[str]:
        """Start again what ended by itself, as a supervisor does. Returns the names."""
        ended = [name for name, process in self._processes.items() if process.poll() is not None]
        for name in ended:
            self._log(name).replace(self._log(f"{name}-ended"))
            self.start(name)
        return ended

    def started(self, name: str, pid: int) -> bool:
        """Whether a process is one that this one started, or that those started."""
        with suppress(psutil.NoSuchProcess):
            return self._processes[name].pid in {one.pid for one in psutil.Process(pid).parents()}
        return False

    def said(self, name: str, words: str) -> int:
        """How often a process that runs said this."""
        return self._log(name).read_text(encoding="utf-8", errors="replace").count(words)

    def add(self, name: str, module: str, *arguments: str, **more: str) -> None:
        """Start another process beside them: a module of ours, with more in its environment.

        Args:
            name: Of the process, and of its file of output.
            module: What `python -m` runs.
            *arguments: Of the command line.
            **more: Environment variables.
        """
        self._start(name, [module, *arguments], {**self._home.environment, **more})

    def _start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        with self._log(name).open("wb") as output:
            self._processes[name] = subprocess.Popen(  # noqa: S603  (our own interpreter and arguments)
                [sys.executable, "-m", *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._home.folder,
                start_new_session=True,
                umask=0o077,
            )

    def check(self) -> None:
        """Raises RuntimeError when one of them ended by itself; the message holds the end of its output."""
        for name, process in self._processes.items():
            if (code := process.poll()) is not None:
                tail = "\n".join(self._log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
                what = f"airflow {name}" if name in self._services else name
                raise RuntimeError(f"{what} ended by itself with {code}; the end of {self._log(name)}:\n{tail}")

    def wait_until_healthy(self) -> None:
        """Wait until Airflow itself says that all its parts are well.

        Raises:
            RuntimeError: One of them ended, or they are not well after three minutes.
        """
        address = f"{self._home.settings['AIRFLOW__API__BASE_URL']}/api/v2/monitor/health"
        opener = build_opener(ProxyHandler({}))
        parts: dict[str, dict[str, str | None]] = {}
        deadline = time.monotonic() + _READY_S
        while time.monotonic() < deadline:
            self.check()
            with suppress(OSError), opener.open(address, timeout=10) as answer:
                parts = json.load(answer)
                if all(part["status"] == "healthy" for part in parts.values()):
                    return
            time.sleep(0.25)
        raise RuntimeError(f"Airflow is not well after {_READY_S} s ({parts or 'no answer'}): see {self._logs}")

    def stop(self) -> None:
        """Stop all of them: first the scheduler, which lets tasks in flight end and report; then the others.

        Each is told alone, as it ends its own children in order; what is left of its group is killed.
        """
        schedulers = tuple(name for name in self._processes if name.startswith("scheduler"))
        for names in (schedulers, tuple(self._processes)):
            running = [self._processes[name] for name in names]
            for process in running:
                process.terminate()
            deadline = time.monotonic() + _STOP_S
            for process in running:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, deadline - time.monotonic()))
                with suppress(ProcessLookupError):
                    # The group outlives its leader, and the leader's number stays its name for so long.
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"
