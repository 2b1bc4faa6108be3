"""Each condition is found when it holds, and silent when it does not; each is told once a day, with all that helps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.alerts.book import record, send_unsent
from hotline_bridge.alerts.conditions import CONDITIONS, Case, find_cases
from hotline_bridge.alerts.limits import Limits
from hotline_bridge.errors import TryAgainLater
from hotline_bridge.quality.history import write_results
from hotline_bridge.quality.results import Window, judge
from hotline_bridge.quality.words import WORDS
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

    from tests.conftest import Stores


@pytest.fixture
def local(stores: Stores) -> Iterator[Connection]:
    with connect(stores.local) as connection:
        yield connection


def tries(local: Connection, outcome: str, count: int, minutes_ago: float) -> None:
    local.execute(
        "INSERT INTO hotline.interaction_log (started_at, interface, key, attempt, outcome, elapsed_ms, body_sha256)"
        " SELECT now() - %s * interval '1 minute', 'callinfo', n::text, 1, %s, 1, '' FROM generate_series(1, %s) AS n",
        [minutes_ago, outcome, count],
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


def found(local: Connection, limits: Limits | None = None) -> dict[str, int]:
    return {case.cause: case.count for case in find_cases(local, limits or Limits())}


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
    cases = find_cases(local, Limits())
    assert [(case.cause, case.subject, case.count) for case in cases] == [("backlog", "callinfo", 7)]
    assert "话务日志上报模块（callinfo）：7 条等待上报超过时限" in cases[0].text
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
    local.execute("UPDATE hotline.delivery SET state = 'delivered'")
    assert found(local) == {}


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
    (case,) = find_cases(local, Limits())
    assert (case.cause, case.subject, case.count) == ("audit_waiting", "putTsBusiRegInfoData", 2)
    assert timedelta(hours=71) < datetime.now(UTC) - case.since < timedelta(hours=73), "since the oldest"
    assert "hotline audit list" in case.text
    assert found(local, Limits(audit_limit=timedelta(hours=48))) == {"audit_waiting": 1}
    decide = (
        "INSERT INTO hotline.order_audit (interface, regino, content_hash, decision, office, person, reason)"
        " VALUES ('putTsBusiRegInfoData', %s, '', 'return', '', '', '')"
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
    local.execute("TRUNCATE hotline.run_log")
    runs(local, [60.0 * 24, 60.0 * 25])
    assert "silence" not in found(local), "without history nothing is usual"


def test_a_dag_that_did_not_run_is_seen_from_outside(local: Connection) -> None:
    assert found(local) == {}, "it never ran: a deployment that is being set up"
    runs(local, [12, 13], taken_in=0)
    assert found(local) == {"not_running": 2}
    runs(local, [1], taken_in=0)
    assert found(local) == {}


@pytest.mark.parametrize(("dag", "longest"), Limits().longest_pause)
def test_every_dag_has_its_longest_pause(local: Connection, dag: str, longest: timedelta) -> None:
    finished = "INSERT INTO hotline.run_log (dag, subject, finished_at) VALUES (%s, '', now() - %s::interval)"
    local.execute(finished, [dag, longest + timedelta(minutes=1)])
    assert [(case.cause, case.subject) for case in find_cases(local, Limits())] == [("not_running", dag)]
    local.execute(finished, [dag, longest - timedelta(minutes=1)])
    assert found(local) == {}


def checked(local: Connection, hours_ago: float, window_end_hours_ago: float | None = None, **failing: int) -> None:
    """A quality check of 100 rows a rule: of a code (an error), and of the clocks (a warning)."""
    (now,) = local.execute("SELECT now() - %s * interval '1 hour'", [hours_ago]).fetchone() or (None,)
    assert isinstance(now, datetime)
    end = now if window_end_hours_ago is None else now - timedelta(hours=window_end_hours_ago - hours_ago)
    rules = {"code": ("calltype:code", 0.0), "clock": ("seattime:clock_order", None)}
    results = [
        judge("call_log", rule, error_above=error_above, checked=100, failing=failing.get(name, 0), keys=["markedkey"])
        for name, (rule, error_above) in rules.items()
    ]
    write_results(local, now, Window(end - timedelta(days=7), end), results)


def test_an_error_of_the_latest_quality_check_is_told_as_long_as_it_lasts(local: Connection) -> None:
    checked(local, 27, code=2)
    assert found(local) == {}, "too old to say anything: that it did not run is another alert"
    checked(local, 1, code=3)
    (case,) = find_cases(local, Limits())
    assert (case.cause, case.subject, case.count) == ("quality_finding", "call_log calltype:code", 3)
    assert datetime.now(UTC) - case.since > timedelta(hours=26)
    assert "call_log calltype:code（不在规定的代码之内）：共 3 处" in case.text
    assert WORDS["code"].remedy in case.text
    assert "markedkey" not in case.text
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
    cases = [case for case in find_cases(local, Limits()) if case.cause == "count_difference"]
    assert [(case.subject, case.count) for case in cases] == [("complaint", 3), ("report", 1)]
    assert "投诉：有 3 天" in cases[0].text
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


class Listener:
    """A notifier that remembers, and fails on demand."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.deaf = False

    def send(self, cases: Sequence[Case]) -> None:
        if self.deaf:
            raise TryAgainLater("nobody listens")
        self.told += [case.cause for case in cases]


def case(cause: str = "backlog", subject: str = "callinfo", count: int = 3) -> Case:
    return Case(cause, subject, datetime(2026, 11, 24, 1, 0, tzinfo=UTC), count)


def test_one_alert_a_cause_subject_and_day(local: Connection) -> None:
    listener = Listener()
    for count in (3, 4, 5):
        record(local, [case(count=count)])
        send_unsent(local, [listener])
    record(local, [case(subject="recordinfo"), case("refused")])
    send_unsent(local, [listener])
    assert listener.told == ["backlog", "backlog", "refused"]
    counts = local.execute("SELECT count FROM hotline.alert WHERE subject = 'callinfo' AND cause = 'backlog'")
    assert counts.fetchall() == [(5,)]
    local.execute("UPDATE hotline.alert SET day = day - 1")
    record(local, [case()])
    assert send_unsent(local, [listener]) == 1, "a new day tells what still holds"


def test_what_could_not_be_told_is_told_later(local: Connection) -> None:
    listener = Listener()
    listener.deaf = True
    record(local, [case()])
    with pytest.raises(TryAgainLater):
        send_unsent(local, [listener])
    assert send_unsent(local, []) == 0
    listener.deaf = False
    assert send_unsent(local, [listener]) == 1
    assert send_unsent(local, [listener]) == 0


@pytest.mark.parametrize("cause", CONDITIONS)
def test_every_alert_says_what_since_when_how_many_and_what_to_do(cause: str) -> None:
    rule = cause == "quality_finding"
    text = case(cause, subject="call_log calltype:code" if rule else "callinfo", count=42).text
    condition = CONDITIONS[cause]
    assert "{" not in text
    assert "始于 2026-11-24" in text
    assert f"处理：{condition.remedy.format(rule=WORDS['code'].remedy)}" in text
    assert (WORDS["code"].remedy in text) == rule
    assert ("42" in text) == ("{count}" in condition.what)
