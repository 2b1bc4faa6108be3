"""JSON read so that nothing can hide another meaning: numbers as written, NaN refused, a member named twice noticed."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import NoReturn


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
