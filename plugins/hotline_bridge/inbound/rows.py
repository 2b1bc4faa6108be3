"""Rows of an answer, judged and made plain: one value a column, whatever came (DESIGN rules 11 and 13)."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from operator import gt
from typing import TYPE_CHECKING, NamedTuple

from hotline_bridge.errors import HotlineError
from hotline_bridge.inbound.columns import is_outside, plain_rows
from hotline_bridge.inbound.judge import broken_rules, fields_of, is_odd, is_storable, read_time
from hotline_bridge.inbound.moments import since_epoch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.inbound.judge import AnswerFields
    from hotline_bridge.inbound.windows import Window

OUTSIDE = "registime:outside"
"""Flag of a row that was not asked for."""
_LONGEST_KEY = 200
"""A key that broke its length rule may be longer than an index entry can be."""


class NoRowsError(HotlineError):
    """The answer holds no array of rows: nothing is known of the window, so it stays due."""


class Row(NamedTuple):
    """A row that breaks no printed rule."""

    key: str
    """The number of its order."""
    content: bytes
    """Its columns in the order of the contract, parted by NUL, which no good text holds; empty ones are NULL."""
    content_hash: bytes
    flags: Sequence[str]


@dataclass(slots=True)
class Rows:
    """The rows of one answer, each content once."""

    came: int = 0
    """Rows of the answer, repeated ones too: what the cap is about."""
    good: list[Row] = field(default_factory=list, repr=False)
    bad: list[dict[str, object]] = field(default_factory=list, repr=False)
    """`key`, `content_hash`, `reasons`, and `raw`: the row as JSON in ASCII, bytea text."""
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
    def unsure(self) -> set[str]:
        """Orders whose other rows may not be gone: one of theirs cannot be judged, or was not asked for."""
        return {str(row["key"]) for row in self.bad} | {row.key for row in self.good if OUTSIDE in row.flags}


def array_of(interface: Interface, data: object) -> list[object]:
    """The rows of a successful answer as they came.

    Args:
        interface: A query or drain.
        data: The member `data`; absent and null are an empty answer (protocol section 12).

    Raises:
        NoRowsError: `data` is something else than an array.
    """
    if data is None:
        return []
    if not isinstance(data, list):
        raise NoRowsError(
            f"the answer holds no array of rows but {type(data).__name__}",
            interface=interface.name,
            remedy="it is asked again later; if this goes on, ask the platform",
        )
    return data


def read_cut(interface: Interface, data: object) -> Rows:
    """Of an answer that will be asked again in parts: how many rows it holds, and when they say to be registered.

    Raises:
        NoRowsError: See `array_of`.
    """
    originals = array_of(interface, data)
    rows = Rows(came=len(originals))
    rules = next((rules for rules in fields_of(interface.name).all if rules.column == "registime"), None)
    if rules:
        told = (_value_of(original, rules.name) for original in originals if isinstance(original, dict))
        readings = (read_time(rules, value) for value in told if isinstance(value, str))
        rows.registered = [since_epoch(reading) for reading in readings if reading]
    return rows


def _value_of(row: dict[str, object], name: str) -> object:
    """The member of this name, in whichever case."""
    if name in row:
        return row[name]
    return next((value for spelled, value in row.items() if spelled.lower() == name.lower()), None)


def read_rows(interface: Interface, data: object, window: Window | None = None) -> Rows:
    """The rows of a successful answer.

    Args:
        interface: A query or drain.
        data: The member `data`; see `array_of`.
        window: Registration times asked for; a row that tells another time is flagged.

    Raises:
        NoRowsError: See `array_of`.
    """
    originals = array_of(interface, data)
    fields, rows = fields_of(interface.name), Rows(came=len(originals))
    good: dict[bytes, Row] = {}
    bad: dict[object, dict[str, object]] = {}
    plain = plain_rows(originals, fields, window)
    rows.registered = [row.registered for row in plain.values() if row.registered is not None]
    for place, original in enumerate(originals):
        row: Row | dict[str, object]
        if found := plain.get(place):
            row = Row(found.key, found.content, sha256(found.content).digest(), ())
        else:
            row = _judged(original, fields, rows, window)
        if isinstance(row, Row):
            good.setdefault(row.content_hash, row)
        else:
            bad.setdefault(row["content_hash"], row)
    rows.good, rows.bad = list(good.values()), list(bad.values())
    return rows


def join_rows(answers: Sequence[Rows]) -> Rows:
    """The rows of several answers to parts of one window, each content once; `came` counts these too."""
    if len(answers) == 1:
        return answers[0]
    joined = Rows(
        good=list({row.content_hash: row for answer in answers for row in answer.good}.values()),
        bad=list({row["content_hash"]: row for answer in answers for row in answer.bad}.values()),
        registered=[moment for answer in answers for moment in answer.registered],
        outside=sum(answer.outside for answer in answers),
        unknown_fields=set().union(*(answer.unknown_fields for answer in answers)),
    )
    joined.came = len(joined.good) + len(joined.bad)
    return joined


def _judged(original: object, fields: AnswerFields, rows: Rows, window: Window | None) -> Row | dict[str, object]:
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
        return _bad(original, values[fields.key] or "", sorted({*reasons, *_broken(texts, fields, reasons)}))
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


def _bad(original: object, key: str, reasons: Sequence[str]) -> dict[str, object]:
    try:
        whole = json.dumps(original, default=str).encode("ascii")
    except RecursionError:
        # It could be read, but is nested a little too deeply to be written again; the landed answer holds it.
        members = original.items() if isinstance(original, dict) else ()
        flat = {name: value if isinstance(value, str) else type(value).__name__ for name, value in members}
        whole = json.dumps(flat).encode("ascii")
    return {
        "key": key[:_LONGEST_KEY] if key.strip() and is_storable(key) else "",
        "content_hash": rf"\x{sha256(whole).hexdigest()}",
        "reasons": reasons,
        "raw": rf"\x{whole.hex()}",
    }
