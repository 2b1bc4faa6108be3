"""Faults that need the connection: silence, resets, cut, slow and endless answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hotline_sandbox.server.faults import Kind
    from hotline_sandbox.server.platform import Reply, Request

_CHUNK = 64 * 1024


class Line(Protocol):
    """What a fault may do to a connection.

    One of `finish`, `close` and `reset` ends the exchange; a fault that calls none of them hangs.
    """

    def head(self, request: Request, reply: Reply, *, chunked: bool = False) -> bytes:
        """Status line and headers of the answer."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something after a while, unless the client has gone by then."""

    def when_writable(self, act: Callable[[], None]) -> None:
        """Do something once the client has taken what was sent, and not before others had their turn."""

    def finish(self, request: Request) -> None:
        """The answer is complete: go on with the connection's next request."""

    def close(self) -> None:
        """Send what is written, then close."""

    def reset(self) -> None:
        """Close with a TCP reset; what is not sent yet is lost."""


def _hang(line: Line, request: Request, reply: Reply) -> None:
    """Never answer; the line stays open until the client gives up."""


def _reset(line: Line, _request: Request, _reply: Reply) -> None:
    line.reset()


def _truncated(line: Line, request: Request, reply: Reply) -> None:
    body = reply.answer.body
    line.write(line.head(request, reply) + body[: len(body) // 2])
    line.close()


def _drip(line: Line, request: Request, reply: Reply) -> None:
    body, seconds = reply.answer.body, reply.hit.fault.seconds if reply.hit.fault else 0

    def drop(place: int) -> None:
        line.write(body[place : place + 1])
        if place + 1 < len(body):
            line.later(seconds, lambda: drop(place + 1))
        else:
            line.finish(request)

    line.write(line.head(request, reply))
    line.later(seconds, lambda: drop(0))


def _huge(line: Line, request: Request, reply: Reply) -> None:
    chunk = b"%x\r\n%s\r\n" % (_CHUNK, b" " * _CHUNK)

    def pour() -> None:
        line.write(chunk)
        line.when_writable(pour)

    line.write(line.head(request, reply, chunked=True))
    pour()


def _garbage(line: Line, _request: Request, reply: Reply) -> None:
    line.write(reply.hit.random.randbytes(512))
    line.close()


WIRE: dict[Kind, Callable[[Line, Request, Reply], None]] = {
    "hang": _hang,
    "reset_before": _reset,
    "reset_after": _reset,
    "truncated": _truncated,
    "drip": _drip,
    "huge": _huge,
    "garbage": _garbage,
}
