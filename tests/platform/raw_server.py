"""A platform of bytes: real sockets, and answers that no well-behaved server would give."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

YES = b'{"code": 0, "msg": "\xe6\x88\x90\xe5\x8a\x9f", "data": {"issuc": "1"}}'


def http(body: bytes = YES, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Peer:
    """What the server saw of one request, and its end of the connection."""

    writer: asyncio.StreamWriter
    path: str
    headers: dict[str, str]
    body: bytes

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Ends the connection with RST, as a crashed server does."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Answering = Callable[[Peer], Awaitable[None]]


@dataclass
class RawServer:
    """Hands each request to `answers` in turn; the last one serves all that follow."""

    answers: list[Answering]
    requests: list[Peer] = field(default_factory=list)
    url: str = ""
    most_at_once: int = 0
    _open: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")[:-2]
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                peer = Peer(writer, first.split(" ")[1], headers, body)
                answering = self.answers[min(len(self.requests), len(self.answers) - 1)]
                self.requests.append(peer)
                self._open += 1
                self.most_at_once = max(self.most_at_once, self._open)
                try:
                    await answering(peer)
                finally:
                    self._open -= 1
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def raw_server(*answers: Answering, tls: ssl.SSLContext | None = None) -> AsyncIterator[RawServer]:
    raw = RawServer(list(answers))
    handlers: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        try:
            await raw.handle(reader, writer)
        finally:
            handlers.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    raw.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield raw
    finally:
        server.close()
        for task in tuple(handlers):
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


Serve = Callable[..., Awaitable[RawServer]]
