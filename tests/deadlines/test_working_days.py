"""Working days: the package's data, corrections by file, and two ways of counting held against a walk day by day."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING

import chinese_calendar
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline_bridge.errors import StopRun
from hotline_bridge.store.data_files import data_folder
from hotline_bridge.time_limits.load import load_time_limits
from hotline_bridge.time_limits.working_days import Calendar, known_calendar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from psycopg import Connection

    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

CALENDAR = known_calendar()
FIRST, LAST = CALENDAR.days[0].day, CALENDAR.days[-1].day
HEADER = "day,is_workday,name,source,source_date\n"
days = st.dates(FIRST, LAST)


@pytest.fixture(scope="module")
def local(postgres: Server, templates: Stores) -> Iterator[Connection]:
    postgres.create_database("working_days", template=templates.local)
    with psycopg.connect(postgres.conninfo("working_days"), autocommit=True) as connection:
        load_time_limits(connection)
        yield connection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the files that a test may change."""
    return shutil.copytree(data_folder() / "time_limits", tmp_path / "time_limits")


def works_on(calendar: Calendar, day: date) -> bool:
    [found] = [known for known in calendar.days if known.day == day]
    return found.is_workday


def walked(day: date, count: int) -> date | None:
    """The answer by asking the package day by day; with 0, back to a working day. None beyond its data."""
    try:
        while not count and not chinese_calendar.is_workday(day):
            day -= timedelta(days=1)
        while count:
            day += timedelta(days=1)
            count -= bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
    return day


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(asked=st.lists(st.tuples(days, st.integers(0, 60)), min_size=1, max_size=200))
def test_sql_counts_as_a_walk_does(local: Connection, asked: list[tuple[date, int]]) -> None:
    found = local.execute(
        "SELECT found.day FROM unnest(%s::date [], %s::integer []) WITH ORDINALITY AS asked (day, days, place)"
        " LEFT JOIN LATERAL hotline.add_working_days(asked.day, asked.days) AS found (day) ON true ORDER BY place",
        ([day for day, _ in asked], [count for _, count in asked]),
    ).fetchall()
    assert [day for (day,) in found] == [walked(day, count) for day, count in asked]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 14), True),  # a Saturday that makes up for a holiday
        (date(2026, 10, 10), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 3), False),
        (date(2026, 11, 24), True),
        (date(2020, 1, 31), False),  # the Spring Festival that was prolonged
    ],
)
def test_days_that_are_known(day: date, works: bool) -> None:
    assert works_on(CALENDAR, day) is works


def test_seven_working_days_across_the_national_day(local: Connection) -> None:
    # Registered on Tuesday 29 September 2026: the 30th is the first day, then 8, 9, 10 (made up), 12, 13, 14.
    found = local.execute("SELECT hotline.add_working_days('2026-09-29', 7)").fetchall()
    assert found == [(date(2026, 10, 14),)]


def test_sql_gives_nothing_where_the_calendar_ends(local: Connection) -> None:
    asked = local.execute("SELECT hotline.add_working_days(%s, 15)", (date(LAST.year, 12, 25),))
    assert asked.fetchall() == []


def test_a_correction_wins_over_the_package(folder: Path) -> None:
    (folder / "calendar_corrections.csv").write_text(
        HEADER + "2026-11-25,no,临时放假,国办发明电〔2026〕0号（测试）,2026-11-24\n", encoding="utf-8-sig"
    )
    calendar = known_calendar(folder)
    assert works_on(CALENDAR, date(2026, 11, 25))
    assert not works_on(calendar, date(2026, 11, 25))
    [corrected] = [day for day in calendar.days if day.day == date(2026, 11, 25)]
    assert (corrected.name, corrected.source) == ("临时放假", "国办发明电〔2026〕0号（测试） (2026-11-24)")


def test_a_whole_year_can_be_given_by_a_file(folder: Path) -> None:
    year = LAST.year + 1
    new_year, make_up = (
        date(year, 1, 1),
        next(day for day in (date(year, 1, 2) + timedelta(days=n) for n in range(7)) if day.weekday() == 6),
    )
    (folder / f"calendar_{year}.csv").write_text(
        HEADER + f"{new_year},no,元旦,测试通知,2026-11-24\n{make_up},yes,调休,测试通知,2026-11-24\n", encoding="utf-8"
    )
    calendar = known_calendar(folder)
    assert calendar.years.stop == year + 1
    assert not works_on(calendar, new_year)
    assert works_on(calendar, make_up)
    assert not works_on(calendar, make_up - timedelta(days=1))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("calendar_corrections.csv", "2099-01-01,no,元旦,测试,2026-11-24\n", "no data for the year 2099"),
        (
            "calendar_corrections.csv",
            "2026-13-01,no,元旦,测试,2026-11-24\n",
            "line 2: day is '2026-13-01'; write a day",
        ),
        ("calendar_corrections.csv", "2026-12-01,maybe,元旦,测试,2026-11-24\n", "is_workday is 'maybe'"),
        ("calendar_corrections.csv", "2026-12-01,no,元旦,,2026-11-24\n", "source is blank"),
        ("calendar_corrections.csv", "2026-12-01,no,元旦,测试,\n", "source_date is blank"),
        ("calendar_corrections.csv", "2026-12-01,no,x,y,2026-11-24\n" * 2, "line 3: 2026-12-01 stands there twice"),
        ("calendar_corrections.csv", "2026-12-01,no,元旦\n", "line 2 has not 5 cells"),
        ("calendar_2099.csv", "2099-01-01,no,元旦,测试,2026-11-24\n", f"no data for the year {LAST.year + 1}"),
        ("calendar_2099.csv", "", "names no holiday"),
        ("calendar_2099.csv", "2098-01-01,no,元旦,测试,2026-11-24\n", "a day of another year"),
        ("calendar_2026.csv", "2026-01-01,no,元旦,测试,2026-11-24\n", "that package chinesecalendar knows by now"),
    ],
)
def test_a_wrong_file_is_named_with_its_remedy(folder: Path, name: str, content: str, words: str) -> None:
    (folder / name).write_text(HEADER + content, encoding="utf-8")
    with pytest.raises(StopRun, match=words):
        known_calendar(folder)


def test_a_file_of_another_header_or_encoding_is_refused(folder: Path) -> None:
    (folder / "calendar_corrections.csv").write_text("日期,工作日\n", encoding="utf-8")
    with pytest.raises(StopRun, match="begin it with day,is_workday"):
        known_calendar(folder)
    (folder / "calendar_corrections.csv").write_text(
        HEADER + "2026-12-01,no,元旦,测试,2026-11-24\n", encoding="gb18030"
    )
    with pytest.raises(StopRun, match="save it as CSV UTF-8"):
        known_calendar(folder)


def test_loading_twice_changes_nothing_and_a_changed_file_changes_its_day(local: Connection, folder: Path) -> None:
    assert load_time_limits(local) == {"calendar_day": 0, "time_limit": 0, "handling_meaning": 0}
    try:
        (folder / "calendar_corrections.csv").write_text(
            HEADER + f"{LAST},yes,测试,测试,2026-11-24\n{LAST - timedelta(days=1)},no,测试,测试,2026-11-24\n",
            encoding="utf-8",
        )
        assert load_time_limits(local, folder)["calendar_day"] == 2
        calendar = known_calendar(folder)
        assert local.execute(
            "SELECT day, is_workday, name, source FROM hotline.calendar_day ORDER BY day"
        ).fetchall() == [tuple(day) for day in calendar.days]
    finally:
        assert load_time_limits(local)["calendar_day"] == 2
