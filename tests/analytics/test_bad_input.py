"""What is odd in the raw rows has a defined result in what analysts read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from hotline_bridge.analytics.questions import questions
from hotline_bridge.analytics.rollups import refresh
from hotline_bridge.contract.register import views
from tests.analytics.raw_rows import BEGIN, Act, do

if TYPE_CHECKING:
    from psycopg import Connection

SPELLINGS = (
    "韶关市好又多有限公司",
    "韶关市好又多有限责任公司",
    " 韶关市　好又多 有限公司",
    "韶关市好又多（有限公司）",
    "韶关市·好又多·有限公司。",
)


def put(local: Connection, table: str, key: dict[str, Any], **values: Any) -> None:
    do(local, Act(table, key, values))


def complaint(local: Connection, regino: str, **values: Any) -> None:
    put(local, "complaint_order", {"regino": regino}, **{"registime": BEGIN, **values})


def shown(local: Connection, columns: str, regino: str = "R1") -> Any:
    refresh(local)
    query = f"SELECT {columns} FROM analytics.work_order WHERE regino = %s"  # noqa: S608  (names of these tests)
    return local.execute(query.encode(), [regino]).fetchone()


def indicator(local: Connection, name: str, columns: str = "numerator, denominator, rate") -> Any:
    refresh(local)
    query = f"SELECT {columns} FROM analytics.indicator_month WHERE unit_role = 'all' AND indicator = %s ORDER BY month"  # noqa: S608
    return local.execute(query.encode(), [name]).fetchall()


def test_times_that_run_backwards_give_no_duration(local: Connection) -> None:
    complaint(local, "R1")
    put(local, "case_routing", {"bh": "R1"}, ccdate=BEGIN - timedelta(hours=1))
    put(local, "complaint_feedback", {"odrno": "R1"}, loaded_at=BEGIN - timedelta(days=1))
    columns = (
        "first_check_seconds, is_first_checked_in_time, finishing_seconds, finishing_working_days, is_time_ordered"
    )
    assert shown(local, columns) == (None, None, None, None, False)
    assert indicator(local, "first_check_in_time") == [(0, 0, None)], "no divisor, no rate, no error"
    assert indicator(local, "finishing_time", "rate, value, change_on_month") == [(None, None, None)]


def test_a_company_under_five_spellings_is_one_and_one_of_which_nothing_is_known_is_none(local: Connection) -> None:
    for place, name in enumerate((*SPELLINGS, "不详", "", "  ")):
        complaint(local, f"R{place}", invopart=name)
    refresh(local)
    companies = local.execute(
        "SELECT company_key, spelling_count, complaint_count FROM analytics.company_month"
    ).fetchall()
    assert companies == [("韶关市好又多有限公司", 5, 5)]
    assert indicator(local, "repeated_complaints", "numerator, denominator") == [(5, 5)]


def test_a_credit_code_names_a_company_whatever_its_name_and_what_is_none_does_not(local: Connection) -> None:
    complaint(local, "R1", invopart="甲", creditcode="91440200ma4unknow1")
    complaint(local, "R2", invopart="乙", creditcode=" 91440200MA4UNKNOW1")
    complaint(local, "R3", invopart="丙", creditcode="无")
    keys = [shown(local, "company_key", regino)[0] for regino in ("R1", "R2", "R3")]
    assert keys == ["91440200MA4UNKNOW1", "91440200MA4UNKNOW1", "丙"]


@pytest.mark.parametrize(
    "name", ["𠮷野家𬱖", "=cmd|' /C calc'!A0", "'; DROP TABLE hotline.order_fact;--", "a\tb\nc", "%s {x}"]
)
def test_rare_characters_and_formulas_are_names_like_others(local: Connection, name: str) -> None:
    complaint(local, "R1", invopart=name)
    assert shown(local, "company_name") == (name,)
    assert shown(local, "company_key IS NOT NULL") == (True,)


def test_a_code_is_told_by_what_it_meant_on_the_day(local: Connection) -> None:
    local.execute(
        "INSERT INTO hotline.standard_data"
        " (category, category_zh, code, name, valid_from, valid_to, source, source_date) VALUES"
        " ('complaint_problem', 'x', '01', '质量', NULL, '2026-03-30', 't', '2026-01-01'),"
        " ('complaint_problem', 'x', '01', '计量', '2026-03-31', NULL, 't', '2026-01-01'),"
        " ('complaint_problem', 'x', '02', '旧', NULL, NULL, 't', '2026-01-01'),"
        " ('complaint_problem', 'x', '02', '新', '2026-01-01', NULL, 't', '2026-01-01')"
    )
    complaint(local, "R1", appltype="01", goodsobtype="11")
    complaint(local, "R2", appltype="01", registime=BEGIN + timedelta(days=1))
    complaint(local, "R3", appltype="77")
    complaint(local, "R4", appltype="")
    complaint(local, "R5", appltype="02")
    names = [shown(local, "problem_class_name", f"R{number}")[0] for number in range(1, 6)]
    assert names == ["质量", "计量", "未知", None, "新"], "of overlapping versions the later one"
    assert shown(local, "goods_class_name") == ("未交付",)
    day = local.execute(
        "SELECT problem_class_name FROM analytics.order_day WHERE problem_class_code = '01' ORDER BY day"
    )
    assert day.fetchall() == [("质量",), ("计量",)]


def test_one_person_with_two_phones_is_joined_by_the_identity_number(local: Connection) -> None:
    complaint(local, "R1", telnumber="13812345678", procerno="440203199001011237")
    complaint(local, "R2", telnumber="13987654321", procerno="440203199001011237")
    put(local, "call_log", {"callid": "C1"}, calltime=BEGIN, callno="13812345678")
    one, two = (shown(local, "person_key, identity_key", regino) for regino in ("R1", "R2"))
    assert one[0] != two[0]
    assert one[1] == two[1] is not None
    assert local.execute("SELECT person_key FROM analytics.call").fetchone() == (one[0],)


def test_an_order_that_was_returned_and_registered_again_is_one_order(local: Connection) -> None:
    version = {"interface": "putTsBusiRegInfoData", "key": "R1"}
    complaint(local, "R1")
    settled = {"state": "delivered", "written_at": BEGIN, "body_sha256": b"x"}
    put(local, "delivery", version, **settled, settled_at=BEGIN + timedelta(hours=1))
    put(local, "returned_case", {"odrno": "R1"}, updatetime=BEGIN + timedelta(hours=2))
    assert shown(local, "is_returned, is_finished, returned_at") == (True, False, BEGIN + timedelta(hours=2))
    assert indicator(local, "returned", "numerator, denominator") == [(1, 1)]

    local.execute(
        "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body_sha256, settled_at)"
        " SELECT interface, key, 'corrected', state, written_at, body_sha256, settled_at + interval '2 hours'"
        " FROM hotline.delivery"
    )
    assert shown(local, "is_returned, reported_at") == (False, BEGIN + timedelta(hours=1))
    assert indicator(local, "returned", "numerator, denominator") == [(0, 1)]
    assert indicator(local, "received", "numerator") == [(1,)]


def test_a_correction_after_the_rollup_moves_the_order_to_its_day(local: Connection) -> None:
    complaint(local, "R1")
    days = "SELECT day::text, order_count FROM analytics.order_day ORDER BY day"
    refresh(local)
    assert local.execute(days).fetchall() == [("2026-03-30", 1)]
    complaint(local, "R1", registime=BEGIN + timedelta(days=3))
    refresh(local)
    assert local.execute(days).fetchall() == [("2026-04-02", 1)]
    assert indicator(local, "received", "month::text, numerator") == [("2026-04-01", 1)]


def test_changes_are_told_against_the_month_and_the_year_before_and_not_against_nothing(local: Connection) -> None:
    for place, (month, orders) in enumerate((("2025-03", 1), ("2026-01", 2), ("2026-03", 3), ("2026-04", 6))):
        for number in range(orders):
            day = BEGIN.replace(year=int(month[:4]), month=int(month[5:]), day=15)
            complaint(local, f"R{place}{number}", registime=day)
    told = indicator(local, "received", "month::text, value, change_on_month, change_on_year")
    assert told == [
        ("2025-03-01", 1, None, None),
        ("2026-01-01", 2, None, None),
        ("2026-03-01", 3, None, 2),
        ("2026-04-01", 6, 1, None),
    ]


def test_a_share_changes_by_its_difference(local: Connection) -> None:
    def call(number: int, month: int, *, answered: bool) -> None:
        at = BEGIN.replace(month=month, day=15)
        put(local, "call_log", {"callid": f"C{number}"}, calltime=at, skilltime=at, seattime=at if answered else None)

    for number, (month, answered) in enumerate(((3, True), (3, False), (4, True))):
        call(number, month, answered=answered)
    told = indicator(local, "connection", "numerator, denominator, rate, change_on_month")
    assert told == [(1, 2, 0.5, None), (1, 1, 1, 0.5)]
    assert indicator(local, "answered_within_15_seconds") == [(1, 2, 0.5), (1, 1, 1)]
    assert indicator(local, "given_up") == [(1, 2, 0.5), (0, 1, 0)]


def test_a_login_without_an_end_or_of_more_than_a_day_staffs_no_seat(local: Connection) -> None:
    for number, hours in enumerate((None, -1, 25, 2)):
        end = None if hours is None else BEGIN + timedelta(hours=hours)
        put(local, "seat_login_log", {"signid": f"L{number}"}, seatno="801", begintime=BEGIN, endtime=end)
    told = local.execute(
        "SELECT day::text, login_count, unusable_login_count, signed_in_seconds, utilisation_rate"
        " FROM analytics.seat_day ORDER BY day"
    ).fetchall()
    assert told == [("2026-03-30", 4, 3, 600, 0), ("2026-03-31", 0, 0, 6600, 0)], "cut at midnight"
    refresh(local)
    hours = local.execute("SELECT hour, signed_in_seconds FROM analytics.seat_hour ORDER BY day, hour").fetchall()
    assert hours == [(23, 600), (0, 3600), (1, 3000)]


def test_overdue_is_told_until_the_order_is_finished_returned_or_gone(local: Connection) -> None:
    put(local, "complaint_case", {"regino": "R1"}, registime=BEGIN)
    put(local, "case_routing", {"bh": "R1"}, zcdate=BEGIN, deadline=BEGIN.date() + timedelta(days=2))
    assert shown(local, "is_overdue, due_on::text, due_source") == (True, "2026-04-01", "platform")
    put(local, "case_extension", {"orderid": "R1"}, spdate=BEGIN, yqdate="9999-12-31", olddeadline="2026-04-01")
    assert shown(local, "is_overdue, due_source, extension_count") == (False, "extension", 1)
    do(local, Act("case_extension", {"orderid": "R1"}, None))
    put(local, "complaint_feedback", {"odrno": "R1"}, loaded_at=BEGIN + timedelta(days=9))
    assert shown(local, "is_overdue, is_finished_in_time, overdue_working_days") == (False, False, None)


def test_a_rating_by_an_unknown_code_counts_in_no_rate(local: Connection) -> None:
    for number, code in enumerate(("1", "2", "2", "3", "8", "9")):
        put(local, "satisfaction_log", {"id": f"S{number}"}, callid="C1", opttime=BEGIN, satisfaction=code)
    [(satisfied, known, _)] = indicator(local, "call_satisfaction")
    assert (satisfied, known) == (3, 4)
    question = next(asked for asked in questions() if asked.name == "satisfaction")
    assert local.execute(question.statement.encode()).fetchall() == [("2026-03", 4, 0.25, 0.75)]
    of_view = local.execute("SELECT avg(is_satisfied::integer)::float8, count(*) FROM analytics.satisfaction")
    assert of_view.fetchone() == (0.75, 6)


def test_an_analyst_reads_every_view_of_the_register_and_computes_no_facts(local: Connection) -> None:
    complaint(
        local,
        "R1",
        proname="欧阳某某",
        telnumber="13812345678",
        proaddr="广东省韶关市武江区某路 1 号",
        recordname="r1.wav",
    )
    put(local, "call_log", {"callid": "C1"}, calltime=BEGIN, callno="13812345678", seattime=BEGIN)
    put(local, "recording_log", {"recordid": "D1"}, callid="C1", recordname="r1.wav", begintime=BEGIN, endtime=BEGIN)
    put(local, "satisfaction_log", {"id": "S1"}, callid="C1", opttime=BEGIN, satisfaction="1")
    put(local, "seat_login_log", {"signid": "L1"}, seatno="801", begintime=BEGIN, endtime=BEGIN + timedelta(hours=1))
    put(local, "complaint_feedback", {"odrno": "R1"}, loaded_at=BEGIN, agent="王某某")
    put(local, "complaint_handling", {"bh": "R1"}, slflag="1", fqr="王某某")
    put(local, "case_extension", {"orderid": "R1"}, sqr="王某某")
    put(local, "case_urge", {"id": "R1"}, cbdate=BEGIN)
    local.execute(
        "INSERT INTO hotline.order_urge (note_key, urgeid, regino, urgetime, urger, remark, content_hash, written_at)"
        " VALUES ('U1', 'U1', 'R1', '20260331080000', '', '', 'x', now())"
    )
    local.execute("INSERT INTO hotline.seat VALUES ('801', '王某某', '440203', 'x', '1', 'x')")
    refresh(local)
    with local.transaction():
        local.execute("SET LOCAL ROLE hotline_analyst")
        for view in views().values():
            if "analyst" in view.rights:
                local.execute(f"SELECT * FROM analytics.{view.name}".encode()).fetchall()  # noqa: S608
        shown_of_person = local.execute("SELECT person_name_masked, person_phone_masked FROM analytics.work_order")
        assert shown_of_person.fetchall() == [("欧*", "138****5678")]
        with pytest.raises(psycopg.errors.InsufficientPrivilege), local.transaction():
            local.execute("SELECT * FROM hotline.order_facts('{R1}')")
        local.execute("RESET ROLE")


def test_freshness_tells_what_is_not_counted_yet(local: Connection) -> None:
    refresh(local)
    put(local, "call_log", {"callid": "C1"}, calltime=BEGIN)
    waits = "SELECT waiting_count FROM analytics.freshness WHERE subject = 'call_hour'"
    assert local.execute(waits).fetchone() == (1,)
    refresh(local)
    assert local.execute(waits).fetchone() == (0,)
