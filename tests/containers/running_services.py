"""The services of docker-compose.yaml as plain processes.

Each has the image's files, its own command, variables, secrets and health check; free ports of the loopback address
take the place of the containers' network.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hotline_sandbox.demo.account import Account, programs_for
from tests.containers.container_files import CONTAINERS, HANGS_S, services, stage
from tests.sessions import ask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hotline_sandbox.demo.postgres import Server
    from tests.containers.container_files import Image

LOOPBACK = "127.0.0.1"


def make_secrets(folder: Path, *options: str) -> str:
    """Runs make-secrets.sh. Returns what it said."""
    done = subprocess.run(
        ["sh", CONTAINERS / "make-secrets.sh", *options],
        env={"PATH": os.defpath, "HOTLINE_SECRETS_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def make_accounts(server: Server, secrets: Path) -> subprocess.CompletedProcess[str]:
    """Runs 10-accounts.sh as the postgres image does on its first start, with the server's own psql."""
    return run_with_psql(
        server, ["sh", CONTAINERS / "postgres" / "10-accounts.sh"], secrets, HOTLINE_SECRETS_FOLDER=str(secrets)
    )


def run_with_psql(
    server: Server, command: Sequence[str | Path], folder: Path, given: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs what calls psql as the server's superuser; `folder` is for links to its programs."""
    programs = programs_for(folder, Account(os.geteuid(), os.getegid(), switched=False))
    return subprocess.run(
        command,
        env={
            "PATH": f"{programs}:{os.defpath}",
            "POSTGRES_USER": server.superuser,
            "PGHOST": server.host,
            "PGPORT": str(server.port),
            "PGUSER": server.superuser,
            "PGPASSWORD": server.password,
            "LC_ALL": "C.UTF-8",
            **more,
        },
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


class RunningServices:
    """Starts, asks and stops services by their names in the compose file.

    Args:
        image: The image's file system.
        postgres: Stands in for the service postgres; new.
        docking: Stands in for the service docking; new.
        folder: For the secrets as the host has them, for what is each container's own, and for what they print.
        user: Number of the user and group that they run as; the caller where not given.
    """

    def __init__(
        self, image: Image, postgres: Server, docking: Server, folder: Path, *, user: int | None = None
    ) -> None:
        self._image, self._postgres, self._folder, self._user = image, postgres, folder, user
        self._ports = dict(zip(("8080", "8974", "12315", "12345"), _free_ports(4), strict=True))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.secrets = folder / "secrets"
        make_secrets(self.secrets, "--demo")
        made = make_accounts(postgres, self.secrets)
        assert made.returncode == 0, made.stderr
        names = services()["docking"]["environment"]
        docking.create_role(names["POSTGRES_USER"], self.secret("docking_password"))
        docking.create_database(names["POSTGRES_DB"], owner=names["POSTGRES_USER"])
        for connection in ("docking_db", "docking_gateway_db"):
            self._lead(connection, host=docking.host, port=docking.port)
        self._lead("platform_12315", host=f"http://{LOOPBACK}:{self._ports['12315']}")

    @property
    def ui(self) -> str:
        """Address of the UI."""
        return f"http://{LOOPBACK}:{self._ports['8080']}"

    @property
    def quality_report(self) -> Path:
        """Where the scheduler's volume holds the report of the DAG `quality_check`."""
        return self._image.path(stage("production").environment["HOTLINE_REPORT_DIR"]) / "quality.html"

    def secret(self, name: str) -> str:
        return (self.secrets / name).read_text(encoding="utf-8")

    def run(self, service: str, command: list[str] | None = None) -> subprocess.CompletedProcess[str]:
        """A command in the service's container to its end, by default the service's own, through the entry point."""
        words = ["with-secrets", *(command or services()[service]["command"])]
        return self._to_the_end(service, words)

    def start(self, *names: str) -> None:
        """Starts services at once, and waits until they run."""
        for service in names:
            with self._log(service).open("wb") as output:
                self._processes[service] = subprocess.Popen(
                    self._here(["with-secrets", *services()[service]["command"]]),
                    env=self._environment(service),
                    cwd=self._home(service),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    user=self._user,
                    group=self._user,
                    extra_groups=None if self._user is None else [],
                )
        for service in names:
            self._wait_until_started(service)

    def healthy(self, service: str) -> subprocess.CompletedProcess[str]:
        """The service's health check, once."""
        kind, *words = services()[service]["healthcheck"]["test"]
        command = (
            ["sh", "-c", words[0].replace("/opt/airflow", str(self._home(service)))] if kind == "CMD-SHELL" else words
        )
        return self._to_the_end(service, command)

    def _wait_until_started(self, service: str) -> None:
        """Until its health check is content."""
        deadline = time.monotonic() + HANGS_S
        while self.healthy(service).returncode != 0:
            assert self._processes[service].poll() is None, f"{service} ended:\n{self.printed(service)[-3000:]}"
            assert time.monotonic() < deadline, self.printed(service)[-3000:]
            time.sleep(0.3)

    def wait_until_ill(self, service: str) -> None:
        """Until its health check says so."""
        deadline = time.monotonic() + HANGS_S
        while self.healthy(service).returncode == 0:
            assert time.monotonic() < deadline, self.printed(service)[-3000:]
            time.sleep(0.5)

    def ask_airflow(self, query: str, *values: object) -> list[Any]:
        """A statement on Airflow's own database."""
        return ask(self._postgres.conninfo("airflow"), query, *values)

    def printed(self, service: str) -> str:
        return self._log(service).read_text(encoding="utf-8", errors="replace")

    def freeze(self, service: str) -> None:
        """The service's first process hangs, and has been hanging for an hour."""
        self._processes[service].send_signal(signal.SIGSTOP)
        aged = "UPDATE job SET latest_heartbeat = latest_heartbeat - interval '1 hour' WHERE job_type = %s"
        if job_type := _job_type(service):
            self.ask_airflow(aged, job_type)

    def stop(self, service: str) -> int:
        """Tells the first process to stop, as an engine does. Returns how it ended."""
        process = self._processes.pop(service)
        try:
            process.send_signal(signal.SIGTERM)
            return process.wait(HANGS_S)
        finally:
            _kill_group(process)  # an engine ends the rest of the container

    def close(self) -> None:
        """Ends what still runs."""
        for process in self._processes.values():
            _kill_group(process)

    def _lead(self, name: str, **fields: object) -> None:
        file = self.secrets / name
        changed = json.dumps({**json.loads(file.read_text(encoding="utf-8")), **fields})
        file.unlink()
        file.write_text(changed, encoding="utf-8")

    def _to_the_end(self, service: str, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._here(command),
            env=self._environment(service),
            cwd=self._home(service),
            capture_output=True,
            text=True,
            timeout=HANGS_S,
            check=False,
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
        )

    def _here(self, command: list[str]) -> list[str]:
        words = self._image.here(command)
        for port, ours in self._ports.items():
            words = [word.replace(f":{port}/", f":{ours}/").replace(f"port={port}", f"port={ours}") for word in words]
        return [word.replace("0.0.0.0", LOOPBACK) for word in words]  # noqa: S104  (it is what is replaced)

    def _environment(self, service: str) -> dict[str, str]:
        declared = services()[service]["environment"]
        here = {
            "AIRFLOW_HOME": str(self._home(service)),
            "HOME": str(self._home(service)),
            "HOTLINE_SECRETS_FOLDER": str(self._mounted(service)),
            "HOTLINE_DB_HOST": self._postgres.host,
            "HOTLINE_DB_PORT": str(self._postgres.port),
            "AIRFLOW__API__HOST": LOOPBACK,
            "AIRFLOW__API__PORT": str(self._ports["8080"]),
            "AIRFLOW__API__BASE_URL": self.ui,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.ui}/execution/",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(self._ports["8974"]),
        }
        return self._image.environment({**{key: str(value) for key, value in declared.items()}, **here})

    def _home(self, service: str) -> Path:
        """The container's own AIRFLOW_HOME, which is gone with it."""
        home = self._folder / service
        if not home.exists():
            home.mkdir(mode=0o700)
            if self._user is not None:
                os.chown(home, self._user, self._user)
        return home

    def _mounted(self, service: str) -> Path:
        """The container's /run/secrets: what the compose file mounts there and nothing else."""
        mounted = self._folder / f"{service}.secrets"
        if not mounted.exists():
            mounted.mkdir()
            for name in services()[service]["secrets"]:
                (mounted / name).write_text(self.secret(name), encoding="utf-8")
        return mounted

    def _log(self, service: str) -> Path:
        return self._folder / f"{service}.log"


def _job_type(service: str) -> str | None:
    """The job that the service's health check asks Airflow about, where it does."""
    test = services()[service]["healthcheck"]["test"]
    return str(test[-1]) if test[-1].endswith("Job") else None


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free_ports(wanted: int) -> list[int]:
    probes = [socket.create_server((LOOPBACK, 0)) for _ in range(wanted)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
