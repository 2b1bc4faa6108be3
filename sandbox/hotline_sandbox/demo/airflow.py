"""A private Airflow home for the demo and the tests: the project's DAGs, connections from the environment, SQLite."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hotline_sandbox.sample.areas import AREAS
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hotline_sandbox.demo.postgres import Server

PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class AirflowHome:
    """An Airflow of its own folder; `environment` is all that a process needs to belong to it."""

    folder: Path
    connections: Mapping[str, str]
    """Airflow connections as JSON, by name."""
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Further environment variables, over the ones here."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process of this Airflow: nothing is read from, or sent to, anywhere else."""
        settings = {
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.folder / 'airflow.db'}",
            "GX_ANALYTICS_ENABLED": "false",
        }
        named = {f"AIRFLOW_CONN_{name.upper()}": value for name, value in self.connections.items()}
        return {**os.environ, **settings, **self.settings, **named}

    def run(self, *arguments: str, log: Path) -> None:
        """Run `airflow ARGUMENTS` to its end, its output in `log`.

        Raises:
            RuntimeError: It failed; the message holds the end of its output.
        """
        self._run_module("airflow", *arguments, log=log)

    def test_dags(self, *names: str, log: Path) -> None:
        """Run these DAGs once, one after another, as `airflow dags test NAME` does, but in one process.

        Raises:
            RuntimeError: One of them failed; the message holds the end of the output.
        """
        self._run_module("hotline_sandbox.demo.dag_runs", *names, log=log)

    def _run_module(self, module: str, *arguments: str, log: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._code(module, *arguments, log=log):
            tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
            raise RuntimeError(f"{module} {' '.join(arguments)} failed; the end of {log}:\n{tail}")

    def _code(self, module: str, *arguments: str, log: Path) -> int:
        """How a process of this Airflow ended."""
        with log.open("wb") as output:
            return subprocess.run(  # noqa: S603  (our own interpreter, arguments from this package)
                [sys.executable, "-m", module, *arguments],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode


def postgres_connection(server: Server, dbname: str, user: str, password: str) -> str:
    """A connection of type postgres, as JSON."""
    return json.dumps(
        {
            "conn_type": "postgres",
            "host": server.host,
            "port": server.port,
            "login": user,
            "password": password,
            "schema": dbname,
        }
    )


def bridge_connections(
    server: Server, account: str, password: str, base_url: str, collect_from: datetime, **extras: object
) -> dict[str, str]:
    """The three connections of a bridge that tries itself out, as JSON.

    Args:
        server: Of both stores.
        account: Their owner.
        password: Its password.
        base_url: Of the sandbox.
        collect_from: Aware.
        **extras: More of connection `platform_12315`.
    """
    platform = {"areas": sorted(AREAS), "collect_from": collect_from.isoformat(), **extras}
    return {
        "docking_db": postgres_connection(server, "docking", account, password),
        "local_db": postgres_connection(server, "local", account, password),
        "platform_12315": platform_connection(base_url, DEFAULT_APP_ID, DEFAULT_TOKEN, **platform),
    }


def platform_connection(base_url: str, app_id: str, token: str, **extras: object) -> str:
    """The connection `platform_12315`, as JSON: type http, login = AppId, password = Token."""
    return json.dumps(
        {"conn_type": "http", "host": base_url, "login": app_id, "password": token, "extra": json.dumps(extras)}
    )
