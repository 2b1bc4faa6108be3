"""Tables that every run changes keep their size under autovacuum, over 10,000 runs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.schedule import REFRESH_POLICY, WindowLedger
from hotline_bridge.inbound.windows import Window
from hotline_bridge.outbound.delivery_queue import DeliveryQueue, Result
from hotline_bridge.platform_client.answers import Attempt, Outcome
from hotline_bridge.store.database import connect, connect_async
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.postgres import throwaway_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS = 10_000
A_RUN = 5
"""New versions a run."""
AT_REST = 200_000
"""Versions of years: a share of them would be many runs' dead rows."""
WINDOWS = 50
CALLS, CASES = contract()["callinfo"], contract()["getTsBusiCaseInfoData"]
_NEW = """
INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body, body_sha256, next_attempt_at)
SELECT %(interface)s, 'n' || n, sha256(('n' || n)::bytea), 'waiting', now(), repeat('x', 300)::bytea, '', now()
FROM generate_series(%(first)s::integer, %(last)s) AS n
"""
_OLD = """
INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body_sha256, rounds, settled_at)
SELECT %(interface)s, n::text, sha256(n::text::bytea), 'delivered', now(), '', 1, now()
FROM generate_series(1, %(rows)s) AS n
"""


@pytest.fixture
def store() -> Iterator[str]:
    """A local store of its own. Ten thousand runs are a week of minutes, and some minutes here: autovacuum looks more
    often by as much. All else is as a server has it by default."""
    with throwaway_postgres({"autovacuum_naptime": "1s"}) as server:
        server.create_database("local")
        migrate_local(server.conninfo("local"))
        yield server.conninfo("local")


@pytest.mark.long
def test_the_queue_keeps_its_size(store: str) -> None:
    with connect(store) as local:
        local.execute(_OLD, {"interface": CALLS.name, "rows": AT_REST})
        local.execute("VACUUM ANALYZE hotline.delivery")
    asyncio.run(_deliver(store))
    kept = _pages(store, "delivery", "delivery_fresh", "delivery_due", "delivery_open")
    with connect(store) as local:
        local.execute("VACUUM FULL hotline.delivery")
    packed = _pages(store, "delivery")
    assert kept["delivery"] < 1.25 * packed["delivery"], (kept, packed)
    # None of them holds a live row; what they grew to is what came between two rounds of autovacuum.
    assert sum(pages for name, pages in kept.items() if name != "delivery") < 1_000, kept


async def _deliver(store: str) -> None:
    tried = Attempt(
        CALLS.name, 1, datetime.now(UTC), 1.0, Outcome.DELIVERED, 200, "0", None, None, may_have_arrived=True
    )
    async with await connect_async(store) as local:
        for run in range(RUNS):
            parameters = {"interface": CALLS.name, "first": run * A_RUN, "last": (run + 1) * A_RUN - 1}
            await local.execute(_NEW, parameters)
            queue = DeliveryQueue(local, uuid4(), timedelta(minutes=5))
            claimed = await queue.claim(CALLS, fresh=100, due=100)
            assert len(claimed) == A_RUN
            await queue.settle([Result(version, [tried]) for version in claimed])


@pytest.mark.long
def test_the_windows_keep_their_size(store: str) -> None:
    asyncio.run(_visit(store))
    kept = _pages(store, "collection_window", "collection_window_due", "collection_window_interface_begins_key")
    with connect(store) as local:
        [(rows,)] = local.execute("SELECT count(*) FROM hotline.collection_window").fetchall()
    assert rows == WINDOWS
    assert all(pages < 200 for pages in kept.values()), kept


async def _visit(store: str) -> None:
    first = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    async with await connect_async(store) as local:
        ledger = WindowLedger(local, CASES, REFRESH_POLICY)
        await ledger.open_gaps(Window(first, first + WINDOWS * 3600))
        for run in range(RUNS):
            begin = first + run % WINDOWS * 3600
            window, now = Window(begin, begin + 3600), datetime.now(UTC)
            async with local.transaction():
                assert await ledger.take(window, now)
                await ledger.settle(window, now, rows=400, requests=1)


def _pages(store: str, *relations: str) -> dict[str, int]:
    with connect(store) as local:
        return {
            name: local.execute("SELECT pg_relation_size(%s) / 8192", [f"hotline.{name}"]).fetchone()[0]  # type: ignore[index]
            for name in relations
        }
