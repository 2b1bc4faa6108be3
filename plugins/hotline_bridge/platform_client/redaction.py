"""Takes personal data and secrets out of the platform's words before they are logged.

A refusal often repeats what it refuses ("来电号码 13800138000 格式不正确"), whole, cut short or escaped.
"""

from __future__ import annotations

import json
import re
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from hotline_bridge.contract.model import Interface

MAX_CHARACTERS = 200
"""Greatest length of a message that is kept."""

_MASK = "***"
_READ_AT_MOST = 2000
# Long enough that words of a complaint and of an error text do not coincide, short enough to find a text cut short.
_PIECE = 6
_LONGEST_CODE = 32
_NUMBER = re.compile(r"\d(?:[\s-]?\d){6,}")
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]+;)+")


def one_line(text: str, limit: int = MAX_CHARACTERS) -> str:
    """The text without controls, lone surrogates and invisible marks, blanks collapsed, at most `limit` characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:limit]


def secrets_of(interface: Interface, body: bytes) -> tuple[list[str], str | None]:
    """The values of a request that must not be repeated, and the key, which may.

    Codes of one character, printed codes and area codes are no secrets.

    Args:
        interface: The interface that was called.
        body: The request as built by `build_request`.

    Raises:
        ValueError: The body was built by something else, so its secrets are not known.
    """
    values = json.loads(body) if body else {}
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise ValueError("not a body of build_request")
    harmless = {field.name for field in interface.request if field.codes or field.format == "area"}
    if interface.dispatch:
        harmless.add(interface.dispatch.field)
    key = values.get(interface.key) if interface.key else None
    harmless.add(interface.key or "")
    return [value for name, value in values.items() if name not in harmless and len(value) > 1], key


def scrub_code(code: str, secrets: Collection[str]) -> str:
    """An answer code, unchanged unless it is no code but a repeated secret or a text; a long number alone is a code."""
    looks_like_code = len(code) <= _LONGEST_CODE and code.isascii() and code.isprintable()
    repeats = code in secrets or any(len(secret) > _PIECE and secret in code for secret in secrets)
    return code if looks_like_code and not repeats else scrub(code, secrets)


def scrub(message: str, secrets: Iterable[str], key: str | None = None) -> str:
    """The message on one line with every secret replaced by `***`, then cut to `MAX_CHARACTERS`.

    Replaced are: each secret in either case, pieces of six characters and more of one, seven and more digits in a row
    (blanks and hyphens between them allowed), escaped text. The key stays: it names the record everywhere else too.

    Args:
        message: Words of the platform.
        secrets: Values of the request, and the Token.
        key: Key of the record.
    """
    # Cut only after masking: a cut could leave a part of a secret that is no longer recognised.
    text = one_line(message[:_READ_AT_MOST], _READ_AT_MOST)
    if len(message) > _READ_AT_MOST:
        text = text[: 1 - _PIECE]
    folded = _fold(text)
    hidden = bytearray(len(text))
    for secret in secrets:
        for begin, end in _places(folded, _fold(one_line(secret, len(secret)))):
            hidden[begin:end] = b"\1" * (end - begin)
    for pattern in (_NUMBER, _ESCAPED):
        for match in pattern.finditer(text):
            hidden[match.start() : match.end()] = b"\1" * len(match[0])
    if key and len(key) > _PIECE:
        for match in re.finditer(re.escape(key), text):
            hidden[match.start() : match.end()] = bytes(len(key))
    pieces = (
        _MASK if covered else "".join(char for char, _ in run)
        for covered, run in groupby(zip(text, hidden, strict=True), key=itemgetter(1))
    )
    return "".join(pieces)[:MAX_CHARACTERS]


def _places(text: str, secret: str) -> Iterator[tuple[int, int]]:
    if len(secret) <= _PIECE:
        if secret:
            yield from (match.span() for match in re.finditer(re.escape(secret), text))
        return
    for begin in range(len(text) - _PIECE + 1):
        if text[begin : begin + _PIECE] in secret:
            yield begin, begin + _PIECE


def _fold(text: str) -> str:
    """Lower case, character by character, so that places stay the same."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)
