"""The processes of one `make up`, found by a mark in their environment: also those that changed group or lost a parent.

Process groups alone would not do: Airflow gives each task a group of its own.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]  # psutil ships no types

if TYPE_CHECKING:
    from pathlib import Path

MARK = "HOTLINE_UP"
"""Environment variable that every process of a `make up` carries; its value is the folder of that `make up`."""


def mark(folder: Path) -> dict[str, str]:
    """What the environment of a process must hold to belong to the folder."""
    # Airflow renames its processes, by which setproctitle would overwrite the environment that others see.
    return {MARK: str(folder.resolve()), "SPT_NOENV": "1"}


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every process that carries the folder's mark, this one left out; of other users' processes nothing is seen."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):  # gone meanwhile, or another user's
            if process.pid != psutil.Process().pid and process.environ().get(MARK) == str(folder.resolve()):
                found.append(process)
    return found


def end_processes(folder: Path, patience_s: float = 10.0) -> int:
    """Ends what carries the folder's mark: SIGTERM to all, SIGKILL to those that stay, and again for what they started.

    Args:
        folder: Whose processes.
        patience_s: Seconds between the two.

    Returns:
        How many there were.
    """
    ended = 0
    while left := processes_of(folder):
        ended += len(left)
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        for process in psutil.wait_procs(left, patience_s)[1]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, patience_s)
    return ended
