"""The fault proxy before a server that echoes: each fault is what it says, and can be changed while it holds."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from hotline_sandbox.proxy import Fault, FaultProxy

if TYPE_CHECKING:
    from collections.abc import Iterator

WORD = b"abcdefghij"


class Echo(BaseRequestHandler):
    def handle(self) -> None:
        try:
            while data := self.request.recv(65_536):
                self.request.sendall(data)
        except ConnectionError:
            pass


@pytest.fixture(scope="module")
def echo() -> Iterator[int]:
    with ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def called(proxy: FaultProxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=20) as caller:
        yield caller


def heard(caller: socket.socket, size: int) -> bytes:
    """So many bytes, or those before the end."""
    found = b""
    while len(found) < size and (piece := caller.recv(size - len(found))):
        found += piece
    return found


def nothing_comes(caller: socket.socket) -> bool:
    caller.settimeout(0.05)
    try:
        caller.recv(1)
    except TimeoutError:
        return True
    finally:
        caller.settimeout(20)
    return False


def test_everything_passes_at_first(echo: int) -> None:
    with FaultProxy(echo) as proxy, called(proxy) as caller:
        caller.sendall(WORD * 50_000)
        caller.shutdown(socket.SHUT_WR)
        assert heard(caller, 500_001) == WORD * 50_000


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Fault("latency", "answers", seconds=0.5), [0.5]),
        (Fault("drip", "requests", seconds=2), [2] * 10),
        (Fault("rate", "answers", size=4), [1, 1, 0.5]),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_what_slows_down_loses_nothing(echo: int, fault: Fault, waits: list[float]) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    with FaultProxy(echo, sleep=sleep) as proxy, called(proxy) as caller:
        proxy.set(fault)
        caller.sendall(WORD)
        assert heard(caller, len(WORD)) == WORD
        assert waited == waits


def test_what_hangs_goes_on_when_it_is_let(echo: int) -> None:
    with FaultProxy(echo) as proxy, called(proxy) as caller:
        proxy.set(Fault("hang", "answers"))
        caller.sendall(WORD)
        assert nothing_comes(caller)
        proxy.set(None)
        assert heard(caller, len(WORD)) == WORD


def test_a_half_open_connection_is_not_told_of_the_end(echo: int) -> None:
    with FaultProxy(echo) as proxy, called(proxy) as caller:
        proxy.set(Fault("hang", "answers"))
        caller.shutdown(socket.SHUT_WR)  # the server hears it and ends too
        assert nothing_comes(caller)
        proxy.set(None)
        assert heard(caller, 1) == b""


def test_cut_ends_in_order_and_reset_does_not(echo: int) -> None:
    with FaultProxy(echo) as proxy:
        with called(proxy) as caller:
            proxy.set(Fault("cut", "answers", size=4))
            caller.sendall(WORD)
            assert heard(caller, len(WORD)) == WORD[:4]
        with called(proxy) as caller:
            proxy.set(Fault("reset", "answers"))
            caller.sendall(WORD)
            with pytest.raises(ConnectionResetError):
                heard(caller, len(WORD))


def test_bytes_count_from_when_a_fault_is_set(echo: int) -> None:
    with FaultProxy(echo) as proxy, called(proxy) as caller:
        caller.sendall(WORD)
        assert heard(caller, len(WORD)) == WORD
        proxy.set(Fault("cut", "answers", size=10))
        caller.sendall(WORD * 2)
        assert heard(caller, len(WORD) * 2) == WORD


def test_a_fault_may_wait_for_a_word_of_the_server(echo: int) -> None:
    with FaultProxy(echo) as proxy, called(proxy) as caller:
        with proxy.having(Fault("hang", "answers", once_said=b"ij")):
            caller.sendall(WORD[:4])
            assert heard(caller, 4) == WORD[:4]
            caller.sendall(WORD[4:])
            assert heard(caller, 6) == WORD[4:]
            caller.sendall(WORD)
            assert nothing_comes(caller)
        with pytest.raises(ConnectionResetError):
            heard(caller, 10)


def test_a_server_that_is_not_there_ends_the_connection(echo: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        with FaultProxy(taken.getsockname()[1]) as proxy, called(proxy) as caller:
            assert heard(caller, 1) == b""
