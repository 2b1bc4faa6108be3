"""Rows of an answer, judged and made plain: one value a column, whatever came.

See architecture: a bad row stops no other.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from operator import attrgetter, gt
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.moments import since_epoch
from hotline_bridge.inbound.plain import PlainRows, Row, is_outside, plain_rows, registrations
from hotline_bridge.inbound.row_rules import broken_rules, fields_of, is_odd, is_storable, read_time
from hotline_bridge.platform_client.strict_json import Slices, read_loosely
from hotline_bridge.store.halves import REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Sequence

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.inbound.row_rules import AnswerFields
    from hotline_bridge.inbound.windows import Window

OUTSIDE = "registime:outside"
"""Flag of a row that was not asked for."""
UNREADABLE = "row:unreadable"
"""Reason of a row that is no JSON in UTF-8, and is kept as bytes."""
DOUBLE = "row:double"
"""Reason of a row beside which another one of the same name stands in the same answer, where there can be but one."""
_PART_ROWS = 16
"""Rows that are read at once: a quarter of a millisecond, in which nothing else on the event loop goes on."""
_LONGEST_KEY = 200
"""A key that broke its length rule may be longer than an index entry can be; it is kept as its head and its hash."""
_KEY_HASH = 32


@dataclass(slots=True)
class Rows:
    """The rows of one answer, each content once."""

    came: int = 0
    """Rows of the answer, repeated ones too: what the cap is about."""
    good: list[Row] = field(default_factory=list, repr=False)
    bad: list[dict[str, object]] = field(default_factory=list, repr=False)
    """`key`, `content_hash`, `reasons`, and `raw`: the row as JSON in ASCII, or as it came; bytea text."""
    registered: list[int] = field(default_factory=list, repr=False)
    """Registration times that the rows tell, in seconds since 1970."""
    outside: int = 0
    """Rows registered outside of the window that was asked for."""
    unknown_fields: set[str] = field(default_factory=set, repr=False)
    """Names that the contract does not know; they are kept in the landed answer."""

    @property
    def hashes(self) -> set[object]:
        """Contents of all rows."""
        return {row.content_hash for row in self.good} | {row["content_hash"] for row in self.bad}

    @property
    def keys(self) -> list[str]:
        """The orders' numbers, a row each; empty where a row has none that can be stored."""
        return [row.key for row in self.good] + [str(row["key"]) for row in self.bad]

    @property
    def keys_as_json(self) -> str:
        """The same as a parameter: an array psycopg makes item by item, which takes many times as long."""
        return json.dumps(self.keys)

    @property
    def unreadable(self) -> int:
        """Rows that are no JSON in UTF-8."""
        return sum(row["reasons"] == [UNREADABLE] for row in self.bad)

    @property
    def unsure(self) -> set[str]:
        """Orders whose other rows may not be gone: one of theirs cannot be judged, or was not asked for."""
        return {str(row["key"]) for row in self.bad} | {row.key for row in self.good if OUTSIDE in row.flags}

    def put_aside(self, row: Row, interface: Interface) -> None:
        """Make a good row a bad one, since the store refuses it: its texts as they would have been stored."""
        texts = row.content.decode().split("\0")
        members = {printed.name: text for printed, text in zip(interface.response, texts, strict=True)}
        self.good.remove(row)
        self.bad.append(_bad(members, row.key, [REFUSED]))


def array_of(data: object) -> Sequence[object]:
    """The rows of a usable answer as they came; absent and null are an empty one (protocol: open questions).

    Raises:
        TypeError: It is something else, which is no usable answer (`platform_client.answers`).
    """
    if data is None:
        return []
    if not isinstance(data, list | Slices):
        raise TypeError(f"no array of rows but {type(data).__name__}")
    return data


def read_cut(interface: Interface, data: object) -> Rows:
    """Of an answer that will be asked again in parts: how many rows it holds, and when they say to be registered."""
    originals = array_of(data)
    rows = Rows(came=len(originals))
    rules = next((rules for rules in fields_of(interface.name).all if rules.column == "registime"), None)
    if rules:
        told = (
            registrations(originals)
            if isinstance(originals, Slices)
            else (_value_of(original, rules.name) for original in originals if isinstance(original, dict))
        )
        readings = (read_time(rules, value) for value in told if isinstance(value, str))
        rows.registered = [since_epoch(reading) for reading in readings if reading]
    return rows


def _value_of(row: dict[str, object], name: str) -> object:
    """The member of this name, in whichever case."""
    if name in row:
        return row[name]
    return next((value for spelled, value in row.items() if spelled.lower() == name.lower()), None)


def read_rows(interface: Interface, data: object, window: Window | None = None) -> Rows:
    """The rows of a usable answer.

    Args:
        interface: A query or drain.
        data: The member `data`; see `array_of`.
        window: Registration times asked for; a row that tells another time is flagged.
    """
    originals = array_of(data)
    return _without_doubles(interface, originals, window, _read(interface, originals, window))


