"""How long from written to delivered: what counts, what does not, and that asking is cheap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg import sql

from hotline_bridge.cli.status import as_records, as_sentence, read_flows
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.outbound.status import DAY, WITHIN, read_latency
from hotline_bridge.store.database import connect
from hotline_bridge.store.sql import read_sql
from hotline_bridge.tasks.maintenance import RETENTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.fixtures import Stores


@pytest.fixture
def local(stores: Stores) -> Iterator[psycopg.Connection]:
    with connect(stores.local) as connection:
        yield connection


def settled(
    local: psycopg.Connection, interface: str, seconds: float, *, state: str = "delivered", minutes_ago: float = 5
) -> None:
    """A version settled some minutes ago, written so many seconds before that."""
    local.execute(
        """
        INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body, body_sha256, settled_at)
        SELECT %s, gen_random_uuid()::text, '', %s, at - %s * interval '1 second', 'body', '', at
        FROM (SELECT now() - %s * interval '1 minute' AS at) AS settled
        """,
        (interface, state, seconds, minutes_ago),
    )


def test_nothing_delivered_is_no_speed(local: psycopg.Connection) -> None:
    assert read_latency(local, interfaces_of("telephony")) == {}
    assert "nothing was delivered" in as_sentence({}, {})


def test_percentiles_are_of_what_was_delivered_in_the_last_hour(local: psycopg.Connection) -> None:
    for seconds in range(101):
        settled(local, "callinfo", seconds)
    settled(local, "recordinfo", 200)
    settled(local, "callinfo", 5_000, minutes_ago=WITHIN.total_seconds() / 60 + 1)
    settled(local, "callinfo", -30)  # written again after it was delivered
    settled(local, "callinfo", 5_000, state="superseded")
    settled(local, "complaint", 5_000)  # another flow's

    found = read_latency(local, interfaces_of("telephony"))
    assert set(found) == {"callinfo", "recordinfo", None}
    calls = found["callinfo"]
    assert (calls.delivered, calls.median_s, calls.p95_s) == (101, pytest.approx(50), pytest.approx(95))
    assert (found["recordinfo"].delivered, found["recordinfo"].p95_s) == (1, pytest.approx(200))
    assert found[None].delivered == 102
    assert found[None].p95_s > calls.p95_s
    of_day = read_latency(local, interfaces_of("telephony"), DAY)
    assert of_day["callinfo"].delivered == 102, "the one of the hour before too"
    told = as_sentence(found, of_day)
    assert "last hour 最近一小时 102 versions, half within 半数 50.5 s" in told
    assert "last day 最近一天 103 versions" in told
    assert "last hour" not in as_sentence({}, of_day)


def test_status_gives_each_log_its_speed(stores: Stores, local: psycopg.Connection) -> None:
    settled(local, "callinfo", 30)
    found = read_flows(["telephony"], stores.docking, stores.local)
    records = as_records(found.logs, found.speed, found.speed_of_day)
    speeds = {r["log"]: (r["delivered_last_hour"], r["written_to_delivered_p95_s"]) for r in records}
    assert speeds["call_log"] == (1, pytest.approx(30))
    assert speeds["recording_log"] == (0, None)
    assert records[0]["delivered_last_day"] == 1
    assert records[0]["written_to_delivered_p95_s_last_day"] == pytest.approx(30)


def test_a_day_of_bodies_is_not_read_for_one_hour(local: psycopg.Connection) -> None:
    for hours in range(1, 31):
        local.execute(
            """
            INSERT INTO hotline.delivery
            (interface, key, content_hash, state, written_at, body, body_sha256, settled_at)
            SELECT
                'callinfo', gen_random_uuid()::text, '', 'delivered', now(), 'body', '', now() - %s * interval '1 hour'
            FROM generate_series(1, 300)
            """,
            (hours,),
        )
    local.execute("ANALYZE hotline.delivery")
    plan = local.execute(
        sql.SQL("EXPLAIN {}").format(read_sql("outbound/status.sql", "latency")),
        {"interfaces": ["callinfo"], "within": WITHIN},
    ).fetchall()
    assert "delivery_body_kept" in str(plan)


def test_bodies_are_kept_for_longer_than_is_asked_about() -> None:
    kept = {retention.what: retention.keep for retention in RETENTIONS}
    assert kept["bodies"] > 2 * DAY
