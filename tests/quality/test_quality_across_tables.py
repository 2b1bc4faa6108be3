"""Parents known, seats signed in, tables as the contract wants them: what no expectation on a single row sees."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import Failures, StopRun, TryAgainLater
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.quality.checks import check_tables, explained
from hotline_bridge.store.database import connect
from tests.outbound.bridge import Bridge, call
from tests.quality.typed_rows import END, TELEPHONY, TWO_DAYS_AGO, WINDOW, TypedTables, good_row, only

if TYPE_CHECKING:
    from datetime import datetime

    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

CALL, RECORDING, SEAT = contract()["callinfo"], contract()["recordinfo"], contract()["seatsignin"]
PARENT, ON_DUTY = ("recording_log", "callid:parent"), ("call_log", "seattime:seats_signed_in")


@pytest.fixture
def tables(stores: Stores) -> TypedTables:
    return TypedTables(stores.local)


# Parents


@pytest.mark.parametrize(
    ("orphans", "known", "severity"), [(1, 19, "warning"), (2, 18, "error"), (1, 0, "error")], ids=str
)
def test_few_orphans_are_a_warning_many_an_error(tables: TypedTables, orphans: int, known: int, severity: str) -> None:
    keys = [f"known-{number}" for number in range(known)]
    tables.add("call_log", *(good_row(CALL, key) for key in keys))
    tables.add("recording_log", *(good_row(RECORDING, key) for key in keys))
    tables.add("recording_log", *(good_row(RECORDING, f"orphan-{number}") for number in range(orphans)))
    found = tables.result(PARENT)
    assert (found.failing, found.checked, found.severity) == (orphans, orphans + known, severity)
    assert found.keys == tuple(f"orphan-{number}" for number in range(orphans))


def test_a_call_in_quarantine_is_known(stores: Stores, tables: TypedTables) -> None:
    bridge = Bridge(stores, None, None)  # type: ignore[arg-type]  # nothing is sent
    bridge.write(call(7, calltype="9"))
    with connect(stores.docking) as docking, connect(stores.local) as local:
        assert take_in(docking, local, CALL).quarantined == 1
    tables.add("recording_log", good_row(RECORDING, str(call(7)["callid"])))
    assert tables.result(PARENT).passed is True


@pytest.mark.parametrize(
    ("written_at", "checked"), [(END - timedelta(minutes=59), 0), (END - timedelta(minutes=61), 1)], ids=str
)
def test_a_call_may_arrive_an_hour_after_its_recording(tables: TypedTables, written_at: datetime, checked: int) -> None:
    tables.add("recording_log", good_row(RECORDING, "orphan"), written_at=written_at)
    found = tables.result(PARENT)
    assert (found.checked, found.failing) == (checked, checked)
    assert found.passed is (False if checked else None)


# Seats


def seat(begin: datetime, end: datetime | None) -> dict[str, object]:
    return {**good_row(SEAT, f"{begin:%Y%m%d%H%M%S}"), "begintime": begin, "endtime": end}


@pytest.mark.parametrize(
    ("logins", "passed"),
    [
        ([(-8, 0)], True),
        ([(0, 8)], True),
        ([(-9, -5), (-5, 1)], True),
        ([(-23, None)], True),
        ([], False),
        ([(-8, -1)], False),
        ([(1, 8)], False),
        ([(-25, None)], False),
        ([(1, -1)], False),
    ],
    ids=str,
)
def test_somebody_was_signed_in_when_a_seat_took_the_call(
    tables: TypedTables, logins: list[tuple[int, int | None]], passed: bool
) -> None:
    """Hours from and to which a seat is signed in, counted from the call."""
    tables.add("call_log", good_row(CALL, "served"))
    for begin, end in logins:
        hours = None if end is None else TWO_DAYS_AGO + timedelta(hours=end)
        tables.add("seat_login_log", seat(TWO_DAYS_AGO + timedelta(hours=begin), hours))
    found = tables.result(ON_DUTY)
    assert found.passed is passed
    assert found.severity == "warning"
    assert found.keys == (() if passed else ("served",))


def test_a_login_may_be_written_a_day_late_and_a_caller_who_left_needs_no_seat(tables: TypedTables) -> None:
    yesterday = END - timedelta(hours=23)
    tables.add("call_log", {**good_row(CALL, "served"), "seattime": yesterday}, written_at=yesterday)
    tables.add("call_log", {**good_row(CALL, "left"), "seattime": None})
    assert tables.result(ON_DUTY).passed is None


# Tables and columns that are not there


def test_a_missing_column_and_a_wrong_type_are_named_and_all_other_rules_still_judged(tables: TypedTables) -> None:
    tables.add_good()
    sound = tables.check(tables=TELEPHONY)
    tables.ask(
        "DROP SCHEMA analytics CASCADE;"
        "ALTER TABLE hotline.call_log DROP COLUMN calltype, ALTER COLUMN ringtime TYPE timestamp"
    )
    results = tables.check(tables=TELEPHONY)
    columns = results["call_log", "columns"]
    assert columns.keys == ("calltype", "ringtime")
    assert (columns.severity, columns.failing) == ("error", 2)
    gone = {rule for table, rule in sound if (table, rule) not in results}
    assert gone == {
        *("calltype:required", "calltype:length", "calltype:code"),
        *("ringtime:condition", "ringtime:odd_time", "ringtime:clock_order", "seattime:clock_order"),
    } & {rule for _, rule in sound}
    assert all(result == sound[name] for name, result in results.items() if name != ("call_log", "columns"))


@pytest.mark.parametrize(
    ("statement", "gone"),
    [
        (
            "ALTER TABLE hotline.call_log DROP COLUMN callid CASCADE",
            {PARENT, ON_DUTY, ("satisfaction_log", "callid:parent")},
        ),
        ("ALTER TABLE hotline.seat_login_log DROP COLUMN endtime CASCADE", {ON_DUTY}),
        ("DROP TABLE hotline.seat_login_log CASCADE", {ON_DUTY}),
        ("DROP TABLE hotline.call_log CASCADE", {PARENT, ON_DUTY, ("satisfaction_log", "callid:parent")}),
        ("ALTER TABLE hotline.call_log DROP COLUMN written_at CASCADE", {PARENT, ON_DUTY, ("call_log", "volume")}),
    ],
    ids=["key", "sign-out", "seats", "parents", "written"],
)
def test_a_rule_that_reads_what_is_not_there_is_left_out(
    tables: TypedTables, statement: str, gone: set[tuple[str, str]]
) -> None:
    tables.add_good()
    tables.ask(statement)
    results = tables.check(tables=TELEPHONY)
    assert gone & results.keys() == set()
    table = statement.split()[2].removeprefix("hotline.")
    if statement.startswith("DROP TABLE"):
        assert not any(name == table for name, _ in results)
    else:
        assert results[table, "columns"].passed is False
    assert [result.rule for result in results.values() if result.passed is False] == (
        [] if statement.startswith("DROP TABLE") else ["columns"]
    )


def test_a_store_without_tables_and_an_account_without_rights_are_sentences(
    postgres: Server, stores: Stores, tables: TypedTables
) -> None:
    postgres.create_role("looker", "looker")
    looker = make_conninfo(stores.local, user="looker", password="looker")
    words = r"this account lacks a right on .*InsufficientPrivilege.*let the owner run: GRANT hotline_loader TO"
    with pytest.raises(StopRun, match=words), explained():
        check_tables(looker, WINDOW, Failures())
    tables.ask("DROP SCHEMA hotline CASCADE")
    with pytest.raises(StopRun, match="no typed table; run `hotline migrate` first"):
        tables.check()


def test_what_the_store_cannot_do_now_is_tried_again() -> None:
    with pytest.raises(TryAgainLater, match="QueryCanceled, SQLSTATE 57014"), explained():
        raise psycopg.errors.QueryCanceled


def test_a_table_that_cannot_be_judged_stops_no_other(tables: TypedTables) -> None:
    tables.add_good()
    tables.ask("ALTER TABLE hotline.call_log RENAME TO kept")
    tables.ask("CREATE VIEW hotline.call_log AS SELECT * FROM hotline.kept WHERE 1 / (row_id - row_id) = 1")
    failures = Failures()
    with only({*TELEPHONY, "complaint_case", "complaint_feedback"}):
        judged = {result.table for result in check_tables(tables.conninfo, WINDOW, failures)}
    assert {"recording_log", "complaint_case", "complaint_feedback"} <= judged
    with pytest.raises(StopRun) as told, failures:
        pass
    assert "volume of hotline.call_log could not be checked (DivisionByZero, SQLSTATE 22012)" in str(told.value)
    assert "rules of hotline.call_log could not be checked: " in str(told.value)
