"""The gateway's sessions on the local store, and what it keeps there of every call (交互日志)."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from hotline_bridge.gateway.clients import Client
from hotline_bridge.gateway.together import Together
from hotline_bridge.store.database import Lasting
from hotline_bridge.store.failures import explain
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from hotline_bridge.store.database import AsyncSession

_KNOWN_FOR_S = 2.0
"""So long clients are not looked up anew: a revoked token is taken no longer than that."""
_MOST_LINES = 1_000
"""Lines of the log in one statement."""


class Line(NamedTuple):
    """A call, as it stands in the interaction log: no body, no token, no address."""

    started_at: str
    interface: str
    key: str
    """Name of the client; empty where the check failed."""
    outcome: str
    http_status: int
    code: str
    message: str
    elapsed_ms: float
    body_sha256: str


class Store:
    """A few sessions on the local store, which any call borrows for one transaction.

    Args:
        open_session: Gives a new session; in seconds or not at all.
        sessions: How many.
    """

    def __init__(self, open_session: Callable[[], Awaitable[AsyncSession]], sessions: int) -> None:
        self._open = open_session
        self._free: asyncio.LifoQueue[Lasting | None] = asyncio.LifoQueue()
        for _ in range(sessions):
            self._free.put_nowait(None)
        self._clients: Mapping[str, Client] = {}
        self._known_at = float("-inf")
        self._looking = asyncio.Lock()
        self._lines = Together(self._write_all, _MOST_LINES)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Lasting]:
        """A session of one's own until the block ends; opened again where it broke.

        Raises:
            TryAgainLater, StopRun: The store cannot be used.
        """
        lasting = await self._free.get()
        try:
            if lasting is None:
                lasting = await Lasting(self._open).__aenter__()
            yield lasting
        except BaseException as error:
            # In a call that was cut short, the session may be in the middle of a statement.
            if lasting is not None:
                with suppress(Exception):
                    await lasting.__aexit__(None, None, None)
                lasting = None
            if isinstance(error, psycopg.Error):
                raise explain(error) from None
            raise
        finally:
            self._free.put_nowait(lasting)

    async def clients(self) -> Mapping[str, Client]:
        """The clients in use, by AppId, at most two seconds old.

        Raises:
            TryAgainLater, StopRun: The store cannot be used.
        """
        if time.monotonic() - self._known_at > _KNOWN_FOR_S:
            async with self._looking:
                if time.monotonic() - self._known_at > _KNOWN_FOR_S:
                    began = time.monotonic()
                    async with self.session() as session:
                        rows = await (await session.execute(read_sql("gateway/clients.sql", "known"))).fetchall()
                    self._clients = {
                        app_id: Client(
                            number, name, app_id, tuple(areas), at, tuple(origins), tuple(map(bytes, hashes))
                        )
                        for number, name, app_id, areas, at, origins, hashes in rows
                    }
                    self._known_at = began
        return self._clients

    async def write(self, line: Line) -> None:
        """Write a line of the log.

        Raises:
            TryAgainLater, StopRun: It was not written.
        """
        await self._lines.ask(line)

    async def _write_all(self, lines: list[Line]) -> list[None]:
        async with self.session() as session:
            await session.execute(
                read_sql("gateway/log.sql", "write"), {"lines": json.dumps([line._asdict() for line in lines])}
            )
        return [None] * len(lines)

    async def check(self) -> None:
        """Raises TryAgainLater or StopRun where the store cannot be used, or lacks what the gateway needs."""
        async with self.session() as session:
            await session.execute("SELECT FROM hotline.gateway_client LIMIT 0")

    async def close(self) -> None:
        """Write what is left of the log, and close the sessions."""
        await self._lines.end()
        while not self._free.empty():
            lasting = self._free.get_nowait()
            if lasting is not None:
                await lasting.__aexit__(None, None, None)
