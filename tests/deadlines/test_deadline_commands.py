"""`hotline calendar`, `hotline deadlines` and `hotline codes` on real stores, with connections from the environment."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import psycopg
import pytest
import time_machine
from typer.testing import CliRunner

from hotline_bridge.cli.main import app
from hotline_bridge.errors import StopRun
from tests.cli.test_commands import connection
from tests.deadlines.limits_of import moment, put

if TYPE_CHECKING:
    from tests.fixtures import Stores


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, stores: Stores) -> Stores:
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", connection(stores.docking))
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(stores.local))
    return stores


def hotline(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return done.exit_code, done.output


def test_calendar_loads_once_and_knows_when_a_year_is_due(connected: Stores) -> None:
    with time_machine.travel(date(2026, 10, 31), tick=False):
        code, output = hotline("calendar")
        assert (code, "working days are known from 2004 to" in output) == (0, True)
        again = hotline("calendar")[1]
        assert again.count(": 0 rows added, changed or removed") == 4
    with psycopg.connect(connected.local) as local:
        [(last,)] = local.execute("SELECT extract(year FROM max(day))::integer FROM hotline.calendar_day").fetchall()
    with time_machine.travel(date(last, 11, 1), tick=False), pytest.raises(StopRun, match=f"the year {last + 1}"):
        hotline("calendar")


def test_deadlines_lists_what_is_overdue_by_number_alone(connected: Stores) -> None:
    assert hotline("deadlines")[0] == 0
    with psycopg.connect(connected.local, autocommit=True) as local:
        put(
            local,
            "complaint_case",
            regino="R-OLD",
            registime=moment("2026-01-05"),
            proname="张三",
            protel="13800138000",
        )
        put(local, "complaint_case", regino="R-FAR", registime=moment("2026-01-06"))
        put(local, "complaint_feedback", odrno="R-FAR", loaded_at=moment("2026-01-07"))
    with psycopg.connect(connected.docking, autocommit=True) as docking:
        docking.execute("INSERT INTO docking.order_deadline (regino, deadline) VALUES ('R-OLD', '2026-01-08')")
    code, output = hotline("deadlines")
    assert code == 1
    assert "R-OLD" in output
    assert "2026-01-08 23:59" in output
    assert not any(word in output for word in ("张三", "13800138000", "R-FAR"))

    code, output = hotline("deadlines", "--json", "--most", "1")
    found = json.loads(output)
    assert code == 1
    assert {(row["stage"], row["state"], row["orders"]) for row in found["counts"]} == {
        ("acceptance", "overdue", 1),
        ("handling", "overdue", 1),
    }
    [row] = found["pressing"]
    assert (row["regino"], row["limit_source"], row["limit_at"][:19]) == ("R-OLD", "12345", "2026-01-08T23:59:59")


def test_deadlines_shows_the_list_before_it_complains_about_the_calendar(connected: Stores) -> None:
    with psycopg.connect(connected.local, autocommit=True) as local:
        put(local, "complaint_case", regino="R-OLD", registime=moment("2026-01-05"))
        put(local, "complaint_case", regino="R-NEW", registime=moment("2199-01-05"))
    done = CliRunner().invoke(app, ["deadlines"])
    assert isinstance(done.exception, StopRun)
    assert "the year 2199" in str(done.exception)
    assert "R-OLD" in done.output


def test_deadlines_works_without_the_docking_store(connected: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = json.loads(connection(connected.docking)) | {"port": "1"}
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", json.dumps(gone))
    code, output = hotline("deadlines")
    assert code == 0
    assert "12345's deadlines are those of the last run" in output


def test_a_clock_that_is_none_says_which_there_are(connected: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_CLOCK", "sundial")
    with pytest.raises(StopRun, match=r"HOTLINE_CLOCK .* earlier, ours, 12345"):
        hotline("deadlines")


def test_codes(connected: Stores) -> None:
    code, output = hotline("codes", "list")
    assert code == 0
    assert "area 行政区划: 12 versions" in output
    assert "mediation 调解方式: empty" in output
    assert hotline("codes", "unknown") == (0, "every code is in its list 没有未知代码\n")
    with psycopg.connect(connected.local, autocommit=True) as local:
        put(local, "complaint_case", regino="R1", appltype="9901")
    code, output = hotline("codes", "unknown", "--json")
    assert code == 0, "a list that nobody delivered is no fault of the data"
    assert [found["code"] for found in json.loads(output)] == ["9901"]
    with psycopg.connect(connected.local, autocommit=True) as local:
        put(local, "complaint_case", regino="R2", salesway="9")
    code, output = hotline("codes", "unknown")
    assert code == 1
    assert "salesway" in output


def test_migrate_loads_the_files(connected: Stores) -> None:
    code, output = hotline("migrate")
    assert code == 0
    assert "rows of hotline.calendar_day loaded" in output
    with psycopg.connect(connected.local) as local:
        assert local.execute("SELECT count(*) > 8000 FROM hotline.calendar_day").fetchall() == [(True,)]
