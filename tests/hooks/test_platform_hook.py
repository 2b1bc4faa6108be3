from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from hotline_bridge.errors import StopRun
from hotline_bridge.hooks.platform import platform_settings
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.platform_client.settings import PlatformSettings

VARIABLE = "AIRFLOW_CONN_PLATFORM_12315"
WHOLE = {"conn_type": "http", "host": "10.0.0.1", "port": 8080, "login": "app", "password": "MARKEDtoken"}


def settings_of(monkeypatch: pytest.MonkeyPatch, connection: dict[str, object] | str) -> PlatformSettings:
    monkeypatch.setenv(VARIABLE, connection if isinstance(connection, str) else json.dumps(connection))
    return platform_settings()


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({}, "http://10.0.0.1:8080"),
        ({"schema": "https"}, "https://10.0.0.1:8080"),
        ({"schema": "HTTPS", "port": None}, "https://10.0.0.1"),
        ({"host": "https://h:8443/base/", "port": None}, "https://h:8443/base"),
        ({"host": "http://h/base", "port": 81}, "http://h:81/base"),
        ({"host": "http://h:8080", "schema": "http"}, "http://h:8080"),
        ({"host": " platform.example "}, "http://platform.example:8080"),
        ({"host": "[::1]"}, "http://[::1]:8080"),
        ({"conn_type": "HTTPS"}, "https://10.0.0.1:8080"),
        ({"host": "HTTPS://h", "port": 8443}, "https://h:8443"),
        ({"conn_type": "https", "host": "https://h", "port": 443}, "https://h:443"),
        ({"schema": "https", "port": 443}, "https://10.0.0.1:443"),
    ],
)
def test_the_address_by_the_conventions_of_http_connections(
    monkeypatch: pytest.MonkeyPatch, fields: dict[str, object], url: str
) -> None:
    assert settings_of(monkeypatch, {**WHOLE, **fields}).base_url == url


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (
            "http://app:tok%26en@h:8080/https?timeout_s=5&duplicate_codes=1,2",
            ("https://h:8080", "tok&en", 5.0, {"1", "2"}),
        ),
        ("http://app:token@https%3A%2F%2Fh%3A8443%2Fbase/", ("https://h:8443/base", "token", 30.0, set())),
        ("http://app:token@h:80/", ("http://h:80", "token", 30.0, set())),
        ("https://app:token@h:8443", ("https://h:8443", "token", 30.0, set())),
        ("https://app:token@h", ("https://h", "token", 30.0, set())),
        ("http://https://app:token@h:8443", ("https://h:8443", "token", 30.0, set())),
        ("http://app:token@h/https", ("https://h", "token", 30.0, set())),
    ],
)
def test_a_connection_written_as_uri(monkeypatch: pytest.MonkeyPatch, uri: str, expected: tuple[object, ...]) -> None:
    settings = settings_of(monkeypatch, uri)
    assert (settings.base_url, settings.token, settings.timeout_s, settings.duplicate_codes) == expected


def test_extras_are_read_by_name_and_others_only_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    extra = {"timeout_s": "5", "max_concurrency": 8, "retry_codes": ["9001"], "verify": "MARKEDextra", "headers": {}}
    settings = settings_of(monkeypatch, {**WHOLE, "extra": extra})
    assert (settings.timeout_s, settings.max_concurrency, settings.retry_codes) == (5.0, 8, {"9001"})
    (record,) = [record for record in caplog.records if record.name.startswith("hotline_bridge")]
    assert "headers, verify" in record.getMessage()
    assert "MARKED" not in record.getMessage()


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        (None, "connection platform_12315 is missing; set AIRFLOW_CONN_PLATFORM_12315 or use the UI"),
        ("", "is missing"),
        ('{"host": ', "AIRFLOW_CONN_PLATFORM_12315 cannot be read"),
        ({"conn_type": "http"}, "lacks host, login, password"),
        ({**WHOLE, "password": ""}, "lacks password; set AIRFLOW_CONN_PLATFORM_12315"),
        ({**WHOLE, "login": "a&b"}, "login of connection platform_12315"),
        ({**WHOLE, "schema": "api"}, "schema of connection platform_12315"),
        ({**WHOLE, "schema": "https", "host": "http://h"}, "contradicts the scheme"),
        ({**WHOLE, "host": "http://h:81"}, "contradicts the port"),
        ({**WHOLE, "host": "http://h:x"}, "host of connection"),
        ({**WHOLE, "host": "ftp://h"}, "host of connection"),
        ({**WHOLE, "host": "https:/h", "port": None}, "host of connection"),
        ({**WHOLE, "host": "https//h", "port": None}, "scheme is misspelt"),
        ({**WHOLE, "port": 443}, "is that of https, but the scheme is http: set schema to https"),
        ({**WHOLE, "host": "h:443", "port": None}, "is that of https"),
        ({**WHOLE, "conn_type": "https", "host": "http://h"}, "Token would go in clear"),
        ({**WHOLE, "conn_type": "https", "schema": "http"}, "Token would go in clear"),
        ({**WHOLE, "host": "http://u:MARKED@h"}, "host of connection"),
        ({**WHOLE, "extra": "{"}, "is no JSON object"),
        ({**WHOLE, "extra": "[1]"}, "is no JSON object"),
        ({**WHOLE, "extra": {"timeout_s": "MARKED"}}, "extra timeout_s of connection platform_12315 must be a number"),
        ({**WHOLE, "extra": {"tries": 0}}, "extra tries"),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_a_missing_or_wrong_connection_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, connection: dict[str, object] | str | None, words: str
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(StopRun) as caught:
        settings_of(monkeypatch, connection) if connection is not None else platform_settings()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "MARKED" not in f"{caught.value!r}"


def test_another_connection_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PLATFORM_TEST", json.dumps({**WHOLE, "host": "other"}))
    assert platform_settings("platform_test").base_url == "http://other:8080"


async def test_the_client_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, json.dumps(WHOLE))
    async with PlatformClient(platform_settings()) as client:
        assert isinstance(client, PlatformClient)
        assert "MARKED" not in repr(client.settings)


@pytest.mark.parametrize(
    "module",
    ["hotline_bridge.platform_client.client", "hotline_bridge.platform_client.settings", "hotline_bridge.errors"],
)
def test_the_client_needs_neither_airflow_nor_a_database(module: str) -> None:
    code = (
        f"import sys, {module}; print([m for m in ('airflow', 'psycopg', 'sqlalchemy', 'pandas') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
