"""A fault proxy: stands before any TCP server (the sandbox, a PostgreSQL) and breaks the connection on demand.

with FaultProxy(server.port) as proxy:
...                                        # everything passes at first
with proxy.having(Fault("hang", "answers")):
...                                    # half open: requests arrive, no answer and no end comes back
proxy.set(Fault("reset", size=100))       # until it is set anew
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

Direction = Literal["requests", "answers"]

POSTGRES_READY = b"Z\x00\x00\x00\x05I"
"""What a PostgreSQL server says when a session is open: ready for the first statement."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to what comes through.

    `latency` holds each piece back for `seconds`; `drip` lets one byte through every `seconds`; `rate` lets `size`
    bytes a second through. `hang` lets nothing through, nor the end of a connection. `cut` and `reset` let `size` bytes
    through and end the connection: in order, or with a reset.
    """

    kind: Literal["latency", "drip", "rate", "hang", "cut", "reset"]
    direction: Direction | Literal["both"] = "both"
    seconds: float = 0.0
    size: int = 0
    once_said: bytes = b""
    """Only on connections on which the server has said this since they were opened."""

    def meets(self, direction: Direction) -> bool:
        """Whether it befalls what goes this way."""
        return self.direction in {direction, "both"}


@dataclass(eq=False, slots=True)
class _Link:
    """One connection: the caller's half and the server's."""

    caller: asyncio.StreamWriter
    server: asyncio.StreamWriter
    said: bytes = b""
    """The last bytes of the server, as far as a fault may ask for them."""
    passed: dict[Direction, int] = field(default_factory=lambda: {"requests": 0, "answers": 0})
    """Bytes since the fault in force was set."""

    def end(self, *, reset: bool) -> None:
        for writer in (self.caller, self.server):
            sock = writer.get_extra_info("socket")
            if reset and sock is not None:
                with suppress(OSError):  # gone already
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.close()


class FaultProxy:
    """Forwards connections to a server until it is told to break them. Faults change at any time, from any thread.

    Args:
        port: Of the server.
        host: Of the server.
        sleep: How it waits; tests of the proxy itself need not wait.
    """

    def __init__(
        self, port: int, host: str = "127.0.0.1", *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._to = (host, port)
        self._sleep = sleep
        self._fault: Fault | None = None
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._changed = asyncio.Event()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = int(self._server.sockets[0].getsockname()[1])
        """Where to connect instead, on 127.0.0.1."""
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        """Runs already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends it with all connections."""
        self.close()

    def set(self, fault: Fault | None) -> None:
        """From now on this befalls all connections, old and new; None lets everything through again."""
        asyncio.run_coroutine_threadsafe(self._set(fault), self._loop).result()

    @contextmanager
    def having(self, fault: Fault) -> Iterator[None]:
        """The fault holds within the block; connections that saw it are reset at its end."""
        self.set(fault)
        try:
            yield
        finally:
            self.end_all()
            self.set(None)

    def forward_to(self, port: int) -> None:
        """Where new connections go from now on: the server was started anew, or another took its place."""
        self._to = (self._to[0], port)

    def end_all(self) -> None:
        """Reset every connection that is open now."""
        self._loop.call_soon_threadsafe(self._end_all)

    def close(self) -> None:
        """Stop listening and reset what is open."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _set(self, fault: Fault | None) -> None:
        self._fault = fault
        for link in self._links:
            link.passed = {"requests": 0, "answers": 0}
        self._changed.set()
        self._changed = asyncio.Event()

    async def _close(self) -> None:
        self._server.close()
        self._end_all()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _end_all(self) -> None:
        for link in self._links:
            link.end(reset=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, server = await asyncio.open_connection(*self._to)
        except OSError:
            writer.close()
            return
        link = _Link(writer, server)
        self._links.add(link)
        try:
            ways = (self._forward(link, reader, server, "requests"), self._forward(link, there, writer, "answers"))
            await asyncio.gather(*ways)
        except (OSError, asyncio.CancelledError):
            pass  # either side has gone, or the proxy ends
        finally:
            self._links.discard(link)
            link.end(reset=False)

    async def _forward(
        self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction
    ) -> None:
        while data := await reader.read(65_536):
            while data:
                passing = await self._passing(link, direction, data)
                data = data[len(passing) :]
                writer.write(passing)
                await writer.drain()
                link.passed[direction] += len(passing)
                if direction == "answers":
                    link.said = (link.said + passing)[-65_536:]
        await self._while_it_hangs(link, direction)
        writer.write_eof()

    async def _passing(self, link: _Link, direction: Direction, data: bytes) -> bytes:
        """As much of the data as comes through now, once the fault in force allows it."""
        await self._while_it_hangs(link, direction)
        fault = self._met(link, direction)
        if fault is None:
            return data
        if fault.kind in {"cut", "reset"}:
            left = fault.size - link.passed[direction]
            if left > 0:
                return data[:left]
            link.end(reset=fault.kind == "reset")
            raise ConnectionResetError
        if fault.kind == "rate":
            await self._sleep(min(len(data), fault.size) / fault.size)
            return data[: fault.size]
        await self._sleep(fault.seconds)
        return data if fault.kind == "latency" else data[:1]

    async def _while_it_hangs(self, link: _Link, direction: Direction) -> None:
        while (fault := self._met(link, direction)) is not None and fault.kind == "hang":
            await self._changed.wait()

    def _met(self, link: _Link, direction: Direction) -> Fault | None:
        fault = self._fault
        if fault is None or not fault.meets(direction) or fault.once_said not in link.said:
            return None
        return fault
