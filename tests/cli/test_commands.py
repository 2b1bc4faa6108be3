"""The commands of `hotline`, on real stores and a real platform, with connections from the environment."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from typer.testing import CliRunner

from hotline_bridge.cli.main import app
from hotline_bridge.store.before_release import FIRST
from hotline_bridge.store.migrate import current_revision, downgrade_local, head_revision
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests import warm
from tests.cli.conftest import connection

if TYPE_CHECKING:
    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores


def hotline(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return done.exit_code, done.output


def execute(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo) as database:
        database.execute(statement.encode())


@pytest.mark.edge
def test_from_sample_to_status(connected: Stores, sandbox: SandboxControl) -> None:
    assert hotline("sample", "--rows", "300", "--seed", "3")[0] == 0

    code, output = hotline("status", "telephony", "--json")
    assert code == 0
    assert {"call_log", "seat_login_log"} < {log["log"] for log in json.loads(output)}
    assert sum(log["uncollected"] for log in json.loads(output)) == sum(
        log["docking_rows"] for log in json.loads(output)
    )

    assert hotline("report", "telephony")[0] == 0
    code, output = hotline("status", "telephony", "--json")
    logs = json.loads(output)
    assert code == 0
    assert sum(log["docking_rows"] for log in logs) == 300
    assert sum(log["quarantined"] for log in logs) == 9
    assert sum(log["delivered"] for log in logs) == sum(count["accepted"] for count in sandbox.counts().values())
    code, output = hotline("status")
    assert code == 0
    assert "call_log" in output
    assert "complaint_order" in output
    assert output.splitlines()[-1].startswith("verdict 结论: yes 是: every one of 300 docking rows is accounted for")
    assert "{" not in hotline("report")[1], "JSON is asked for"
    assert list(json.loads(hotline("report", "--json")[1])) == ["telephony", "order"]


def test_a_request_that_failed_or_was_refused_ends_a_report_non_zero(
    connected: Stores, sandbox: SandboxControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_try = platform_connection(sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN, tries=1)
    monkeypatch.setenv("AIRFLOW_CONN_PLATFORM_12315", one_try)
    hotline("sample", "--rows", "20", "--dirty", "0", "--copies", "0", "--corrections", "0")
    sandbox.set_faults(
        [
            {"kind": "status", "status": 503, "interface": "callinfo", "count": 1},
            {"kind": "code", "code": "7001", "msg": "未开通", "interface": "recordinfo", "count": 1},
        ]
    )
    code, output = hotline("report", "telephony")
    assert code == 1
    assert "（callinfo）：1 条没有得到有效应答" in output
    assert "（recordinfo）：1 条被平台拒收" in output


def test_the_version() -> None:
    code, output = hotline("--version")
    assert (code, output.split()[0]) == (0, "hotline-bridge")


def test_content_that_returned_is_sent_again_as_the_runbook_writes_it(connected: Stores) -> None:
    hotline("sample", "--orders", "20", "--dirty", "0", "--corrections", "0")
    assert hotline("report")[0] == 0
    with psycopg.connect(connected.local) as local:
        ((number,),) = local.execute("SELECT min(key) FROM hotline.delivery WHERE state = 'delivered'").fetchall()
    code, output = hotline("replay", "--delivered", "--key", number, "--reason", "退回原值")
    assert (code, output) == (0, "1 versions are due now\n"), "no flow needs to be named"


def test_report_reads_a_window_again(connected: Stores, sandbox: SandboxControl) -> None:
    hotline("sample", "--rows", "100", "--dirty", "0")
    hotline("report")
    accepted = sandbox.counts()["recordinfo"]["accepted"]
    execute(connected.docking, "ALTER TABLE docking.recording_log DISABLE TRIGGER uncollect")
    execute(connected.docking, "UPDATE docking.recording_log SET recordname = 'other.wav'")
    hotline("report")
    assert hotline("status")[0] == 1, "the rows are marked as collected"
    code, output = hotline("report", "--json", "--begin", "2000-01-01 00:00:00+08", "--end", "2100-01-01")
    assert code == 0
    taken_in = json.loads(output)["telephony"]["taken in"]
    assert taken_in["callinfo"]["rows"] > taken_in["callinfo"]["waiting"] == 0, "it is known"
    assert hotline("status")[0] == 0
    assert taken_in["recordinfo"]["waiting"] >= accepted > 0
    assert sandbox.counts()["recordinfo"]["accepted"] == 2 * accepted
    assert hotline("report", "--begin", "2000-01-01", "--dry-run")[0] == 2


def test_nothing_that_an_operator_needs_is_cut_off(connected: Stores) -> None:
    key = "440203777777777777777777777777777777"
    execute(
        connected.docking,
        "INSERT INTO docking.call_log (callid, callno) VALUES ('440203777777777777777777777777777777', '13900001111')",
    )
    hotline("report")
    code, output = hotline("quarantine", "list")
    assert code == 0
    assert key in output
    assert "…" not in output
    assert "sourcearea（受理地行政区划代码）必填项为空" in output


def test_status_ends_non_zero_when_a_row_is_lost(connected: Stores) -> None:
    hotline("sample", "--rows", "100")
    hotline("report")
    execute(connected.local, "DELETE FROM hotline.delivery WHERE interface = 'recordinfo'")
    code, output = hotline("status")
    assert code == 1
    assert "NO 否" in output
    assert "recording_log does not add up" in output.splitlines()[-1]


def test_check_is_content_with_a_good_deployment(connected: Stores) -> None:
    code, output = hotline("check")
    assert code == 0, output
    assert "bad" not in output
    assert "the platform answers a count of the last minute" in output
    assert "clock of the platform" in output


def test_check_names_what_to_mend(
    connected: Stores, postgres: Server, monkeypatch: pytest.MonkeyPatch, sandbox: SandboxControl
) -> None:
    postgres.create_role("visitor", "visitor-password")
    execute(
        connected.docking,
        """
        GRANT USAGE ON SCHEMA docking TO visitor;
        GRANT SELECT, UPDATE (collected_at) ON docking.call_log, docking.seat_login_log TO visitor;
        ALTER TABLE docking.satisfaction_log DROP COLUMN opttime;
        DROP TRIGGER uncollect ON docking.call_log;
        """,
    )
    visitor = make_conninfo(connected.docking, user="visitor", password="visitor-password")
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", connection(visitor))
    monkeypatch.setenv("AIRFLOW_CONN_PLATFORM_12315", platform_connection(sandbox.base_url, DEFAULT_APP_ID, "wrong"))
    sandbox.set_clock_offset(0)

    code, output = hotline("check")
    assert code == 1
    assert "docking.satisfaction_log exists already, left alone, but lacks opttime" in output
    assert "GRANT SELECT, UPDATE (collected_at) ON docking.recording_log TO visitor" in output
    assert "docking.call_log: no trigger" in output
    assert "docking.seat_login_log:" not in output
    assert "fix connection platform_12315" in output


def test_check_names_a_local_store_that_is_not_utf8(
    connected: Stores, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as database:
        database.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(make_conninfo(connected.local, dbname="latin")))
    code, output = hotline("check")
    assert code == 1
    assert "the local store has encoding LATIN1: make its database anew in UTF8" in output


def test_check_sees_a_wrong_clock(connected: Stores, sandbox: SandboxControl) -> None:
    sandbox.set_clock_offset(300)
    output = hotline("check")[1]
    assert "clock of the platform differs by +300 s" in output or "clock of the platform differs by +299 s" in output


def test_migrate_says_what_it_did_and_leaves_what_stands(connected: Stores) -> None:
    code, output = hotline("migrate")
    assert code == 0
    assert "docking.call_log exists already, left alone" in output
    assert "schema hotline stands at" in output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["status"], "connection docking_db is missing; set AIRFLOW_CONN_DOCKING_DB"),
        (["migrate"], "connection docking_db is missing; set AIRFLOW_CONN_DOCKING_DB"),
        (["report"], "connection local_db is missing; set AIRFLOW_CONN_LOCAL_DB"),
        (["sample"], "connection docking_db is missing; set AIRFLOW_CONN_DOCKING_DB"),
    ],
)
def test_a_missing_connection_is_one_sentence(arguments: list[str], words: str) -> None:
    environment = {"AIRFLOW_HOME": os.environ["AIRFLOW_HOME"], "PATH": "/usr/bin:/bin"}
    code, said = warm.heard("hotline_bridge.cli.main", *arguments, environment=environment)
    assert code == 1
    assert words in said
    assert "Traceback" not in said


def test_every_command_has_help() -> None:
    for name in ("migrate", "sandbox", "sample", "check", "status", "report"):
        code, output = hotline(name, "--help")
        assert code == 0, name
        assert "Usage" in output


def test_migrate_takes_the_store_back_to_a_revision_and_up_again(connected: Stores) -> None:
    newest = head_revision()
    done = CliRunner().invoke(app, ["migrate", "--to", "base"], input="y\n", catch_exceptions=False)
    assert done.exit_code == 0
    assert current_revision(connected.local) is None
    assert hotline("migrate")[0] == 0
    assert current_revision(connected.local) == newest


def test_check_says_that_another_revision_is_there(connected: Stores) -> None:
    downgrade_local(connected.local, FIRST)
    told = f"schema hotline is at revision {FIRST}, not {head_revision()}: run `hotline migrate`"
    assert told in hotline("check")[1]
    assert hotline("migrate")[0] == 0
    assert told not in hotline("check")[1]


def test_check_names_a_table_that_differs_from_the_contract(connected: Stores) -> None:
    execute(
        connected.local, "ALTER TABLE hotline.call_log DROP COLUMN callno CASCADE; DROP TABLE hotline.case_urge_history"
    )
    code, output = hotline("check")
    assert code == 1
    assert "bad  the table hotline.call_log of interface callinfo differs from the contract in callno" in output
    assert "bad  the table hotline.case_urge_history of interface getCaseCb does not exist" in output
