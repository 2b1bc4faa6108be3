"""Volume and freshness against made-up weeks; since when a rule fails; windows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.quality.checks import LEAST_WEEKS, WEEKS, checks_of, run_check
from hotline_bridge.quality.results import Result, Window, evaluate, read_check, window_of, write_results
from hotline_bridge.store.database import connect
from tests.quality.typed_rows import END, WINDOW, TypedTables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from tests.fixtures import Stores

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
PER_HOUR = 30


@pytest.fixture
def tables(stores: Stores) -> TypedTables:
    return TypedTables(stores.local)


@pytest.fixture
def local(stores: Stores) -> Iterator[Connection]:
    with connect(stores.local) as connection:
        yield connection


def add_weeks(tables: TypedTables, *ago: int, per_hour: int = PER_HOUR) -> None:
    """A day and some hours around the present hour, so many weeks ago."""
    for weeks in ago:
        end = END - weeks * WEEK
        tables.add_steadily("call_log", per_hour, end - DAY - 2 * HOUR, end + 2 * HOUR)


def add_today(tables: TypedTables, until: datetime = END, per_hour: int = PER_HOUR) -> None:
    tables.add_steadily("call_log", per_hour, END - DAY, until)


def judged(tables: TypedTables, window: Window = WINDOW) -> tuple[Result, Result]:
    """Volume and freshness of the call log."""
    with connect(tables.conninfo) as local:
        checks = {check.rule: check for check in checks_of(contract()["callinfo"], {"call_log": ()})}
        return run_check(local, checks["volume"], window), run_check(local, checks["freshness"], window)


@pytest.mark.edge
def test_a_day_like_the_others(tables: TypedTables) -> None:
    add_weeks(tables, *range(1, WEEKS + 1))
    add_today(tables)
    volume, freshness = judged(tables)
    assert (volume.checked, volume.failing) == (24, 0)
    assert (freshness.checked, freshness.failing) == (1, 0)


def test_an_outage(tables: TypedTables) -> None:
    add_weeks(tables, *range(1, WEEKS + 1))
    add_today(tables, until=END - 5 * HOUR)
    volume, freshness = judged(tables)
    assert (volume.failing, volume.severity) == (5, "warning")
    assert volume.keys == tuple(f"2026-11-23 {hour:02}:00" for hour in range(7, 12))
    assert (freshness.failing, freshness.severity) == (1, "error")
    assert freshness.keys == ("2026-11-23 06:58:00",)


@pytest.mark.parametrize(("weeks", "passed"), [(1, False), (4, False), (5, True)])
def test_outages_in_half_of_the_weeks_do_not_hide_the_next(tables: TypedTables, weeks: int, passed: bool) -> None:
    """In more of them, it is how this hour is."""
    add_weeks(tables, *range(weeks + 1, WEEKS + 1))
    for ago in range(1, weeks + 1):
        tables.add_steadily("call_log", PER_HOUR, END - ago * WEEK - DAY, END - ago * WEEK - 5 * HOUR)
    add_today(tables, until=END - 5 * HOUR)
    assert judged(tables)[1].passed is passed


@pytest.mark.parametrize(
    ("per_hour", "hours", "passed"), [(3, 6, True), (3, 8, False), (1000, 1, True), (PER_HOUR, 2, False)]
)
def test_silence_is_measured_by_the_rows_that_usually_come(
    tables: TypedTables, per_hour: int, hours: int, passed: bool
) -> None:
    """Where few come, long silence is chance; a short one is never told."""
    add_weeks(tables, *range(1, WEEKS + 1), per_hour=per_hour)
    tables.add_steadily("call_log", per_hour, END - DAY, END - hours * HOUR)
    tables.add_steadily("call_log", 60, END - hours * HOUR, END - hours * HOUR + timedelta(minutes=2))
    assert judged(tables)[1].passed is passed


def test_a_flood_is_as_odd_as_a_drought(tables: TypedTables) -> None:
    add_weeks(tables, *range(1, WEEKS + 1))
    add_today(tables)
    tables.add_steadily("call_log", 2 * PER_HOUR, END - 3 * HOUR, END - 2 * HOUR)
    volume, _ = judged(tables)
    assert volume.keys == ("2026-11-23 09:00",)


def test_a_holiday_warns_and_is_no_error(tables: TypedTables) -> None:
    add_weeks(tables, *range(1, WEEKS + 1))
    add_today(tables, per_hour=5)
    volume, freshness = judged(tables)
    assert (volume.failing, volume.severity) == (24, "warning")
    assert freshness.passed is True


def test_a_holiday_among_the_weeks_changes_nothing(tables: TypedTables) -> None:
    add_weeks(tables, *range(2, WEEKS + 1))
    add_today(tables)
    volume, freshness = judged(tables)
    assert (volume.passed, freshness.passed) == (True, True)


def test_chance_is_no_finding(tables: TypedTables) -> None:
    """Small hours: a count moves by its own square root, and five rows more or less say nothing."""
    for ago, per_hour in enumerate((3, 5, 4, 4, 6, 2, 4, 5), start=1):
        add_weeks(tables, ago, per_hour=per_hour)
    add_today(tables, per_hour=9)
    assert judged(tables)[0].passed is True


def test_nights_have_long_pauses_of_their_own(tables: TypedTables) -> None:
    midnight = END.replace(hour=0)
    for ago in range(1, WEEKS + 1):
        for evening in (midnight - ago * WEEK, midnight - ago * WEEK + DAY):
            tables.add_steadily("call_log", PER_HOUR, evening - 8 * HOUR, evening)
    tables.add_steadily("call_log", PER_HOUR, midnight - 8 * HOUR, midnight)
    for hours, passed in ((6, True), (15, True), (18, False)):
        window = Window(WINDOW.begin, midnight + hours * HOUR)
        assert judged(tables, window)[1].passed is passed, f"{hours}:00"


@pytest.mark.parametrize("weeks", [0, LEAST_WEEKS - 1, LEAST_WEEKS])
def test_little_history_is_not_judged(tables: TypedTables, weeks: int) -> None:
    add_weeks(tables, *range(1, weeks + 1))
    add_today(tables, until=END - 5 * HOUR)
    expected = None if weeks < LEAST_WEEKS else False
    assert [result.passed for result in judged(tables)] == [expected, expected]


def test_an_empty_table_is_not_judged(tables: TypedTables) -> None:
    assert [result.passed for result in judged(tables)] == [None, None]


def test_rows_ahead_of_time_hide_no_outage(tables: TypedTables) -> None:
    add_weeks(tables, *range(1, WEEKS + 1))
    add_today(tables, until=END - 5 * HOUR)
    tables.add_steadily("call_log", PER_HOUR, END + DAY, END + DAY + HOUR)
    assert judged(tables)[1].passed is False


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        (END - 3 * HOUR, END, 3),
        (END - 3 * HOUR + timedelta(seconds=1), END + timedelta(minutes=59), 2),
        (END - timedelta(minutes=59), END, 0),
    ],
    ids=str,
)
def test_only_whole_hours_of_the_window_are_judged(
    tables: TypedTables, begin: datetime, end: datetime, hours: int
) -> None:
    add_weeks(tables, *range(1, WEEKS + 1))
    add_today(tables)
    assert judged(tables, Window(begin, end))[0].checked == hours


# Since when


def found(local: Connection, *passed: bool | None) -> list[datetime | None]:
    """Since when the rule fails, as each of a row of hourly checks says it."""
    since = []
    for number, outcome in enumerate(passed):
        now = END + number * HOUR
        result = evaluate(
            "call_log",
            "calltype:code",
            error_above=0.0,
            checked=int(outcome is not None),
            failing=int(outcome is False),
        )
        write_results(local, now, Window(WINDOW.begin, now), [result])
        since.append(read_check(local, now).results[0].since)
    return since


def test_a_rule_fails_since_the_first_check_without_a_pass_in_between(local: Connection) -> None:
    hours = [END + number * HOUR for number in range(8)]
    outcomes = (True, False, False, None, False, True, False, False)
    assert found(local, *outcomes) == [None, hours[1], hours[1], None, hours[1], None, hours[6], hours[6]]


def test_checks_of_a_past_window_and_of_other_rules_do_not_count(local: Connection) -> None:
    found(local, False)
    good = evaluate("call_log", "calltype:code", error_above=0.0, checked=1, failing=0)
    write_results(local, END + timedelta(minutes=1), Window(WINDOW.begin, WINDOW.begin + DAY), [good])
    other = evaluate("recording_log", "calltype:code", error_above=0.0, checked=1, failing=0)
    write_results(local, END + timedelta(minutes=2), Window(WINDOW.begin, END + timedelta(minutes=2)), [other])
    bad = evaluate("call_log", "calltype:code", error_above=0.0, checked=1, failing=1, keys=["a key", None, ""])
    now = END + timedelta(minutes=3)
    write_results(local, now, Window(WINDOW.begin, now), [bad])
    check = read_check(local, now)
    assert check.results[0].since == END
    assert check.results[0].result == bad
    assert bad.keys == ("a key",)
    assert check.window == Window(WINDOW.begin, now)


def test_there_is_no_check_of_another_name(local: Connection) -> None:
    with pytest.raises(StopRun, match="run the check again"):
        read_check(local, END)


# Windows


@pytest.mark.parametrize(
    ("begin", "end", "window"),
    [
        (None, None, WINDOW),
        ("2026-11-23T00:00:00+00:00", "2026-11-23 10:00:00", Window(END - 4 * HOUR, END - 2 * HOUR)),
    ],
)
def test_a_window_of_two_texts(begin: str | None, end: str | None, window: Window) -> None:
    assert window_of(begin, end, END) == window


@pytest.mark.parametrize(
    ("error_above", "checked", "failing", "severity"),
    [
        (0.0, 10, 0, "error"),
        (0.0, 10, 1, "error"),
        (None, 10, 10, "warning"),
        (0.05, 100, 0, "error"),
        (0.05, 100, 5, "warning"),
        (0.05, 100, 6, "error"),
    ],
)
def test_severity(error_above: float | None, checked: int, failing: int, severity: str) -> None:
    result = evaluate("call_log", "callid:parent", error_above=error_above, checked=checked, failing=failing)
    assert result.severity == severity
