"""Publishing that nobody watches: no trace in 12345's catalog, nothing missed, and one table stops no other."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hotline_bridge import publish as publishing
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.publish import OF_ORDERS, desired_rows, publish
from hotline_bridge.store.database import connect
from hotline_bridge.tasks.publish import publish_tables
from tests.publish.publish_bridge import PublishBridge, fill
from tests.publish.test_publish_reads import nodes

if TYPE_CHECKING:
    from psycopg import Connection

    from tests.fixtures import Stores

FILLED = {"order_status", "order_return", "order_routing", "complaint_case_feedback", "feedback_exchange"} | {
    "subject_info",
    "object_info",
    "complaint_content",
}
"""Tables that hold rows of an order that `fill` made."""


def looked_at(bridge: PublishBridge) -> int:
    """Orders that a run looks at."""
    done = publish(bridge.docking, bridge.local)
    assert not done.problems
    return done.orders


def change(bridge: PublishBridge, regino: str, word: str) -> None:
    bridge.local.execute("UPDATE hotline.complaint_feedback SET dealresult = %s WHERE odrno = %s", [word, regino])


def filled(bridge: PublishBridge) -> set[str]:
    return {table for table in OF_ORDERS if bridge.rows(table)}


# What it leaves behind.


def test_no_right_to_make_temporary_tables_is_needed(bridge: PublishBridge) -> None:
    database, account = bridge.docking.info.dbname, f"publisher_of_{bridge.docking.info.dbname}"
    for statement in (
        f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
        f"CREATE ROLE {account}",
        f"GRANT USAGE ON SCHEMA docking TO {account}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA docking TO {account}",
        f"SET ROLE {account}",
    ):
        bridge.docking.execute(statement.encode())
    fill(bridge)
    bridge.run(whole=True)
    bridge.docking.execute("RESET ROLE")
    assert filled(bridge) == FILLED


def made_in_catalog(session: Connection) -> int:
    session.execute("SELECT pg_stat_force_next_flush()")
    [(rows,)] = session.execute(
        "SELECT sum(n_tup_ins) FROM pg_stat_sys_tables WHERE schemaname = 'pg_catalog'"
        " AND relname IN ('pg_class', 'pg_attribute', 'pg_type', 'pg_index', 'pg_depend')"
    ).fetchall()
    return int(rows)


def test_no_catalog_grows(bridge: PublishBridge) -> None:
    fill(bridge)
    before = made_in_catalog(bridge.docking), made_in_catalog(bridge.local)
    for number in range(3):
        change(bridge, "R1", str(number))
        assert bridge.run(whole=number == 2)["complaint_case_feedback"].written == 1
    assert (made_in_catalog(bridge.docking), made_in_catalog(bridge.local)) == before


# What it looks at.


def test_a_change_is_looked_at_in_one_run(bridge: PublishBridge) -> None:
    for number in range(5):
        fill(bridge, f"R{number}")
    assert (looked_at(bridge), looked_at(bridge)) == (5, 0)
    change(bridge, "R3", "改判")
    assert (looked_at(bridge), looked_at(bridge)) == (1, 0)
    bridge.local.execute("DELETE FROM hotline.case_routing WHERE bh = 'R4'")
    assert (looked_at(bridge), looked_at(bridge)) == (1, 0)
    bridge.local.execute("UPDATE hotline.delivery SET state = 'rejected', message = '忙' WHERE key = 'R1'")
    assert (looked_at(bridge), looked_at(bridge)) == (1, 0)
    assert bridge.status()["R1"] == ("failed", "忙")


def test_claims_and_tries_of_an_order_are_no_changes(bridge: PublishBridge) -> None:
    fill(bridge)
    bridge.run()
    bridge.local.execute("UPDATE hotline.delivery SET claimed_until = now(), attempts = 7, body = NULL, state = state")
    assert looked_at(bridge) == 0


def test_a_transaction_that_commits_late_is_not_missed(bridge: PublishBridge, stores: Stores) -> None:
    fill(bridge)
    bridge.run()
    with connect(stores.local) as local, local.transaction():
        # As one that has lasted for an hour: now() of a transaction is its beginning.
        PublishBridge(bridge.docking, local).answer(
            "case_routing", bh="R1", id="3", requested_at="2026-01-01", loaded_at="2026-01-01"
        )
        assert looked_at(bridge) == 0
    assert bridge.run()["order_routing"].written == 1


def test_what_others_change_while_a_run_is_at_it_is_looked_at_once_more(bridge: PublishBridge, stores: Stores) -> None:
    """The run is held where it has decided which orders to look at; a change after that is not forgotten with it."""
    fill(bridge)
    with connect(stores.docking) as other, connect(stores.local) as local, ThreadPoolExecutor(1) as pool:
        with other.transaction():
            other.execute(publishing.LOCK, {"table": "complaint_case_feedback"})
            held = pool.submit(publish, bridge.docking, bridge.local)
            wait_for_lock(other, bridge.docking)
            change(PublishBridge(other, local), "R1", "改判")
        done = held.result()
    assert bridge.rows("complaint_case_feedback")[0]["mediationresult"] == "改判"
    # What is written is found out under the lock, so that this run has the new content already; it cannot know that.
    assert (done.orders, done.counts["complaint_case_feedback"].written, looked_at(bridge)) == (2, 1, 0)


def wait_for_lock(other: Connection, session: Connection) -> None:
    """Until the session stands before a lock."""
    waiting = "SELECT FROM pg_locks WHERE pid = %s AND NOT granted"
    while not other.execute(waiting, [session.info.backend_pid]).rowcount:
        pass


def test_a_run_that_dies_before_it_has_forgotten_its_changes_writes_nothing_twice(
    bridge: PublishBridge, stores: Stores
) -> None:
    fill(bridge)
    bridge.local.execute(
        "CREATE FUNCTION hotline.die() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
    )
    bridge.local.execute("CREATE TRIGGER die BEFORE DELETE ON hotline.order_change EXECUTE FUNCTION hotline.die()")
    with pytest.raises(publishing.psycopg.OperationalError):
        bridge.run()
    assert filled(bridge) == FILLED
    with connect(stores.local) as local:
        local.execute("DROP FUNCTION hotline.die() CASCADE")
        done = publish(bridge.docking, local)
        assert (done.orders, done.counts["order_routing"].desired) == (1, 2)
        assert not any(table.written or table.removed for table in done.counts.values())
        assert publish(bridge.docking, local).orders == 0


def test_all_that_is_published_from_is_watched(bridge: PublishBridge) -> None:
    """Each table that a query for published rows reads notes its changes; a code's meaning is compared once a day."""
    read = set()
    for table in (*OF_ORDERS, "standard_data"):
        query = desired_rows(table)
        parameters = {"reginos": ["R1"], "orders": ["putTsBusiRegInfoData"], "words": "[]"}
        [(plan,)] = bridge.local.execute(b"EXPLAIN (FORMAT JSON) " + query, parameters).fetchall()
        read |= {str(node["Relation Name"]) for node in nodes(plan[0]["Plan"]) if "Relation Name" in node}
    watched = bridge.local.execute(
        "SELECT c.relname, string_agg(lower(e.action), ' ' ORDER BY e.action) FROM pg_class AS c"
        " INNER JOIN information_schema.triggers AS t ON t.event_object_table = c.relname"
        " CROSS JOIN LATERAL (SELECT t.event_manipulation AS action) AS e"
        " WHERE t.event_object_schema = 'hotline' AND t.trigger_name LIKE 'note%' GROUP BY c.relname"
    ).fetchall()
    assert {name for name, events in watched if "insert" in events and "update" in events} == read - {
        "handling_meaning"
    }
    [(definition,)] = bridge.local.execute(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'note_inserted'"
        " AND tgrelid = 'hotline.delivery'::regclass"
    ).fetchall()
    assert all(interface.name in definition for interface in interfaces_of("order"))


