"""`airflow dags test` of what a deployment does every minute: logs and orders, on real stores and a real platform."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from hotline_bridge.cli.status import read_status
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.sample.load import load_sample
from hotline_sandbox.sample.orders import load_orders
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.warm_airflow import WarmAirflow

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

pytestmark = pytest.mark.slow


def postgres_connection(conninfo: str) -> str:
    parts = conninfo_to_dict(conninfo)
    return json.dumps(
        {
            "conn_type": "postgres",
            "host": parts["host"],
            "port": int(str(parts["port"])),
            "login": parts["user"],
            "password": parts["password"],
            "schema": parts["dbname"],
        }
    )


def airflow(stores: Stores, sandbox: SandboxControl, token: str = DEFAULT_TOKEN) -> WarmAirflow:
    return WarmAirflow(
        {
            "docking_db": postgres_connection(stores.docking),
            "local_db": postgres_connection(stores.local),
            "platform_12315": platform_connection(sandbox.base_url, DEFAULT_APP_ID, token),
        }
    )


def xcoms(home: WarmAirflow) -> dict[str, Any]:
    with sqlite3.connect(home.folder / "airflow.db") as database:
        rows = database.execute("SELECT task_id, value FROM xcom WHERE key = 'return_value'").fetchall()
    return {task: json.loads(value) if isinstance(value, str) else value for task, value in rows}


def test_the_dag_reports_a_sample_and_counts_it(tmp_path: Path, stores: Stores, sandbox: SandboxControl) -> None:
    written = load_sample(stores.docking, rows=600, seed=7)
    home = airflow(stores, sandbox)
    home.run("dags", "test", "telephony_report", log=tmp_path / "run.log")

    logs = {log.interface.table: log for log in read_status("telephony", stores.docking, stores.local)}
    for table, sampled in written.tables.items():
        assert logs[table].adds_up
        assert logs[table].versions["delivered"] == sampled.delivered
        assert logs[table].versions["quarantined"] == sampled.quarantined
    assert sum(count["accepted"] for count in sandbox.counts().values()) == sum(
        sampled.delivered for sampled in written.tables.values()
    )
    counts = xcoms(home)
    assert set(counts) == {"take_in_and_deliver"}
    call_log = written.tables["call_log"]
    calls = counts["take_in_and_deliver"]["callinfo"]
    assert calls["taken_in_rows"] == call_log.rows
    assert calls["now_delivered"] == call_log.delivered
    assert calls["open_quarantined"] == call_log.quarantined
    assert len(json.dumps(counts)) < 3000, "XCom values are small counts"


def test_a_wrong_token_is_red_at_once_and_says_what_to_set(
    tmp_path: Path, stores: Stores, sandbox: SandboxControl
) -> None:
    load_sample(stores.docking, rows=50, seed=8)
    home = airflow(stores, sandbox, token="no-longer-valid")
    with pytest.raises(RuntimeError, match="telephony_report failed"):
        home.run("dags", "test", "telephony_report", log=tmp_path / "run.log")
    log = (tmp_path / "run.log").read_text()
    assert "correct login, password or auth_header of connection platform_12315" in log
    assert "no-longer-valid" not in log
    assert all(not row.versions["rejected"] for row in read_status("telephony", stores.docking, stores.local))


def test_the_dag_reports_orders_and_lays_supplements_over_them(
    tmp_path: Path, stores: Stores, sandbox: SandboxControl
) -> None:
    written = load_orders(stores.docking, orders=300, seed=7)
    home = airflow(stores, sandbox)
    home.run("dags", "test", "order_report", log=tmp_path / "run.log")
    for log in read_status("order", stores.docking, stores.local):
        assert log.adds_up
        assert log.versions["delivered"] == written.tables[str(log.interface.table)].delivered
    with psycopg.connect(stores.local) as local:
        [(laid,)] = local.execute("SELECT count(*) FROM hotline.order_supplement WHERE laid_at IS NOT NULL").fetchall()
        [(seats,)] = local.execute("SELECT count(*) FROM hotline.seat").fetchall()
    assert laid > 0
    assert seats > 0
    assert sum(count["accepted"] for count in sandbox.counts().values()) == written.total.delivered + laid
    counts = xcoms(home)
    assert set(counts) == {"take_in_and_deliver"}
    complaints = counts["take_in_and_deliver"]["putTsBusiRegInfoData"]
    assert complaints["taken_in_rows"] == written.tables["complaint_order"].rows
    text = (tmp_path / "run.log").read_text()
    assert "投诉工单：取得" in text
    assert "【12345补单" not in text
