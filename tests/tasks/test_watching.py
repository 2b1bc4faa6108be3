"""A run that watches: what comes is passed on by the run that is there, until the next one is."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from hotline_bridge.cli.status import read_status
from hotline_bridge.ending import run_apart
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.tasks import outbound, publish, report, watching
from hotline_bridge.tasks.runs import record_run
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.cli.conftest import connection
from tests.fixtures import platform_at
from tests.outbound.bridge import Bridge, call
from tests.sessions import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

DAG, CALLS = "telephony_report", ["callinfo", "recordinfo"]
OFTEN_S = 0.01


@pytest.fixture
def bridge(stores: Stores, sandbox: SandboxControl, monkeypatch: pytest.MonkeyPatch) -> Bridge:
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", connection(stores.docking))
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(stores.local))
    monkeypatch.setenv(
        "AIRFLOW_CONN_PLATFORM_12315", platform_connection(sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN)
    )
    return Bridge(stores, platform_at(sandbox), sandbox)


def meanwhile(monkeypatch: pytest.MonkeyPatch, step: str, *happenings: Callable[[], object]) -> None:
    """After each call of a step of the flow the next of these happens."""
    real, left = getattr(outbound, step), list(happenings)

    def then(*given: Any, **named: Any) -> Any:
        done = real(*given, **named)
        if left:
            left.pop(0)()
        return done

    monkeypatch.setattr(outbound, step, then)


def test_what_comes_is_passed_on_by_the_run_that_is_there(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge.write(call(1))
    meanwhile(
        monkeypatch,
        "deliver",
        lambda: bridge.write(call(2)),
        lambda: bridge.write(call(3), call(4)),
        lambda: record_run(DAG),  # as the next run does
    )
    done = report.report(DAG, CALLS, budget_s=600, look_s=OFTEN_S)
    assert done.counts(CALLS)["callinfo"]["taken_in_rows"] == 4
    assert done.counts(CALLS)["callinfo"]["now_delivered"] == 4
    assert done.counts(CALLS)["recordinfo"]["taken_in_rows"] == 0
    assert bridge.sandbox.counts()["callinfo"]["accepted"] == 4
    noted = ask(
        bridge.stores.local, "SELECT subject, sum(taken_in), sum(delivered) FROM hotline.run_log GROUP BY 1 ORDER BY 1"
    )
    assert noted == [("", 0, 0), ("callinfo", 4, 4), ("recordinfo", 0, 0)]
    assert all(log.adds_up for log in read_status("telephony", bridge.stores.docking, bridge.stores.local))


def test_a_run_by_hand_relieves_nobody_and_ends_with_its_work(bridge: Bridge) -> None:
    bridge.write(call(1))
    assert report.report(DAG, CALLS, budget_s=600).counts(CALLS)["callinfo"]["now_delivered"] == 1
    assert ask(bridge.stores.local, "SELECT FROM hotline.run_log WHERE subject = ''") == []


def test_what_a_person_has_to_fix_ends_the_watch_at_once(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = "ALTER TABLE docking.recording_log RENAME TO elsewhere"
    meanwhile(monkeypatch, "deliver", lambda: ask(bridge.stores.docking, gone))
    with pytest.raises(StopRun, match="lacks a table"):
        report.report(DAG, CALLS, budget_s=600, look_s=OFTEN_S)


def test_a_platform_that_answers_nothing_ends_the_watch(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_PLATFORM_12315", platform_connection("http://127.0.0.1:1", DEFAULT_APP_ID, DEFAULT_TOKEN, tries=1)
    )
    meanwhile(monkeypatch, "deliver", lambda: bridge.write(call(1)))
    done = report.report(DAG, CALLS, budget_s=600, look_s=OFTEN_S)
    [sentence] = outbound.failing(done.delivered)
    assert "没有得到平台的有效应答" in sentence


def test_what_waits_is_sent_while_the_docking_store_is_down(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge.write(call(1))
    outbound.take_in(CALLS)
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", "postgres://nobody:x@127.0.0.1:1/nowhere")
    with pytest.raises(TryAgainLater, match="cannot be reached"):
        report.report(DAG, CALLS, budget_s=600, look_s=OFTEN_S)
    assert bridge.sandbox.counts()["callinfo"]["accepted"] == 1
    assert ask(bridge.stores.local, "SELECT FROM hotline.run_log") == [], "a run that failed is not noted"


def test_urges_and_seats_are_looked_for_with_orders(bridge: Bridge) -> None:
    orders = ["putTsBusiRegInfoData", "putJbBusiRegInfoData", "putZxBusiRegInfoData"]
    look = outbound.uncollected(orders)
    with psycopg.connect(bridge.stores.docking, autocommit=True) as docking:
        assert docking.execute(look).fetchall() == []
        docking.execute("INSERT INTO docking.seat (seatno) VALUES ('11')")
        docking.execute("INSERT INTO docking.report_order (regino) VALUES ('1')")
        assert docking.execute(look).fetchall() == [(orders[1:2],), (orders,)]


def test_a_look_reads_no_row_that_is_collected(bridge: Bridge) -> None:
    with psycopg.connect(bridge.stores.docking, autocommit=True) as docking:
        docking.execute(
            "INSERT INTO docking.call_log (callid, written_at, collected_at)"
            " SELECT n::text, now(), now() FROM generate_series(1, 2000) AS n"
        )
        docking.execute("ANALYZE docking.call_log")
        plan = docking.execute(sql.SQL("EXPLAIN {}").format(outbound.uncollected(CALLS))).fetchall()
    assert "call_log_uncollected" in str(plan)


def test_an_order_that_changes_is_published_by_the_run_that_is_there(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    def passes() -> dict[str, dict[str, int]]:
        begun.append(len(begun))
        if len(begun) == 1:
            ask(bridge.stores.local, "INSERT INTO hotline.order_change (regino) VALUES ('1')")
        else:
            ask(bridge.stores.local, "DELETE FROM hotline.order_change")
            record_run("docking_publish")
        return {"order_status": {"written": 1, "removed": 0}}

    monkeypatch.setattr(publish, "publish_tables", passes)
    assert publish.publish("docking_publish", OFTEN_S) == {"order_status": 2}


def test_sigterm_ends_the_watch_and_the_run_keeps_what_it_did(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    bridge.write(call(1))
    try:
        meanwhile(monkeypatch, "uncollected", lambda: os.kill(os.getpid(), signal.SIGTERM))
        done = run_apart(lambda: report.report(DAG, CALLS, budget_s=600, look_s=60), within_s=50)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]
    assert done.counts(CALLS)["callinfo"]["now_delivered"] == 1


@pytest.mark.parametrize(("said", "every_s"), [(None, 2.0), ("", 2.0), ("0", 0.0), ("0.5", 0.5), ("60", 60.0)])
def test_how_often_is_set(monkeypatch: pytest.MonkeyPatch, said: str | None, every_s: float) -> None:
    monkeypatch.delenv(watching.ENVIRONMENT)
    if said is not None:
        monkeypatch.setenv(watching.ENVIRONMENT, said)
    assert watching.look_every_s() == every_s
    assert watching.is_watching() == bool(every_s)


@pytest.mark.parametrize("said", ["often", "-1", "61", "nan", "inf"])
def test_what_cannot_be_read_is_told_by_the_run(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv(watching.ENVIRONMENT, said)
    with pytest.raises(StopRun, match=r"HOTLINE_LOOK_S is no number of seconds; set it to"):
        watching.look_every_s()
    assert watching.is_watching()
