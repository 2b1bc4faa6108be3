"""The monthly report: what it says of a small city, what it keeps back, and what it says where there is nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from development.analysts.pages import pages
from hotline_bridge.analytics import month_tables, rollups
from hotline_bridge.analytics.month_cells import HIDDEN, NO_BASE, NO_DATA, Cell, Section
from hotline_bridge.analytics.month_report import month_of, workbook, write_report
from hotline_bridge.analytics.month_tables import read_month
from hotline_bridge.cli.main import app
from hotline_bridge.contract.register import table_classes
from hotline_bridge.errors import StopRun
from hotline_bridge.reports.files import MONTH_PAGE
from hotline_bridge.store.database import connect
from hotline_bridge.store.typed_tables import typed_interfaces
from hotline_sandbox.sample.years import Years, fill_years
from tests.outbound.test_leaks import postgres_connection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

    from hotline_bridge.analytics.month_cells import MonthReport
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

MARKS = {
    "name": "标记人",
    "phone": "19912345678",
    "number": "440203199001011234",
    "address": "韶关市武江区标记路",
    "text": "标记内容",
    "link": "https://mark.example",
}
"""What must be in no report, page or notebook, by the class of its columns."""
NOW = datetime(2026, 4, 3, tzinfo=UTC)
MONTH = date(2026, 3, 1)
PROJECT = Path(__file__).parents[2]


def mark(local: Connection) -> None:
    """Write a word for its class into every column of a typed table that holds personal data."""
    for interface in typed_interfaces():
        classes = table_classes(str(interface.table))
        words = {column: MARKS[of_class] for column, of_class in classes.items() if of_class in MARKS}
        if words:
            assigned = sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(c), w) for c, w in words.items())
            table = sql.Identifier("hotline", str(interface.table))
            local.execute(sql.SQL("UPDATE {} SET {}").format(table, assigned))


def content(path: Path) -> bytes:
    """Of a sheet, what its parts hold."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with ZipFile(path) as parts:
        return b"".join(map(parts.read, parts.namelist()))


@pytest.fixture(scope="module")
def city(postgres: Server, templates: Stores) -> str:
    """A small city in which most counts are small, with marked personal data in every table that can hold any."""
    postgres.create_database("small_city", template=templates.local)
    local = postgres.conninfo("small_city")
    fill_years(local, Years(calls=900, orders=240, begin=date(2026, 2, 1), end=date(2026, 4, 1), named=True))
    with connect(local) as session:
        mark(session)
        rollups.refresh(session)
    return local


@pytest.fixture(scope="module")
def report(city: str) -> MonthReport:
    with connect(city) as session:
        return read_month(session, MONTH)


def named(report: MonthReport) -> Mapping[str, Section]:
    return {section.title: section for section in report.sections}


def test_every_indicator_has_its_place(city: str) -> None:
    with connect(city) as session:
        known = {name for (name,) in session.execute("SELECT indicator FROM analytics.indicator").fetchall()}
    assert known == {*month_tables.TELEPHONY, *month_tables.ORDERS}


def test_the_counts_are_those_of_the_store(city: str, report: MonthReport) -> None:
    with connect(city) as session:
        [(calls,)] = session.execute(
            "SELECT count(*) FROM analytics.call WHERE month = %s AND NOT is_outbound", [MONTH]
        ).fetchall()
        by_kind = dict(
            session.execute(
                "SELECT kind_name, count(*) FROM analytics.work_order WHERE month = %s GROUP BY 1", [MONTH]
            ).fetchall()
        )
    telephony = {row[0].text: row for row in named(report)["话务指标"].rows}
    assert telephony["呼入量"][3].value == calls
    kinds = {row[0].text: row[-1] for row in named(report)["受理的类型与渠道"].rows}
    assert {kind: kinds[kind].value for kind in by_kind if kinds[kind].value is not None}.items() <= by_kind.items()


def test_no_small_count_is_shown_and_some_are_kept_back(report: MonthReport) -> None:
    cells = [cell for section in report.sections for row in section.rows for cell in row]
    spellings = {id(row[2]) for row in named(report).get("被反复投诉的企业", Section("", (), ())).rows}
    shown = [cell.value for cell in cells if cell.measure == "count" and id(cell) not in spellings]
    assert [value for value in shown if isinstance(value, float | int) and 0 < value < 5] == []
    assert HIDDEN in {cell.text for cell in cells}


