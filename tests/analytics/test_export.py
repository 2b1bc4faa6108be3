"""What analysts take out as files: whole, typed, harmless to Excel, logged, nothing but what the view shows them."""

from __future__ import annotations

import csv
import os
import resource
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from psycopg.conninfo import make_conninfo
from python_calamine import CalamineWorkbook

from hotline_bridge.analytics import export as exporting
from hotline_bridge.analytics.export import FORMATS, export
from hotline_bridge.analytics.selection import select
from hotline_bridge.cli.export import export as command
from hotline_bridge.contract.register import View
from hotline_bridge.errors import StopRun
from hotline_bridge.files import whole_file
from hotline_bridge.store.database import connect
from tests.quality.typed_rows import connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hotline_bridge.store.database import Session
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

LONG = "国务院" * 1_333 + '\r\n第二行，"引号"'
ODD_TEXTS = [
    "=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "＝1", "00755", "440300199001011234", "1-2",
    "1E5", "𠮷野家", "A", "", None, "12345", LONG, "null", "\\N", '"', "a,b", "\u0001x", "3月", "2026年1月",
]  # fmt: skip
MAKE = """
CREATE TABLE analytics.odd_rows (
    n integer, code text, amount numeric(18, 6), share numeric, big bigint, at timestamptz, day date, is_odd boolean,
    flags text []
);
CREATE VIEW analytics.odd AS SELECT * FROM analytics.odd_rows;
CREATE TABLE analytics.cell_rows (day date, unit_code text, unit_name text, order_count bigint, overdue_count bigint,
    waiting_seconds bigint, share numeric, as_of timestamptz);
CREATE VIEW analytics.cells AS SELECT *, date_trunc('month', day)::date AS month FROM analytics.cell_rows;
CREATE VIEW analytics.many AS SELECT n, n::text AS code FROM generate_series(1, 2000000) AS n;
CREATE VIEW analytics.secret AS SELECT 1 AS n;
GRANT SELECT ON analytics.odd, analytics.cells, analytics.many TO hotline_analyst;
"""
VIEWS = {
    "odd": View(name="odd", right="analyst", grain="one", classes={"none": ["n"]}),
    "many": View(name="many", right="analyst", grain="one", classes={"none": ["n"]}),
    "secret": View(name="secret", right="text", grain="one", classes={"none": ["n"]}),
    "cells": View(
        name="cells",
        right="analyst",
        grain="one",
        classes={"none": ["day", "unit_code", "order_count", "overdue_count"]},
        dimensions=("day", "unit_code"),
        counts=("order_count", "overdue_count"),
    ),
}
ODD_TIMES = [datetime(2026, 1, 1, tzinfo=UTC), "infinity", "-infinity", None, "1850-01-01 00:00:00+08:05:43"]


@pytest.fixture(scope="module")
def store(postgres: Server, templates: Stores) -> str:
    """A local store with views that hold what is hard to export."""
    postgres.create_database("export_odd", template=templates.local)
    with connect(postgres.conninfo("export_odd")) as session:
        session.execute(MAKE)
        with session.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO analytics.odd_rows VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    (
                        n,
                        text,
                        [Decimal("1.500000"), Decimal("123456789012.123456"), Decimal("-0.000001"), None][n % 4],
                        [Decimal("0.1"), Decimal("NaN"), Decimal("Infinity"), None][n % 4],
                        [1, 2**62, None][n % 3],
                        ODD_TIMES[n % 5],
                        [date(2026, 1, 31), "infinity", None][n % 3],
                        [True, False, None][n % 3],
                        [["a", "b,"], [], None][n % 3],
                    )
                    for n, text in enumerate(ODD_TEXTS)
                ],
            )
    return postgres.conninfo("export_odd")


@pytest.fixture
def analyst(store: str) -> Iterator[Session]:
    with connect(store) as session:
        session.execute("SET ROLE hotline_analyst")
        yield session


def exported(
    session: Session,
    view: str,
    file: Path,
    *where: str,
    columns: Sequence[str] | None = None,
    say: Any = lambda _: None,
) -> int:
    chosen = select(session, VIEWS, view, columns, where)
    return export(session, chosen, file, file.suffix[1:], "somebody", say=say)


