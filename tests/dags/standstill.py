"""A server that stands still: its processes are stopped. Where packets no longer come through, see `FaultProxy`."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil
import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_sandbox.demo.postgres import Server


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """All processes of a PostgreSQL server are stopped; connections to it stay open, and new ones are taken."""
    with psycopg.connect(server.conninfo("postgres")) as session:
        ours = session.info.backend_pid
        postmaster = psutil.Process(ours).parent()
    assert postmaster is not None
    stopped = [postmaster, *postmaster.children()]
    for process in stopped:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
