"""Each condition is found when it holds, and silent when it does not; each is told once a day, with all that helps."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.alerts.conditions import CONDITIONS, PAUSED, STORE_DOWN, UNCHECKED, Alert, find_alerts
from hotline_bridge.alerts.entries import entries
from hotline_bridge.alerts.limits import Limits
from hotline_bridge.gateway.clients import add_client
from hotline_bridge.names import DAG_ZH
from hotline_bridge.quality.results import Window, evaluate, write_results
from hotline_bridge.quality.words import WORDS
from hotline_bridge.store.database import connect
from hotline_bridge.store.sql import sql_folder
from hotline_bridge.tasks.maintenance import RETENTIONS, drop_outlived
from tests.docs.test_written_commands import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

    from tests.fixtures import Stores


@pytest.fixture
def local(stores: Stores) -> Iterator[Connection]:
    with connect(stores.local) as connection:
        connection.execute("UPDATE hotline.deployment SET installed_at = now()")  # the template may be old
        yield connection


def tries(local: Connection, outcome: str, count: int, minutes_ago: float, interface: str = "callinfo") -> None:
    local.execute(
        "INSERT INTO hotline.interaction_log (started_at, interface, key, attempt, outcome, elapsed_ms, body_sha256)"
        " SELECT now() - %s * interval '1 minute', %s, n::text, 1, %s, 1, '' FROM generate_series(1, %s) AS n",
        [minutes_ago, interface, outcome, count],
    )


def versions(local: Connection, state: str, count: int, minutes_ago: float) -> None:
    local.execute(
        "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body_sha256, next_attempt_at,"
        " taken_in_at, first_refused_at)"
        " SELECT 'callinfo', %s || n, sha256(n::text::bytea), %s, now(), '', now(), moment.past, moment.past"
        " FROM generate_series(1, %s) AS n, LATERAL (SELECT now() - %s * interval '1 minute' AS past) AS moment",
        [state, state, count, minutes_ago],
    )


def runs(local: Connection, minutes_ago: Sequence[float], taken_in: int = 1, quarantined: int = 0) -> None:
    local.cursor().executemany(
        "INSERT INTO hotline.run_log (finished_at, dag, subject, taken_in, quarantined)"
        " VALUES (now() - %s * interval '1 minute', 'telephony_report', 'callinfo', %s, %s)",
        [(minutes, taken_in, quarantined) for minutes in minutes_ago],
    )


def told(*cases: Alert) -> str:
    """What a person reads about cases of one cause."""
    (entry,) = entries(cases)
    return entry.text


def found(local: Connection, limits: Limits | None = None) -> dict[str, int]:
    return {case.cause: case.count for case in find_alerts(local, limits or Limits())}


def test_what_12345_does_not_fetch_and_who_is_refused(local: Connection) -> None:
    add_client(local, "12345", ["440200"])
    local.execute(
        "INSERT INTO hotline.case_feedback (region, content_hash, source, requested_at)"
        " SELECT '4402000000' || n, sha256(n::text::bytea), 'test', now() FROM generate_series(1, 3) AS n"
    )
    local.execute(
        "INSERT INTO hotline.interaction_log"
        " (started_at, interface, key, attempt, outcome, code, elapsed_ms, body_sha256)"
        " SELECT now(), 'gateway/casefeedback', '', 1, 'turned_away', '40104', 1, '' FROM generate_series(1, 19)"
    )
    assert found(local) == {}
    local.execute("UPDATE hotline.feedback_offer SET waiting_since = now() - interval '3 hours'")
    tries(local, "turned_away", 1, 1, "gateway/casefeedback")
    local.execute("UPDATE hotline.interaction_log SET code = '40103' WHERE code IS NULL")
    assert found(local) == {"feedback_unfetched": 3, "callers_refused": 20}
    local.execute("UPDATE hotline.feedback_offer SET offered_at = now(), acknowledged_at = now()")
    assert found(local) == {"callers_refused": 20}


def test_a_quiet_store_alerts_nobody(local: Connection) -> None:
    tries(local, "delivered", 100, 1)
    tries(local, "no_answer", 5, 1)
    versions(local, "waiting", 5, 5)
    versions(local, "delivered", 5, 500)
    runs(local, [1, 2, 3])
    assert found(local) == {}


def test_authentication_refused_until_it_works_again(local: Connection) -> None:
    tries(local, "unauthorized", 3, 10)
    assert found(local) == {"unauthorized": 3}
    tries(local, "delivered", 1, 5)
    assert found(local) == {}
    tries(local, "unauthorized", 2, 1)
    assert found(local) == {"unauthorized": 2}


@pytest.mark.parametrize("outcome", ["no_answer", "unreachable", "try_later"])
def test_a_dead_platform(local: Connection, outcome: str) -> None:
    tries(local, outcome, 9, 3)
    assert found(local) == {}
    tries(local, outcome, 1, 2)
    assert found(local) == {"platform_dead": 10}
    tries(local, "refused", 1, 1)
    assert found(local) == {}, "a platform that says no is alive"


def test_backlog_is_by_age_and_by_interface(local: Connection) -> None:
    versions(local, "waiting", 7, 29)
    assert found(local) == {}
    local.execute("UPDATE hotline.delivery SET taken_in_at = now() - interval '31 minutes', rounds = row_id % 2")
    cases = find_alerts(local, Limits())
    assert [(case.cause, case.subject, case.count) for case in cases] == [("backlog", "callinfo", 7)]
    assert "话务日志（callinfo）：7 条等待上报超过时限" in told(*cases)
    assert found(local, Limits(backlog_limit=timedelta(hours=1))) == {}


def test_quarantine_grows_by_number_and_share(local: Connection) -> None:
    runs(local, [0], taken_in=1000, quarantined=30)
    assert found(local) == {}, "three percent are usual"
    runs(local, [0], taken_in=100, quarantined=100)
    assert found(local) == {"quarantine_growing": 130}
    assert found(local, Limits(quarantine_least=200)) == {}


def test_refusals_are_told_while_they_last(local: Connection) -> None:
    versions(local, "rejected", 2, 10)
    assert found(local) == {"refused": 2}
    local.execute("UPDATE hotline.delivery SET next_attempt_at = NULL, settled_at = now() WHERE key = 'rejected1'")
    assert found(local) == {"refused": 1, "refused_for_good": 1}
    assert "不再自动重试" in told(*(case for case in find_alerts(local, Limits()) if case.cause == "refused_for_good"))
    local.execute("UPDATE hotline.delivery SET discarded_at = now() WHERE key = 'rejected1'")
    assert found(local) == {"refused": 1}, "somebody discarded it"
    local.execute("UPDATE hotline.delivery SET state = 'delivered'")
    assert found(local) == {}


def test_what_was_erased_and_came_again(local: Connection) -> None:
    local.execute("INSERT INTO hotline.erased_record (kind, key) VALUES ('order', 'R1'), ('order', 'R2')")
    assert found(local) == {}
    local.execute("UPDATE hotline.erased_record SET seen_again_at = now() WHERE key = 'R1'")
    assert found(local) == {"erased_again": 1}


def held(local: Connection, key: str, hours_ago: float, interface: str = "putTsBusiRegInfoData") -> None:
    local.execute(
        "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body_sha256, taken_in_at)"
        " VALUES (%s, %s, '', 'held', now(), '', now() - %s * interval '1 hour')",
        [interface, key, hours_ago],
    )


def test_an_order_that_waits_long_for_the_audit(local: Connection) -> None:
    held(local, "G1", 23.9)
    held(local, "1", 500, interface="seatsignin")
    assert found(local) == {}, "it is young, and a seat that has not signed out waits for nobody's decision"
    held(local, "G2", 24.1)
    held(local, "G3", 72)
    (case,) = find_alerts(local, Limits())
    assert (case.cause, case.subject, case.count) == ("audit_waiting", "putTsBusiRegInfoData", 2)
    assert timedelta(hours=71) < datetime.now(UTC) - case.since < timedelta(hours=73), "since the oldest"
    assert "hotline audit list" in told(case)
    assert found(local, Limits(audit_limit=timedelta(hours=48))) == {"audit_waiting": 1}
    decide = (
        "INSERT INTO hotline.order_audit (interface, regino, content_hash, decision, office, person, reason)"
        " VALUES ('putTsBusiRegInfoData', %s, '', 'return', 'x', 'y', 'z')"
    )
    local.execute(decide, ["G3"])
    assert found(local) == {"audit_waiting": 1}, "what was returned waits for nobody"
    local.execute("UPDATE hotline.delivery SET state = 'waiting' WHERE key = 'G2'")
    assert "audit_waiting" not in found(local)


def test_silence_is_measured_against_the_longest_usual_pause(local: Connection) -> None:
    nightly = [60.0 * hours for hours in (200, 192, 176, 168, 152, 144, 30, 20)]  # longest usual pause: 114 hours
    runs(local, nightly)
    assert "silence" not in found(local), "it has been quiet for longer before"
    local.execute("TRUNCATE hotline.run_log")
    runs(local, [60.0 * hours for hours in range(5, 100)])  # every hour, and nothing for five
    assert found(local)["silence"] == 95
    runs(local, [1])
    assert "silence" not in found(local)
    local.execute("UPDATE hotline.run_log SET finished_at = finished_at - interval '40 days'")
    (kept,) = (kept for kept in RETENTIONS if kept.what == "run_log")
    drop_outlived(local, kept)
    assert found(local)["silence"], "silence lasts until something comes, not until the log of runs is cut"
    local.execute("TRUNCATE hotline.run_log")
    runs(local, [60.0 * 24, 60.0 * 25])
    assert "silence" not in found(local), "without history nothing is usual"


def test_a_dag_that_did_not_run_is_seen_from_outside(local: Connection) -> None:
    assert found(local) == {}, "it never ran: a deployment that is being set up"
    runs(local, [12, 13], taken_in=0)
    assert found(local) == {"not_running": 1}
    runs(local, [1], taken_in=0)
    assert found(local) == {}


def not_running(local: Connection) -> dict[str, datetime]:
    return {case.subject: case.since for case in find_alerts(local, Limits()) if case.cause == "not_running"}


def test_a_dag_that_never_ran_is_missed_from_the_installation_on(local: Connection) -> None:
    installed = "UPDATE hotline.deployment SET installed_at = now() - %s::interval RETURNING installed_at"
    local.execute(installed, [timedelta(minutes=11)])
    assert set(not_running(local)) == {"telephony_report", "order_report", "docking_publish"}
    ((at,),) = local.execute(installed, [timedelta(days=40)]).fetchall()
    assert not_running(local) == {dag: at for dag, _ in Limits().longest_pause}
    runs(local, [1], taken_in=0)
    assert "telephony_report" not in not_running(local)


def test_the_dags_that_are_watched_are_all_there_are() -> None:
    assert {dag for dag, _ in Limits().longest_pause} == {*DAG_ZH}


def test_a_dag_that_stopped_is_missed_after_the_log_of_runs_was_cut(local: Connection) -> None:
    (kept,) = (kept for kept in RETENTIONS if kept.what == "run_log")
    long_ago = kept.keep / timedelta(minutes=1)
    runs(local, [long_ago + 10, long_ago + 20, long_ago + 30], taken_in=0)
    local.execute("INSERT INTO hotline.run_log (dag, subject) VALUES ('case_collect', '')")
    before = not_running(local)
    assert drop_outlived(local, kept) == 2
    assert not_running(local) == before
    assert list(before) == ["telephony_report"]


@pytest.mark.parametrize(("dag", "longest"), Limits().longest_pause)
def test_every_dag_has_its_longest_pause(local: Connection, dag: str, longest: timedelta) -> None:
    finished = "INSERT INTO hotline.run_log (dag, subject, finished_at) VALUES (%s, '', now() - %s::interval)"
    local.execute(finished, [dag, longest + timedelta(minutes=1)])
    assert [(case.cause, case.subject) for case in find_alerts(local, Limits())] == [("not_running", dag)]
    local.execute(finished, [dag, longest - timedelta(minutes=1)])
    assert found(local) == {}


def checked(local: Connection, hours_ago: float, window_end_hours_ago: float | None = None, **failing: int) -> None:
    """A quality check of 100 rows a rule: of a code (an error), and of the clocks (a warning)."""
    (now,) = local.execute("SELECT now() - %s * interval '1 hour'", [hours_ago]).fetchone() or (None,)
    assert isinstance(now, datetime)
    end = now if window_end_hours_ago is None else now - timedelta(hours=window_end_hours_ago - hours_ago)
    rules = {"code": ("calltype:code", 0.0), "clock": ("seattime:clock_order", None)}
    results = [
        evaluate(
            "call_log", rule, error_above=error_above, checked=100, failing=failing.get(name, 0), keys=["markedkey"]
        )
        for name, (rule, error_above) in rules.items()
    ]
    write_results(local, now, Window(end - timedelta(days=7), end), results)


def test_an_error_of_the_latest_quality_check_is_told_as_long_as_it_lasts(local: Connection) -> None:
    checked(local, 27, code=2)
    assert found(local) == {}, "too old to say anything: that it did not run is another alert"
    checked(local, 1, code=3)
    (case,) = find_alerts(local, Limits())
    assert (case.cause, case.subject, case.count) == ("quality_finding", "call_log calltype:code", 3)
    assert datetime.now(UTC) - case.since > timedelta(hours=26)
    assert "call_log calltype:code（不在规定的代码之内）：共 3 处" in told(case)
    assert WORDS["code"].remedy in told(case)
    assert "markedkey" not in told(case)
    checked(local, 0.5)
    assert found(local) == {}


def test_a_quality_warning_is_told_on_the_day_on_which_it_begins(local: Connection) -> None:
    checked(local, 0.2, clock=3)
    assert found(local) == {"quality_finding": 3}
    local.execute("UPDATE hotline.quality_result SET failing_since = failing_since - interval '1 day'")
    checked(local, 0.1, clock=4)
    assert found(local) == {}, "it stays in the report"
    checked(local, 0.05)
    checked(local, 0.01, clock=4)
    assert found(local) == {"quality_finding": 4}, "it began anew"


def test_a_quality_check_of_a_past_window_alerts_nobody(local: Connection) -> None:
    checked(local, 0.2)
    checked(local, 0.1, window_end_hours_ago=500, code=5)
    assert found(local) == {}
    checked(local, 0.05, code=1)
    assert found(local) == {"quality_finding": 1}


def window(local: Connection, state: str, minutes: int, hours_overdue: float = -1.0) -> None:
    local.execute(
        "INSERT INTO hotline.collection_window (interface, begins, ends, state, visited_at, due_at, due_because)"
        " SELECT 'getCaseCb', at, at + interval '1 minute', %s, now(), now() - %s * interval '1 hour', 'age'"
        " FROM (SELECT now() - %s * interval '1 minute' AS at) AS moment",
        [state, hours_overdue, minutes],
    )


def test_windows_that_are_incomplete_or_overdue(local: Connection) -> None:
    window(local, "settled", 10)
    window(local, "open", 20, hours_overdue=5.9)
    assert found(local) == {}
    window(local, "incomplete", 30)
    assert found(local) == {"incomplete": 1}
    window(local, "settled", 40, hours_overdue=6.1)
    assert found(local) == {"incomplete": 1, "windows_overdue": 1}
    assert found(local, Limits(overdue_limit=timedelta(hours=7))) == {"incomplete": 1}


def test_windows_that_are_asked_once_a_day_may_wait_for_their_day(local: Connection) -> None:
    window(local, "settled", 10, hours_overdue=29)
    local.execute("UPDATE hotline.collection_window SET interface = 'getCaseFeedbackTs'")
    assert found(local) == {}
    local.execute("UPDATE hotline.collection_window SET due_at = due_at - interval '2 hours'")
    assert found(local) == {"windows_overdue": 1}


@pytest.mark.parametrize("interface", ["getCaseCb", "getTodoCaseFeedbackTs", "numcaseinfo", "putCallbackCaseFeedback"])
def test_an_interface_that_is_asked_in_vain(local: Connection, interface: str) -> None:
    tries(local, "delivered", 5, 200, interface)
    assert found(local) == {}, "nobody asked since"
    tries(local, "try_later", 2, 50, interface)
    assert found(local) == {}
    tries(local, "no_answer", 3, 70, interface)
    tries(local, "unauthorized", 3, 70, interface)
    (case,) = find_alerts(local, Limits())
    assert (case.cause, case.subject, case.count) == ("interface_failing", interface, 5)
    assert "5 次调用全部失败" in entries([case])[0].text
    assert found(local, Limits(failing_limit=timedelta(hours=2))) == {}
    tries(local, "delivered", 1, 1, interface)
    assert found(local) == {}


def test_a_report_that_is_sent_in_vain_is_a_backlog_and_a_refused_acknowledgement_is_told_as_such(
    local: Connection,
) -> None:
    tries(local, "try_later", 3, 70)
    assert found(local) == {}
    tries(local, "refused", 3, 70, "putCallbackCaseFeedback")
    assert found(local) == {"unacknowledged": 3}
    tries(local, "refused", 3, 70, "getCaseCb")
    assert found(local) == {"unacknowledged": 3, "interface_failing": 3}


def delivered(local: Connection, interface: str, count: int, seconds: int) -> None:
    local.execute(
        "INSERT INTO hotline.delivery"
        " (interface, key, content_hash, state, written_at, body, body_sha256, settled_at)"
        " SELECT %s, gen_random_uuid()::text, '', 'delivered', now() - %s * interval '1 second', 'body', '', now()"
        " FROM generate_series(1, %s)",
        [interface, seconds, count],
    )


def test_what_is_delivered_late(local: Connection) -> None:
    delivered(local, "callinfo", 19, 3)
    delivered(local, "recordinfo", 19, 300)
    assert found(local) == {}, "one in twenty may be late, and a few say nothing"
    delivered(local, "callinfo", 2, 300)
    (case,) = find_alerts(local, Limits())
    assert (case.cause, case.subject, case.count) == ("late", "callinfo", 21)
    assert found(local, Limits(late_limit=timedelta(minutes=6))) == {}
    local.execute("UPDATE hotline.delivery SET settled_at = settled_at - interval '2 hours'")
    assert found(local) == {}


def test_what_waited_for_the_bureau_was_not_late(local: Connection) -> None:
    delivered(local, "putTsBusiRegInfoData", 30, 7200)
    local.execute(
        "INSERT INTO hotline.order_audit (interface, regino, content_hash, decision, office, person)"
        " SELECT interface, key, content_hash, 'pass', 'x', 'y' FROM hotline.delivery"
    )
    assert found(local) == {}


def test_a_change_that_analysts_do_not_see_for_long(local: Connection) -> None:
    local.execute("INSERT INTO hotline.order_mark (regino) VALUES ('R1')")
    assert found(local) == {}
    local.execute("UPDATE hotline.order_mark SET marked_at = now() - interval '40 minutes'")
    (case,) = find_alerts(local, Limits())
    assert (case.cause, case.subject, case.count) == ("rollups_late", "order_fact", 1)
    assert found(local, Limits(rollup_limit=timedelta(hours=1))) == {}


def reconciled(local: Connection, state: str, days_ago: int, kind: str = "complaint") -> None:
    local.execute(
        "INSERT INTO hotline.count_reconciliation (checked_at, day, kind, platform_count, unexplained, state)"
        " VALUES (now(), (now() AT TIME ZONE 'Asia/Shanghai')::date - %s::integer, %s, 1, %s, %s)",
        [days_ago, kind, 0 if state == "agreed" else 1, state],
    )


def test_days_whose_counts_differ_as_of_their_latest_check(local: Connection) -> None:
    reconciled(local, "open", 2)
    reconciled(local, "open", 3)
    reconciled(local, "incomplete", 4)
    reconciled(local, "open", 5, "report")
    differing = [case for case in find_alerts(local, Limits()) if case.cause == "count_difference"]
    cases = sorted(differing, key=lambda case: case.subject)  # they come in no order
    assert [(case.subject, case.count) for case in cases] == [("complaint", 3), ("report", 1)]
    assert "投诉：有 3 天" in told(cases[0])
    for days_ago in (2, 3, 4):
        reconciled(local, "agreed", days_ago)
    assert found(local) == {"count_difference": 1}


def test_days_that_were_never_counted_for_over_two_days(local: Connection) -> None:
    local.execute(
        "INSERT INTO hotline.collection_window (interface, begins, ends, state, due_because)"
        " VALUES ('getCaseCb', now() - interval '6 days', now(), 'settled', 'age')"
    )
    assert found(local) == {"not_reconciled": 3}, "the day in which collecting began is not whole"
    for days_ago in (3, 4, 5):
        reconciled(local, "agreed", days_ago)
    assert found(local) == {}


def acknowledged(local: Connection, key: str, outcome: str, minutes_ago: float) -> None:
    local.execute(
        "INSERT INTO hotline.interaction_log (started_at, interface, key, attempt, outcome, elapsed_ms, body_sha256)"
        " VALUES (now() - %s * interval '1 minute', 'putCallbackCaseFeedback', %s, 1, %s, 1, '')",
        [minutes_ago, key, outcome],
    )


def test_an_acknowledgement_that_stays_refused(local: Connection) -> None:
    acknowledged(local, "R1 +49", "refused", 9)
    acknowledged(local, "R2", "refused", 8)
    acknowledged(local, "R2", "delivered", 7)
    assert found(local) == {}, "a refused batch is asked again in parts, and R2 was taken in the end"
    acknowledged(local, "R3", "refused", 6)
    acknowledged(local, "R3", "refused", 1)
    assert found(local) == {"unacknowledged": 1}


def test_bad_rows_of_answers(local: Connection) -> None:
    statement = (
        "INSERT INTO hotline.quarantined_answer"
        " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)"
        " SELECT 'getCaseCb', n::text, '', '{}', '', now(), now() FROM generate_series(%s::integer, %s) AS n"
    )
    local.execute(statement, [1, 19])
    assert found(local) == {}
    local.execute(statement, [20, 20])
    assert found(local) == {"bad_answers": 20}
    local.execute("UPDATE hotline.quarantined_answer SET state = 'replaced' WHERE key = '1'")
    assert found(local) == {}


def case(cause: str = "backlog", subject: str = "callinfo", count: int = 3) -> Alert:
    return Alert(cause, subject, datetime(2026, 11, 24, 1, 0, tzinfo=UTC), count)


def test_a_condition_that_cannot_be_looked_at_hides_no_other(local: Connection) -> None:
    versions(local, "waiting", 2, 60)
    local.execute("DROP TABLE hotline.quality_result")
    cases = find_alerts(local, Limits())
    assert [(case.cause, case.subject) for case in cases] == [("backlog", "callinfo"), (UNCHECKED, "数据质量问题")]


@pytest.mark.parametrize("cause", CONDITIONS)
def test_every_alert_says_what_since_when_how_many_and_what_to_do(cause: str) -> None:
    rule = cause == "quality_finding"
    text = told(case(cause, subject="call_log calltype:code" if rule else "callinfo", count=42))
    condition = CONDITIONS[cause]
    assert "{" not in text
    assert "始于 2026-11-24" in text
    assert f"处理：{condition.remedy.format(rule=WORDS['code'].remedy)}" in text
    assert (WORDS["code"].remedy in text) == rule
    assert ("42" in text) == ("{count}" in condition.what)


@pytest.mark.parametrize("cause", CONDITIONS)
def test_every_remedy_names_a_command(cause: str) -> None:
    remedy = CONDITIONS[cause].remedy
    assert re.search(r"(hotline|airflow dags) [a-z]+", remedy)
    for words in re.findall(r"hotline ([a-z]+(?: (?:--)?[A-Za-z-]+)*)", remedy):
        parse(words.split())


def test_every_cause_has_its_sql_and_its_place_among_the_others() -> None:
    helpers = {"record", "ask", "unsent", "sent", "failed"}
    files = {path.stem for path in (sql_folder() / "alerts").glob("*.sql")} - helpers
    assert files == set(CONDITIONS) - {STORE_DOWN, PAUSED, UNCHECKED}
    mixed = [case(cause) for cause in reversed(CONDITIONS)]
    severities = [CONDITIONS[entry.cause].severity for entry in entries(mixed)]
    assert severities == sorted(severities)
    assert entries(mixed)[0].cause == STORE_DOWN


def test_alerts_of_one_cause_are_one_entry_with_counts_and_a_bounded_list() -> None:
    many = [case("quality_finding", f"call_log field{number}:code", count=number) for number in range(1, 25)]
    (entry,) = entries(many)
    assert entry.heading == "数据质量问题（24 项）"
    assert entry.text.count("共 24 处") == 1
    assert "field24:code（不在规定的代码之内）：共 24 处；另有 call_log field23:code（" in entry.text, "largest first"
    assert "等共 24 项" in entry.text
    assert "field16:code" not in entry.text
    assert entry.text.count("质量检查不拦截数据") == entry.text.count(WORDS["code"].remedy) == 1
    assert len(entry.text.splitlines()) == 3


def test_an_alert_that_is_told_later_says_when_it_was_last_seen() -> None:
    assert "最后一次出现" not in told(case())
    now = datetime.now(UTC)
    assert "最后一次出现" not in told(replace(case(), seen_at=now))
    assert f"最后一次出现 {now - timedelta(hours=1):%H:%M}" in told(replace(case(), seen_at=now - timedelta(hours=1)))