def test_once_a_day_every_order_is_compared_a_piece_a_run(
    bridge: PublishBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        fill(bridge, f"R{number}")
    bridge.run()
    right = bridge.rows("order_routing")
    bridge.docking.execute("DELETE FROM docking.order_routing")
    bridge.local.execute("UPDATE hotline.publication SET compared_on = compared_on - 1")
    monkeypatch.setattr(publishing, "COMPARED_A_RUN", 2)
    assert [looked_at(bridge) for _ in range(6)] == [2, 2, 1, 0, 0, 0]
    assert bridge.rows("order_routing") == right


def test_a_comparison_that_was_held_up_is_brought_to_its_end_before_the_next(
    bridge: PublishBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        fill(bridge, f"R{number}")
    bridge.run()
    monkeypatch.setattr(publishing, "COMPARED_A_RUN", 3)
    yesterday = "UPDATE hotline.publication SET compared_on = compared_on - 1"
    bridge.local.execute(yesterday.encode())
    found = []
    for _ in range(6):
        found.append(looked_at(bridge))
        bridge.local.execute(yesterday.encode())
    assert found == [3, 2, 0, 3, 2, 0]


def test_a_run_without_time_leaves_the_rest_to_the_next(bridge: PublishBridge) -> None:
    fill(bridge)
    assert publish(bridge.docking, bridge.local, time_limit=timedelta(0)).orders == 0
    assert bridge.run()["order_routing"].written == 2


def test_a_day_later_the_code_that_holds_then_is_published(bridge: PublishBridge) -> None:
    bridge.local.execute(
        "INSERT INTO hotline.standard_data"
        " (category, category_zh, code, name, valid_from, valid_to, source, source_date)"
        " VALUES ('unit', '单位', '1', '旧', '2020-01-01', NULL, '', now())"
    )
    assert (bridge.run()["standard_data"].written, bridge.run()["standard_data"].desired) == (1, 0)
    bridge.docking.execute("UPDATE docking.standard_data SET content = '昨日'")
    bridge.local.execute("UPDATE hotline.publication SET compared_on = compared_on - 1")
    assert (bridge.run()["standard_data"].written, bridge.run()["standard_data"].desired) == (1, 0)


def test_what_came_without_a_number_is_no_order(bridge: PublishBridge) -> None:
    """Also when standard data change, which are noted without a number too."""
    bridge.version("", "quarantined", reasons=["regino:required"])
    bridge.run(whole=True)
    assert bridge.rows("order_status") == []


# One table that fails.


@pytest.mark.parametrize(
    ("breaks", "fixes", "told"),
    [
        (
            "ALTER TABLE docking.order_routing RENAME TO routing",
            "ALTER TABLE docking.routing RENAME TO order_routing",
            StopRun,
        ),
        (
            "ALTER TABLE docking.order_routing ADD CHECK (jsdept <> '二所')",
            "ALTER TABLE docking.order_routing DROP CONSTRAINT order_routing_jsdept_check",
            StopRun,
        ),
        ("REVOKE UPDATE ON docking.order_routing FROM {}", "GRANT UPDATE ON docking.order_routing TO {}", StopRun),
        (
            "CREATE FUNCTION docking.busy() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE lock_not_available; END';"
            "CREATE TRIGGER busy BEFORE INSERT ON docking.order_routing EXECUTE FUNCTION docking.busy()",
            "DROP FUNCTION docking.busy() CASCADE",
            TryAgainLater,
        ),
    ],
    ids=["missing", "refused", "no right", "locked"],
)
def test_a_table_that_fails_stops_no_other_and_is_made_up_for(
    bridge: PublishBridge, breaks: str, fixes: str, told: type[Exception]
) -> None:
    account = f"publisher_of_{bridge.docking.info.dbname}"
    fill(bridge)
    for statement in (
        f"CREATE ROLE {account}",
        f"GRANT USAGE ON SCHEMA docking TO {account}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA docking TO {account}",
        breaks.format(account),
    ):
        bridge.docking.execute(statement.encode())

    def as_publisher() -> publishing.Published:
        bridge.docking.execute(f"SET ROLE {account}".encode())
        done = publish(bridge.docking, bridge.local)
        bridge.docking.execute("RESET ROLE")
        return done

    for orders in (1, 0):
        done = as_publisher()
        assert done.orders == orders
        [problem] = done.problems
        assert isinstance(problem, told)
        assert "order_routing" in str(problem)
    bridge.docking.execute(fixes.format(account).encode())
    assert filled(bridge) == FILLED - {"order_routing"}
    done = as_publisher()
    assert not done.problems
    assert {table for table, counts in done.counts.items() if counts.desired} == {"order_routing"}
    assert filled(bridge) == FILLED
    assert not any(counts.desired for counts in as_publisher().counts.values())


def test_a_table_that_another_session_locks_stops_no_other(bridge: PublishBridge, stores: Stores) -> None:
    fill(bridge)
    bridge.docking.execute("SET lock_timeout = '100ms'")
    with connect(stores.docking) as other, other.transaction():
        other.execute("LOCK TABLE docking.order_status, docking.feedback_exchange")
        [problem] = publish(bridge.docking, bridge.local).problems
    assert isinstance(problem, TryAgainLater)
    assert "order_status, feedback_exchange" in str(problem)
    assert filled(bridge) == FILLED - {"order_status", "feedback_exchange"}
    bridge.run()
    assert filled(bridge) == FILLED


def test_an_order_that_the_store_refuses_stops_no_other_order(bridge: PublishBridge) -> None:
    for number in range(9):
        fill(bridge, f"R{number}")
    bridge.docking.execute("ALTER TABLE docking.order_routing ADD CHECK (regino NOT IN ('R3', 'R7'))")
    for _ in range(2):
        [problem] = publish(bridge.docking, bridge.local).problems
        assert isinstance(problem, StopRun)
        assert all(part in str(problem) for part in ("order_routing", "R3", "R7", "23514"))
        assert "二所" not in str(problem)
        assert {row["regino"] for row in bridge.rows("order_routing")} == {"R0", "R1", "R2", "R4", "R5", "R6", "R8"}
    bridge.docking.execute("ALTER TABLE docking.order_routing DROP CONSTRAINT order_routing_regino_check")
    assert bridge.run()["order_routing"].written == 4
    assert bridge.run()["order_routing"].desired == 0


def test_refused_orders_do_not_stand_before_those_that_come_after_them(
    bridge: PublishBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "AGAIN_A_RUN", 2)
    for number in range(6):
        fill(bridge, f"R{number}")
    bridge.docking.execute("ALTER TABLE docking.order_routing RENAME TO away")
    publish(bridge.docking, bridge.local)
    bridge.docking.execute("ALTER TABLE docking.away RENAME TO order_routing")
    bridge.docking.execute("ALTER TABLE docking.order_routing ADD CHECK (regino NOT IN ('R0', 'R1', 'R2'))")
    for _ in range(4):
        assert publish(bridge.docking, bridge.local).problems
    assert {row["regino"] for row in bridge.rows("order_routing")} == {"R3", "R4", "R5"}


def test_deadlines_that_cannot_be_taken_in_stop_no_publishing(
    bridge: PublishBridge, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.cli.test_commands import connection

    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", connection(stores.docking))
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(stores.local))
    fill(bridge)
    bridge.docking.execute("ALTER TABLE docking.order_deadline RENAME TO away")
    with pytest.raises(StopRun, match="order_deadline"):
        publish_tables()
    assert filled(bridge) == FILLED


# What it carries.


def test_every_content_arrives_as_it_is(bridge: PublishBridge) -> None:
    """Also what JSON or an array would bend: quotes, backslashes, control characters, odd times, numbers in text."""
    odd = "a\"b'c\\d\te\nf{}[],NULL\x01\u2028😀 007 1e5 true"
    times = ["2026-11-01 10:00:00.123456+08", "9999-12-31 23:59:59+08", "0001-01-01 00:00:00+00", "10000-01-01+00"]
    bridge.version("R'1\"\\", "delivered")
    for moment in (*times, "infinity"):
        bridge.answer("case_feedback", region="R'1\"\\", feetime=moment, feedbackcontent=odd)
    bridge.answer("case_routing", bh="R'1\"\\", id="1", deadline="9999-12-31", jsdept="")
    bridge.run()
    found = bridge.docking.execute(
        "SELECT regino, feetime::text, feedbackcontent FROM docking.feedback_exchange ORDER BY feetime"
    ).fetchall()
    wanted = bridge.local.execute(
        "SELECT region, feetime::text, feedbackcontent FROM hotline.case_feedback ORDER BY feetime"
    ).fetchall()
    assert found == wanted
    assert json.dumps(found).count("infinity") == 1
    [(deadline, jsdept)] = bridge.docking.execute("SELECT deadline::text, jsdept FROM docking.order_routing").fetchall()
    assert (deadline[:10], jsdept) == ("9999-12-31", "")
    assert not any(counts.written for counts in bridge.run(whole=True).values())
