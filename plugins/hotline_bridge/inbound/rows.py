"""Rows of an answer, judged and made plain: one value a column, whatever came (DESIGN rules 11 and 13)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import HotlineError
from hotline_bridge.inbound.judge import FieldRules, broken_rules, is_odd, is_storable, read_time, rules_of
from hotline_bridge.inbound.moments import since_epoch
from hotline_bridge.platform.answers import Ambiguous

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.inbound.windows import Window

_MINUTE_S = 60
_LONGEST_KEY = 200
"""A key that broke its length rule may be longer than an index entry can be."""


class NoRowsError(HotlineError):
    """The answer holds no array of rows: nothing is known of the window, so it stays due."""


@dataclass(slots=True)
class Rows:
    """The rows of one answer, each content once."""

    came: int = 0
    """Rows of the answer, repeated ones too: what the cap is about."""
    good: list[dict[str, object]] = field(default_factory=list, repr=False)
    """Columns by name; besides `key`, `content_hash` (bytea text), `flags`, `partial`."""
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
        return {row["content_hash"] for row in (*self.good, *self.bad)}


class _Names(dict[str, "FieldRules | None"]):
    """Fields by their name as the platform spells it, in whichever case (`Region`, `region`); None for unknown ones."""

    def __init__(self, interface: Interface) -> None:
        fields = [rules_of(printed) for printed in interface.response]
        super().__init__({rules.name: rules for rules in fields})
        self.all = tuple(fields)
        self.columns = [rules.column for rules in fields]
        self.key = interface.key_column
        self._lower = {rules.name.lower(): rules for rules in fields}

    def __missing__(self, name: str) -> FieldRules | None:
        return self._lower.get(name.lower())


@cache
def _names_of(interface: str) -> _Names:
    return _Names(contract()[interface])


def read_rows(interface: Interface, data: object, window: Window | None = None) -> Rows:
    """The rows of a successful answer.

    Args:
        interface: A query or drain.
        data: The member `data`; absent and null are an empty answer (protocol section 12).
        window: Registration times asked for; a row that tells another time is flagged.

    Raises:
        NoRowsError: `data` is something else than an array.
    """
    if data is None:
        return Rows()
    if not isinstance(data, list):
        raise NoRowsError(
            f"the answer holds no array of rows but {type(data).__name__}",
            interface=interface.name,
            remedy="it is asked again later; if this goes on, ask the platform",
        )
    names, rows, seen = _names_of(interface.name), Rows(came=len(data)), set[object]()
    for original in data:
        row = _plain(original, names, rows, window)
        if row["content_hash"] not in seen:
            seen.add(row["content_hash"])
            (rows.bad if "reasons" in row else rows.good).append(row)
    _mark_partial(rows)
    return rows


def join_rows(answers: Sequence[Rows]) -> Rows:
    """The rows of several answers to parts of one window, each content once; `came` counts these too."""
    if len(answers) == 1:
        return answers[0]
    joined = Rows(
        good=list({row["content_hash"]: row for answer in answers for row in answer.good}.values()),
        bad=list({row["content_hash"]: row for answer in answers for row in answer.bad}.values()),
        registered=[moment for answer in answers for moment in answer.registered],
        outside=sum(answer.outside for answer in answers),
        unknown_fields=set().union(*(answer.unknown_fields for answer in answers)),
    )
    joined.came = len(joined.good) + len(joined.bad)
    _mark_partial(joined)
    return joined


def _mark_partial(rows: Rows) -> None:
    # Nothing says that what an order had before is gone, when one of its rows cannot be judged.
    unsure = {row["key"] for row in rows.bad} | {row["key"] for row in rows.good if "registime:outside" in row["flags"]}  # type: ignore[operator]
    for row in rows.good:
        row["partial"] = row["key"] in unsure


def _plain(original: object, names: _Names, rows: Rows, window: Window | None) -> dict[str, object]:
    if not isinstance(original, dict) or isinstance(original, Ambiguous):
        return _bad(original, "", ["row:type"])
    values, reasons = _texts(original, names, rows)
    row: dict[str, object] = dict(values)
    flags: list[str] = []
    for rules in names.all:
        value = values[rules.column]
        if broken := broken_rules(rules, value):
            # What is there in another type is not missing.
            if f"{rules.name}:type" not in reasons:
                reasons += [f"{rules.name}:{rule}" for rule in broken]
        elif value is None or not value.strip():
            row[rules.column] = None
        elif rules.reads:
            reading = read_time(rules, value)
            row[rules.column] = reading and reading.isoformat(" ")
            if reading is None:
                (reasons if rules.is_printed_time else flags).append(f"{rules.name}:{rules.unreadable}")
            elif rules.column == "registime":
                _note_registered(since_epoch(reading), rows, window, flags)
    if reasons:
        return _bad(original, values[names.key] or "", sorted(set(reasons)))
    content = json.dumps(list(values.values()), ensure_ascii=False)
    if is_odd(content):
        flags += [f"{rules.name}:odd_text" for rules in names.all if is_odd(values[rules.column] or "")]
    row.update(key=values[names.key], flags=flags, content_hash=rf"\x{sha256(content.encode('utf-8')).hexdigest()}")
    return row


def _texts(original: dict[str, object], names: _Names, rows: Rows) -> tuple[dict[str, str | None], list[str]]:
    """The row as one text a column, and rules that its JSON breaks."""
    values: dict[str, str | None] = dict.fromkeys(names.columns)
    reasons: list[str] = []
    for name, value in original.items():
        rules = names[name]
        if rules is None:
            rows.unknown_fields.add(name)
            continue
        if values[rules.column] is not None:
            # Named before in another case: which of the two is meant cannot be known.
            reasons.append(f"{rules.name}:type")
        if value is None or type(value) is str:
            values[rules.column] = value
        elif isinstance(value, bool | dict | list):
            reasons.append(f"{rules.name}:type")
        else:
            values[rules.column] = str(value)
    return values, reasons


def _note_registered(moment: int, rows: Rows, window: Window | None, flags: list[str]) -> None:
    rows.registered.append(moment)
    # It may lack seconds (DESIGN rule 9): compared by the minute.
    if window and not window.begin - _MINUTE_S < moment < window.end + _MINUTE_S:
        rows.outside += 1
        flags.append("registime:outside")


def _bad(original: object, key: str, reasons: Sequence[str]) -> dict[str, object]:
    try:
        whole = json.dumps(original, default=str).encode("ascii")
    except RecursionError:
        # It could be read, but is nested a little too deeply to be written again; the landed answer holds it.
        members = original.items() if isinstance(original, dict) else ()
        flat = {name: value if isinstance(value, str) else type(value).__name__ for name, value in members}
        whole = json.dumps(flat).encode("ascii")
    return {
        "key": key[:_LONGEST_KEY] if is_storable(key) else "",
        "content_hash": rf"\x{sha256(whole).hexdigest()}",
        "reasons": reasons,
        "raw": rf"\x{whole.hex()}",
    }
