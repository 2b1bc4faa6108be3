"""One client's connection: HTTP/1.1 with keep-alive and pipelining, parsed by httptools.

An own protocol instead of a web framework, because faults need the transport and because the sandbox has to take
several times what the bridge sends.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from ipaddress import ip_address
from typing import TYPE_CHECKING, cast

import httptools

from hotline_sandbox.server.admin import CONTROL, Admin
from hotline_sandbox.server.answers import Answer, head_bytes
from hotline_sandbox.server.platform import Platform, Reply, Request
from hotline_sandbox.server.wire import WIRE

if TYPE_CHECKING:
    from collections.abc import Callable

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LINGER_S = 1.0
_MOST_QUEUED = 64
_MOST_CONTROL_BYTES = 1 << 28


class Connection(asyncio.Protocol):
    """Reads requests, answers them strictly in their order, and does to the line what a fault asks for."""

    def __init__(self, platform: Platform, admin: Admin, open_connections: set[Connection]) -> None:
        self._platform, self._admin, self._open = platform, admin, open_connections
        self._loop = asyncio.get_running_loop()
        settings = platform.settings
        self._auth_header = settings.auth_header.lower().encode()
        self._max_body = settings.max_body_bytes
        self._latency_s = settings.latency_ms / 1000
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[Request] = deque()
        self._busy = False  # an answer is still due: later requests of this connection wait
        self._deaf = False  # no further request of this connection is read
        self._can_write = True
        self._on_writable: Callable[[], None] | None = None
        self._timer: asyncio.Handle | None = None
        self._forget_request()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register, so that a stopping server can close it."""
        # A cast, not a check: uvloop's transports are no subclass of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        """Forget whatever was still due."""
        self._open.discard(self)
        self._deaf = True
        self._queue.clear()
        self._on_writable = None
        if self._timer is not None:
            self._timer.cancel()

    def pause_writing(self) -> None:
        """The client does not read: send nothing more, and read no more of its requests."""
        self._can_write = False
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._can_write = True
        if not self._deaf and len(self._queue) <= _MOST_QUEUED:
            self._transport.resume_reading()
        if self._on_writable is not None:
            act, self._on_writable = self._on_writable, None
            act()

    def data_received(self, data: bytes) -> None:
        """Feed the parser; it calls the `on_...` methods below."""
        if self._deaf:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._decline(data[offer.args[0] :])
        except httptools.HttpParserCallbackError:
            self._transport.abort()  # an error of the sandbox itself: never an answer that blames the client
            raise
        except httptools.HttpParserError:
            self._give_up(400)
        if len(self._queue) > _MOST_QUEUED:
            self._transport.pause_reading()

    # httptools

    def _forget_request(self) -> None:
        self._url = b""
        self._authorization: bytes | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._framing = b""
        self._expects = False
        self._length = 0

    def on_url(self, url: bytes) -> None:
        """Collect the request target, which may come in pieces."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the few headers that matter."""
        name = name.lower()
        if name == self._auth_header:
            self._authorization = value
        elif name == b"content-length":
            self._framing += b"Content-Length: %s\r\n" % value
            self._length = int(value)
        elif name == b"transfer-encoding":
            self._framing += b"Transfer-Encoding: %s\r\n" % value
        elif name == b"expect":
            self._expects = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        """Refuse a body that says it is too large; ask for one that waits to be asked for."""
        if self._length > self._most_bytes():
            self._give_up(413)
        elif self._expects and not self._busy and not self._deaf:
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """Collect the body, up to the cap."""
        if self._deaf:
            return
        self._parts.append(body)
        self._size += len(body)
        if self._size > self._most_bytes():
            self._give_up(413)

    def _most_bytes(self) -> int:
        """The limit of a request body; it is for the platform's clients, and whoever changes the world needs more."""
        return _MOST_CONTROL_BYTES if self._url.startswith(CONTROL) else self._max_body

    def on_message_complete(self) -> None:
        """Answer at once, or in turn."""
        if self._deaf or self._parser.should_upgrade():
            return
        keep_alive = self._parser.should_keep_alive() and self._parser.get_http_version() == "1.1"
        request = self._request(keep_alive=keep_alive)
        self._forget_request()
        self._accept(request)

    def _request(self, *, keep_alive: bool, problem: int = 0) -> Request:
        path, _, query = self._url.partition(b"?")
        method = self._parser.get_method()
        body = b"" if problem else b"".join(self._parts)
        return Request(method, path, query, self._authorization, body, bool(self._framing), keep_alive, problem)

    def _decline(self, rest: bytes) -> None:
        """Go on with HTTP/1.1 where the client offers to upgrade, as Java's HttpClient does with every plain request.

        The parser takes what follows the headers for another protocol; a new one reads it as the body that it is.
        """
        method = self._parser.get_method()
        if method == b"CONNECT":
            self._give_up(400)
            return
        signed = b"" if self._authorization is None else b"%s: %s\r\n" % (self._auth_header, self._authorization)
        head = b"%s %s HTTP/1.1\r\n%s%s\r\n" % (method, self._url, signed, self._framing)
        self._forget_request()
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(head + rest)

    def _give_up(self, status: int) -> None:
        """Answer this status after all that is due, then close: the rest of the stream cannot be understood."""
        if self._deaf:
            return
        self._deaf = True
        self._accept(self._request(keep_alive=False, problem=status))

    def _accept(self, request: Request) -> None:
        if self._busy or self._queue:
            self._queue.append(request)
        else:
            self._answer(request)

    # answering

    def _answer(self, request: Request) -> None:
        if request.path.startswith(CONTROL) and not request.problem:
            self._send(request, self._admin.handle(request, is_local=self._is_local()))
            return
        reply = self._platform.receive(request)
        wait_s = self._latency_s + reply.hit.wait_s
        if wait_s:
            self._busy = True
            self.later(wait_s, lambda: self._deliver(request, reply))
        else:
            self._deliver(request, reply)

    def _deliver(self, request: Request, reply: Reply) -> None:
        act = WIRE.get(reply.hit.kind) if reply.hit.kind else None
        if act is not None:
            self._busy = True
            act(self, request, reply)
            return
        self._send(request, reply.answer)
        self._advance()

    def _send(self, request: Request, answer: Answer) -> None:
        clock = self._platform.clock
        head = head_bytes(answer, clock.http_date(clock.now()), keep_alive=request.keep_alive)
        self._transport.write(head if request.method == b"HEAD" else head + answer.body)
        if not request.keep_alive:
            self._end(lingering=bool(request.problem))

    def _end(self, *, lingering: bool) -> None:
        """Close; after an unread rest only when the client had time to read the answer, or it would see a reset."""
        self._deaf = True
        self._queue.clear()
        if lingering and self._transport.can_write_eof():
            self._transport.write_eof()
            self.later(_LINGER_S, self._transport.abort)
        else:
            self._transport.close()

    def _advance(self) -> None:
        """Turn to the next request where an answer was waited for; otherwise the caller goes on by itself."""
        if not self._busy:
            return
        self._busy = False
        while self._queue and not self._busy:
            self._answer(self._queue.popleft())
        if self._can_write and not self._deaf and len(self._queue) <= _MOST_QUEUED:
            self._transport.resume_reading()

    def _is_local(self) -> bool:
        peer = self._transport.get_extra_info("peername")
        return bool(peer) and ip_address(peer[0]).is_loopback

    # wire.Line

    def head(self, request: Request, reply: Reply, *, chunked: bool = False) -> bytes:
        """Status line and headers of the answer."""
        clock = self._platform.clock
        date = clock.http_date(clock.now())
        return head_bytes(reply.answer, date, keep_alive=request.keep_alive, chunked=chunked)

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._transport.write(data)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something after a while, unless the client has gone by then."""
        self._timer = self._loop.call_later(seconds, act)

    def when_writable(self, act: Callable[[], None]) -> None:
        """Do something once the client has taken what was sent, and not before others had their turn."""
        if self._can_write:
            self._timer = self._loop.call_soon(act)
        else:
            self._on_writable = act

    def finish(self, request: Request) -> None:
        """The answer is complete: go on with the connection's next request."""
        if not request.keep_alive:
            self._end(lingering=False)
        self._advance()

    def close(self) -> None:
        """Send what is written, then close."""
        self._end(lingering=False)

    def abort(self) -> None:
        """Close at once: the server stops."""
        self._transport.abort()

    def reset(self) -> None:
        """Close with a TCP reset; what is not sent yet is lost."""
        self._deaf = True
        handle = self._transport.get_extra_info("socket")
        # A copy of the handle: what uvloop shows of its socket takes no options.
        with socket.socket(fileno=socket.dup(handle.fileno())) as copy:
            copy.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
