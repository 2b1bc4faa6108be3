"""A request is read alike however its bytes are cut into packets, and who never ends one is cut off."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from uvicorn import Config
from uvicorn.server import ServerState

from hotline_bridge.gateway.serve import impatient
from hotline_bridge.gateway.settings import GatewaySettings
from tests.gateway.conftest import ROOMY, Caller, new_client, running_gateway
from tests.gateway.test_bad_calls import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

BODY = b'{"regino":"--\r\nUpgrade: h2c\r\n\r\nGET / HTTP/1.1\r\n\r\n"}'
OFFER = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAAAAIAAAAB\r\n"
HEAD = b"POST /one?a=b HTTP/1.1\r\nHost: x\r\nUPGRADE: h2c\r\n%bEmpty:\r\nContent-Length: %d\r\n\r\n"
CHUNKED = b"POST /two HTTP/1.1\r\nHost: x\r\n%bTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
REQUESTS = (
    HEAD % (OFFER, len(BODY)) + BODY
    + b"\r\n" + HEAD % (b"", len(BODY)) + BODY
    + CHUNKED % (OFFER, len(BODY), BODY)
    + b"GET /three HTTP/1.1\r\nHost: x\r\n%bConnection: close\r\n\r\n" % OFFER
)  # fmt: skip


class Kept(asyncio.Transport):
    """A connection that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.ended = asyncio.Event()

    def get_extra_info(self, name: str, default: object = None) -> Any:
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)}.get(name, default)

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.ended.set()

    abort = close

    def is_closing(self) -> bool:
        return self.ended.is_set()

    def pause_reading(self) -> None:
        pass

    resume_reading = pause_reading

    def get_write_buffer_size(self) -> int:
        return 0


async def answered(*packets: bytes) -> list[dict[str, Any]]:
    """What the application is told of the requests in these packets."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part["body"], part["more_body"]
        names = [name.decode() for name, _ in scope["headers"]]
        told = json.dumps([scope["path"], scope["query_string"].decode(), names, body.decode()]).encode() + b"\n"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(told))]})
        await send({"type": "http.response.body", "body": told})

    config = Config(app, ws="none", lifespan="off", log_config=None)
    protocol = impatient(GatewaySettings(), lambda _: None)(config, ServerState(), {})
    transport = Kept()
    protocol.connection_made(transport)
    for packet in packets:
        protocol.data_received(packet)
    async with asyncio.timeout(30):
        await transport.ended.wait()
    protocol.connection_lost(None)
    return [json.loads(line) for line in bytes(transport.written).split(b"\n") if line.startswith(b"[")]


def test_requests_are_read_alike_wherever_a_packet_ends() -> None:
    offered = ["connection", "http2-settings"]

    async def check() -> None:
        whole = await answered(REQUESTS)
        assert whole == [
            ["/one", "a=b", ["host", *offered, "empty", "content-length"], BODY.decode()],
            ["/one", "a=b", ["host", "upgrade", "empty", "content-length"], BODY.decode()],
            ["/two", "", ["host", *offered, "transfer-encoding"], BODY.decode()],
            ["/three", "", ["host", *offered, "connection"], ""],
        ]
        for place in range(1, len(REQUESTS)):
            assert await answered(REQUESTS[:place], REQUESTS[place:]) == whole, REQUESTS[:place][-40:]
        assert await answered(*(REQUESTS[place : place + 1] for place in range(len(REQUESTS)))) == whole

    asyncio.run(check())


_CASEFEEDBACK = b"POST /api/case/casefeedback HTTP/1.1\r\nHost: x\r\n"
_DRIPS = {
    "head": (b"POST /api/case/todocase", b"x"),
    "line ends before a request": (b"\r\n", b"\r\n"),
    "line ends after a call": (b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n"),
    "body": (_CASEFEEDBACK + b"Content-Length: 9999\r\n\r\n", b"x"),
    "chunk": (_CASEFEEDBACK + b"Transfer-Encoding: chunked\r\n\r\n270f\r\n", b"x"),
    "body that nobody reads": (b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n", b"x"),
}
"""What is sent at once, and what again and again."""


def test_fifty_dripping_callers_starve_nobody_and_are_cut_off(local_store: str, http: httpx.Client) -> None:
    given = new_client(local_store, "12345")
    with running_gateway(local_store, replace(ROOMY, body_within_s=1)) as address:
        caller = Caller(address, given, http)
        with dripping_callers(address) as left:
            for _ in range(20):
                assert caller.fetch() == []
            until = time.monotonic() + 60
            while left and time.monotonic() < until:
                assert caller.fetch() == []
            assert set(left.values()) == set(), "they are not cut off"


@contextmanager
def dripping_callers(address: str) -> Iterator[dict[socket.socket, str]]:
    """Nine callers of each kind, who drip for as long as they can; yields those who still do."""
    left = {opened(address, at_once): name for name, (at_once, _) in _DRIPS.items() for _ in range(9)}
    everyone, done = [*left], Event()

    def drip() -> None:
        while not done.wait(0.05):
            for connection, name in [*left.items()]:
                try:
                    connection.send(_DRIPS[name][1])
                except OSError:
                    del left[connection]

    thread = Thread(target=drip)
    thread.start()
    try:
        yield left
    finally:
        done.set()
        thread.join()
        for connection in everyone:
            connection.close()
