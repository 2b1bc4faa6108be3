"""What Airflow's UI makes of our connections: forms with our extras, a button that asks, hooks for others' tasks."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from airflow.models.connection import Connection
from airflow.providers_manager import ProvidersManager
from psycopg.conninfo import conninfo_to_dict
from requests import HTTPError

from hotline_bridge.contract.reader import contract
from hotline_bridge.hooks.platform_hook import PlatformHook
from hotline_bridge.hooks.store_hook import StoreHook
from hotline_bridge.platform_client.settings import PLATFORM_EXTRAS
from hotline_bridge.store.extras import POSTGRES_EXTRAS
from tests.outbound.bridge import call

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

ASKED = "MARKED-asked-by-the-form"
ROW = call(1)


def ask(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> tuple[bool, str]:
    """As the API server does behind the button: a connection of a name of its own, in the environment."""
    connection = Connection(conn_id="form", **fields)
    monkeypatch.setenv("AIRFLOW_CONN_FORM", connection.get_uri())
    worked, said = connection.test_connection()
    return worked, said


def of_platform(platform: PlatformSettings, **more: Any) -> dict[str, Any]:
    fields = {"host": platform.base_url, "login": platform.app_id, "password": platform.token}
    return {"conn_type": "hotline_platform", **fields, **more}


def of_store(conninfo: str, **more: Any) -> dict[str, Any]:
    parts = conninfo_to_dict(conninfo)
    fields = {"host": parts["host"], "port": int(str(parts["port"])), "login": parts["user"]}
    return {"conn_type": "hotline_store", **fields, "password": parts["password"], "schema": parts["dbname"], **more}


@pytest.mark.parametrize(
    ("conn_type", "names"),
    [
        ("hotline_platform", [extra.name for extra in PLATFORM_EXTRAS]),
        ("hotline_store", [extra.name for extra in POSTGRES_EXTRAS]),
    ],
)
def test_a_form_has_a_field_for_each_extra(conn_type: str, names: list[str]) -> None:
    manager = ProvidersManager()
    manager.initialize_providers_hooks()
    hook = manager.hooks[conn_type]
    assert hook is not None, "its class can be imported"
    assert hook.package_name == "hotline-bridge"
    fields = [
        widget.field_name
        for prefixed, widget in manager.connection_form_widgets.items()
        if prefixed.startswith(f"extra__{conn_type}__")
    ]
    assert fields == names
    assert conn_type in manager.field_behaviours


def test_the_button_asks_the_platform(monkeypatch: pytest.MonkeyPatch, platform: PlatformSettings) -> None:
    assert ask(monkeypatch, **of_platform(platform)) == (True, "the platform answers, and knows AppId and Token")
    worked, said = ask(monkeypatch, **of_platform(platform, password=ASKED))
    assert not worked
    assert "AppId" in said
    assert ASKED not in said
    worked, said = ask(monkeypatch, **of_platform(platform, extra=json.dumps({"timeout_s": "soon"})))
    assert not worked
    assert "timeout_s" in said


def test_the_button_opens_a_session(monkeypatch: pytest.MonkeyPatch, stores: Stores) -> None:
    worked, said = ask(monkeypatch, **of_store(stores.local, extra=json.dumps({"sslmode": "disable"})))
    assert (worked, "PostgreSQL" in said) == (True, True)
    worked, said = ask(monkeypatch, **of_store(stores.local, password=ASKED))
    assert not worked
    assert "password" in said
    assert ASKED not in said


def test_a_task_of_others_calls_the_platform_signed(
    monkeypatch: pytest.MonkeyPatch,
    platform: PlatformSettings,
    sandbox: SandboxControl,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = of_platform(platform, extra=json.dumps({"areas": "440200", "X-Misspelt": "sent-to-nobody"}))
    monkeypatch.setenv("AIRFLOW_CONN_PLATFORM_12315", json.dumps(settings))
    interface = contract()["callinfo"]
    answer = PlatformHook().run(interface.path, json=ROW)
    assert answer.json()["code"] == 0
    [record] = sandbox.history()
    assert record["interface"] == "callinfo"
    assert "sent-to-nobody" not in str(dict(answer.request.headers))

    sandbox.set_faults([{"kind": "status", "status": 500, "interface": "callinfo"}])
    caplog.set_level(logging.DEBUG)
    with pytest.raises(HTTPError):
        PlatformHook().run(interface.path, json=ROW)
    assert ROW["callid"] not in caplog.text
    assert platform.token not in caplog.text


def test_a_task_of_others_reads_a_store_in_our_sessions(monkeypatch: pytest.MonkeyPatch, stores: Stores) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", json.dumps(of_store(stores.local)))
    assert StoreHook().get_first("SHOW timezone") == ("Asia/Shanghai",)
    assert list(StoreHook().get_df("SELECT 1 AS one", df_type="pandas")["one"]) == [1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "first", ["hooks.postgres", "hooks.platform", "hooks.provider", "hooks.store_hook", "cli.main"]
)
def test_airflow_may_ask_for_the_forms_while_it_is_imported(first: str) -> None:
    command = [sys.executable, "-c", f"import hotline_bridge.{first}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