async def read_between(interface: Interface, data: object, window: Window | None = None) -> Rows:
    """The same as `read_rows`, while others on the event loop go on between parts of the answer."""
    originals, parts = array_of(data), []
    for at in range(0, len(originals), _PART_ROWS):
        parts.append(_read(interface, originals[at : at + _PART_ROWS], window))
        await asyncio.sleep(0)
    rows = join_rows(parts)
    rows.came = len(originals)
    return _without_doubles(interface, originals, window, rows)


def _read(interface: Interface, originals: Sequence[object], window: Window | None) -> Rows:
    fields, rows = fields_of(interface.name), Rows(came=len(originals))
    if isinstance(originals, Slices):
        plain = plain_rows(interface.name, originals, window)
        rows.registered = plain.registered
    else:
        plain = PlainRows(doubtful=list(range(len(originals))))
    good = plain.good
    if plain.doubtful:
        judged = {place: _original_judged(originals, place, fields, rows, window) for place in plain.doubtful}
        plainly = iter(good)
        # In the order of the answer, since of two rows of one name the later one stands.
        everything = [judged[place] if place in judged else next(plainly) for place in range(len(originals))]
        good = [row for row in everything if isinstance(row, Row)]
        rows.bad = list({row["content_hash"]: row for row in everything if not isinstance(row, Row)}.values())
    rows.good = list({row.content_hash: row for row in good}.values())
    return rows


def _original_judged(
    originals: Sequence[object], place: int, fields: AnswerFields, rows: Rows, window: Window | None
) -> Row | dict[str, object]:
    try:
        original = originals[place]
    except (ValueError, RecursionError):
        # Only what was cut out unread can fail to be read.
        return _unreadable(originals.rows[place], fields)  # type: ignore[attr-defined]
    return _judged(original, fields, rows, window)


@cache
def named_by(name: str) -> Callable[[Row], Hashable]:
    """What makes a row of this interface the same as another: its name (`Interface.one_row`), or its content."""
    interface = contract()[name]
    if not interface.one_row:
        return attrgetter("content_hash")
    if not interface.rest_of_name:
        return attrgetter("key")
    columns = [field.column for field in interface.response]
    places = [columns.index(column) for column in interface.rest_of_name]

    def named(row: Row) -> Hashable:
        texts = row.content.decode().split("\0")
        return row.key, *(texts[place] for place in places)

    return named


def _without_doubles(interface: Interface, originals: Sequence[object], window: Window | None, rows: Rows) -> Rows:
    """The rows, of which those that share a name are put aside but for the last: nothing says which of them is true."""
    name = named_by(interface.name)
    standing = {name(row): row for row in rows.good}
    if len(standing) == len(rows.good):
        return rows
    aside = {row.content_hash for row in rows.good} - {row.content_hash for row in standing.values()}
    rows.good = list(standing.values())
    for place in range(len(originals)):
        for row in _read(interface, originals[place : place + 1], window).good:
            if row.content_hash in aside:
                aside.remove(row.content_hash)
                rows.bad.append(_bad(originals[place], row.key, [DOUBLE]))
    return rows


def join_rows(parts: Sequence[Rows]) -> Rows:
    """The rows of several answers to parts of one window, each content once; `came` counts these too."""
    if len(parts) == 1:
        return parts[0]
    joined = Rows(
        good=list({row.content_hash: row for part in parts for row in part.good}.values()),
        bad=list({row["content_hash"]: row for part in parts for row in part.bad}.values()),
        registered=[moment for part in parts for moment in part.registered],
        outside=sum(part.outside for part in parts),
        unknown_fields=set().union(*(part.unknown_fields for part in parts)),
    )
    joined.came = len(joined.good) + len(joined.bad)
    return joined


def judge_again(
    interface: Interface, original: object, window: Window | None, borne: Collection[str] = ()
) -> Row | list[str]:
    """A row from quarantine by today's rules: the row, or the rules that it breaks.

    Args:
        interface: A query or drain.
        original: The row as it came.
        window: Registration times asked for.
        borne: Rules that only flag it, unless the order's number breaks them.
    """
    judged = _judged(original, fields_of(interface.name), Rows(), window, borne)
    return judged if isinstance(judged, Row) else list(judged["reasons"])  # type: ignore[call-overload]


