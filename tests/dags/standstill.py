"""Ways in which a server stands still: its processes are stopped, or packets no longer come through."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, Literal

import psutil
import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_sandbox.demo.postgres import Server

Way = Literal["silent", "after connecting"]
READY = b"Z\x00\x00\x00\x05I"
"""PostgreSQL: ready for the first statement."""


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """All processes of a PostgreSQL server are stopped; connections to it stay open, and new ones are taken."""
    with psycopg.connect(server.conninfo("postgres")) as session:
        ours = session.info.backend_pid
        postmaster = psutil.Process(ours).parent()
    assert postmaster is not None
    stopped = [postmaster, *postmaster.children()]
    for process in stopped:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)


class Proxy:
    """Stands before a server of this machine, and can stop forwarding without closing anything: a half-open connection.

    Args:
        port: Of the server.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._way: Way | None = None
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    @contextmanager
    def stalled(self, way: Way) -> Iterator[None]:
        """Nothing comes through any more: at all, or no answer after the server's first ReadyForQuery."""
        self._way = way
        try:
            yield
        finally:
            self._way = None
            self._loop.call_soon_threadsafe(self._cut)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._cut)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        both = {writer, back}
        self._open |= both
        try:
            await asyncio.gather(self._forward(reader, back, answers=False), self._forward(there, writer, answers=True))
        except OSError:
            pass
        finally:
            self._open -= both
            for each in both:
                each.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        connected = False
        while data := await reader.read(65_536):
            while self._way == "silent" or (self._way and answers and connected):  # noqa: ASYNC110  (set by a thread)
                await asyncio.sleep(0.05)
            writer.write(data)
            await writer.drain()
            connected = connected or READY in data
        writer.close()
