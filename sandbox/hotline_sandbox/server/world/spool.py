"""The encoded rows of one table, outside of the process's memory: a nameless file that is only ever appended to."""

from __future__ import annotations

import os
import tempfile
import weakref
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNWRITTEN = 1 << 20
_COMMA = b","


class Spool:
    """Rows by number, from 0 in order of arrival. Neighbours are read at once, since an answer mostly holds such."""

    def __init__(self) -> None:
        self._handle: int | None = None
        self._begins = array("Q", (0,))
        self._buffer = bytearray()

    def append(self, row: bytes) -> int:
        """Keep one row; its number comes back."""
        self._buffer += row
        self._buffer += _COMMA
        self._begins.append(self._begins[-1] + len(row) + 1)
        if len(self._buffer) > _UNWRITTEN:
            self._flush()
        return len(self._begins) - 2

    def joined(self, numbers: Sequence[int]) -> bytes:
        """These rows in this order, with a comma between each two."""
        if self._buffer:
            self._flush()
        return b"".join(self._runs(numbers))[:-1]

    def _runs(self, numbers: Sequence[int]) -> list[bytes]:
        begins, handle = self._begins, self._opened()
        found: list[bytes] = []
        place = 0
        while place < len(numbers):
            first = last = numbers[place]
            place += 1
            while place < len(numbers) and numbers[place] == last + 1:
                last += 1
                place += 1
            found.append(os.pread(handle, begins[last + 1] - begins[first], begins[first]))
        return found

    def _flush(self) -> None:
        handle, view = self._opened(), memoryview(self._buffer)
        while view:
            view = view[os.write(handle, view) :]
        self._buffer = bytearray()

    def _opened(self) -> int:
        """The file, which most small worlds need for few of their tables."""
        if self._handle is None:
            file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  (it lives as long as the spool)
            weakref.finalize(self, file.close)
            self._handle = file.fileno()
        return self._handle
