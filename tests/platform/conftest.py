"""Fixtures of the client's tests."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
import uvloop

from hotline_bridge.contract.model import Interface
from hotline_bridge.contract.reader import contract
from tests.platform.raw_server import Answering, RawServer, Serve, raw_server

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}
"""Deliveries run on uvloop, single calls on asyncio's own loop; the two report broken sockets differently."""


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return LOOPS


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts raw servers: give bytes to be sent, or coroutine functions that take the peer."""
    async with AsyncExitStack() as stack:

        async def start(*answers: bytes | Answering, tls: ssl.SSLContext | None = None) -> RawServer:
            def sending(data: bytes) -> Answering:
                return lambda peer: peer.send(data)

            acting = [sending(answer) if isinstance(answer, bytes) else answer for answer in answers]
            return await stack.enter_async_context(raw_server(*acting, tls=tls))

        yield start


@pytest.fixture
def callinfo() -> Interface:
    return contract()["callinfo"]
