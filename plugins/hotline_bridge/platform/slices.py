"""The rows of an answer, cut out of it unread: what they are read as is decided where their fields are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import msgspec

from hotline_bridge.platform.strict_json import read_json


class Slices(Sequence[object]):
    """Rows as the platform wrote them; each is read strictly when it is asked for.

    Args:
        rows: The bytes of each.
    """

    def __init__(self, rows: Sequence[bytes]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        """Rows of the answer."""
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> object: ...

    @overload
    def __getitem__(self, place: slice) -> Slices: ...

    def __getitem__(self, place: int | slice) -> object:
        """A row, read strictly; or some of them, still unread.

        Raises:
            ValueError: It is no JSON.
            RecursionError: It is nested too deeply.
        """
        if isinstance(place, slice):
            return Slices(self.rows[place])
        return read_json(self.rows[place].decode())


class _Rows(msgspec.Struct):
    data: list[msgspec.Raw]


_ROWS = msgspec.json.Decoder(_Rows)


def cut_out(answer: bytes) -> tuple[bytes, Slices] | None:
    """The answer without its rows, and these; None where they are not found for certain.

    Args:
        answer: As it came.

    Returns:
        The envelope, whose array `data` is empty by now, still unread; and the rows.
    """
    try:
        rows = [bytes(row) for row in _ROWS.decode(answer).data]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not rows:
        return None
    begin, end = answer.index(rows[0]), answer.rindex(rows[-1]) + len(rows[-1])
    # Whatever else stood between the first and the last row, a second array of this name too, would make it longer.
    if end - begin != sum(map(len, rows)) + len(rows) - 1:
        return None
    return answer[:begin] + answer[end:], Slices(rows)
