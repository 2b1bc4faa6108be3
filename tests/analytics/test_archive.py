"""What is archived is in the file whole before it leaves the store, once, whatever is killed on the way."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
import pytest
from psycopg import sql

from hotline_bridge import failpoints
from hotline_bridge.analytics import archive as archiving
from hotline_bridge.analytics.archive import archived, forget, months_to_move, move_months
from hotline_bridge.cli.erase import erase
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.errors import StopRun
from hotline_bridge.failpoints import ARCHIVE_FAILPOINTS
from hotline_bridge.store.database import connect
from hotline_bridge.tasks import maintenance
from hotline_sandbox.demo.airflow import PROJECT
from tests.quality.typed_rows import connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.store.database import Session

MARCH = datetime(2026, 3, 15, tzinfo=SHANGHAI)
TRIES = (
    "INSERT INTO hotline.interaction_log (started_at, interface, key, attempt, outcome, elapsed_ms, body_sha256)"
    " SELECT %s::timestamptz + n * interval '1 day', 'callinfo', n::text, 1, 'delivered', 1.5, '\\x00ff'"
    " FROM generate_series(0, 59) AS n"
)
"""From 1 January, 60 days: two months and a day."""


@pytest.fixture
def local(local_store: str) -> Iterator[Session]:
    with connect(local_store) as session:
        session.execute(TRIES, [datetime(2026, 1, 1, tzinfo=SHANGHAI)])
        yield session


def move(local: Session, folder: Path) -> dict[date, int]:
    return move_months(local, folder, "interaction_log", "started_at", MARCH)


def in_store(local: Session) -> list[str]:
    return [key for (key,) in local.execute("SELECT key FROM hotline.interaction_log ORDER BY started_at").fetchall()]


def in_files(folder: Path) -> list[str]:
    return [key for file in archived(folder) for key in pq.read_table(file.path)["key"].to_pylist()]


def test_whole_months_move_and_the_others_stay(local: Session, tmp_path: Path) -> None:
    expected = {date(2026, 1, 1): 31, date(2026, 2, 1): 28}
    assert months_to_move(local, "interaction_log", "started_at", MARCH) == expected
    assert move(local, tmp_path) == expected
    assert in_store(local) == ["59"]
    assert in_files(tmp_path) == [str(n) for n in range(59)]
    files = archived(tmp_path)
    assert [(file.table, file.month) for file in files] == [("interaction_log", month) for month in expected]
    assert all(file.path.stat().st_mode & 0o777 == 0o600 for file in files)
    row = pq.read_table(files[0].path).to_pylist()[0]
    assert row["started_at"] == datetime(2026, 1, 1, tzinfo=SHANGHAI)
    assert row["body_sha256"] == b"\x00\xff"
    assert move(local, tmp_path) == {}


@pytest.mark.parametrize("step", ARCHIVE_FAILPOINTS)
def test_whatever_it_is_killed_at_nothing_is_lost_or_twice(
    local: Session, local_store: str, tmp_path: Path, step: str
) -> None:
    program = (
        "import sys, pathlib\n"
        "from tests.die_at import die_at\n"
        "from tests.analytics.test_archive import connect, move\n"
        f"die_at({step!r})\n"
        f"move(connect({local_store!r}), pathlib.Path({str(tmp_path)!r}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=False)
    assert done.returncode == -9
    assert sorted({*in_store(local), *in_files(tmp_path)}, key=int) == [str(n) for n in range(60)]
    move(local, tmp_path)
    assert sorted([*in_store(local), *in_files(tmp_path)], key=int) == [str(n) for n in range(60)]


def test_what_is_no_whole_file_deletes_nothing(local: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(step: str) -> None:
        if step == "month-written":
            file = tmp_path / "interaction_log" / "2026-01.parquet"
            file.write_bytes(file.read_bytes()[:-200])

    monkeypatch.setattr(failpoints, "at", spoil)
    with pytest.raises(StopRun, match=r"2026-01.parquet does not hold what was written; nothing was deleted"):
        move(local, tmp_path)
    assert len(in_store(local)) == 60
    monkeypatch.setattr(failpoints, "at", None)
    with pytest.raises(StopRun, match="cannot be read as a part of the archive; move it elsewhere"):
        move(local, tmp_path)
    assert len(in_store(local)) == 60


def test_a_file_that_was_damaged_since_is_not_copied_on(local: Session, tmp_path: Path) -> None:
    move(local, tmp_path)
    file = tmp_path / "interaction_log" / "2026-01.parquet"
    content = bytearray(file.read_bytes())
    content[200] ^= 255
    file.write_bytes(content)
    local.execute(TRIES, [datetime(2026, 1, 31, 23, tzinfo=SHANGHAI)])
    before = in_store(local)
    with pytest.raises(StopRun, match="cannot be read as a part of the archive; move it elsewhere"):
        move(local, tmp_path)
    assert in_store(local) == before
    assert file.read_bytes() == content


def test_a_folder_that_cannot_be_written_deletes_nothing(local: Session, tmp_path: Path) -> None:
    (tmp_path / "interaction_log").write_text("")
    with pytest.raises(StopRun, match=r"cannot be written: .*; set HOTLINE_ARCHIVE_DIR to a folder"):
        move(local, tmp_path)
    assert len(in_store(local)) == 60


def test_rows_that_a_backup_brought_back_are_not_written_twice_and_new_ones_are_added(
    local: Session, tmp_path: Path
) -> None:
    move(local, tmp_path)
    local.execute("TRUNCATE hotline.interaction_log RESTART IDENTITY")
    local.execute(TRIES, [datetime(2026, 1, 1, tzinfo=SHANGHAI)])
    local.execute(
        "UPDATE hotline.interaction_log SET key = 'new', started_at = started_at + interval '1 second' WHERE key = '3'"
    )
    assert move(local, tmp_path) == {date(2026, 1, 1): 31, date(2026, 2, 1): 28}
    assert sorted(in_files(tmp_path), key=str) == sorted([*map(str, range(59)), "new"])


def test_a_column_that_came_later_is_empty_in_older_rows(local: Session, tmp_path: Path) -> None:
    move(local, tmp_path)
    local.execute("ALTER TABLE hotline.interaction_log ADD COLUMN later text DEFAULT 'x'")
    local.execute(TRIES, [datetime(2026, 1, 31, 23, tzinfo=SHANGHAI)])
    move(local, tmp_path)
    january = pq.read_table(archived(tmp_path)[0].path)
    assert january["later"].to_pylist() == [None] * 31 + ["x"]


def test_a_person_is_taken_out_of_all_files_by_a_number_however_it_is_written(local: Session, tmp_path: Path) -> None:
    for day, (phone, text) in enumerate(
        [
            ("13987650001", ""),
            ("+86 139-8765-0001", ""),
            ("139", "请回电139 8765 0001。"),
            ("139876500010", "440113987650001234"),
            ("", "身份证11010519491231002x"),
        ]
    ):
        local.execute(
            "INSERT INTO hotline.case_feedback_history (row_id, feedbacktel, feedbackcontent, flags, content_hash,"
            " source, requested_at, loaded_at, replaced_by, replaced_at)"
            " VALUES (%s, %s, %s, '{}', '', '', now(), now(), now(), %s)",
            [day, phone, text, datetime(2020, 1, 1 + day, tzinfo=SHANGHAI)],
        )
    local.execute(
        "INSERT INTO hotline.landing (interface, answer_sha256, answer, row_count, requested_at) VALUES ('x', '',"
        " '\\xff7b22746c223a223133393837363530303031227d', 1, '2020-01-01'), ('x', '0', '{}', 0, '2020-01-02')"
    )
    maintenance.move_outlived(local, tmp_path)
    assert forget(tmp_path, ["139 8765 0001", "11010519491231002X"]) == {"case_feedback_history": 4, "landing": 1}
    left = [file for file in archived(tmp_path) if file.table != "interaction_log"]
    assert [pq.read_table(file.path)["row_id"].length() for file in left] == [1, 1]
    assert all(file.path.stat().st_mode & 0o777 == 0o600 for file in left)
    assert forget(tmp_path, ["139 8765 0001"]) == forget(tmp_path, []) == {}
    with pytest.raises(StopRun, match="a number is too short"):
        forget(tmp_path, ["139"])


def test_erasing_a_person_reaches_the_archive(
    local: Session,
    local_store: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(local_store))
    monkeypatch.setenv(archiving.FOLDER, str(tmp_path))
    local.execute(
        "INSERT INTO hotline.landing (interface, answer_sha256, answer, row_count, requested_at)"
        " VALUES ('x', '', '{\"protel\":\"13987650001\"}', 1, '2020-01-01')"
    )
    maintenance.move_outlived(local, tmp_path)
    for dry_run, left in ((True, 1), (False, 0)):
        monkeypatch.setattr(sys, "stdin", io.StringIO("13987650001\n"))
        erase(reason="asked for", yes=True, dry_run=dry_run)
        assert "archive of landing: 1 rows" in capsys.readouterr().out
        assert pq.read_table(tmp_path / "landing" / "2020-01.parquet").num_rows == left


def test_every_archived_table_goes_and_comes_back(local: Session, local_store: str, tmp_path: Path) -> None:
    """An empty row of each, as far as it may be empty, with the odd values that its types allow."""
    for table, moment, _ in maintenance.archives():
        columns = local.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND attidentity <> 'a'",
            [f"hotline.{table}"],
        ).fetchall()
        odd = {
            "text": "'=1\n\"'",
            "text[]": "ARRAY['a,', NULL]",
            "bytea": "'\\x0000'",
            "timestamp with time zone": "'infinity'",
            "date": "'-infinity'",
        }
        values = [
            "'2020-02-29 23:59:59.5+08'" if name == moment else odd.get(of_type, "'1'") for name, of_type in columns
        ]
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier("hotline", table),
            sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns),
            sql.SQL(", ").join(map(sql.SQL, values)),  # type: ignore[arg-type]  # ours
        )
        local.execute(statement)
    moved = maintenance.move_outlived(local, tmp_path)
    assert min(moved.values()) == 1
    for file in archived(tmp_path):
        if file.month == date(2020, 2, 1):
            [row] = pq.read_table(file.path).to_pylist()
            assert {name for name, value in row.items() if value is None} == set()


def test_retention_archives_where_a_folder_is_set_and_drops_the_rest(
    local: Session, local_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(local_store))
    local.execute(TRIES, [datetime(2020, 1, 1, tzinfo=SHANGHAI)])
    local.execute(
        "INSERT INTO hotline.run_log (finished_at, dag, subject) SELECT now() - n * interval '40 days', 'x', ''"
        " FROM generate_series(1, 3) AS n"
    )
    monkeypatch.setenv(archiving.FOLDER, str(tmp_path))
    counts = maintenance.tidy()
    assert counts["run_log"] == 2
    assert counts["interaction_log"] >= 60
    assert len(in_files(tmp_path)) == counts["interaction_log"]


def test_the_line_of_the_docs_reads_the_archive(local: Session, tmp_path: Path) -> None:
    move(local, tmp_path)
    page = (PROJECT / "docs" / "archive.md").read_text(encoding="utf-8")
    [line] = re.findall(r"^SELECT .*read_parquet\(.*$", page, re.MULTILINE)
    found = duckdb.sql(line.replace("/srv/hotline/archive", str(tmp_path))).fetchall()
    assert found == [("callinfo", "delivered", 59)]
