"""Sessions on PostgreSQL: what they are opened with, and that nothing about them lasts for ever."""

from __future__ import annotations

import json
import socket
import time
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hotline_bridge.errors import TryAgainLater
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.store.database import connect, connect_async

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures import Stores


@pytest.fixture
def silent() -> Iterator[str]:
    """A server of two addresses; both take connections, and never say a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        yield make_conninfo(
            host="127.0.0.1,127.0.0.1", port=f"{port},{port}", dbname="local", user="loader", connect_timeout=2
        )


def from_extras(monkeypatch: pytest.MonkeyPatch, stores: Stores, **extras: object) -> str:
    parts = conninfo_to_dict(stores.local)
    fields = {name: parts[key] for name, key in (("host", "host"), ("login", "user"), ("password", "password"))}
    connection = {**fields, "conn_type": "postgres", "port": int(str(parts["port"])), "schema": parts["dbname"]}
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", json.dumps({**connection, "extra": extras}))
    return conninfo("local_db")


def shown(session: psycopg.Connection, *settings: str) -> list[str]:
    return [session.execute(f"SHOW {setting}".encode()).fetchall()[0][0] for setting in settings]


LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def test_a_session_is_limited_on_both_sides_as_its_extras_say(monkeypatch: pytest.MonkeyPatch, stores: Stores) -> None:
    with connect(stores.local) as session:
        assert shown(session, *LIMITS) == ["5min", "1min", "10min"]
        assert shown(session, "tcp_keepalives_idle", "TimeZone", "client_encoding") == ["30", "Asia/Shanghai", "UTF8"]
    said = from_extras(
        monkeypatch, stores, statement_timeout=7, keepalives_idle=11, keepalives_count=4, tcp_user_timeout=9000
    )
    with connect(said) as session:
        assert shown(session, *LIMITS) == ["7s", "1min", "10min"]
        with socket.socket(fileno=socket.dup(session.fileno())) as ours:  # type: ignore[attr-defined]  # of Unix
            tcp = {
                option: ours.getsockopt(socket.IPPROTO_TCP, option)
                for option in (
                    socket.TCP_KEEPIDLE,
                    socket.TCP_KEEPINTVL,
                    socket.TCP_KEEPCNT,
                    socket.TCP_USER_TIMEOUT,
                )
            }
            assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert list(tcp.values()) == [11, 10, 4, 9000]


def test_a_server_ends_a_transaction_that_nobody_goes_on_with(monkeypatch: pytest.MonkeyPatch, stores: Stores) -> None:
    said = from_extras(monkeypatch, stores, idle_in_transaction_session_timeout=1)
    with connect(said) as session, pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout), session.transaction():
        session.execute("SELECT")
        time.sleep(1.5)
        session.execute("SELECT")


def test_connecting_is_bounded_over_all_addresses(silent: str) -> None:
    began = time.monotonic()
    with pytest.raises(TryAgainLater, match="cannot be reached"):
        connect(silent)
    assert time.monotonic() - began < 3.5, "two seconds, not two for each address"


async def test_connecting_on_a_loop_is_bounded_over_all_addresses(silent: str) -> None:
    began = time.monotonic()
    with pytest.raises(TryAgainLater, match="cannot be reached"):
        await connect_async(silent)
    assert time.monotonic() - began < 3.5, "two seconds, not two for each address"
