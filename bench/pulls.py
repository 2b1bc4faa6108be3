"""Run in a process of its own: the bare limit of collecting, over prepared requests whose windows are known.

    python -m bench.pulls FILE CONCURRENCY

FILE holds the requests (`Request`) as JSON. Answers go as they come, unread, by COPY into an unlogged text table with
PostgreSQL's own defaults, which compress them: that is most of its time.
Prints one JSON object: the seconds from the first request to the last commit, and the bytes that came.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import TypedDict

import aiohttp
import uvloop

from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.store.database import connect, connect_async


class Request(TypedDict):
    """One query of a window, signed."""

    interface: str
    key: str
    """Column of the row that names the order."""
    url: str
    headers: dict[str, str]
    body: str


async def pull(requests: list[Request], concurrency: int, store: str) -> tuple[float, int]:
    """Seconds and bytes of the bare limit."""
    rest, came = iter(requests), 0

    async def pull_some(session: aiohttp.ClientSession) -> None:
        nonlocal came
        async with await connect_async(store) as local:
            for request in rest:
                async with session.post(request["url"], data=request["body"], headers=request["headers"]) as response:
                    answer = await response.read()
                    assert response.status == 200
                came += len(answer)
                async with local.cursor().copy("COPY bare FROM STDIN") as copy:
                    await copy.write(answer.replace(b"\\", b"\\\\") + b"\n")

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        began = time.perf_counter()
        await asyncio.gather(*(pull_some(session) for _ in range(concurrency)))
        return time.perf_counter() - began, came


def main() -> None:
    """Pull once and say what it took."""
    requests = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    store = conninfo("local_db")
    with connect(store) as local:
        local.execute("CREATE UNLOGGED TABLE bare (answer text)")
    seconds, came = uvloop.run(pull(requests, int(sys.argv[2]), store))
    sys.stdout.write(f"{json.dumps({'seconds': seconds, 'bytes': came})}\n")


if __name__ == "__main__":
    main()
