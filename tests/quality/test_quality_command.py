"""`hotline quality`: what it prints, keeps and ends with."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from hotline_bridge.cli.main import app
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.errors import StopRun
from tests.quality.typed_rows import TypedTables, connection, only

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch, local_store: str) -> Iterator[TypedTables]:
    """The store of a contract with two tables: what becomes of the others, test_quality_rules.py shows."""
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(local_store))
    with only(["call_log", "recording_log"]):
        yield TypedTables(local_store)


def hotline(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return done.exit_code, done.output


def test_a_good_store_ends_with_zero(tables: TypedTables) -> None:
    tables.add_call()
    code, output = hotline("quality")
    assert code == 0
    assert "0 errors 错误" in output
    assert "0 warnings 提醒" in output


def test_a_warning_is_shown_and_ends_with_zero(tables: TypedTables) -> None:
    tables.add_call(calltime=datetime(1999, 1, 1, tzinfo=SHANGHAI))
    code, output = hotline("quality")
    assert code == 0
    assert "1 warnings 提醒" in output
    assert "calltime:odd_time" in output
    assert "时间不合情理" in output


def test_an_error_ends_with_one_is_kept_and_reported(tables: TypedTables, tmp_path: Path) -> None:
    tables.add_call(calltype="9")
    code, output = hotline("quality", "--report", str(tmp_path))
    assert code == 1
    assert "1 errors 错误" in output
    assert "calltype:code" in output
    assert "a-call" not in output
    assert "发现 1 项错误" in (tmp_path / "quality.html").read_text(encoding="utf-8")
    failing = "SELECT keys, checked_count, failing_count, severity FROM hotline.quality_result WHERE NOT passed"
    assert tables.ask(failing) == [(["a-call"], 1, 1, "error")]
    words = "SELECT message_zh FROM hotline.quality_result WHERE NOT passed"
    assert tables.ask(words) == [("call_log calltype：不在规定的代码之内，1 行中有 1 行",)]


def test_a_window_of_the_past_is_judged_alone(tables: TypedTables) -> None:
    tables.add_call(calltype="9")
    assert hotline("quality", "--begin", "2025-12-25", "--end", "2026-01-01T00:00:00")[0] == 0
    ((begin, end),) = tables.ask("SELECT DISTINCT window_begin, window_end FROM hotline.quality_result")
    assert (begin, end) == (datetime(2025, 12, 25, tzinfo=SHANGHAI), datetime(2026, 1, 1, tzinfo=SHANGHAI))


def test_what_cannot_be_checked_is_one_sentence(tables: TypedTables, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StopRun, match="begin is no time"):
        hotline("quality", "--begin", "tomorrow", "--end", "2026-01-01")
    monkeypatch.delenv("AIRFLOW_CONN_LOCAL_DB")
    with pytest.raises(StopRun, match="connection local_db is missing; set AIRFLOW_CONN_LOCAL_DB"):
        hotline("quality")
