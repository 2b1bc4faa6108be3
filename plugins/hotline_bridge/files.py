"""Files that are whole or not there: written beside their place, put on disk, then moved into it in one step."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def whole_file(file: Path, *, mode: int, remedy: str) -> Iterator[IO[bytes]]:
    """A new file to write to: it takes its place when the block ends well, and is gone when it does not.

    Who opens the place meanwhile finds what was there before. A process that is killed leaves at most a hidden file
    beside it, `.<name>.<random>`.

    Args:
        file: Its place; folders that are missing are made.
        mode: Rights of the file.
        remedy: What to do where it cannot be written.

    Raises:
        StopRun: It cannot be written: no right, no room, no such place.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as unfinished:
            new = Path(unfinished.name)
            try:
                yield unfinished
                unfinished.flush()
                os.fsync(unfinished.fileno())
                new.chmod(mode)
                new.replace(file)
            except BaseException:
                new.unlink(missing_ok=True)
                raise
        _sync(file.parent)
    except OSError as error:
        raise StopRun(f"{file} cannot be written: {error.strerror or error}", remedy=remedy) from None


def _sync(folder: Path) -> None:
    """A name is on disk with its folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
