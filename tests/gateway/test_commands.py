"""`hotline gateway` and `hotline client`, as an operator runs them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from hotline_bridge.cli.gateway import store_conninfo
from hotline_bridge.cli.main import app
from hotline_bridge.errors import StopRun
from hotline_bridge.gateway.clients import Given
from hotline_bridge.gateway.settings import GATEWAY_EXTRAS, GatewaySettings, read_settings
from hotline_bridge.store.extras import SHORT_SILENCE
from tests.cli.conftest import connection
from tests.gateway.conftest import Caller, feed_back

if TYPE_CHECKING:
    from pathlib import Path

A = "44020020261201000001"


def test_a_client_is_given_access_and_calls_the_service(
    local_store: str, http: httpx.Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(local_store))
    monkeypatch.setenv(
        "AIRFLOW_CONN_GATEWAY_12345", json.dumps({"conn_type": "http", "extra": {"auth_header": "X-Auth"}})
    )

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["client", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    feed_back(local_store, A)
    given = json.loads(run("add", "12345", "--area", "440200", "--json"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = subprocess.Popen(
        [sys.executable, "-m", "hotline_bridge.cli.main", "gateway", "--port", str(port)],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path)},
    )
    try:
        caller = Caller(f"http://127.0.0.1:{port}", Given("12345", given["app_id"], given["token"]), http)
        deadline = time.monotonic() + 120
        while True:
            try:
                assert http.get(f"{caller.address}/ready").status_code == 200
                break
            except httpx.TransportError:
                assert service.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert caller.ask("todocasefeedback").json()["code"] == 40101, "the header has another name"
        answer = caller.ask("todocasefeedback", headers={"X-Auth": f"{given['app_id']}&{given['token']}"})
        assert [row["Region"] for row in answer.json()["data"]] == [A]
        [listed] = json.loads(run("list", "--json"))
        assert (listed["waiting"], listed["offered"], listed["acknowledged"], listed["tokens"]) == (1, 1, 0, 1)
        assert "0 feedback" in run("areas", "12345", "--area", "440100")
        assert "0 feedback" in run("areas", "12345", "--area", "440000", "--stored-since", "2999-01-01")
        assert json.loads(run("rotate", "12345", "--json"))["token"] != given["token"]
        assert "2 tokens" in run("list")
        assert "2 tokens" in run("revoke", "12345")
    finally:
        service.send_signal(signal.SIGTERM)
        assert service.wait(40) == 0


@pytest.mark.parametrize("hours", ["inf", "nan", "-1", "1000000000000"])
def test_an_overlap_that_cannot_be_is_refused(local_store: str, monkeypatch: pytest.MonkeyPatch, hours: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(local_store))
    assert CliRunner().invoke(app, ["client", "rotate", "12345", "--overlap-h", hours]).exit_code == 2


def test_a_store_that_falls_silent_is_noticed_in_seconds(local_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(local_store))
    said = conninfo_to_dict(store_conninfo())
    assert said.items() >= SHORT_SILENCE.items()
    # Less than the 20 s after which a page gives a submit up (form.js).
    assert "-c statement_timeout=10s -c lock_timeout=10s" in str(said["options"])


def test_an_account_that_may_more_is_told_of(
    local_store: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(local_store))
    store_conninfo()
    assert "connection gateway_db is missing: local_db is used" in capsys.readouterr().err
    monkeypatch.setenv("AIRFLOW_CONN_GATEWAY_DB", connection(local_store))
    store_conninfo()
    assert capsys.readouterr().err == ""


def test_settings_are_read_by_name_and_a_wrong_one_is_named() -> None:
    assert read_settings("", {}) == GatewaySettings()
    given = {"calls_per_s": "5", "methods": '["POST","GET"]', "trusted_proxies": ["127.0.0.1", "10.0.0.1"]}
    settings = read_settings("https://12315.example/", given)
    assert (settings.calls_per_s, settings.methods) == (5.0, ("POST", "GET"))
    assert (settings.trusted_proxies, settings.public_url) == (("127.0.0.1", "10.0.0.1"), "https://12315.example")
    assert [read_settings("", {"signed_addresses": word}).signed_addresses for word in ("on", True, "0")] == [1, 1, 0]
    for name, value in {"calls_at_once": "0", "sessions": "x", "methods": "TRACE", "trusted_proxies": "*"}.items():
        with pytest.raises(StopRun, match=f"extra {name} of connection gateway_12345"):
            read_settings("", {name: value})
    with pytest.raises(StopRun, match="host of connection"):
        read_settings("ftp://x", {})
    assert {extra.name for extra in GATEWAY_EXTRAS} | {"public_url"} == set(GatewaySettings.__dataclass_fields__)
