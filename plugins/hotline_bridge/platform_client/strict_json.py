"""JSON read so that nothing can hide another meaning: numbers as written, NaN refused, a member named twice noticed.

The rows of an answer are cut out of it unread (`cut_out`): a row that cannot be read stops none of the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NoReturn, overload

import msgspec


class Ambiguous(dict[str, object]):
    """A JSON object that names a member twice; which of the two is meant cannot be known."""


def read_json(text: str) -> object:
    """The value of exactly one JSON document.

    Raises:
        ValueError: It is none, or holds NaN or Infinity.
        RecursionError: It is nested too deeply.
    """
    return _DECODER.decode(text)


def read_loosely(text: str) -> object:
    """The value of what is nearly JSON: control characters and NaN are let through; to name a row, never to believe it.

    Raises:
        ValueError: It is not even that.
        RecursionError: It is nested too deeply.
    """
    return _LOOSE_DECODER.decode(text)


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else Ambiguous(members)


def _no_constant(_name: str) -> NoReturn:
    raise ValueError


# Decimal keeps a number as it was written.
_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_constant, parse_float=Decimal)
_LOOSE_DECODER = json.JSONDecoder(object_pairs_hook=_members, strict=False)


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
_GAP = re.compile(rb"\s*,\s*")
_UNFIT = re.compile(
    rb'(\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])))|\\u[dD][89a-fA-F]..|\\.|[\x00-\x1f]|NaN|Infinity', re.DOTALL
)
"""What no strict reader takes within JSON, and sloppy writers let through; the group is what is right with it."""


def cut_out(answer: bytes) -> tuple[bytes, Slices] | None:
    """The answer without its rows, and these; None where they are not found for certain.

    A row that cannot be read, as it is not UTF-8, or holds a control character, half of a surrogate pair or NaN, is cut
    out like the others: where it ends is certain all the same.

    Args:
        answer: As it came.

    Returns:
        The envelope, whose array `data` is empty by now, still unread; and the rows.
    """
    places = _places_in(answer) or _places_in(_UNFIT.sub(_stand_in, answer))
    if places is None:
        return None
    return answer[: places[0].start] + answer[places[-1].stop :], Slices([answer[place] for place in places])


def _stand_in(found: re.Match[bytes]) -> bytes:
    """As many bytes, which a strict reader takes."""
    return found[1] or (b"1" if found[0][:1] in {b"N", b"I"} else b" ") * len(found[0])


def _places_in(answer: bytes) -> list[slice] | None:
    """Where the rows are."""
    try:
        rows = [bytes(row) for row in _ROWS.decode(answer).data]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not rows:
        return None
    at, places = answer.index(rows[0]), []
    for row in rows:
        if not answer.startswith(row, at):
            return None
        end = at + len(row)
        places.append(slice(at, end))
        gap = _GAP.match(answer, end)
        at = gap.end() if gap else end
    # Whatever looks like the last row further on, in a second array of this name too, casts doubt on the first.
    return places if places[-1].stop == answer.rindex(rows[-1]) + len(rows[-1]) else None
