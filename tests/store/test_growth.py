"""What runs every minute, every hour or every night reads what it needs, however much is stored beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import sql

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.docking.contract_sql import body_members, docking_table
from hotline_bridge.docking.shape import AS_AGREED
from hotline_bridge.inbound.schedule import LONGEST, REFRESH_POLICY
from hotline_bridge.inbound.windows import Window
from hotline_bridge.outbound.docking_rows import EVERY
from hotline_bridge.quality.suites import interfaces_by_table
from hotline_bridge.reconcile.sides import docking_orders
from hotline_bridge.store.database import connect
from hotline_bridge.store.sql import read_sql
from hotline_bridge.store.typed_tables import window_column
from hotline_bridge.tasks.maintenance import RETENTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from tests.fixtures import Stores

STORED = 4_000
"""Rows that are at rest, of each kind."""
FEW = 100
"""Rows that a question may read of them; what it asks for are fewer."""
CALLS, ORDERS = contract()["callinfo"], contract()["putTsBusiRegInfoData"]
WINDOW_S = 36 * 3600
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
TOMORROW = datetime.now(SHANGHAI).date() + timedelta(days=1)

Parameters = dict[str, Any]


@pytest.fixture
def local(stores: Stores) -> Iterator[Connection]:
    with connect(stores.local) as session:
        yield session


@pytest.fixture
def docking(stores: Stores) -> Iterator[Connection]:
    with connect(stores.docking) as session:
        yield session


def rows_read(session: Connection, statement: sql.Composable | str, parameters: Parameters | None = None) -> int:
    """Rows of tables that a statement reads, those that it leaves out again included; it changes nothing."""
    query = sql.SQL("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {}").format(
        sql.SQL(statement) if isinstance(statement, str) else statement
    )
    with session.transaction(force_rollback=True):
        [(found,)] = session.execute(query, parameters).fetchall()
    return sum(map(_read_by, found))


def _read_by(plan: dict[str, Any]) -> int:
    parts = [plan["Plan"]] if "Plan" in plan else plan.get("Plans", [])
    own = 0
    if "Scan" in plan.get("Node Type", "") and "Relation Name" in plan:
        left_out = sum(value for name, value in plan.items() if name.startswith("Rows Removed by"))
        own = round((plan["Actual Rows"] + left_out) * plan["Actual Loops"])
    return own + sum(map(_read_by, parts))


@pytest.fixture
def windows(local: Connection) -> Connection:
    """Years of windows of one query, none of them due but one in the middle; half of them nobody visits any more."""
    local.execute(
        "INSERT INTO hotline.collection_window (interface, begins, ends, state, row_count, visited_at, due_at,"
        " due_because) SELECT 'getTsBusiCaseInfoData', %(first)s + n * interval '36 hours',"
        " %(first)s + (n + 1) * interval '36 hours', 'settled', 300, now(),"
        " CASE WHEN n = %(due)s THEN now() - interval '1 hour'"
        " WHEN n > %(due)s THEN now() + interval '1 day' END, 'age' FROM generate_series(0, %(stored)s - 1) AS n",
        {"first": FIRST, "due": STORED // 2, "stored": STORED},
    )
    local.execute("VACUUM ANALYZE hotline.collection_window")
    return local


@pytest.mark.parametrize(
    "name", ["due_windows", "newer_visit", "record_visit", "split_windows", "mark_due", "mark_failed", "open_gaps"]
)
def test_a_visit_of_a_window_reads_the_windows_around_it(windows: Connection, name: str) -> None:
    begin = int(FIRST.timestamp()) + STORED // 2 * WINDOW_S
    if name == "open_gaps":
        begin += (STORED // 2 - 10) * WINDOW_S  # what it looks for lies after its begin
    now = datetime.now(UTC)
    parameters = {
        "interface": "getTsBusiCaseInfoData",
        "begins": begin,
        "ends": 2**33 if name == "due_windows" else begin + 2 * WINDOW_S,
        "now": now,
        "longest": LONGEST,
        "requested_at": now,
        "again_at": now,
        "again": now,
        "state": "settled",
        "row_count": 1,
        "request_count": 1,
        "because": "asked",
        "message": "",
    }
    if name == "due_windows":
        parameters["begins"] = 0
    assert rows_read(windows, read_sql("inbound/schedule.sql", name), parameters) < FEW


def test_for_a_late_order_its_own_windows_are_read(windows: Connection) -> None:
    registered = {"registered": FIRST + 10 * timedelta(seconds=WINDOW_S)}
    windows.execute(
        "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body_sha256, settled_at)"
        " VALUES ('putTsBusiRegInfoData', 'B1', '', 'delivered', now(), '', now())"
    )
    windows.execute(
        "INSERT INTO hotline.complaint_order (row_id, regino, registime, written_at)"
        " VALUES (1, 'B1', %(registered)s, now())",
        registered,
    )
    windows.execute(
        "INSERT INTO hotline.complaint_case (regino, registime, content_hash, source, requested_at, window_begin,"
        " window_end) VALUES ('B2', %(registered)s, '', '', now(), now(), now())",
        registered,
    )
    parts = {
        "interface": sql.Literal(ORDERS.name),
        **{
            name: sql.Identifier("hotline", table)
            for name, table in (
                ("order_table", "complaint_order"),
                ("case_table", "complaint_case"),
                ("returned_table", "returned_case"),
            )
        },
        **{
            name: sql.Identifier(column)
            for name, column in (("order_key", "regino"), ("case_key", "regino"), ("returned_key", "odrno"))
        },
    }
    windows.execute(
        "ANALYZE hotline.delivery, hotline.complaint_order, hotline.complaint_case, hotline.collection_window"
    )
    now = datetime.now(UTC)
    parameters = {
        "since": "2020-01-01",
        "now": now,
        "soon": timedelta(hours=1),
        "visible_after": timedelta(minutes=1),
        "queries": ["getTsBusiCaseInfoData"],
    }
    for name in ("mark_late", "mark_awakened"):
        statement = read_sql("inbound/schedule.sql", name).format(**parts)
        assert windows.execute(statement, parameters).rowcount == 1, name
        windows.execute("UPDATE hotline.collection_window SET due_at = NULL WHERE due_because = 'asked'")
        assert rows_read(windows, statement, parameters) < FEW, name


def test_planning_reads_the_registrations_of_what_is_due(local: Connection) -> None:
    local.execute(
        "INSERT INTO hotline.complaint_case (regino, registime, content_hash, source, requested_at, window_begin,"
        " window_end) SELECT 'B' || n, %(first)s + n * interval '1 hour', sha256(n::text::bytea), '', now(), now(),"
        " now()"
        " FROM generate_series(1, %(stored)s) AS n",
        {"first": FIRST, "stored": STORED},
    )
    local.execute("VACUUM ANALYZE hotline.complaint_case")
    begins = [int(FIRST.timestamp()) + hours * 3600 for hours in (100, 3_500)]
    parameters: Parameters = {"begins": begins, "ends": [begin + 10 * 3600 for begin in begins], "kind": None}
    query = read_sql("inbound/schedule.sql", "registered")
    assert len(local.execute(query, parameters).fetchall()) == 20
    assert rows_read(local, query, parameters) < FEW


def test_an_old_window_is_visited_the_more_seldom_the_older_it_is() -> None:
    now, day = int(FIRST.timestamp()), 86_400

    def visits(from_day: int, to_day: int) -> float:
        """A day, of windows of a day each that are so old."""
        pauses = (
            REFRESH_POLICY.pause(Window(now - (age + 1) * day, now - age * day), now)[0]
            for age in range(from_day, to_day)
        )
        return sum(timedelta(days=1) / pause for pause in pauses)

    first_year = visits(0, 365)
    assert visits(365, 5 * 365) < 0.2 * first_year


@pytest.fixture
def queue(local: Connection) -> Connection:
    """Versions that are delivered, and in quarantine until somebody had discarded them; one waits, one is refused."""
    local.execute(
        "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body, body_sha256, rounds,"
        " settled_at, discarded_at, next_attempt_at) SELECT i, n::text, sha256(n::text::bytea),"
        " CASE n WHEN 0 THEN 'waiting' WHEN 1 THEN 'rejected' WHEN 2 THEN 'waiting' ELSE CASE WHEN n %% 2 = 0"
        " THEN 'delivered' ELSE 'quarantined' END END, now(), CASE WHEN n < 3 THEN '{}'::bytea END, '', least(n, 1),"
        " now(),"
        " CASE WHEN n > 2 AND n %% 2 = 1 THEN now() END, CASE WHEN n < 3 THEN now() - interval '1 minute' END"
        " FROM unnest(%(names)s::text []) AS i, generate_series(0, %(stored)s) AS n",
        {"names": [CALLS.name, ORDERS.name], "stored": STORED},
    )
    local.execute("VACUUM ANALYZE hotline.delivery")
    return local


def test_counting_what_is_not_at_rest_reads_nothing_else(queue: Connection) -> None:
    parameters: Parameters = {"interfaces": [CALLS.name, ORDERS.name], "limit": 10}
    query = read_sql("outbound/status.sql", "open_counts")
    states = [(name, state, count) for name, state, count, _ in queue.execute(query, parameters).fetchall()]
    assert sorted(states) == sorted(
        (name, state, 1) for name in (CALLS.name, ORDERS.name) for state in ("waiting", "retrying", "rejected")
    )
    assert rows_read(queue, query, parameters) < FEW
    due = read_sql("outbound/decisions.sql", "find_due")
    assert len(queue.execute(due, parameters).fetchall()) == 6
    assert rows_read(queue, due, parameters) < FEW


def test_a_claim_reads_what_is_due(queue: Connection) -> None:
    parameters = {
        "interface": CALLS.name,
        "fresh": 10,
        "due": 10,
        "run": "00000000-0000-0000-0000-000000000000",
        "lease": timedelta(minutes=1),
    }
    assert rows_read(queue, read_sql("outbound/delivery_queue.sql", "claim"), parameters) < FEW


OUTLIVES = {
    "bodies": "delivery (interface, key, content_hash, state, written_at, body, body_sha256, settled_at)"
    " SELECT 'callinfo', n::text, '', 'delivered', now(), CASE WHEN n < 9 THEN '{}'::bytea END, '', now()",
    "interaction_log": "interaction_log (started_at, interface, key, attempt, outcome, elapsed_ms, body_sha256)"
    " SELECT now(), '', '', 1, '', 1, ''",
    "quality_result": "quality_result (checked_at, day, table_name, rule, window_begin, window_end, severity,"
    " failing_count, checked_count, message_zh) SELECT now(), now(), '', '', now(), now(), 'error', 0, 0, ''",
    "landing": "landing (interface, answer_sha256, answer, row_count, requested_at)"
    " SELECT '', sha256(n::text::bytea), '', 0, now()",
}
"""Rows that stay for longer. The other retentions bound their tables to some weeks of runs, or some thousand alerts."""


@pytest.mark.parametrize("what", OUTLIVES)
def test_where_nothing_has_outlived_its_retention_nothing_is_read(local: Connection, what: str) -> None:
    [keep] = [retention.keep for retention in RETENTIONS if retention.what == what]
    local.execute(f"INSERT INTO hotline.{OUTLIVES[what]} FROM generate_series(1, {STORED}) AS n".encode())
    local.execute("VACUUM ANALYZE")
    parameters = {"keep": keep, "batch": STORED}
    assert rows_read(local, read_sql(f"retention/{what}.sql"), parameters) < FEW


@pytest.mark.parametrize(
    "looked_for", [{"outcome": "refused"}, {"outcome": "unauthorized"}, {"code": "7"}, {"code": "9"}]
)
def test_calls_that_failed_are_found_without_reading_the_others(local: Connection, looked_for: Parameters) -> None:
    local.execute(
        "INSERT INTO hotline.interaction_log"
        " (started_at, interface, key, attempt, outcome, code, elapsed_ms, body_sha256)"
        " SELECT now() - n * interval '1 second', 'callinfo', n::text, 1, CASE WHEN n %% 1000 = 0 THEN 'refused'"
        " ELSE 'delivered' END, CASE WHEN n %% 1000 = 0 THEN '7' ELSE '0' END, 1, ''"
        " FROM generate_series(1, %s) AS n",
        [STORED],
    )
    local.execute("ANALYZE hotline.interaction_log")
    wanted: Parameters = {
        **dict.fromkeys(("interfaces", "outcome", "code", "key", "after_at", "after_id")),
        **{"since": datetime.now(UTC) - timedelta(days=1), "until": datetime.now(UTC), "limit": 51},
        **looked_for,
    }
    query = read_sql("pages/exchanges.sql", "exchanges")
    assert rows_read(local, query, wanted) < FEW


def test_of_all_checks_of_counts_those_that_do_not_agree_are_read(local: Connection) -> None:
    local.execute(
        "INSERT INTO hotline.count_reconciliation (checked_at, day, kind, platform_count, unexplained, state)"
        " SELECT now(), %(first)s::date + n / 4, 'complaint', 1, 0, 'agreed' FROM generate_series(1, %(stored)s) AS n",
        {"first": FIRST, "stored": STORED},
    )
    for day, states in ((5, ("open", "agreed")), (6, ("agreed", "open")), (7, ("unknown",))):
        for state in states:
            local.execute(
                "INSERT INTO hotline.count_reconciliation (checked_at, day, kind, unexplained, state)"
                " VALUES (now(), %s::date + %s, 'complaint', %s, %s)",
                [FIRST, day, 0 if state == "agreed" else 1, state],
            )
    local.execute("VACUUM ANALYZE hotline.count_reconciliation")
    query = "SELECT day, state FROM hotline.reconciliation_state WHERE state <> 'agreed' ORDER BY day"
    found = [((day - FIRST.date()).days, state) for day, state in local.execute(query.encode()).fetchall()]
    assert found == [(6, "open"), (7, "unknown")]
    assert rows_read(local, query) < FEW
    wanted = {"since": TOMORROW, "until": TOMORROW, "with_older": True}
    for name in ("findings", "report_checks", "report_locations"):
        assert rows_read(local, read_sql("reconcile/state.sql", name), wanted) < FEW, name


def test_a_day_that_was_never_counted_is_found_by_a_row_for_each_day(local: Connection) -> None:
    """Not by the checks of all kinds and of every night, of which there are many for each day."""
    days = STORED // 40
    first = TOMORROW - timedelta(days=days)
    local.execute(
        "INSERT INTO hotline.collection_window (interface, begins, ends, state, due_because)"
        " VALUES ('getTsBusiCaseInfoData', %s, %s, 'open', 'age')",
        [datetime(first.year, first.month, first.day, tzinfo=SHANGHAI), datetime.now(UTC)],
    )
    local.execute(
        "INSERT INTO hotline.count_reconciliation (checked_at, day, kind, platform_count, unexplained, state)"
        " SELECT now(), %(first)s::date + n %% %(days)s, 'complaint', CASE WHEN n %% %(days)s <> 3 THEN 1 END, 0,"
        " 'agreed'"
        " FROM generate_series(1, %(stored)s) AS n",
        {"first": first, "days": days, "stored": STORED},
    )
    local.execute("VACUUM ANALYZE hotline.count_reconciliation, hotline.counted_day")
    query = "SELECT day FROM hotline.reconciliation_missing"
    assert local.execute(query.encode()).fetchall() == [(first + timedelta(days=3),)]
    assert rows_read(local, query) < 2 * days


def test_the_nightly_proof_reads_the_days_that_it_counts(docking: Connection) -> None:
    for interface, column, value in ((CALLS, "callid", "n::text"), (ORDERS, "regino, registime", "n::text, at::text")):
        docking.execute(
            sql.SQL(
                "INSERT INTO {} ({}, written_at, collected_at) SELECT {}, at, now() FROM ("
                "SELECT n, %(first)s + n * interval '6 hours' AS at FROM generate_series(1, %(stored)s) AS n) AS came"
            ).format(docking_table(interface), sql.SQL(column), sql.SQL(value)),  # type: ignore[arg-type]  # ours
            {"first": FIRST, "stored": STORED},
        )
        docking.execute(sql.SQL("VACUUM ANALYZE {}").format(docking_table(interface)))
    orders = docking_orders(ORDERS, AS_AGREED)
    not_collected = timedelta(days=1)
    days: Parameters = {
        "interface": ORDERS.name,
        "days": ["20200301", "20200302", "20200303"],
        "not_collected": not_collected,
    }
    assert len(docking.execute(orders, days).fetchall()) == 12
    assert rows_read(docking, orders, days) < FEW
    logs = read_sql("reconcile/telephony.sql", "docking_log_rows").format(
        table=docking_table(CALLS), key=AS_AGREED.text_of(CALLS.key_column), content=body_members(CALLS), only=EVERY
    )
    begin = FIRST + timedelta(days=60)
    counted = [begin.date() + timedelta(days=number) for number in range(4)]
    window: Parameters = {
        "begins": begin,
        "ends": begin + timedelta(days=3),
        "days": counted,
        "last": counted[-1],
        "not_collected": not_collected,
    }
    assert len(docking.execute(logs, window).fetchall()) == 12
    assert rows_read(docking, logs, window) < FEW
    uncollected = read_sql("outbound/status.sql", "count_uncollected").format(table=docking_table(CALLS))
    assert rows_read(docking, uncollected) < FEW


def test_a_day_of_a_log_is_looked_up_among_the_versions_of_years(queue: Connection) -> None:
    with queue.transaction():
        queue.execute(read_sql("reconcile/telephony.sql", "docking_log_table"))
        queue.execute(
            "INSERT INTO docking_log_row (key, content_hash, day, docking_rows, uncollected, overdue)"
            " VALUES ('10', sha256('10'), current_date, 1, 0, 0)"
        )
        query = read_sql("reconcile/telephony.sql", "log_side")
        assert rows_read(queue, query, {"interface": CALLS.name, "ages": "{}", "shared": "callid:shared"}) < FEW


def test_each_table_is_indexed_by_the_time_by_which_its_quality_is_judged(local: Connection) -> None:
    leading = {
        (table, column)
        for table, column in local.execute(
            "SELECT i.indrelid::regclass::text, a.attname FROM pg_index AS i"
            " INNER JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            " WHERE i.indpred IS NULL"
        ).fetchall()
    }
    judged = {(f"hotline.{table}", window_column(interface)) for table, interface in interfaces_by_table().items()}
    assert judged <= leading
    for interface in interfaces_of("telephony"):
        if interface.served_by:
            seats = contract()[interface.served_by.of]
            assert (f"hotline.{seats.table}", seats.in_order[0].lower()) in leading
