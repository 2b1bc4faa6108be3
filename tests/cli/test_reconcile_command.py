"""`hotline reconcile`: the count reconciliation without Airflow, on real stores and a platform."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from hotline_bridge.by_hand import ByHand
from hotline_bridge.cli.main import app
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import StopRun
from hotline_bridge.reconcile.requests import ask, asked_days
from hotline_bridge.store.database import connect
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.outbound.test_leaks import postgres_connection
from tests.reconcile.city import DAYS, City

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch, stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> City:
    """Connections in the environment, as the command finds them; an order a day, carried both ways."""
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", postgres_connection(stores.local))
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", postgres_connection(stores.docking))
    connection = platform_connection(sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN, resend_after_h=1e-6)
    monkeypatch.setenv("AIRFLOW_CONN_PLATFORM_12315", connection)
    return City(stores, platform, sandbox, interfaces_of("order"))


def hotline(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["reconcile", *arguments], catch_exceptions=False)
    return done.exit_code, done.output


def test_a_fresh_store_has_nothing_to_count_and_says_so(city: City) -> None:
    code, output = hotline()
    assert code == 0
    assert "尚未收集工单" in output
    checks = 45 * len(interfaces_of("telephony"))
    assert f"{checks} days and kinds: {checks} agreed" in output


def test_it_looks_then_repairs_and_ends_by_what_it_found(city: City, tmp_path: Path) -> None:
    for place, day in enumerate(DAYS):
        city.take(f"G{place}", day)
    city.carry()
    city.lose_locally("G1")
    window = ("--begin", f"{DAYS[0]}T00:00", "--end", f"{DAYS[-1]}T23:59")
    code, output = hotline(*window)
    assert code == 1
    assert "平台数量与本地不符 1" in output
    assert not city.local("SELECT FROM hotline.complaint_case WHERE regino = 'G1'")
    with connect(city.stores.local) as local:
        assert ask(local, DAYS[1], ByHand("airflow:wang", "群众来电"))
        assert hotline(*window)[0] == 1
        assert asked_days(local) == [DAYS[1]], "who only looks answers nothing"
    code, output = hotline(*window, "--repair", "--report", str(tmp_path))
    assert code == 0
    assert city.local("SELECT repair -> 'came' FROM hotline.count_reconciliation WHERE repair IS NOT NULL") == [(1,)]
    answers = "SELECT actor, state_before, state_after FROM hotline.operator_action WHERE action = 'repair'"
    assert city.local(f"{answers} AND key = '{DAYS[1]}' ORDER BY row_id") == [
        ("airflow:wang", "open", "asked"),
        ("count_reconciliation", "asked", "agreed"),
    ]
    assert "G1" not in output
    assert "对账" in (tmp_path / "reconciliation.html").read_text(encoding="utf-8")
    with (tmp_path / "reconciliation.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) > len(DAYS)
    assert city.local("SELECT count(*) FROM hotline.count_reconciliation WHERE kind = 'complaint'") == [(13,)]
    code, output = hotline(*window, "--all")
    assert code == 0
    assert output.count("投诉") == len(DAYS)


def test_a_gap_in_the_schedule_and_an_open_day_are_caught_up(city: City) -> None:
    city.collect_from(DAYS[0].replace(year=DAYS[0].year - 1))
    code, _ = hotline("--all")
    assert code == 0
    days = city.local("SELECT count(DISTINCT day) FROM hotline.count_reconciliation WHERE kind = 'report'")
    assert days[0][0] > 360
    hotline()
    [(checks,)] = city.local("SELECT count(*) FROM hotline.count_reconciliation WHERE kind = 'report'")
    assert checks == days[0][0] + 45, "the second run counts the last days only"


def test_days_that_are_not_over_are_refused(city: City) -> None:
    with pytest.raises(StopRun, match="no day of the window can be counted yet"):
        hotline("--begin", f"{datetime.now(SHANGHAI):%Y-%m-%d}", "--end", "2999-01-02T00:00")
    with pytest.raises(StopRun, match="时间段在将来"):
        hotline("--begin", "2999-01-01T00:00", "--end", "2999-01-02T00:00")
