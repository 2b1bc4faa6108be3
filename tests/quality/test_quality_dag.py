"""`airflow dags test quality_check`: warnings stay green; an error turns the verdict red and leaves the report."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.clock import SHANGHAI
from tests.quality.typed_rows import TELEPHONY, TypedTables, connection
from tests.warm_airflow import WarmAirflow

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures import Stores

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path, stores: Stores) -> WarmAirflow:
    return WarmAirflow({"local_db": connection(stores.local)}, {"HOTLINE_REPORT_DIR": str(tmp_path / "reports")})


def states(home: WarmAirflow) -> dict[str, str]:
    with sqlite3.connect(home.folder / "airflow.db") as database:
        return dict(database.execute("SELECT task_id, state FROM task_instance").fetchall())


def test_warnings_stay_green_and_errors_turn_the_verdict_red(home: WarmAirflow, stores: Stores, tmp_path: Path) -> None:
    tables, report = TypedTables(stores.local), tmp_path / "reports" / "quality.html"
    tables.keep_only(TELEPHONY)
    tables.add_call(calltime=datetime(1999, 1, 1, tzinfo=SHANGHAI))
    home.run("dags", "test", "quality_check", log=tmp_path / "green.log")
    assert states(home) == {"check": "success", "report": "success", "verdict": "success"}
    assert "没有错误；有 1 项提醒" in report.read_text(encoding="utf-8")
    assert tables.ask("SELECT dag, subject, taken_in FROM hotline.run_log") == [("quality_check", "", 0)]

    tables.ask("UPDATE hotline.call_log SET calltype = '9'")
    with pytest.raises(RuntimeError, match="quality_check failed"):
        home.run("dags", "test", "quality_check", log=tmp_path / "red.log")
    with sqlite3.connect(home.folder / "airflow.db") as database:
        newest = "SELECT task_id, state FROM task_instance WHERE run_id = (SELECT run_id FROM dag_run ORDER BY id DESC)"
        assert dict(database.execute(newest).fetchall()) == {
            "check": "success",
            "report": "success",
            "verdict": "failed",
        }
    assert "发现 1 项错误" in report.read_text(encoding="utf-8")
    log = (tmp_path / "red.log").read_text(encoding="utf-8")
    assert "数据质量错误：call_log calltype：不在规定的代码之内，1 行中有 1 行" in log
    assert tables.ask("SELECT count(DISTINCT checked_at) FROM hotline.quality_result") == [(2,)], "failed at once"