def read_csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_csv_opens_in_excel_as_it_is(analyst: Session, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    assert exported(analyst, "odd", file) == len(ODD_TEXTS)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert file.stat().st_mode & 0o777 == 0o600
    rows = read_csv(file)
    marks = {"=1+1": "'", "+86": "'", "-1": "'", "@SUM(A1)": "'", "\t=1": "'", "\r=1": "'", " =cmd|' /C calc'!A0": "'"}
    marks |= {
        "＝1": "'",
        "00755": "\t",
        "440300199001011234": "\t",
        "1-2": "\t",
        "1E5": "\t",
        "3月": "",
        "2026年1月": "\t",
    }
    assert [row["code"] for row in rows] == [marks.get(text or "", "") + (text or "") for text in ODD_TEXTS]
    assert rows[0]["at"] == "2026-01-01 08:00:00"
    assert [row["at"] for row in rows[1:4]] == ["infinity", "-infinity", ""]
    assert rows[1]["amount"] == "123456789012.123456"
    assert rows[0]["is_odd"] == "true"
    text = file.read_text(encoding="utf-8-sig")
    assert '\n14,"",' in text and "\n15,," in text, "an empty text is no NULL"


def test_a_parquet_file_keeps_types_and_values(analyst: Session, tmp_path: Path) -> None:
    file = tmp_path / "odd.parquet"
    exported(analyst, "odd", file)
    table = pq.read_table(file)
    assert {field.name: str(field.type) for field in table.schema} == {
        "n": "int32",
        "code": "string",
        "amount": "decimal128(18, 6)",
        "share": "double",
        "big": "int64",
        "at": "timestamp[us, tz=Asia/Shanghai]",
        "day": "date32[day]",
        "is_odd": "bool",
        "flags": "string",
    }
    assert table["code"].to_pylist() == ODD_TEXTS
    assert table["amount"].to_pylist()[:4] == [
        Decimal("1.500000"), Decimal("123456789012.123456"), Decimal("-0.000001"), None,
    ]  # fmt: skip
    assert str(table["share"].to_pylist()[:4]) == "[0.1, nan, inf, None]"
    assert table["big"].to_pylist()[:3] == [1, 2**62, None]
    moments = table["at"].cast("timestamp[us]").to_pylist()
    assert [str(moment) for moment in moments[:4]] == [
        "2026-01-01 00:00:00", "9999-12-31 15:59:59.999999", "0001-01-01 00:00:00", "None",
    ]  # fmt: skip
    assert table["day"].to_pylist()[:3] == [date(2026, 1, 31), date(9999, 12, 31), None]
    assert table["flags"].to_pylist()[:3] == ['["a","b,"]', "[]", None]


def test_a_workbook_holds_identifiers_as_text_and_no_formula(
    analyst: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "SLOW_FROM", 3)
    monkeypatch.setattr(exporting, "_EXCEL_TEXT", 3_999)
    file, told = tmp_path / "odd.xlsx", list[str]()
    exported(analyst, "odd", file, say=told.append)
    names, *rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    cells = [dict(zip(names, row, strict=True)) for row in rows]
    codes = [str(cell["code"]) for cell in cells]
    assert codes[:17] == [text or "" for text in ODD_TEXTS[:17]]
    assert str(cells[0]["at"]) == "2026-01-01 08:00:00"
    assert [cells[n]["at"] for n in (1, 2, 3)] == ["infinity", "-infinity", ""]
    assert cells[0]["day"] == date(2026, 1, 31)
    assert cells[0]["amount"] == 1.5
    assert cells[1]["amount"] == "123456789012.123456", "more digits than Excel keeps"
    assert cells[1]["big"] == str(2**62)
    assert cells[0]["is_odd"] is True
    assert len(codes[17]) == 3_999
    assert told == [
        "more than 3 rows: csv is written far faster, and opens in Excel too",
        "1 texts longer than the 3999 characters of a cell were cut: csv and parquet hold them whole",
    ]


def test_more_rows_than_excel_holds_are_refused_and_leave_no_file(
    analyst: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_EXCEL_ROWS", 3)
    with pytest.raises(StopRun, match="more than the 3 rows that Excel holds; narrow it with --where"):
        exported(analyst, "odd", tmp_path / "odd.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("n = 3", [3]),
        ("n in (1, 2) AND code = '+86'", [1]),
        ("code = 'it''s; DROP TABLE x;--'", []),
        ("code like '%野%'", [12]),
        ("at is null and is_odd = TRUE", [3, 18]),
        ("at >= 2026-01-01T08:00 AND at < 2026-01-02", [0, 5, 10, 15, 20]),
        ("day = 2026-01-31 and n < 4", [0, 3]),
        ("amount != 1.5 and n <= 2", [1, 2]),
        ("code IS NOT NULL and n > 13 and n < 17", [14, 16]),
    ],
)
def test_a_filter_is_read_into_columns_operators_and_values(
    analyst: Session, tmp_path: Path, where: str, found: list[int]
) -> None:
    file = tmp_path / "odd.parquet"
    exported(analyst, "odd", file, where, columns=["n"])
    assert pq.read_table(file).to_pydict() == {"n": found}


@pytest.mark.parametrize(
    ("view", "columns", "where", "told"),
    [
        ("nothing", None, [], "nothing is no view for analysts; there are cells, many, odd"),
        ("secret", None, [], "secret may not be read by this account; there are cells, many, odd"),
        ("hotline.call_log", None, [], "hotline.call_log is no view for analysts"),
        ("x'; DROP", None, [], "of that name is no view for analysts"),
        ("odd", ["callno"], [], "view odd has no column callno; there are n, code, amount"),
        ("odd", None, ["callno = 1"], "view odd has no column callno"),
        ("odd", None, ["n = 1; DROP TABLE x"], "n = is followed by something other than AND"),
        ("odd", None, ["n = 1 OR 1 = 1"], "n = is followed by something other than AND"),
        ("odd", None, ["n = 'x'"], "a value for n is no integer"),
        ("odd", None, ["n = NaN"], "a value for n is no integer"),
        ("odd", None, ["at = now"], "a value for at is no timestamp with time zone"),
        ("odd", None, ["day = infinity"], "a value for day is no date"),
        ("odd", None, ["is_odd = maybe"], "a value for is_odd is no boolean"),
        ("odd", None, ["n like '1%'"], "n is of type integer: like compares text alone"),
        ("odd", None, ["n"], "n is followed by no operator"),
        ("odd", None, ["n in (1"], "a closing parenthesis is missing"),
        ("odd", None, ["code = 'open"], "character 8 is out of place"),
        ("odd", None, [""], "a column is missing"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_there_is(
    analyst: Session, view: str, columns: list[str] | None, where: list[str], told: str
) -> None:
    with pytest.raises(StopRun) as stopped:
        select(analyst, VIEWS, view, columns, where)
    assert told in str(stopped.value)


def test_what_was_taken_out_is_logged_before_it_is_read_and_without_a_value(
    analyst: Session, store: str, tmp_path: Path
) -> None:
    exported(analyst, "odd", tmp_path / "odd.csv", "code = '440300199001011234' AND n in (1, 2)", columns=["n", "code"])
    with pytest.raises(StopRun, match=r"cannot be written: .*; name a folder with --output"):
        exported(analyst, "odd", tmp_path / "odd.csv" / "odd.csv")
    with connect(store) as session:
        [row] = session.execute(
            "SELECT account, actor, view_name, columns, filter_shape, file_format, row_count, ended_at IS NOT NULL"
            " FROM hotline.export_log ORDER BY row_id DESC LIMIT 1"
        ).fetchall()
        [(user,)] = session.execute("SELECT session_user").fetchall()
    assert row == (user, "somebody", "odd", ["n", "code"], "code = ? AND n in (?, ?)", "csv", 0, True)


def test_analysts_enter_exports_and_see_nobody_elses(analyst: Session) -> None:
    for statement in ("SELECT * FROM hotline.export_log", "SELECT * FROM analytics.export_log"):
        with pytest.raises(Exception, match="permission denied"):
            analyst.execute(statement)


def cells(store: str, counts: dict[tuple[int, str], tuple[int, int]]) -> None:
    with connect(store) as session:
        session.execute("TRUNCATE analytics.cell_rows")
        session.cursor().executemany(
            "INSERT INTO analytics.cell_rows VALUES (%s, %s, %s, %s, %s, %s, 0.5, now())",
            [
                (date(2026, 1, day), unit, f"单位{unit}", orders, overdue, 60 * orders)
                for (day, unit), (orders, overdue) in counts.items()
            ],
        )


FOUR = {(1, "A"): (3, 0), (1, "B"): (20, 0), (2, "A"): (30, 0), (2, "B"): (40, 0), (3, "A"): (50, 9), (3, "B"): (60, 7)}


def test_small_cells_and_what_would_give_them_away_are_blank(analyst: Session, store: str, tmp_path: Path) -> None:
    cells(store, FOUR)
    file = tmp_path / "cells.parquet"
    exported(analyst, "cells", file)
    rows = pq.read_table(file).to_pylist()
    assert [row["order_count"] for row in rows] == [None, None, None, None, 50, 60]
    assert [row["waiting_seconds"] for row in rows] == [None, None, None, None, 3_000, 3_600]
    assert {row["unit_name"] for row in rows} == {"单位A", "单位B"}


def test_no_filter_shows_what_another_hides(analyst: Session, store: str, tmp_path: Path) -> None:
    cells(store, FOUR)
    file = tmp_path / "cells.csv"
    assert exported(analyst, "cells", file, "unit_code = B", columns=["day", "order_count"]) == 3
    rows = read_csv(file)
    assert list(rows[0]) == ["unit_code", "day", "order_count"], "what is filtered by is shown"
    assert [row["order_count"] for row in rows] == ["", "", "60"]
    assert exported(analyst, "cells", file, "order_count <= 20") == 0, "a filter does not reach a blank count"


def test_an_aggregate_is_summed_over_what_was_left_out(analyst: Session, store: str, tmp_path: Path) -> None:
    cells(store, FOUR)
    file = tmp_path / "cells.parquet"
    exported(analyst, "cells", file, columns=["month", "unit_name", "order_count", "waiting_seconds"])
    rows = pq.read_table(file).to_pylist()
    assert sorted((row["unit_name"], row["order_count"], row["waiting_seconds"]) for row in rows) == [
        ("单位A", 83, 4_980),
        ("单位B", 120, 7_200),
    ]
    with pytest.raises(StopRun, match="share cannot be summed over what was left out"):
        exported(analyst, "cells", file, columns=["unit_code", "share"])


def test_of_a_row_with_a_small_part_the_main_count_alone_is_shown(analyst: Session, store: str, tmp_path: Path) -> None:
    cells(store, {(day, unit): (50, 2 if (day, unit) == (1, "A") else 9) for day in (1, 2, 3) for unit in "AB"})
    file = tmp_path / "cells.parquet"
    exported(analyst, "cells", file)
    rows = pq.read_table(file).to_pylist()
    assert all(row["order_count"] == 50 for row in rows)
    assert [row["overdue_count"] for row in rows].count(None) == 4
    assert all((row["overdue_count"] is None) == (row["waiting_seconds"] is None) for row in rows)


def test_the_command_reads_as_an_analyst_or_not_at_all(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(store))
    command("reconciliation_day", file_format="parquet", columns="day, state", output=tmp_path)
    assert f"0 rows in {tmp_path / 'reconciliation_day.parquet'}" in capsys.readouterr().out
    with connect(store) as session:
        session.execute("DROP ROLE IF EXISTS export_loader")
        session.execute("CREATE ROLE export_loader LOGIN PASSWORD 'x' IN ROLE hotline_loader")
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(make_conninfo(store, user="export_loader", password="x")))
    with pytest.raises(StopRun, match="local_db may not act as hotline_analyst; set connection analyst_db"):
        command("call", output=tmp_path)
    monkeypatch.setenv("AIRFLOW_CONN_ANALYST_DB", connection(store))
    command("call", file_format="xlsx", output=tmp_path)
    assert (tmp_path / "call.xlsx").exists()


def test_a_killed_export_leaves_no_file_of_that_name(store: str, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    program = (
        "import sys, pathlib\n"
        "from tests.analytics.test_export import VIEWS, connect, export, select\n"
        f"session = connect({store!r})\n"
        "session.execute('SET ROLE hotline_analyst')\n"
        "begun = lambda rows: rows and print('begun', flush=True)\n"
        f"export(session, select(session, VIEWS, 'many', None, ()), pathlib.Path({str(file)!r}), 'csv', 'x', begun)\n"
    )
    running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path.cwd())
    assert running.stdout
    assert running.stdout.readline() == b"begun\n"
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    running.stdout.close()
    assert not file.exists()
    assert all(path.name.startswith(".many.csv.") for path in tmp_path.iterdir())


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("file_format", FORMATS)
def test_a_full_disk_is_one_sentence(
    analyst: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_format: str
) -> None:
    """The device that is always full stands for it."""

    @contextmanager
    def full(file: Path, *, mode: int, remedy: str) -> Iterator[IO[bytes]]:
        with whole_file(file, mode=mode, remedy=remedy) as target:
            device = os.open("/dev/full", os.O_WRONLY)
            os.dup2(device, target.fileno())
            os.close(device)
            yield target

    monkeypatch.setattr(exporting, "whole_file", full)
    with pytest.raises(StopRun, match=r"cannot be written: No space left on device; name a folder"):
        exported(analyst, "many", tmp_path / f"full.{file_format}", "n<=5000")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_while_a_sheet_grows_keeps_nothing_of_it(
    analyst: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit on the size of files stands for it. A sheet grows in a file of its own, before the workbook is made."""
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(StopRun, match=r"cannot be written: File too large; name a folder"):
            exported(analyst, "many", folder / "grows.xlsx", "n<=20000")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [*folder.iterdir(), *elsewhere.iterdir()] == []
