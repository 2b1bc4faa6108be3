"""The rows of an answer that are plainly good, told at half the cost of judging each alone.

Nothing is decided here. What is not plainly good, by whichever rule, is left to be judged alone (`rows`).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import msgspec

from hotline_bridge.inbound.moments import read_moments, since_epoch
from hotline_bridge.inbound.row_rules import fields_of, is_number, is_odd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from hotline_bridge.inbound.row_rules import AnswerFields, FieldRules
    from hotline_bridge.inbound.windows import Window
    from hotline_bridge.platform_client.strict_json import Slices

_MINUTE_S = 60
_ABSENT = "\ud800"
"""Stands for a member that is not there: half of a surrogate pair, which msgspec reads from nothing."""
_BLANK = re.compile(r"\0\s+\0")


class Row(NamedTuple):
    """A row that breaks no printed rule."""

    key: str
    """The number of its order."""
    content: bytes
    """Its columns in the order of the contract, parted by NUL, which no good text holds; empty ones are NULL."""
    content_hash: bytes
    flags: Sequence[str]


@dataclass(slots=True)
class PlainRows:
    """The plainly good rows of an answer."""

    good: list[Row] = field(default_factory=list, repr=False)
    """They bear no flags."""
    registered: list[int] = field(default_factory=list, repr=False)
    """Registration times that they tell, in seconds since 1970."""
    doubtful: list[int] = field(default_factory=list)
    """Places of all other rows in the answer."""


def plain_rows(interface: str, data: Slices, window: Window | None) -> PlainRows:
    """The rows that break no rule and bear no flag, whichever way one looks; arguments as of `read_rows`."""
    fields, found = fields_of(interface), PlainRows()
    rows = list(_printed_rows(interface, data.rows, found.doubtful))
    registered: Sequence[datetime | None] = [None] * len(rows)
    unreadable = set[int]()
    for at, rules in fields.times:
        readings = _read_times(rules, at, rows, unreadable)
        if rules.column == "registime":
            registered = readings
    for (place, values), reading in zip(rows, registered, strict=True):
        moment = None if reading is None else since_epoch(reading)
        is_asked_for = moment is None or window is None or not is_outside(moment, window)
        content = _plain_content(values, fields) if is_asked_for and place not in unreadable else b""
        if not content:
            found.doubtful.append(place)
            continue
        found.good.append(Row(values[fields.key], content, sha256(content).digest(), ()))
        if moment is not None:
            found.registered.append(moment)
    return found


def registrations(data: Slices) -> Iterator[str | None]:
    """What the rows of a cut answer say of their registration, as far as they say it as printed."""
    for row in data.rows:
        with suppress(msgspec.MsgspecError, ValueError, RecursionError):
            yield _REGISTERED.decode(row).registime


def is_outside(moment: int, window: Window) -> bool:
    """Whether an order was registered outside of the window: by the minute, as seconds may lack.

    See architecture: closed windows.
    """
    return not window.begin - _MINUTE_S < moment < window.end + _MINUTE_S


def _printed_rows(interface: str, slices: Sequence[bytes], doubtful: list[int]) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold printed members alone, each once, with texts of the printed lengths and codes; by their place."""
    decode, astuple = _decoder(interface).decode, msgspec.structs.astuple
    full = 4 * len(fields_of(interface).all)
    for place, row in enumerate(slices):
        try:
            values = list(astuple(decode(row)))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            doubtful.append(place)
            continue
        marks = row.count(b'"')
        if marks != full:
            marks += 2 * values.count(None) + 4 * values.count(_ABSENT)
            values = ["" if value is None or value is _ABSENT else value for value in values]
        # A member that is not printed, or is there twice, has quotation marks of its own; so has a text that quotes.
        if marks == full:
            yield place, values
        else:
            doubtful.append(place)


def _read_times(
    rules: FieldRules, at: int, rows: Sequence[tuple[int, list[str]]], unreadable: set[int]
) -> Sequence[datetime | None]:
    """The times of a field; in the rows they stand as they are stored from here on."""
    texts = [values[at] or "" for _, values in rows]
    readings = read_moments(str(rules.reads), texts)
    for (place, values), text, reading in zip(rows, texts, readings, strict=True):
        values[at] = "" if reading is None else reading.isoformat(" ")
        if text and reading is None:
            unreadable.add(place)
    return readings


def _plain_content(values: Sequence[str], fields: AnswerFields) -> bytes:
    """The content of a row; nothing where a text is blank, odd, cannot be stored, or is none."""
    try:
        joined = "\0".join(values)
        content = joined.encode()
    except (TypeError, UnicodeEncodeError):
        # A member is missing, and as many quotation marks stood around something else.
        return b""
    if is_odd(joined) or joined.count("\0") >= len(values) or _BLANK.search(f"\0{joined}\0"):
        return b""
    if fields.numbers and not all(is_number(values[at]) for at, _ in fields.numbers if values[at]):
        return b""
    return content


class _Registered(msgspec.Struct):
    registime: str | None = None


_REGISTERED = msgspec.json.Decoder(_Registered)


@cache
def _decoder(interface: str) -> msgspec.json.Decoder[msgspec.Struct]:
    fields = fields_of(interface).all
    names = {f"field_{at}": rules.name for at, rules in enumerate(fields)}
    members = [_member(name, rules) for name, rules in zip(names, fields, strict=True)]
    return msgspec.json.Decoder(msgspec.defstruct("Row", members, rename=names, kw_only=True, gc=False))


def _member(name: str, rules: FieldRules) -> tuple[str, Any] | tuple[str, Any, Any]:
    """What msgspec accepts of a field, and what stands for it where it may be missing."""
    text: Any = Annotated[str, msgspec.Meta(min_length=int(rules.required), max_length=rules.limit)]
    if rules.codes:
        text = Literal[tuple(sorted(rules.codes if rules.required else rules.codes | {""}))]
    return (name, text) if rules.required else (name, text | None, _ABSENT)
