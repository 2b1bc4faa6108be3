from __future__ import annotations

import json
import logging
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from hotline_bridge.errors import StopRun
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.store.extras import POSTGRES_EXTRAS

WHOLE = {"conn_type": "postgres", "host": "db", "login": "loader", "password": "MARKED' pass\\", "schema": "docking"}


def read(monkeypatch: pytest.MonkeyPatch, connection: dict[str, object] | str) -> dict[str, object]:
    value = connection if isinstance(connection, str) else json.dumps(connection)
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", value)
    return dict(conninfo_to_dict(conninfo("docking_db")))


def test_the_fields_of_the_connection_and_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, WHOLE) == {
        "host": "db",
        "port": "5432",
        "user": "loader",
        "password": "MARKED' pass\\",
        "dbname": "docking",
        "connect_timeout": "10",
        "application_name": "hotline-bridge",
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        "tcp_user_timeout": "60000",
        "options": "-c statement_timeout=300s -c lock_timeout=60s -c idle_in_transaction_session_timeout=600s",
    }


def test_extras_are_read_by_name_and_others_only_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    extra = {
        "sslmode": "verify-full", "sslrootcert": "/ca.pem", "sslcert": "/c.pem", "sslkey": "/k.pem",
        "connect_timeout": 3, "application_name": "test", "options": "-c MARKED", "host": "MARKED",
        "keepalives_idle": 1, "keepalives_interval": "2", "keepalives_count": 3, "tcp_user_timeout": 4,
    }  # fmt: skip
    of_server = {entry.name: number for number, entry in enumerate(POSTGRES_EXTRAS, 5) if entry.of_server}
    found = read(monkeypatch, {**WHOLE, "port": 6543, "extra": {**extra, **of_server}})
    assert {entry.name: found[entry.name] for entry in POSTGRES_EXTRAS if not entry.of_server} == {
        name: str(value) for name, value in extra.items() if name not in {"options", "host"}
    }
    assert found["options"] == " ".join(f"-c {name}={number}s" for name, number in of_server.items())
    assert (found["host"], found["port"]) == ("db", "6543")
    (record,) = [record for record in caplog.records if record.name.startswith("hotline_bridge")]
    assert record.getMessage() == "connection docking_db: extras without effect: host, options"


def test_a_connection_written_as_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, "postgres://loader:p%40ss@127.0.0.1:5433/local?sslmode=require&connect_timeout=2")
    assert (found["host"], found["port"], found["dbname"], found["password"]) == ("127.0.0.1", "5433", "local", "p@ss")
    assert (found["sslmode"], found["connect_timeout"]) == ("require", "2")


@pytest.mark.parametrize("password", ["p@MARKED/w:rd%#x", "MARKED/x", "MARKED?x", "MARKED#x", "MARKED/@@"])
def test_a_password_that_ends_a_uri_early_is_never_told_as_a_server(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    with pytest.raises(StopRun, match=r"plain / . or # in its login or password") as caught:
        read(monkeypatch, f"postgres://bridge:{password}@127.0.0.1:5432/local")
    assert "MARKED" not in str(caught.value)
    encoded = quote(password, safe="")
    found = read(monkeypatch, f"postgres://bridge:{encoded}@127.0.0.1:5432/local?application_name=a@b")
    assert (found["host"], found["password"]) == ("127.0.0.1", password)


def test_without_password_libpq_looks_for_one_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "password" not in read(monkeypatch, {**WHOLE, "password": ""})


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        (None, "connection docking_db is missing; set AIRFLOW_CONN_DOCKING_DB or use the UI"),
        ("{", "AIRFLOW_CONN_DOCKING_DB cannot be read"),
        ({"conn_type": "postgres"}, "connection docking_db lacks host, login, schema"),
        ({**WHOLE, "extra": {"sslmode": "MARKED"}}, "extra sslmode of connection docking_db must be: disable, allow"),
        ({**WHOLE, "extra": {"connect_timeout": "MARKED"}}, "extra connect_timeout"),
        ({**WHOLE, "extra": {"connect_timeout": -1}}, "extra connect_timeout"),
        ({**WHOLE, "extra": {"statement_timeout": "1 -c MARKED"}}, "extra statement_timeout"),
        ({**WHOLE, "host": "MARKED\x00"}, "host of connection docking_db holds a NUL"),
        ({**WHOLE, "extra": "MARKED"}, "the extra of connection docking_db is no JSON object"),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_a_missing_or_wrong_connection_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, connection: dict[str, object] | str | None, words: str
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_DOCKING_DB", raising=False)
    with pytest.raises(StopRun) as caught:
        read(monkeypatch, connection) if connection is not None else conninfo("docking_db")
    assert words in str(caught.value)
    assert "MARKED" not in f"{caught.value!r}"
