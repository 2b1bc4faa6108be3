"""The gateway as a process: uvicorn, no patience for slow callers, and a stop that lets calls in hand end."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from fastapi import FastAPI

    from hotline_bridge.gateway.settings import GatewaySettings

_STOP_WITHIN_S = 30
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)
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
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=impatient(settings),
            loop="uvloop",
            ws="none",
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=[*settings.trusted_proxies],
            root_path=urlsplit(settings.public_url).path,
            timeout_keep_alive=_KEPT_OPEN_S,
            timeout_graceful_shutdown=_STOP_WITHIN_S,
        )
    )


def impatient(settings: GatewaySettings) -> type[HttpToolsProtocol]:
    """HTTP that ends a connection whose headers do not arrive, whose reader stands still, or which is one too many."""
    of_address: Counter[str] = Counter()

    class Impatient(HttpToolsProtocol):
        _reading: asyncio.TimerHandle | None = None
        _writing: asyncio.TimerHandle | None = None
        _address = ""
        _is_in_body = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._address = self.client[0] if self.client else ""
            of_address[self._address] += 1
            if of_address[self._address] > settings.connections_per_address:
                transport.abort()
                return
            self._wait_for_request()

        def data_received(self, data: bytes) -> None:
            if not self._is_in_body:
                # Java's client offers HTTP/2 with its first call; the parser would take the body for that.
                head, end, rest = data.partition(b"\r\n\r\n")
                data = _UPGRADE.sub(b"", head) + end + rest
            super().data_received(data)

        def connection_lost(self, exc: Exception | None) -> None:
            _end(self._reading)
            _end(self._writing)
            of_address[self._address] -= 1
            if not of_address[self._address]:
                del of_address[self._address]
            super().connection_lost(exc)

        def on_message_begin(self) -> None:
            self._wait_for_request()
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            _end(self._reading)
            self._is_in_body = True
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            _end(self._reading)
            self._is_in_body = False
            super().on_message_complete()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            # Of a call that was answered unread, the body may still be on its way, and nothing else waits for that.
            if self._is_in_body and self.cycle.response_complete:
                self._wait_for_request()

        def pause_writing(self) -> None:
            _end(self._writing)
            self._writing = self.loop.call_later(settings.read_within_s, self._give_up)
            super().pause_writing()

        def resume_writing(self) -> None:
            _end(self._writing)
            super().resume_writing()

        def _wait_for_request(self) -> None:
            _end(self._reading)
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
