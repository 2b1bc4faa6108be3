"""The gateway as a process: uvicorn, no patience for slow callers, and a stop that lets calls in hand end."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import struct
import sys
from collections import Counter
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hotline_bridge.errors import unforeseen
from hotline_bridge.gateway.calls import READ_AND_DROPPED
from hotline_bridge.gateway.envelope import Code, TurnedAway, as_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from hotline_bridge.gateway.settings import GatewaySettings

_STOP_WITHIN_S = 30
_MOST_HEAD_BYTES = 64 * 1024
"""Greatest head of a request; none of ours has more than a few hundred bytes."""
_KEPT_OPEN_S = 15
"""For which a connection may say nothing between two calls."""


def server(app: FastAPI, settings: GatewaySettings, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Server:
    """The server; `run` serves until SIGTERM or SIGINT, then answers the calls in hand and writes the log out.

    Args:
        app: The gateway.
        settings: Its settings.
        host: Address that it listens on.
        port: And port.
    """
    serving = uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=impatient(settings, app.state.gateway.count_astray),
            loop="uvloop",
            ws="none",
            access_log=False,
            log_level="error",  # a warning would be a line for each call that is no HTTP
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=[*settings.trusted_proxies],
            root_path=urlsplit(settings.public_url).path,
            timeout_keep_alive=_KEPT_OPEN_S,
            timeout_graceful_shutdown=_STOP_WITHIN_S,
        )
    )
    logging.getLogger("uvicorn.error").addFilter(_without_values)
    return serving


def end_well() -> None:
    """Told to stop, this process ends with 0: the server raises the signal again when it has served what it had."""
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: sys.exit(0))


def _without_values(record: logging.LogRecord) -> bool:
    """A failure is logged in words of ours: its own, and those of its traceback, can hold values."""
    if record.exc_info and isinstance(record.exc_info[1], Exception):
        record.msg, record.args, record.exc_info = unforeseen(record.exc_info[1]), None, None
    return True


def impatient(settings: GatewaySettings, count_astray: Callable[[Code], None]) -> type[HttpToolsProtocol]:
    """HTTP that ends a connection that is one too many, whose request is late or endless, or whose reader stands still.

    Args:
        settings: Of the deployment.
        count_astray: Told of a request that is no HTTP.
    """
    of_address: Counter[str] = Counter()
    proxies = [ip_network(one) for one in settings.trusted_proxies]
    most_bytes = _MOST_HEAD_BYTES + 2 * READ_AND_DROPPED * settings.max_body_bytes  # chunks have heads, too

    class Impatient(HttpToolsProtocol):
        _reading: asyncio.TimerHandle | None = None
        _writing: asyncio.TimerHandle | None = None
        _address = ""
        _is_in_body = False
        _received = 0
        """Bytes of the request that is being read, and of what came in one piece with its begin."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._address = self.client[0] if self.client else ""
            of_address[self._address] += 1
            if of_address[self._address] > settings.connections_per_address and not self._is_of_proxy():
                transport.abort()
                return
            self._wait_for_request()

        def _is_of_proxy(self) -> bool:
            return any(ip_address(self._address) in network for network in proxies)

        def data_received(self, data: bytes) -> None:
            self._received += len(data)
            if self._received > (most_bytes if self._is_in_body else _MOST_HEAD_BYTES + len(data)):
                self._refuse(Code.TOO_LARGE)
                return
            self._unset_keepalive_if_required()
            try:
                self._parse(data)
            except httptools.HttpParserError:
                self._refuse(Code.NOT_HTTP)
            if self._reading is None and not self._is_in_body and (self.cycle is None or self.cycle.response_complete):
                self._wait_for_request()  # of line ends before a request the parser says nothing

        def _parse(self, data: bytes) -> None:
            """Java's client offers HTTP/2 with its first call. Such an offer may be passed over (RFC 9110, 7.8)."""
            rest = memoryview(data)
            while rest:
                try:
                    self.parser.feed_data(rest)
                    break
                except httptools.HttpParserUpgrade as offered:
                    # What follows the head was taken for what was offered. The head is read again, without the offer.
                    rest = rest[offered.args[0] :]
                    version = self.parser.get_http_version().encode()
                    lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)]
                    lines += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
                    self.parser = httptools.HttpRequestParser(self)
                    self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn sets it
                    self.parser.feed_data(b"\r\n".join([*lines, b"", b""]))

        def eof_received(self) -> bool:  # type: ignore[override]
            """Who has sent a whole request, and will send no other, still waits for its answer."""
            waits = self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete
            if waits:
                self.cycle.keep_alive = False
            return waits

        def connection_lost(self, exc: Exception | None) -> None:
            self._end_reading()
            _end(self._writing)
            of_address[self._address] -= 1
            if not of_address[self._address]:
                del of_address[self._address]
            super().connection_lost(exc)

        def send_400_response(self, msg: str) -> None:  # noqa: ARG002  (the envelope has words of its own)
            self._refuse(Code.NOT_HTTP)

        def _refuse(self, code: Code) -> None:
            """Answer what no application will see, and hear no more."""
            count_astray(code)
            answer = as_answer(TurnedAway(code))
            lines = [b"HTTP/1.1 %d %b" % (code.status, HTTPStatus(code.status).phrase.encode())]
            lines += [b"%b: %b" % header for header in answer.raw_headers if header[0] != b"connection"]
            self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(answer.body)]))
            self.transport.close()
            self._wait_for_reader()

        def on_message_begin(self) -> None:
            self._received = 0
            self._wait_for_request()
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            if self.parser.should_upgrade():
                if self.parser.get_method() == b"CONNECT":
                    raise httptools.HttpParserError("a proxy is what we are not")
                return
            self._end_reading()
            self._is_in_body = True
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            if self.parser.should_upgrade():
                return
            self._end_reading()
            self._is_in_body, self._received = False, 0
            super().on_message_complete()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            # Of a call that was answered unread, the body may still be on its way, and nothing else waits for that.
            if self._is_in_body and self.cycle.response_complete:
                self._wait_for_request()
            self._wait_for_reader()

        def pause_writing(self) -> None:
            self._wait_for_reader()
            super().pause_writing()

        def _wait_for_reader(self) -> None:
            _end(self._writing)
            self._writing = self.loop.call_later(settings.read_within_s, self._give_up_unread)

        def _give_up_unread(self) -> None:
            if self.transport.get_write_buffer_size():
                self._give_up()

        def _end_reading(self) -> None:
            _end(self._reading)
            self._reading = None

        def _wait_for_request(self) -> None:
            self._end_reading()
            self._reading = self.loop.call_later(settings.body_within_s, self._give_up)

        def _give_up(self) -> None:
            # At once: else the kernel would keep what was not read, and the connection with it.
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()

    return Impatient


def _end(timer: asyncio.TimerHandle | None) -> None:
    if timer:
        timer.cancel()
