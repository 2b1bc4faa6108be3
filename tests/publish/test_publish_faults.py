"""Databases that fail in the middle of publishing: nothing is half written, and the next run completes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge import publish as publishing
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.publish import OF_ORDERS
from hotline_bridge.tasks.publish import publish_tables
from tests.cli.test_commands import connection
from tests.publish.publish_bridge import PublishBridge, fill

if TYPE_CHECKING:
    from typing import Any

    from tests.fixtures import Stores

ORDERS = 30


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, stores: Stores, bridge: PublishBridge) -> PublishBridge:
    """Finished orders that nobody has published yet, and the connections of the DAG."""
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", connection(stores.docking))
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(stores.local))
    for number in range(ORDERS):
        fill(bridge, f"R{number:02}")
    return bridge


def contents(bridge: PublishBridge) -> dict[str, list[dict[str, Any]]]:
    return {table: bridge.rows(table) for table in OF_ORDERS}


def assert_whole_tables(bridge: PublishBridge) -> None:
    """Each table holds all orders or none."""
    for table, rows in contents(bridge).items():
        assert len({row["regino"] for row in rows}) in {0, ORDERS}, table


@pytest.mark.parametrize("table", ["order_status", "order_routing", "feedback_exchange", "report_violation_content"])
@pytest.mark.parametrize("side", ["docking", "local"])
def test_a_session_that_is_ended_before_a_table_is_written(
    connected: PublishBridge, monkeypatch: pytest.MonkeyPatch, table: str, side: str
) -> None:
    """As a server that goes away or switches over: the answer to a table's rows never comes."""
    write = publishing._Run._write

    def struck(run: Any, which: str, orders: list[str]) -> Any:
        if which == table:
            session, killer = (run._docking, connected.docking) if side == "docking" else (run._local, connected.local)
            killer.execute("SELECT pg_terminate_backend(%s)", [session.info.backend_pid])
        return write(run, which, orders)

    monkeypatch.setattr(publishing._Run, "_write", struck)
    with pytest.raises(TryAgainLater, match=r"the session on .* was ended .*nothing was half done"):
        publish_tables()
    assert_whole_tables(connected)
    assert connected.rows(table) == []
    monkeypatch.undo()
    connected_again = connected.run()
    assert connected_again["feedback_exchange"].desired == ORDERS
    assert len(connected.rows("order_routing")) == 2 * ORDERS
    assert not any(done.written or done.removed for done in connected.run(whole=True).values())


def test_a_session_that_is_ended_while_a_table_is_written(connected: PublishBridge) -> None:
    """A server that ends the session itself, within the statement: what was written of the table is undone."""
    connected.docking.execute(
        "CREATE FUNCTION docking.die() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN new; END'"
    )
    connected.docking.execute(
        "CREATE TRIGGER die BEFORE INSERT ON docking.order_routing FOR EACH ROW WHEN (new.regino = 'R20')"
        " EXECUTE FUNCTION docking.die()"
    )
    with pytest.raises(TryAgainLater):
        publish_tables()
    assert_whole_tables(connected)
    assert connected.rows("order_routing") == []
    connected.docking.execute("DROP FUNCTION docking.die() CASCADE")
    connected.run()
    assert len(connected.rows("complaint_case_feedback")) == ORDERS


def test_a_docking_store_that_is_read_only_is_tried_again(
    connected: PublishBridge,
) -> None:
    """As a standby refuses; a default of the database alone does not reach our sessions."""
    connected.docking.execute(
        "CREATE FUNCTION docking.stand_by() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION USING ERRCODE = '25006'; END $$"
    )
    for table in OF_ORDERS:
        connected.docking.execute(
            f"CREATE TRIGGER stand_by BEFORE INSERT ON docking.{table} EXECUTE FUNCTION docking.stand_by()".encode()
        )
    with pytest.raises(TryAgainLater, match="25006"):
        publish_tables()
    assert all(rows == [] for rows in contents(connected).values())
    connected.docking.execute("DROP FUNCTION docking.stand_by() CASCADE")
    assert publish_tables()["order_routing"]["written"] == 2 * ORDERS


def test_a_missing_table_or_column_says_what_to_do(connected: PublishBridge) -> None:
    connected.docking.execute("ALTER TABLE docking.object_info DROP COLUMN brandname")
    with pytest.raises(StopRun, match="hotline check") as caught:
        publish_tables()
    assert "手机" not in str(caught.value)


def test_two_runs_at_once_write_each_row_once(connected: PublishBridge, stores: Stores) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: publish_tables(), range(3)))
    assert sum(counts["order_routing"]["written"] for counts in found) == 2 * ORDERS
    assert len(connected.rows("order_routing")) == 2 * ORDERS


@pytest.mark.parametrize("rest", ["DELETE FROM docking.order_routing WHERE id = '2'", "TRUNCATE docking.order_routing"])
def test_a_table_that_was_emptied_by_hand_is_mended_by_the_next_change_of_each_order(
    connected: PublishBridge, rest: str
) -> None:
    connected.run()
    right = connected.rows("order_routing")
    connected.docking.execute(rest.encode())
    assert connected.run()["order_routing"].desired == 0
    connected.local.execute("UPDATE hotline.complaint_feedback SET loaded_at = now() WHERE odrno = 'R07'")
    connected.run()
    assert {row["regino"] for row in right if row not in connected.rows("order_routing")} == {
        row["regino"] for row in right
    } - {"R07"}
    connected.run(whole=True)
    assert connected.rows("order_routing") == right
