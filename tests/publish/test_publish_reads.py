"""What a run reads: what changed, by indexes, however large the tables; and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hotline_bridge import publish as publishing
from hotline_bridge.contract.reader import contract
from hotline_bridge.store.database import connect
from tests.publish.publish_bridge import TS, PublishBridge, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

ROWS = 3_000
ANSWERS = {str(answer.table): answer.key_column for answer in contract().values() if answer.mode is not None}
LARGE = {"delivery", "order_audit", "operator_action", *ANSWERS, *(f"{table}_history" for table in ANSWERS)}


@pytest.fixture(scope="module")
def large(postgres: Server, templates: Stores) -> Iterator[PublishBridge]:
    """As many rows in every table that changes are looked for in, all of an hour ago and before: for all tests here."""
    for side, template in (("docking", templates.docking), ("local", templates.local)):
        postgres.create_database(f"{side}_large", template=template)
    with connect(postgres.conninfo("docking_large")) as docking, connect(postgres.conninfo("local_large")) as local:
        yield filled(PublishBridge(docking, local))


def filled(bridge: PublishBridge) -> PublishBridge:
    number, before = "'B' || n", "now() - interval '1 hour' - n * interval '1 minute'"
    series = f"FROM generate_series(1, {ROWS}) AS n"
    fills = [
        "INSERT INTO hotline.delivery"
        " (interface, key, content_hash, state, written_at, body_sha256, settled_at, taken_in_at)"
        f" SELECT '{TS}', {number}, n::text::bytea, 'delivered', {before}, '', {before}, {before} {series}",
        "INSERT INTO hotline.order_audit"
        " (interface, regino, content_hash, decision, office, person, decided_at)"
        f" SELECT '{TS}', {number}, n::text::bytea, 'pass', '', '', {before} {series}",
        "INSERT INTO hotline.operator_action"
        " (acted_at, actor, action, delivery_id, interface, key, state_before, state_after)"
        f" SELECT {before}, '', 'replay', n, '{TS}', {number}, 'rejected', 'waiting' {series}",
    ]
    for table, key in ANSWERS.items():
        fills += [
            f"INSERT INTO hotline.{table} ({key}, content_hash, source, requested_at, loaded_at)"
            f" SELECT {number}, n::text::bytea, 'test', {before}, {before} {series}",
            f"INSERT INTO hotline.{table}_history ({key}, row_id, flags, content_hash, source, requested_at, loaded_at,"
            f" replaced_at, replaced_by) SELECT {number}, n, '{{}}', n::text::bytea, 'test', {before}, {before},"
            f" {before}, {before} {series}",
        ]
    fills.append("UPDATE hotline.case_routing SET id = '1'")
    for statement in fills:
        bridge.local.execute(statement.encode())
    bridge.run()
    bridge.local.execute("VACUUM ANALYZE")
    bridge.docking.execute("VACUUM ANALYZE")
    return bridge


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def read_one_by_one(session: Connection, schema: str) -> dict[str, int]:
    """Rows that sequential scans have read so far, by table of at least `ROWS`.

    How many a table has is what VACUUM counted: what sessions tell of their writes arrives when it may.
    """
    session.execute("SELECT pg_stat_force_next_flush()")
    return dict(
        session.execute(
            "SELECT s.relname, s.seq_tup_read FROM pg_stat_user_tables AS s JOIN pg_class AS c ON c.oid = s.relid"
            " WHERE s.schemaname = %s AND c.reltuples >= %s",
            [schema, ROWS],
        ).fetchall()
    )


def test_a_run_with_nothing_changed_reads_no_table_through(large: PublishBridge) -> None:
    before = read_one_by_one(large.local, "hotline")
    assert before.keys() >= LARGE
    docking_before = read_one_by_one(large.docking, "docking")
    assert docking_before.keys() >= {"order_status", "order_routing", "complaint_case_feedback", "object_info"}
    counts = large.run()
    assert not any(done.desired for done in counts.values())
    assert read_one_by_one(large.local, "hotline") == before
    assert read_one_by_one(large.docking, "docking") == docking_before


def test_one_changed_order_reads_no_table_through_on_either_side(large: PublishBridge) -> None:
    fill(large, "NEW")
    before = read_one_by_one(large.local, "hotline")
    docking_before = read_one_by_one(large.docking, "docking")
    counts = large.run()
    assert counts["order_routing"].written == 2
    assert read_one_by_one(large.local, "hotline") == before
    assert read_one_by_one(large.docking, "docking") == docking_before


def test_a_piece_of_the_daily_comparison_reads_no_table_through(
    large: PublishBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "COMPARED_A_RUN", 1)
    large.local.execute("UPDATE hotline.publication SET compared_on = compared_on - 1")
    before = read_one_by_one(large.local, "hotline")
    docking_before = read_one_by_one(large.docking, "docking")
    assert large.run()["order_routing"].desired == 1
    assert large.run()["order_routing"].desired == 1
    assert read_one_by_one(large.local, "hotline") == before
    assert read_one_by_one(large.docking, "docking") == docking_before
