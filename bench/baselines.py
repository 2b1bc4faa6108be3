"""Run in a process of its own: the loops that the bridge is compared with, over the rows that wait in the local store.

    python -m bench.baselines bare|requests|raw ROWS CONCURRENCY

bare      aiohttp and uvloop post prepared bytes with prepared signatures, and look at nothing but the status.
requests  What one writes first: a `requests.Session`; for each row a SELECT, a POST and an UPDATE, each committed.
raw       Whole requests on bare sockets (`bench.pipes`): the limit of the sandbox, not of a client.

Prints one JSON object: rows sent, and the seconds from the first to the last.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import aiohttp
import requests
import uvloop
from yarl import URL

from bench import pipes
from hotline_bridge.contract.reader import contract
from hotline_bridge.hooks.platform import platform_settings
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.platform_client.request import sign
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings


class Prepared(NamedTuple):
    """One request, ready to go."""

    row_id: int
    url: str
    headers: dict[str, str]
    body: bytes


def prepare(rows: int, settings: PlatformSettings) -> list[Prepared]:
    """The first waiting rows, in the order in which the bridge takes them."""
    with connect(conninfo("local_db")) as local:
        waiting = local.execute(
            "SELECT row_id, interface, body FROM hotline.delivery WHERE state = 'waiting' ORDER BY row_id LIMIT %s",
            [rows],
        ).fetchall()
    now = datetime.now(UTC)
    return [
        Prepared(
            row_id,
            settings.base_url + contract()[interface].path,
            {
                settings.auth_header: sign(settings.app_id, settings.token, body, now),
                "Content-Type": "application/json; charset=utf-8",
            },
            body,
        )
        for row_id, interface, body in waiting
    ]


def bare(work: Sequence[Prepared], concurrency: int) -> float:
    """Seconds of the bare loop."""
    return uvloop.run(_bare(work, concurrency))


async def _bare(work: Sequence[Prepared], concurrency: int) -> float:
    rest = iter([(URL(row.url), row.headers, row.body) for row in work])

    async def post_some(session: aiohttp.ClientSession) -> None:
        for url, headers, body in rest:
            async with session.post(url, data=body, headers=headers) as response:
                await response.read()
                assert response.status == 200

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        began = time.perf_counter()
        await asyncio.gather(*(post_some(session) for _ in range(concurrency)))
        return time.perf_counter() - began


def select_post_update(work: Sequence[Prepared], _concurrency: int) -> float:
    """Seconds of the `requests` loop; its table has an index on the key, database and HTTP connections are kept."""
    with connect(conninfo("local_db")) as local, requests.Session() as session:
        local.execute("CREATE TABLE baseline (row_id bigint PRIMARY KEY, body bytea NOT NULL, sent_at timestamptz)")
        with local.cursor().copy("COPY baseline (row_id, body) FROM STDIN") as copy:
            for row in work:
                copy.write_row((row.row_id, row.body))
        began = time.perf_counter()
        for row in work:
            found = local.execute("SELECT body FROM baseline WHERE row_id = %s", [row.row_id]).fetchone()
            assert found
            answer = session.post(row.url, data=found[0], headers=row.headers, timeout=30)
            assert answer.status_code == 200
            local.execute("UPDATE baseline SET sent_at = now() WHERE row_id = %s", [row.row_id])
        return time.perf_counter() - began


def raw(work: Sequence[Prepared], concurrency: int) -> float:
    """Seconds of the raw load."""
    whole = [pipes.wire(row.url, row.headers, row.body) for row in work]
    return pipes.post_all(work[0].url, whole, concurrency)


LOOPS: dict[str, Callable[[Sequence[Prepared], int], float]] = {
    "bare": bare,
    "requests": select_post_update,
    "raw": raw,
}


def main() -> None:
    """Run one loop and say what it took."""
    name, rows, concurrency = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    work = prepare(rows, platform_settings())
    seconds = LOOPS[name](work, concurrency)
    sys.stdout.write(f"{json.dumps({'rows': len(work), 'seconds': seconds})}\n")


if __name__ == "__main__":
    main()