def test_who_has_no_orders_enough_shows_nothing_at_all(report: MonthReport) -> None:
    for row in named(report)["各承办单位"].rows:
        if row[1].text == HIDDEN:
            assert {cell.text for cell in row[1:]} <= {HIDDEN, NO_DATA}


def test_the_page_stands_alone_and_names_nobody(city: str, tmp_path: Path) -> None:
    with connect(city) as session:
        written = write_report(session, tmp_path, MONTH, NOW)
    assert written["tables"] > 5
    assert {path.name for path in tmp_path.iterdir()} == {
        *("month.html", "month.xlsx", "month-2026-03.html", "month-2026-03.xlsx"),
    }
    html = (tmp_path / "month-2026-03.html").read_text(encoding="utf-8")
    assert re.search(r"<script|<link|<img|<iframe|style=|https?:|url\(|@import", html) is None
    assert re.findall(r'href="([^"]*)"', html) == ["month-2026-03.xlsx"]
    assert html.count('role="img"') >= 3
    assert 'lang="zh-CN"' in html
    for path in tmp_path.iterdir():
        assert [of_class for of_class, word in MARKS.items() if word.encode() in content(path)] == [], path.name


def test_the_sheets_hold_what_the_page_shows(city: str, report: MonthReport, tmp_path: Path) -> None:
    (tmp_path / "month.xlsx").write_bytes(workbook(report))
    book = CalamineWorkbook.from_path(str(tmp_path / "month.xlsx"))
    assert book.sheet_names == [section.title for section in report.sections]
    for section in report.sections:
        [headings, *rows] = book.get_sheet_by_name(section.title).to_python()
        assert headings == list(section.headings)
        for row, cells in zip(rows, section.rows, strict=True):
            shown = [cell.text if cell.value is None else cell.value for cell in cells]
            assert row == [value if isinstance(value, str) else pytest.approx(value) for value in shown]


def test_the_command_writes_where_reports_lie(city: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", postgres_connection(city))
    monkeypatch.setenv("HOTLINE_REPORT_DIR", str(tmp_path))
    done = CliRunner().invoke(app, ["report-month", "--month", "2026-03"], catch_exceptions=False)
    assert done.exit_code == 0
    assert done.output.startswith("2026-03: ")
    assert str(tmp_path / MONTH_PAGE) in done.output
    assert (tmp_path / MONTH_PAGE).exists()


def test_a_month_without_data_says_so(city: str, tmp_path: Path) -> None:
    with connect(city) as session:
        assert write_report(session, tmp_path, date(2020, 1, 1), NOW) == {"tables": 0, "rows": 0}
    assert "这个月没有数据" in (tmp_path / "month.html").read_text(encoding="utf-8")
    [sheet] = CalamineWorkbook.from_path(str(tmp_path / "month.xlsx")).sheet_names
    assert sheet == "2020-01"


def test_what_cannot_be_computed_has_a_word() -> None:
    row = {"value": None, "unit_of_measure": "share", "numerator": 0, "denominator": 0}
    assert month_tables._value(row).text == NO_BASE
    assert month_tables._value({**row, "numerator": None, "denominator": None}).text == NO_DATA
    assert month_tables._value(None).text == NO_DATA
    assert month_tables._value({**row, "value": 0.5}, is_hidden=True).text == HIDDEN
    assert Cell(0.0004, "points").text == "持平"
    assert Cell(-0.0121, "points").text == "-1.2 个百分点"


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (datetime(2026, 3, 31, 15, 59, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2026, 3, 31, 16, 0, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 1, 2, tzinfo=UTC), date(2025, 12, 1)),
    ],
)
def test_by_default_it_is_the_last_month_that_is_over_in_shanghai(now: datetime, month: date) -> None:
    assert month_of(None, now) == month


@given(st.dates(date(2020, 1, 1), date(2026, 3, 31)))
def test_a_month_is_named_by_year_and_month(day: date) -> None:
    assert month_of(f"{day:%Y-%m}", NOW) == day.replace(day=1)


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "03-2026", "2026-03-01", "2026-05"])
def test_what_is_no_month_or_has_not_begun_is_refused(text: str) -> None:
    with pytest.raises(StopRun, match=r"no month|has not begun"):
        month_of(text, NOW)


def test_pages_and_notebook_name_nobody(city: str) -> None:
    for path, text in pages(PROJECT, city).items():
        assert [of_class for of_class, word in MARKS.items() if word in text] == [], path
