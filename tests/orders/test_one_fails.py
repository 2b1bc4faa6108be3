"""A table that cannot be read stops no other: the rest is taken in and sent, the run ends red and tells them all."""

from __future__ import annotations

import json
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from hotline_bridge.cli.main import app
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import Failures, Refused, StopRun, TryAgainLater
from hotline_bridge.outbound import docking_rows
from hotline_bridge.tasks import outbound
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.orders.order_bridge import COMPLAINT, KINDS, OrderBridge, order
from tests.outbound.bridge import GOOD

LOGS = tuple(GOOD)
COUNT = "SELECT count(*) FROM docking.{} WHERE collected_at IS NULL"


@pytest.fixture
def bridge(orders: OrderBridge, monkeypatch: pytest.MonkeyPatch) -> OrderBridge:
    """The four logs with a row each, and the connections of a deployment."""
    for name, conninfo in (("DOCKING", orders.stores.docking), ("LOCAL", orders.stores.local)):
        parts = conninfo_to_dict(conninfo)
        fields = {"host": "host", "port": "port", "login": "user", "password": "password", "schema": "dbname"}
        connection = {"conn_type": "postgres", **{ours: parts[theirs] for ours, theirs in fields.items()}}
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}_DB", json.dumps(connection))
    platform = platform_connection(orders.sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN)
    monkeypatch.setenv("AIRFLOW_CONN_PLATFORM_12315", platform)
    monkeypatch.setattr(outbound, "LOCK_WAIT_MS", 100)
    for name, row in GOOD.items():
        orders.write(row, interface=name)
    return replace(orders, interfaces=interfaces_of("telephony"))


def uncollected(bridge: OrderBridge, locked: str = "") -> set[str]:
    tables = {"call_log", "recording_log", "seat_login_log", "satisfaction_log"} - {locked}
    return {table for table in tables if bridge.docking(COUNT.format(table)) != [(0,)]}


def test_a_bad_table_holds_no_other_up(bridge: OrderBridge) -> None:
    bridge.docking("ALTER TABLE docking.recording_log DROP COLUMN recordpath")
    with pytest.raises(
        StopRun, match=r"recordinfo: recording_log of database .* lacks a table, column .*hotline check"
    ):
        outbound.take_in(LOGS)
    assert uncollected(bridge) == {"recording_log"}
    bridge.deliver()
    assert {str(record["interface"]) for record in bridge.accepted()} == set(LOGS) - {"recordinfo"}


def test_all_that_failed_is_told_and_what_needs_a_person_decides(bridge: OrderBridge) -> None:
    bridge.docking("ALTER TABLE docking.recording_log DROP COLUMN recordpath")
    with psycopg.connect(bridge.stores.docking) as nightly_load:
        nightly_load.execute("TRUNCATE docking.call_log")
        with pytest.raises(StopRun) as told:
            outbound.take_in(LOGS)
        assert uncollected(bridge, "call_log") == {"recording_log"}
    assert "callinfo: another session holds a lock on call_log of database" in str(told.value)
    assert "recordinfo: recording_log of database" in str(told.value)


def test_a_locked_table_alone_is_tried_again(bridge: OrderBridge) -> None:
    with psycopg.connect(bridge.stores.docking) as nightly_load:
        nightly_load.execute("LOCK TABLE docking.call_log")
        with pytest.raises(TryAgainLater, match="a lock on call_log"):
            outbound.take_in(LOGS)
    assert uncollected(bridge) == {"call_log"}
    assert outbound.take_in(LOGS)["callinfo"]["rows"] == 1
    assert uncollected(bridge) == set()


def test_a_session_that_breaks_is_opened_again_for_the_others(
    bridge: OrderBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: list[str] = []

    def reached(step: str) -> None:
        if not broken:
            broken.append(step)
            bridge.docking(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    monkeypatch.setattr(docking_rows, "reached", reached)
    with pytest.raises(TryAgainLater, match=r"^callinfo: .*AdminShutdown"):
        outbound.take_in(LOGS)
    assert uncollected(bridge) == {"call_log"}
    assert bridge.states() == {"waiting": 4}


def test_notes_fail_apart_and_supplements_are_laid_all_the_same(bridge: OrderBridge) -> None:
    bridge.write(order(COMPLAINT, complacontent="原文"), interface=COMPLAINT)
    bridge.note("order_supplement", supplementid="S1", regino="G2026112400000001", content="补")
    bridge.note("seat", seatno="801")
    for table in ("report_order", "order_urge"):
        bridge.docking(f"ALTER TABLE docking.{table} RENAME TO elsewhere_{table}")
    with pytest.raises(StopRun, match=r"report_order of database .* \| .*order_urge of database"):
        outbound.take_in(KINDS)
    assert bridge.local("SELECT complacontent LIKE '原文%补' FROM hotline.complaint_order") == [(True,)]
    assert bridge.local("SELECT seatno FROM hotline.seat") == [("801",)]


def test_the_command_sends_what_waits_though_a_table_cannot_be_read(bridge: OrderBridge) -> None:
    bridge.docking("ALTER TABLE docking.recording_log RENAME TO elsewhere")
    done = CliRunner().invoke(app, ["report", "telephony"])
    assert isinstance(done.exception, StopRun)
    assert {str(record["interface"]) for record in bridge.accepted()} == set(LOGS) - {"recordinfo"}


def test_what_is_collected_of_failures() -> None:
    def fail(*failures: Exception, last: Exception | None = None) -> None:
        with Failures() as collected:
            for failure in failures:
                with collected.apart():
                    raise failure
            if last:
                raise last

    fail()
    with pytest.raises(Refused, match=r"^only$"):
        fail(Refused("only"))
    with pytest.raises(TryAgainLater, match=r"^a \| b$"):
        fail(TryAgainLater("a"), TryAgainLater("b"))
    with pytest.raises(StopRun, match=r"^a \| b; fix it$"):
        fail(TryAgainLater("a"), last=StopRun("b", remedy="fix it"))
    with pytest.raises(ZeroDivisionError):
        fail(TryAgainLater("a"), last=ZeroDivisionError())


def test_a_row_that_12345_is_changing_is_left_to_the_next_run(bridge: OrderBridge) -> None:
    bridge.write({**GOOD["callinfo"], "callid": "440203000002"}, interface="callinfo")
    with psycopg.connect(bridge.stores.docking) as long_change:
        long_change.execute("UPDATE docking.call_log SET callno = '1' WHERE callid = '440203000002'")
        taken = outbound.take_in(LOGS)["callinfo"]
        assert (taken["rows"], taken["waiting"], taken["collected"]) == (2, 2, 1)
        assert bridge.docking(COUNT.format("call_log")) == [(1,)]
    assert outbound.take_in(LOGS)["callinfo"]["collected"] == 1
    assert bridge.local("SELECT callno FROM hotline.call_log WHERE callid = '440203000002'") == [("1",)]