def _judged(
    original: object, fields: AnswerFields, rows: Rows, window: Window | None, borne: Collection[str] = ()
) -> Row | dict[str, object]:
    # `Ambiguous`, a subclass, names a member twice.
    if type(original) is not dict:
        return _bad(original, "", ["row:type"])
    values, reasons = _texts(original, fields, rows)
    texts = [value or "" for value in values]
    if any(map(str.isspace, texts)):
        texts = ["" if text.isspace() else text for text in texts]
    is_broken = _breaks_any(texts, fields)
    columns, flags = texts.copy(), list[str]()
    for at, rules in fields.times:
        if text := texts[at]:
            reading = read_time(rules, text)
            columns[at] = "" if reading is None else reading.isoformat(" ")
            if reading is None:
                is_broken = is_broken or not is_storable(text)
                (reasons if rules.is_printed_time else flags).append(f"{rules.name}:{rules.unreadable}")
            elif rules.column == "registime":
                _note_registered(since_epoch(reading), rows, window, flags)
    content = b""
    with suppress(UnicodeEncodeError):
        content = (joined := "\0".join(columns)).encode("utf-8")
    if is_broken or reasons or content.count(b"\0") != len(columns) - 1:
        broken = sorted({*reasons, *_broken(texts, fields, reasons)})
        key = fields.all[fields.key].name
        if any(name == key or rule not in borne for name, _, rule in (reason.partition(":") for reason in broken)):
            return _bad(original, values[fields.key] or "", broken)
        flags += broken
    if is_odd(joined):
        flags += [f"{rules.name}:odd_text" for rules, text in zip(fields.all, texts, strict=True) if is_odd(text)]
    return Row(columns[fields.key], content, sha256(content).digest(), flags)


def _breaks_any(texts: Sequence[str], fields: AnswerFields) -> bool:
    """Whether a printed rule is broken, told faster than which; times and what cannot be stored are seen elsewhere."""
    return (
        any(map(gt, map(len, texts), fields.limits))
        or not all(map(texts.__getitem__, fields.required))
        or any(texts[at] not in codes for at, codes in fields.codes)
        or any(broken_rules(rules, texts[at]) for at, rules in fields.numbers)
    )


def _broken(texts: Sequence[str], fields: AnswerFields, reasons: Sequence[str]) -> list[str]:
    """All printed rules that are broken; what is there in another type is not missing besides."""
    return [
        f"{rules.name}:{rule}"
        for rules, text in zip(fields.all, texts, strict=True)
        if f"{rules.name}:type" not in reasons
        for rule in broken_rules(rules, text)
    ]


def _texts(original: dict[str, object], fields: AnswerFields, rows: Rows) -> tuple[Sequence[str | None], list[str]]:
    """The row as one text a column, and rules that its JSON breaks."""
    values: dict[str, str | None] = dict.fromkeys(fields)
    reasons: list[str] = []
    for name, value in original.items():
        rules = fields[name]
        if rules is None:
            rows.unknown_fields.add(name)
            continue
        if values[rules.name] is not None:
            # Named before in another case: which of the two is meant cannot be known.
            reasons.append(f"{rules.name}:type")
        if value is None or type(value) is str:
            values[rules.name] = value
        elif isinstance(value, bool | dict | list):
            reasons.append(f"{rules.name}:type")
        else:
            values[rules.name] = str(value)
    return list(values.values()), reasons


def _note_registered(moment: int, rows: Rows, window: Window | None, flags: list[str]) -> None:
    rows.registered.append(moment)
    if window and is_outside(moment, window):
        rows.outside += 1
        flags.append(OUTSIDE)


def _unreadable(row: bytes, fields: AnswerFields) -> dict[str, object]:
    """A row that is no JSON in UTF-8, under the number that it states, where that can be read for certain."""
    key: object = None
    with suppress(ValueError, RecursionError):
        members = read_loosely(row.decode("utf-8", "surrogateescape"))
        if type(members) is dict:
            rules = fields.all[fields.key]
            stated = [value for name, value in members.items() if name.lower() == rules.name.lower()]
            key = stated[0] if len(stated) == 1 else None
    return _kept(row, str(key) if type(key) in {str, int} else "", [UNREADABLE])


def _bad(original: object, key: str, reasons: Sequence[str]) -> dict[str, object]:
    try:
        whole = json.dumps(original, default=str).encode("ascii")
    except RecursionError:
        # It could be read, but is nested a little too deeply to be written again; the landed answer holds it.
        members = original.items() if isinstance(original, dict) else ()
        flat = {name: value if isinstance(value, str) else type(value).__name__ for name, value in members}
        whole = json.dumps(flat).encode("ascii")
    return _kept(whole, key, reasons)


def _kept(raw: bytes, key: str, reasons: Sequence[str]) -> dict[str, object]:
    is_number = bool(key.strip()) and is_storable(key)
    return {
        "key": _shortened(key) if is_number else "",
        "content_hash": rf"\x{sha256(raw).hexdigest()}",
        "reasons": reasons,
        "raw": rf"\x{raw.hex()}",
    }


def _shortened(key: str) -> str:
    """A number as it is, or its head and its hash: two long ones that begin alike are two orders."""
    if len(key) < _LONGEST_KEY:
        return key
    return key[: _LONGEST_KEY - _KEY_HASH] + sha256(key.encode()).hexdigest()[:_KEY_HASH]
