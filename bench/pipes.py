"""Load so cheap that the sandbox is what is measured: whole prepared HTTP requests, pipelined on bare sockets."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import uvloop
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ANSWER, _YES = b"HTTP/1.1 ", b"HTTP/1.1 200"
_DEPTH = 2
_LONGEST_S = 120.0


def wire(url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """One POST as it goes over the line."""
    place = URL(url)
    lines = [f"POST {place.raw_path} HTTP/1.1", f"Host: {place.host}:{place.port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def post_all(base_url: str, requests: Sequence[bytes], concurrency: int) -> float:
    """Seconds in which the platform answers all of them, `concurrency` on their way at once, two a connection.

    Raises:
        RuntimeError: An answer was not HTTP 200.
        TimeoutError: It took longer than two minutes.
    """
    return uvloop.run(_post_all(URL(base_url), requests, concurrency))


async def _post_all(place: URL, requests: Sequence[bytes], concurrency: int) -> float:
    loop = asyncio.get_running_loop()
    rest = iter(requests)
    pipes = [_Pipe(rest) for _ in range(concurrency // _DEPTH)]
    began = time.perf_counter()
    for pipe in pipes:
        await loop.create_connection(lambda own=pipe: own, place.host, place.port)  # type: ignore[misc]  # mypy cannot infer a default
    async with asyncio.timeout(_LONGEST_S):
        await asyncio.gather(*(pipe.empty for pipe in pipes))
    return time.perf_counter() - began


class _Pipe(asyncio.Protocol):
    """One connection: an answer, told by its status line, makes room for the next request."""

    def __init__(self, rest: Iterator[bytes]) -> None:
        self.empty = asyncio.get_running_loop().create_future()
        self._rest = rest
        self._unanswered = 0
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Fill the pipe."""
        self._transport = transport
        for _ in range(_DEPTH):
            self._send_next()

    def data_received(self, data: bytes) -> None:
        """Count answers, and send as many requests."""
        seen = self._tail + data
        # Shorter than what is looked for, so nothing is counted twice.
        self._tail = seen[1 - len(_YES) :]
        answers = seen.count(_YES)
        if seen.count(_ANSWER, 0, len(seen) - 3) > answers:
            self._end(RuntimeError("the platform answered something else than HTTP 200"))
        for _ in range(answers):
            self._unanswered -= 1
            self._send_next()
        if not self._unanswered:
            self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whatever was still due does not come."""
        if self._unanswered:
            self._end(exc or RuntimeError("the platform closed a connection"))

    def _send_next(self) -> None:
        if (request := next(self._rest, None)) is not None:
            self._transport.write(request)  # type: ignore[attr-defined]  # uvloop's transport is no subclass of asyncio's
            self._unanswered += 1

    def _end(self, error: Exception | None) -> None:
        if self.empty.done():
            return
        if error:
            self.empty.set_exception(error)
        else:
            self.empty.set_result(None)
