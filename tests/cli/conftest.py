"""Connections of the commands, as the environment gives them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from psycopg.conninfo import conninfo_to_dict

from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN

if TYPE_CHECKING:
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores


def connection(conninfo: str) -> str:
    parts = conninfo_to_dict(conninfo)
    fields = {"host": "host", "port": "port", "login": "user", "password": "password", "schema": "dbname"}
    return json.dumps({"conn_type": "postgres", **{name: parts[ours] for name, ours in fields.items()}})


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, stores: Stores, sandbox: SandboxControl) -> Stores:
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", connection(stores.docking))
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(stores.local))
    monkeypatch.setenv(
        "AIRFLOW_CONN_PLATFORM_12315", platform_connection(sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN)
    )
    return stores
