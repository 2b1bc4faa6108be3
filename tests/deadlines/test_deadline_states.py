"""The state of every limit of every order, on a real PostgreSQL, at moments that the tests choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.errors import StopRun
from hotline_bridge.time_limits.deadlines import read_deadlines
from hotline_bridge.time_limits.load import load_time_limits
from tests.deadlines.limits_of import State, moment, put, states

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores


@pytest.fixture(scope="module")
def one_store(postgres: Server, templates: Stores) -> Iterator[Connection]:
    postgres.create_database("deadline_states", template=templates.local)
    with psycopg.connect(postgres.conninfo("deadline_states"), autocommit=True) as connection:
        load_time_limits(connection)
        yield connection


@pytest.fixture
def local(one_store: Connection) -> Iterator[Connection]:
    """The calendar and nothing else; what a test writes is rolled back."""
    with one_store.transaction(force_rollback=True):
        yield one_store


def report(local: Connection, regino: str = "R1", registime: str = "2026-11-02 09:00:00") -> None:
    """A report registered on a Monday without holidays near: acceptance until 11 November, filing until the 23rd."""
    put(local, "report_case", regino=regino, registime=moment(registime))


def test_seven_and_fifteen_working_days_from_registration(local: Connection) -> None:
    report(local)
    assert states(local, "2026-11-02 10:00") == {
        "acceptance": State("open", "2026-11-11 23:59:59", "working_days", 7, 0),
        "filing": State("open", "2026-11-23 23:59:59", "working_days", 15, 0),
    }


@pytest.mark.parametrize(
    ("at", "state", "left"),
    [
        ("2026-11-06 12:00", "open", 3),
        ("2026-11-09 00:00", "due_soon", 2),
        ("2026-11-11 23:59:59", "due_soon", 0),
        ("2026-11-12 00:00", "overdue", -1),
        ("2026-11-16 00:00", "overdue", -3),
    ],
)
def test_due_soon_and_overdue_change_at_their_moment(local: Connection, at: str, state: str, left: int) -> None:
    report(local)
    assert states(local, at)["acceptance"] == State(state, "2026-11-11 23:59:59", "working_days", left, 0)


def test_registration_is_a_day_of_shanghai(local: Connection) -> None:
    # Still Sunday in UTC.
    report(local, registime="2026-11-02 00:30:00")
    local.execute("SET TimeZone = 'UTC'")
    [(limit,)] = local.execute(
        "SELECT limit_at FROM hotline.deadline_states(now()) WHERE stage = 'acceptance'"
    ).fetchall()
    assert limit == moment("2026-11-11 23:59:59")


def test_a_step_decides_acceptance_by_default_and_filing_only_when_its_code_is_known(local: Connection) -> None:
    report(local)
    put(local, "report_handling", bh="R1", id="s1", slflag="7", loaded_at=moment("2026-11-05 08:00"))
    late = "2026-12-01 12:00"
    assert [states(local, late)[stage].state for stage in ("acceptance", "filing")] == ["met", "overdue"]

    local.execute("INSERT INTO hotline.handling_meaning VALUES ('report', '7', 'filed', 'test', '2026-11-24')")
    assert [states(local, late)[stage].state for stage in ("acceptance", "filing")] == ["met", "met"]
    assert local.execute("SELECT kind, meaning FROM hotline.handling_step").fetchall() == [("report", "filed")]

    local.execute("UPDATE hotline.handling_meaning SET meaning = 'other' WHERE slflag = '7'")
    assert states(local, late)["acceptance"].state == "overdue"


def test_a_step_that_was_replaced_since_still_counts_from_when_it_was_first_seen(local: Connection) -> None:
    report(local)
    put(
        local,
        "report_handling_history",
        row_id=1,
        bh="R1",
        slflag="1",
        flags=[],
        loaded_at=moment("2026-11-05 08:00"),
        replaced_by=moment("2026-11-20 08:00"),
    )
    put(local, "report_handling", bh="R1", slflag="1", loaded_at=moment("2026-11-20 08:00"))
    assert states(local, "2026-12-01 12:00")["acceptance"].state == "met"


def test_what_is_first_seen_after_the_limit_is_not_called_in_time(local: Connection) -> None:
    report(local)
    put(local, "report_handling", bh="R1", slflag="1", loaded_at=moment("2026-11-12 08:00"))
    assert states(local, "2026-12-01 12:00")["acceptance"].state == "seen_late"


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("report_feedback", {"odrno": "R1", "loaded_at": moment("2026-11-10")}),
        ("case_feedback", {"region": "R1", "feetime": moment("2026-11-10"), "loaded_at": moment("2026-12-10")}),
        ("returned_case", {"odrno": "R1", "updatetime": moment("2026-11-10")}),
        ("report_handling", {"bh": "R1", "slflag": "no", "loaded_at": moment("2026-11-10")}),
    ],
)
def test_an_answer_a_return_or_a_refusal_ends_every_stage(
    local: Connection, table: str, columns: dict[str, object]
) -> None:
    local.execute("INSERT INTO hotline.handling_meaning VALUES ('report', 'no', 'refused', 'test', '2026-11-24')")
    report(local)
    put(local, "case_routing", bh="R1", id="1", deadline="2026-12-31")
    put(local, table, **columns)
    assert {stage: found.state for stage, found in states(local, "2026-12-31 12:00").items()} == {
        "acceptance": "met",
        "filing": "met",
        "handling": "met",
    }


def test_a_consultation_answered_on_site_has_no_open_limit(local: Connection) -> None:
    for regino, answered in (("R1", "1"), ("R2", "0")):
        put(local, "consultation_case", regino=regino, registime=moment("2026-11-02"), replyonsite=answered)
        put(local, "case_routing", bh=regino, id=regino, deadline="2026-11-10")
    assert states(local, "2026-11-20")["handling"].state == "met"
    assert states(local, "2026-11-20", "R2")["handling"] == State("overdue", "2026-11-10 23:59:59", "platform", -8, 0)


def test_handling_takes_the_deadline_of_the_newest_routing(local: Connection) -> None:
    report(local)
    put(local, "case_routing", bh="R1", id="1", zcdate=moment("2026-11-03"), deadline="2027-03-01")
    put(local, "case_routing", bh="R1", id="2", zcdate=moment("2026-11-05"), deadline="2026-12-31")
    assert states(local, "2026-11-06")["handling"].limit == "2026-12-31 23:59:59"


@pytest.mark.parametrize(
    ("clock", "hotline", "limit", "source"),
    [
        ("earlier", "2026-11-06 18:00:00", "2026-11-06 18:00:00", "12345"),
        ("earlier", "2026-11-20 18:00:00", "2026-11-11 23:59:59", "working_days"),
        ("ours", "2026-11-06 18:00:00", "2026-11-11 23:59:59", "working_days"),
        ("12345", "2026-11-20 18:00:00", "2026-11-20 18:00:00", "12345"),
        ("12345", None, "2026-11-11 23:59:59", "working_days"),
    ],
)
def test_which_clock_wins_is_configuration(
    local: Connection, monkeypatch: pytest.MonkeyPatch, clock: str, hotline: str | None, limit: str, source: str
) -> None:
    monkeypatch.setenv("HOTLINE_CLOCK", clock)
    load_time_limits(local)
    report(local)
    if hotline:
        deadline(local, "R1", hotline)
    found = states(local, "2026-11-03 12:00")["acceptance"]
    assert (found.limit, found.source) == (limit, source)


def deadline(local: Connection, regino: str, text: str, written: str = "2026-11-02") -> None:
    local.execute(
        "INSERT INTO hotline.order_deadline (regino, deadline, written_at) VALUES (%s, %s, %s)",
        (regino, moment(text), moment(written)),
    )


def test_the_deadline_that_12345_wrote_last_holds(local: Connection) -> None:
    report(local)
    deadline(local, "R1", "2026-11-30", "2026-11-05")
    deadline(local, "R1", "2026-11-15", "2026-11-04")
    assert states(local, "2026-11-06")["handling"] == State("open", "2026-11-30 00:00:00", "12345", 16, 0)


def test_an_approved_extension_moves_handling_and_the_limit_that_it_names(local: Connection) -> None:
    report(local)
    put(local, "case_routing", bh="R1", id="1", deadline="2026-12-10")
    extension = {"orderid": "R1", "olddeadline": "2026-12-10", "yqdate": "2026-12-30"}
    put(local, "case_extension", **extension, result="2", reason="材料不全")
    assert states(local, "2026-11-06")["handling"].limit == "2026-12-10 23:59:59", "returned, not approved"
    put(local, "case_extension", **extension, spdate=moment("2026-12-01"))
    found = states(local, "2026-11-06")
    assert (found["handling"].limit, found["handling"].source) == ("2026-12-30 23:59:59", "extension")
    assert found["filing"].limit == "2026-11-23 23:59:59", "it named another limit"

    put(
        local,
        "case_extension",
        orderid="R1",
        olddeadline="2026-11-23",
        yqdate="2026-12-14",
        spdate=moment("2026-11-20"),
    )
    found = states(local, "2026-11-24")
    assert found["filing"] == State("open", "2026-12-14 23:59:59", "extension", 14, 0)
    assert found["acceptance"].state == "overdue"


def test_an_extension_never_shortens(local: Connection) -> None:
    report(local)
    put(local, "case_routing", bh="R1", id="1", deadline="2026-12-10")
    put(local, "case_extension", orderid="R1", yqdate="2026-11-20", spdate=moment("2026-11-05"))
    found = states(local, "2026-11-06")["handling"]
    assert (found.limit, found.source) == ("2026-12-10 23:59:59", "platform")


def test_an_extension_moves_the_deadline_of_12345_too(local: Connection) -> None:
    put(local, "consultation_case", regino="R1", registime=moment("2026-11-02"), replyonsite="0")
    deadline(local, "R1", "2026-11-10 12:00:00")
    put(local, "case_extension", orderid="R1", yqdate="2026-11-20", spdate=moment("2026-11-05"))
    assert states(local, "2026-11-06")["handling"] == State("open", "2026-11-20 23:59:59", "extension", 10, 0)


def test_beyond_the_calendar_a_limit_is_unknown_and_an_error_says_what_to_do(local: Connection) -> None:
    [(year,)] = local.execute("SELECT extract(year FROM max(day))::integer FROM hotline.calendar_day").fetchall()
    report(local, registime=f"{year}-12-29 09:00:00")
    at = f"{year}-12-30"
    assert states(local, at)["acceptance"] == State("unknown", None, None, None, 0)
    found = read_deadlines(local, at=moment(at))
    assert found.missing_years == (year + 1,)
    with pytest.raises(StopRun, match=f"no data for the year {year + 1}; .*calendar_{year + 1}.csv"):
        found.require_calendar()

    put(local, "report_feedback", odrno="R1", loaded_at=moment(at))
    assert states(local, at)["acceptance"].state == "ended"
    read_deadlines(local, at=moment(at)).require_calendar()


def test_an_order_without_a_registration_time_is_unknown_and_asks_for_no_calendar(local: Connection) -> None:
    put(local, "report_case", regino="R1", registime=None)
    assert states(local, "2026-11-06")["filing"].state == "unknown"
    read_deadlines(local, at=moment("2026-11-06")).require_calendar()


def test_overdue_first_then_most_urged_then_oldest(local: Connection) -> None:
    for regino, day in (("R1", "02"), ("R2", "03"), ("R3", "03"), ("R4", "04"), ("R5", "12")):
        put(local, "complaint_case", regino=regino, registime=moment(f"2026-11-{day}"))
    put(local, "case_urge", id="R4", cbdate=moment("2026-11-20"))
    for urge in ("u1", "u2"):
        local.execute(
            "INSERT INTO hotline.order_urge"
            " (note_key, urgeid, regino, urgetime, urger, remark, content_hash, written_at)"
            " VALUES (%s, %s, 'R3', '20261119080000', '', '', %s, '2026-11-19')",
            (urge, urge, urge.encode()),
        )
    put(local, "case_urge", id="R5", cbdate=moment("2026-11-20"))
    found = read_deadlines(local, at=moment("2026-11-20"))
    assert [(row.regino, row.state, row.urge_count) for row in found.pressing] == [
        ("R3", "overdue", 2),
        ("R4", "overdue", 1),
        ("R1", "overdue", 0),
        ("R2", "overdue", 0),
        ("R5", "due_soon", 1),
    ]
    assert found.number("overdue") == 4
    assert [row.regino for row in read_deadlines(local, at=moment("2026-11-20"), limit=1).pressing] == ["R3"]


def test_an_order_that_the_platform_stopped_showing_is_withdrawn_and_not_overdue(local: Connection) -> None:
    report(local)
    local.execute("UPDATE hotline.report_case SET missing_since = '2026-11-10'")
    assert states(local, "2026-12-31")["acceptance"] == State(
        "withdrawn", "2026-11-11 23:59:59", "working_days", None, 0
    )
    found = read_deadlines(local, at=moment("2026-12-31"))
    assert (found.number("withdrawn"), found.number("overdue"), found.pressing) == (2, 0, ())
    local.execute("UPDATE hotline.report_case SET missing_since = NULL")
    assert states(local, "2026-12-31")["acceptance"].state == "overdue", "it is shown again"


def test_what_ended_in_time_stays_so_when_the_platform_stops_showing_it(local: Connection) -> None:
    report(local)
    put(local, "report_handling", bh="R1", slflag="1", loaded_at=moment("2026-11-05 08:00"))
    local.execute("UPDATE hotline.report_case SET missing_since = '2026-11-10'")
    assert {stage: found.state for stage, found in states(local, "2026-12-31").items()} == {
        "acceptance": "met",
        "filing": "withdrawn",
    }


ENDS = {
    "complaint_feedback": "odrno",
    "report_feedback": "odrno",
    "consultation_feedback": "odrno",
    "case_feedback": "region",
    "returned_case": "odrno",
}


@pytest.mark.parametrize("table", ENDS)
def test_the_command_judges_open_orders_alone(local: Connection, table: str) -> None:
    report(local)
    report(local, "R2")
    put(local, table, **{ENDS[table]: "R1"})
    put(local, "consultation_case", regino="R3", registime=moment("2026-11-02"), replyonsite="1")
    deadline(local, "R3", "2026-11-10")
    found = read_deadlines(local, at=moment("2026-12-31"))
    assert {row.regino for row in found.pressing} == {"R2"}
    assert sum(count.orders for count in found.counts) == 2, "acceptance and filing of R2"


def test_open_orders_are_judged_as_all_orders_are(local: Connection) -> None:
    for number in range(40):
        regino = f"R{number:02}"
        kind = ("complaint", "report", "consultation")[number % 3]
        put(local, f"{kind}_case", regino=regino, registime=moment(f"2026-{number % 11 + 1:02}-02 09:00"))
        if number % 2:
            put(local, "case_routing", bh=regino, id="1", zcdate=moment("2026-11-03"), deadline="2026-12-01")
            put(local, "case_routing", bh=regino, id="2", zcdate=moment("2026-11-04"), deadline="2026-11-25")
        if number % 3 == 1:
            put(local, "report_handling", bh=regino, slflag="1", loaded_at=moment("2026-11-05"))
        if number % 4 == 0:
            deadline(local, regino, "2026-11-20 12:00:00")
        if number % 5 == 0:
            put(local, "case_extension", orderid=regino, yqdate="2026-12-20", spdate=moment("2026-11-06"))
            put(local, "case_urge", id=regino, cbdate=moment("2026-11-07"))
        if number % 7 == 0:
            put(local, f"{kind}_feedback", odrno=regino, loaded_at=moment("2026-11-08"))
    different = local.execute(
        "SELECT count(*), count(*) FILTER (WHERE o.* IS DISTINCT FROM a.*)"
        " FROM hotline.judged_deadlines('2026-11-24', TRUE) AS o"
        " LEFT JOIN hotline.deadline_states('2026-11-24') AS a USING (regino, kind, stage)"
    ).fetchall()
    [(judged, differing)] = different
    assert judged > 40
    assert differing == 0


def test_the_view_judges_now(local: Connection) -> None:
    report(local)
    same = local.execute(
        "SELECT count(*) FROM hotline.order_deadline_state AS v FULL JOIN hotline.deadline_states(now()) AS f"
        " USING (regino, stage) WHERE (v.state, v.limit_at) IS DISTINCT FROM (f.state, f.limit_at)"
    ).fetchall()
    assert same == [(0,)]
