"""Who runs `make up` in a folder: one process at a time, whose number is in the folder's file `pid`."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Holds a folder for this process until the block, or the process, ends.

    Raises:
        RuntimeError: Another process holds it, or another user made it; says what to do.
    """
    if (file := _lock(folder)) is None:
        raise RuntimeError(f"it runs already, as process {holder(folder)}: `make down` ends it")
    with file:
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def holder(folder: Path) -> int | None:
    """The process that holds a folder, or None. A lock proves it, not the number alone: numbers are used again.

    Raises:
        RuntimeError: Another user made the folder.
    """
    while folder.exists():
        if (file := _lock(folder)) is not None:
            file.close()
            return None
        if number := (folder / "pid").read_text(encoding="ascii"):  # empty between taking the lock and writing
            return int(number)
    return None


def _lock(folder: Path) -> IO[str] | None:
    try:
        file = (folder / "pid").open("a+", encoding="ascii")
    except PermissionError:
        raise RuntimeError(f"{folder} belongs to another user: delete it, or run as that user") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel lets go of it when this process dies
    except BlockingIOError:
        file.close()
        return None
    return file
