"""Starts the sandbox, keeps it running, and ends it cleanly."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hotline_sandbox.server.admin import Admin
from hotline_sandbox.server.connection import Connection
from hotline_sandbox.server.platform import Platform

if TYPE_CHECKING:
    from hotline_sandbox.server.settings import SandboxSettings

READY = "sandbox listening on "
"""Starts the one line that is printed when the sandbox takes calls; the base URL follows."""

_BACKLOG = 1024


@asynccontextmanager
async def listening(settings: SandboxSettings) -> AsyncIterator[str]:
    """Serve in the running loop for as long as the context lasts.

    Yields:
        The base URL, with the port that was chosen.

    Raises:
        OSError: The address cannot be bound.
    """
    platform = Platform(settings)
    admin = Admin(platform)
    connections: set[Connection] = set()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(platform, admin, connections), settings.host, settings.port, backlog=_BACKLOG
    )
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        server.close()
        for connection in tuple(connections):
            connection.abort()
        await server.wait_closed()


async def _run(settings: SandboxSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with listening(settings) as base_url:
        sys.stdout.write(f"{READY}{base_url}\n")
        sys.stdout.flush()
        await stop.wait()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415  (it exists for Unix only)
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def serve(settings: SandboxSettings) -> None:
    """Run a sandbox until SIGTERM or SIGINT; prints `sandbox listening on http://HOST:PORT` when it takes calls.

    Raises:
        OSError: The address cannot be bound.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_run(settings))
