"""Servers as their DBAs set them: whatever the defaults, and whoever ends sessions, each record counts once."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import HotlineError
from hotline_bridge.store.database import connect
from tests.inbound.inbound_bridge import COMPLAINTS, Inbound, order
from tests.outbound.bridge import GOOD, Bridge, call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

HOSTILE = {
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "iso_8601",
    "TimeZone": "America/New_York",
    "search_path": "evil, pg_catalog",
    "standard_conforming_strings": "off",
    "client_encoding": "GBK",
    "statement_timeout": "800ms",
    "lock_timeout": "1ms",
    "idle_session_timeout": "1s",
    "idle_in_transaction_session_timeout": "1s",
    "jit": "on",
    "jit_above_cost": "0",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "synchronous_commit": "off",
}
EVIL = """
CREATE SCHEMA evil;
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '1999-01-01'::timestamptz $$;
CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT 'nothing is set'::text $$;
CREATE TABLE evil.batch (no_such integer);
"""
LATER_THAN_IDLE = [{"kind": "latency", "interface": "*", "ms": 1_400, "jitter_ms": 100}]


def make_hostile(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as session:
        session.execute(EVIL)
        for name, value in HOSTILE.items():
            session.execute(
                sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                    sql.Identifier(session.info.dbname),
                    sql.SQL(name),  # type: ignore[arg-type]  # names of ours
                    sql.SQL(value if name == "search_path" else f"'{value}'"),  # type: ignore[arg-type]
                )
            )


@pytest.fixture
def hostile(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> Bridge:
    """All four telephony logs, each with a row, in databases that are set to harm."""
    bridge = Bridge(stores, platform, sandbox, interfaces_of("telephony"))
    for name, row in GOOD.items():
        bridge.write(row, interface=name, written_at="2026-11-23 08:05:00+08")
    for conninfo in (stores.docking, stores.local):
        make_hostile(conninfo)
    bridge.sandbox.set_faults(LATER_THAN_IDLE)
    return bridge


def test_no_default_reaches_a_session(hostile: Bridge) -> None:
    with connect(hostile.stores.local) as session:
        shown = {name: session.execute(f"SHOW {name}".encode()).fetchall()[0][0] for name in HOSTILE}
        text = session.execute(
            "SELECT now()::text, '\\x00ff'::bytea::text, 0.1::float8 + 0.2, E'a' || 'b\\'"
        ).fetchall()
    assert {name for name, value in shown.items() if value == HOSTILE[name]} == {"jit_above_cost"}
    assert text[0][0].startswith("20"), "not evil.now()"
    assert text[0][1:] == ("\\x00ff", 0.30000000000000004, "ab\\")
    assert (shown["search_path"], shown["idle_session_timeout"]) == ('"$user", public', "0")


def test_reports_are_delivered_once_and_recorded(hostile: Bridge) -> None:
    hostile.run()
    hostile.run()
    assert hostile.states() == {"delivered": 4}
    assert Counter(record["interface"] for record in hostile.accepted()) == dict.fromkeys(GOOD, 1)
    assert all(log.adds_up for log in hostile.status())
    with connect(hostile.stores.local) as session:
        times = session.execute("SELECT calltime::text, written_at FROM hotline.call_log").fetchall()
        assert times == [
            ("2026-11-23 08:00:00+08", session.execute("SELECT '2026-11-23T08:05:00+08'::timestamptz").fetchall()[0][0])
        ]


def test_what_is_collected_is_stored(hostile: Bridge) -> None:
    inbound = Inbound(hostile.stores, hostile.platform, hostile.sandbox)
    inbound.sandbox.world.put(order("TS1", 60), order("TS2", 3_600))
    inbound.collect((0, 7_200))
    with connect(hostile.stores.local) as session:
        assert session.execute("SELECT regino FROM hotline.complaint_case ORDER BY 1").fetchall() == [
            ("TS1",),
            ("TS2",),
        ]


@contextmanager
def nobody_rests(conninfo: str) -> Iterator[None]:
    """Ends every session that rests for half a second, as a server with idle_session_timeout or a proxy does."""
    done = Event()

    def end_all() -> None:
        with psycopg.connect(conninfo, autocommit=True) as session:
            while not done.wait(0.1):
                session.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND state = 'idle' AND state_change < clock_timestamp() - interval '0.5 s'"
                )

    with ThreadPoolExecutor() as apart:
        ending = apart.submit(end_all)
        yield
        done.set()
        ending.result(10)


def test_sessions_that_are_ended_at_rest_are_opened_again(bridge: Bridge) -> None:
    bridge.write(*(call(number) for number in range(30)))
    bridge.take_in()
    bridge.sandbox.set_faults(LATER_THAN_IDLE)
    inbound = Inbound(bridge.stores, bridge.platform, bridge.sandbox, (COMPLAINTS,))
    inbound.sandbox.world.put(order("TS1", 60))
    with nobody_rests(bridge.stores.local):
        bridge.with_settings(max_concurrency=10).deliver()
        found = inbound.collect((0, 86_400 * 2 - 7_200))
    assert bridge.states() == {"delivered": 30}
    assert Counter(record["body_sha256"] for record in bridge.accepted()).most_common(1)[0][1] == 1
    assert (found[COMPLAINTS.name].failed, bridge.local("SELECT regino FROM hotline.complaint_case")) == (0, [("TS1",)])


def test_a_result_is_recorded_when_the_store_lets_us_in_again(bridge: Bridge, postgres: Server) -> None:
    bridge.write(*(call(number) for number in range(8)))
    bridge.take_in()
    bridge.sandbox.set_faults(LATER_THAN_IDLE)
    name = bridge.local("SELECT current_database()")[0][0]
    with (
        psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as dba,
        ThreadPoolExecutor() as apart,
    ):
        run = apart.submit(bridge.deliver)
        while bridge.sandbox.health()["calls"] < 1:  # type: ignore[operator]  # a count
            time.sleep(0.01)
        dba.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        dba.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        time.sleep(3)
        dba.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
        with pytest.raises(HotlineError, match=r"no results were not written down.*admits nobody"):
            run.result(40)
    assert bridge.states() == {"delivered": 8}
    assert len(bridge.accepted()) == 8
