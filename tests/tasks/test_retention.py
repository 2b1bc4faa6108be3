"""What has outlived its stated time is dropped, in batches, and nothing else is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from hotline_bridge.alerts.conditions import find_alerts
from hotline_bridge.alerts.limits import Limits
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.store.database import connect
from hotline_bridge.store.sql import read_sql, sql_folder
from hotline_bridge.tasks import maintenance
from hotline_bridge.tasks.maintenance import RETENTIONS, Retention, drop_outlived

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from tests.fixtures import Stores

INSERTS = {
    "run_log": "INSERT INTO hotline.run_log (finished_at, dag, subject)"
    " VALUES (now() - %(age)s::interval, 'telephony_report', %(name)s)",
    "alert": "INSERT INTO hotline.alert (cause, subject, day, since, count, first_seen_at, last_seen_at)"
    " VALUES ('backlog', %(name)s, current_date, now() - %(age)s::interval - '1 day'::interval, 1,"
    " now() - %(age)s::interval - '1 day'::interval, now() - %(age)s::interval)",
    "landing": "INSERT INTO hotline.landing (interface, answer_sha256, answer, row_count, requested_at)"
    " VALUES (%(name)s, '', '', 0, now() - %(age)s::interval)",
    "form_launch": "INSERT INTO hotline.form_launch"
    " (ticket_hash, client, origins, interface, regino, operator, opener_origin, launched_at)"
    " VALUES (convert_to(%(name)s, 'UTF8'), '', '{}', '', %(name)s::text, '', '', now() - %(age)s::interval)",
    "person_search": "INSERT INTO hotline.person_search (searched_at, actor, searched_by, found)"
    " VALUES (now() - %(age)s::interval, %(name)s, 'name', 0)",
    "quality_result": "INSERT INTO hotline.quality_result (checked_at, day, table_name, rule, window_begin,"
    " window_end, severity, failing_count, checked_count, message_zh)"
    " VALUES (now() - %(age)s::interval, current_date, 'call_log', %(name)s, now(), now(), 'error', 0, 0, '')",
}
"""How a row of this age and name gets into the table, which is named like the retention."""
ROWS = [kept for kept in RETENTIONS if kept.what in INSERTS]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def local(stores: Stores) -> Iterator[Connection]:
    with connect(stores.local) as connection:
        yield connection


def names(local: Connection, what: str) -> set[str]:
    column = {
        "run_log": "subject",
        "alert": "subject",
        "quality_result": "rule",
        "form_launch": "regino",
        "person_search": "actor",
        "landing": "interface",
    }[what]
    statement = sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier("hotline", what))
    return {name for (name,) in local.execute(statement)}


@pytest.mark.parametrize("kept", ROWS, ids=lambda kept: kept.what)
def test_rows_go_when_their_time_is_over(local: Connection, monkeypatch: pytest.MonkeyPatch, kept: Retention) -> None:
    monkeypatch.setattr(maintenance, "BATCH", 2)
    for number in range(5):
        local.execute(INSERTS[kept.what].encode(), {"age": kept.keep + MINUTE, "name": f"old-{number}"})
    local.execute(INSERTS[kept.what].encode(), {"age": kept.keep - MINUTE, "name": "young"})
    assert drop_outlived(local, kept) == 5
    assert names(local, kept.what) == {"young"}
    assert drop_outlived(local, kept) == 0


def tries(local: Connection, *started_at: datetime) -> None:
    local.cursor().executemany(
        "INSERT INTO hotline.interaction_log (started_at, interface, key, attempt, outcome, elapsed_ms, body_sha256)"
        " VALUES (%s, 'callinfo', '', 1, 'delivered', 1, '')",
        [(moment,) for moment in started_at],
    )


def months(local: Connection) -> dict[str, int]:
    """Rows of each partition of the interaction log that has any."""
    query = "SELECT tableoid::regclass::text, count(*) FROM hotline.interaction_log GROUP BY 1 ORDER BY 1"
    return {name.removeprefix("hotline.interaction_log_"): rows for name, rows in local.execute(query).fetchall()}


def test_months_are_made_ahead_and_what_found_none_moves_into_its_own(local: Connection) -> None:
    made = read_sql("store/make_months.sql")
    tries(local, datetime(2019, 5, 31, 23, 59, 59, tzinfo=SHANGHAI), datetime(2019, 6, 1, tzinfo=SHANGHAI))
    far = datetime.now(SHANGHAI) + timedelta(days=400)
    tries(local, far, datetime.now(SHANGHAI))
    assert months(local)["default"] == 3
    assert [alert.count for alert in find_alerts(local, Limits(), ["no_partition"])] == [3]
    with connect(local.conninfo) as loader:  # type: ignore[attr-defined]  # as `connect` opens it
        loader.execute("SET ROLE hotline_loader")
        loader.execute(made)
    found = months(local)
    assert found.keys() == {"2019_05", "2019_06", f"{far:%Y_%m}", f"{datetime.now(SHANGHAI):%Y_%m}"}
    assert set(found.values()) == {1}
    assert find_alerts(local, Limits(), ["no_partition"]) == []
    with connect(local.conninfo) as writer, writer.transaction():  # type: ignore[attr-defined]  # as above
        writer.execute("LOCK TABLE hotline.interaction_log IN ROW EXCLUSIVE MODE")
        local.execute(made)  # nothing is left to make, so nobody is waited for


def test_a_month_goes_as_a_whole_once_its_last_row_has_outlived_its_time(local: Connection) -> None:
    (kept,) = (kept for kept in RETENTIONS if kept.what == "interaction_log")
    edge = datetime.now(SHANGHAI) - kept.keep
    first = edge.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    tries(local, first - timedelta(seconds=1), first - timedelta(days=40), first, edge - timedelta(seconds=1))
    local.execute(read_sql("store/make_months.sql"))
    assert drop_outlived(local, kept) == 2, "two months"
    assert months(local) == {f"{first:%Y_%m}": 2}
    assert drop_outlived(local, kept) == 0


def test_the_loader_drops_months_by_age_and_no_other_table(local: Connection) -> None:
    local.execute("SET ROLE hotline_loader")
    assert local.execute("SELECT hotline.drop_months('delivery', now())").fetchall() == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        local.execute("DROP TABLE hotline.interaction_log_default")


def test_the_newest_run_of_each_dag_and_the_newest_rows_of_each_subject_stay(local: Connection) -> None:
    (kept,) = (kept for kept in RETENTIONS if kept.what == "run_log")
    local.cursor().executemany(
        "INSERT INTO hotline.run_log (dag, subject, taken_in, finished_at)"
        " VALUES (%s, %s, %s, now() - interval '100 days' - %s * interval '1 hour')",
        [
            *[("telephony_report", "callinfo", 5, 3), ("telephony_report", "callinfo", 7, 2)],
            *[("telephony_report", "callinfo", 0, 1), ("telephony_report", "callinfo", 0, 0)],
            *[("case_collect", "", 0, 1), ("case_collect", "", 0, 0)],
        ],
    )
    assert drop_outlived(local, kept) == 3
    rows = local.execute("SELECT dag, taken_in FROM hotline.run_log ORDER BY row_id").fetchall()
    assert rows == [("telephony_report", 7), ("telephony_report", 0), ("case_collect", 0)]


@pytest.mark.parametrize("state", ["waiting", "held", "delivered", "rejected", "quarantined", "superseded"])
def test_a_body_goes_only_when_its_content_stands_elsewhere(local: Connection, state: str) -> None:
    (kept,) = (kept for kept in RETENTIONS if kept.what == "bodies")
    local.execute(
        "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body, body_sha256, settled_at)"
        " SELECT 'callinfo', name, '', %s, now() - age, 'body', 'hash', now() - age"
        " FROM (VALUES ('old', %s::interval), ('young', %s::interval)) AS version (name, age)",
        [state, kept.keep + MINUTE, kept.keep - MINUTE],
    )
    dropped = state in {"delivered", "superseded"}
    assert drop_outlived(local, kept) == int(dropped)
    rows = local.execute("SELECT key, body IS NULL, body_sha256 FROM hotline.delivery ORDER BY key").fetchall()
    assert rows == [("old", dropped, b"hash"), ("young", False, b"hash")]


def test_every_file_has_its_stated_time() -> None:
    files = {path.stem for path in (sql_folder() / "retention").glob("*.sql")}
    assert files == {kept.what for kept in RETENTIONS}
    assert all(kept.why for kept in RETENTIONS)
