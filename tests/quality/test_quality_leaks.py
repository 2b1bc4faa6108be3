"""Marked texts break every rule they can: results, report, logs at DEBUG and errors hold keys alone."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from psycopg.conninfo import make_conninfo

from hotline_bridge.contract.reader import interfaces_of
from tests import warm
from tests.quality.typed_rows import END, TypedTables, connection, good_row

if TYPE_CHECKING:
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("quality_in_the_open.py")
MARK = "标记欧阳13977712345"
MARKS = (MARK, "欧阳", "13977712345", "marked-password")


@pytest.fixture
def marked(postgres: Server, stores: Stores) -> TypedTables:
    """Every text of every table but the key is a mark: too long, no code, no area; an account whose password is one."""
    postgres.create_role("marked_checker", "marked-password")
    tables = TypedTables(stores.local)
    tables.ask("GRANT hotline_loader TO marked_checker")
    for interface in interfaces_of("telephony"):
        row = good_row(interface, "a-key")
        texts = {field.column: MARK * 40 for field in interface.request if field.kind == "text"}
        for number in range(3):
            written_at = END - timedelta(hours=30 + number)
            key = {interface.key_column: f"{interface.table}-{number}"}
            tables.add(str(interface.table), {**row, **texts, **key}, written_at=written_at)
    return tables


def run(marked: TypedTables, folder: Path) -> str:
    """All that a check says."""
    conninfo = make_conninfo(marked.conninfo, user="marked_checker", password="marked-password")
    environment = {"AIRFLOW_CONN_LOCAL_DB": connection(conninfo), "HOTLINE_REPORT_DIR": str(folder)}
    window = ("2026-11-16T12:00:00", END.isoformat())
    code, said = warm.heard(SCRIPT, *window, environment={**os.environ, **environment})
    assert code == 0, said
    return said


def assert_no_mark(text: str) -> None:
    for mark in MARKS:
        at = text.find(mark)
        assert at < 0, f"{mark} stands in: …{text[max(0, at - 300) : at + 100]}…"


def test_only_keys_are_kept_and_said(marked: TypedTables, tmp_path: Path) -> None:
    said = run(marked, tmp_path)
    assert "DEBUG" in said
    assert "'call_log-0'" in said, "its results are said, with their keys"
    results = marked.ask("SELECT to_jsonb(r)::text FROM hotline.quality_result AS r")
    failing = set(marked.ask("SELECT table_name, rule FROM hotline.quality_result WHERE NOT passed"))
    assert failing >= {
        *(("call_log", "calltype:code"), ("call_log", "sourcearea:area")),
        *(("recording_log", "callid:parent"), ("seat_login_log", "seatname:length")),
    }
    report = (tmp_path / "quality.html").read_text(encoding="utf-8")
    assert "超过规定长度" in report
    for text in (said, report, str(results)):
        assert_no_mark(text)
    assert "call_log-0" not in report


@pytest.mark.parametrize(
    "breakage",
    [
        # What the server says of a failing row holds its values.
        "ALTER TABLE hotline.quality_result ADD CONSTRAINT no_code CHECK (rule <> 'calltype:code')",
        "DROP TABLE hotline.quality_result",
        "REVOKE SELECT ON hotline.call_log FROM hotline_loader",
        # A column that fails when it is read: inside Great Expectations, and with its value in the server's words.
        "ALTER TABLE hotline.call_log RENAME TO calls; CREATE VIEW hotline.call_log AS"
        " SELECT row_id, callid, callno, sourcearea, calltime, skilltime, seattime, ringtime,"
        " (callno::integer)::text AS calltype, content_hash, written_at, loaded_at FROM hotline.calls;"
        " GRANT SELECT ON hotline.call_log TO hotline_loader",
    ],
    ids=["constraint", "no-table", "no-right", "bad-value"],
)
def test_errors_say_what_to_do_and_no_value(marked: TypedTables, tmp_path: Path, breakage: str) -> None:
    marked.ask(breakage)
    said = run(marked, tmp_path)
    assert "StopRun" in said or "TryAgainLater" in said
    assert_no_mark(said)
    assert list(tmp_path.iterdir()) == []


def test_this_test_would_see_a_leak(marked: TypedTables) -> None:
    with pytest.raises(AssertionError, match="stands in"):
        assert_no_mark(str(marked.content()))
