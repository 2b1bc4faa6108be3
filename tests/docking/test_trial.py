"""Invented rows go only into a docking store that is marked for trial, and only an empty one can be marked."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from typer.testing import CliRunner

import hotline_bridge
import hotline_sandbox
from hotline_bridge.cli.check import findings
from hotline_bridge.cli.main import app
from hotline_bridge.docking.create import create_docking
from hotline_bridge.docking.trial import is_for_trial
from hotline_bridge.errors import StopRun
from hotline_sandbox.demo.trickle import Trickle
from hotline_sandbox.sample.load import load_sample
from hotline_sandbox.sample.orders import load_orders
from tests.outbound.test_leaks import postgres_connection

if TYPE_CHECKING:
    from tests.fixtures import Stores


def execute(conninfo: str, statement: str) -> int:
    with psycopg.connect(conninfo) as docking:
        return docking.execute(statement.encode()).rowcount


def rows(conninfo: str) -> int:
    return execute(conninfo, "SELECT FROM docking.call_log UNION ALL SELECT FROM docking.complaint_order")


def marked(conninfo: str) -> bool:
    with psycopg.connect(conninfo) as docking:
        return is_for_trial(docking)


@pytest.fixture
def in_service(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> str:
    """A docking store as a plain `hotline migrate` makes it, and the connections to it and to a local store."""
    execute(stores.docking, "DROP SCHEMA docking CASCADE")
    for name, conninfo in (("DOCKING_DB", stores.docking), ("LOCAL_DB", stores.local)):
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", postgres_connection(conninfo))
    assert CliRunner().invoke(app, ["migrate"], catch_exceptions=False).exit_code == 0
    return stores.docking


def test_a_store_in_service_takes_no_invented_row(in_service: str) -> None:
    with pytest.raises(StopRun, match=r"not marked for trial: .*hotline migrate --for-trial"):
        load_sample(in_service, rows=10)
    with pytest.raises(StopRun, match="not marked for trial"):
        load_orders(in_service, orders=10)
    with closing(Trickle(in_service, rate=1_000_000.0)) as trickle, pytest.raises(StopRun, match="not marked"):
        trickle.write_due()
    for words in (["sample", "--rows", "10"], ["sample", "--orders", "10"]):
        with pytest.raises(StopRun, match="not marked for trial"):
            CliRunner().invoke(app, words, catch_exceptions=False)
    assert rows(in_service) == 0
    assert not marked(in_service)


def test_an_empty_store_is_marked_once_and_stays_so(in_service: str) -> None:
    assert CliRunner().invoke(app, ["migrate", "--for-trial"], catch_exceptions=False).exit_code == 0
    assert CliRunner().invoke(app, ["sample", "--rows", "10"], catch_exceptions=False).exit_code == 0
    assert rows(in_service) > 0
    for words in (["migrate"], ["migrate", "--for-trial"]):
        assert CliRunner().invoke(app, words, catch_exceptions=False).exit_code == 0
        assert marked(in_service)
    assert any("is marked for trial" in finding.text for finding in findings())


@pytest.mark.parametrize("table", ["call_log", "consultation_order", "order_supplement", "seat"])
def test_a_store_with_rows_is_not_marked(in_service: str, table: str) -> None:
    execute(in_service, f"INSERT INTO docking.{table} DEFAULT VALUES")
    with pytest.raises(StopRun, match=rf"docking\.{table} holds rows"):
        create_docking(in_service, for_trial=True)
    assert not marked(in_service)
    assert not any("is marked for trial" in finding.text for finding in findings())


def test_nothing_else_sets_the_mark() -> None:
    setting = {
        path.name
        for package in (hotline_bridge, hotline_sandbox)
        for path in Path(next(iter(package.__path__))).rglob("*.py")
        if "for_trial=True" in path.read_text(encoding="utf-8")
    }
    assert setting == {"run.py", "several.py", "up.py"}
