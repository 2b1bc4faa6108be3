"""A PostgreSQL server that is killed with all its processes, and comes back on its data under the same address."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import psycopg

from hotline_sandbox.demo.postgres import remove_postgres, running_postgres
from hotline_sandbox.proxy import FaultProxy

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_sandbox.demo.postgres import Server


class DyingServer:
    """Runs from the beginning; its address is that of a proxy, so that it stays the same.

    Args:
        folder: Of its data.
        **settings: Of the server.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._settings = {"autovacuum": "off", **settings}
        self._running = ExitStack()
        self._apart = ThreadPoolExecutor(1)  # the main thread's signals are not the server's to handle
        self.deaths = 0
        self._itself = self._started()
        self.proxy = FaultProxy(self._itself.port)
        self.server = replace(self._itself, port=self.proxy.port)

    def _started(self) -> Server:
        running = running_postgres(self._folder, settings=self._settings, durable=False)
        return self._apart.submit(self._running.enter_context, running).result()

    def _stopped(self) -> None:
        self._apart.submit(self._running.close).result()

    def start(self) -> None:
        """Once more, under the same address."""
        self._itself = self._started()
        self.proxy.forward_to(self._itself.port)

    def die(self) -> None:
        """As by a power cut: nothing is said to any session, and what is not in the log is gone."""
        with psycopg.connect(self._itself.conninfo("postgres")) as session:
            postmaster = psutil.Process(session.info.backend_pid).parent()
        assert postmaster is not None
        postmaster.suspend()  # so that none begins, and none hears of the others' end
        processes = [postmaster, *postmaster.children(recursive=True)]
        for signal_all in (psutil.Process.suspend, psutil.Process.kill):
            for process in processes:
                with suppress(psutil.NoSuchProcess):  # a session that has just ended by itself
                    signal_all(process)
        self._stopped()
        self.deaths += 1
        while any(map(_lives, processes[1:])):  # a container may have nobody who buries orphans
            time.sleep(0.01)

    def die_and_start(self) -> None:
        """Both, in the midst of whatever asks for it."""
        self.die()
        self.start()

    def close(self) -> None:
        """Stops it and deletes its data."""
        self.proxy.close()
        self._stopped()
        self._apart.shutdown()
        remove_postgres(self._folder)


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False
