"""Airflow on several processes: two schedulers, two workers of CeleryExecutor, and Valkey between them."""

from __future__ import annotations

import secrets
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from hotline_sandbox.demo.pinned import LOOPBACK, free_port

if TYPE_CHECKING:
    from pathlib import Path

_WORKER = ("celery", "worker", "--skip-serve-logs", "--concurrency", "6", "--without-mingle", "--without-gossip")
WORKERS = ("worker-1", "worker-2")
SCHEDULERS = ("scheduler-1", "scheduler-2")
SERVICES = {
    "api-server": ("api-server",),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
    **dict.fromkeys(SCHEDULERS, ("scheduler", "--skip-serve-logs")),
    **{name: (*_WORKER, "--celery-hostname", f"{name}@%h") for name in WORKERS},
}
"""The processes, by name: arguments of `airflow`."""

SETTINGS = {
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    # A message whose worker died comes again after this time. It has to be longer than the longest task, of which a
    # second copy would be started otherwise; Airflow finds a dead task by its heartbeat, long before.
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "21600",
    # A worker takes what it works on, and no more: what it held back would wait with it when it dies.
    "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "1",
    "AIRFLOW__CELERY__TASK_ACKS_LATE": "True",
    # A task that has not been heard of for a minute is dead, and tried again; Airflow's own five minutes are long for
    # DAGs that run each minute.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "10",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    # All workers ask one API server: on a busy machine it may answer late, and a task that has not begun is given up.
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
    # A task whose message was lost with the broker is queued again.
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "120",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "30",
}
"""What differs from one machine; docker-compose.scale.yaml and kubernetes/values.yaml have the same."""


class Broker:
    """A Valkey (or Redis) server of its own folder, which writes down what it holds each second.

    Args:
        folder: For its data.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port(0)
        self._password = secrets.token_urlsafe()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> dict[str, str]:
        """Airflow's settings by which it is reached."""
        address = f"redis://:{self._password}@{LOOPBACK}:{self._port}"
        return {"AIRFLOW__CELERY__BROKER_URL": f"{address}/0", "AIRFLOW__CELERY__RESULT_BACKEND": f"{address}/1"}

    def start(self) -> None:
        """Start it.

        Raises:
            RuntimeError: There is no program, or it does not start.
        """
        program = shutil.which("valkey-server") or shutil.which("redis-server")
        if program is None:
            raise RuntimeError(
                "neither valkey-server nor redis-server is there: install one"
                " (Debian 13: apt-get install valkey-server; Debian 12: apt-get install redis-server)"
            )
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        said = {"bind": LOOPBACK, "port": self._port, "requirepass": self._password, "appendonly": "yes", "save": '""'}
        file = self._folder / "valkey.conf"
        file.touch(mode=0o600)
        file.write_text("".join(f"{name} {value}\n" for name, value in said.items()))
        with (self._folder / "log").open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603  (a program of the system, named by whoever runs us)
                [program, str(file)], cwd=self._folder, stdout=output, stderr=output, start_new_session=True
            )
        time.sleep(1.0)
        if self._process.poll() is not None:
            raise RuntimeError(f"{program} does not start: see {self._folder / 'log'}")

    def kill(self) -> None:
        """End it by SIGKILL."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
