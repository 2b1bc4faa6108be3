"""The printed rules of an answer's fields, compiled from the contract once an interface.

See architecture: printed rules only. Python and not SQL, unlike the outbound rules: a row is in hand anyway, texts that
no database could hold are judged in the same breath, and a row of 33 fields costs a fourth of what PostgreSQL takes.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.moments import read_moment

if TYPE_CHECKING:
    from datetime import datetime

    from hotline_bridge.contract.model import Field, Interface

_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_ODD = "\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ue000-\uf8ff\ufeff"
"""Control, zero-width, bidirectional and private-use characters; line breaks and tabs are ordinary in a complaint."""
_ODD_TEXT = re.compile(f"[{_ODD}]")


@dataclass(frozen=True, slots=True)
class FieldRules:
    """What is judged of one field."""

    name: str
    column: str
    required: bool
    limit: int | None
    codes: frozenset[str]
    reads: str | None
    """The kind of time that it tells, if it does."""
    is_number: bool
    is_printed_time: bool
    """Whether the specification makes it a time: one that cannot be read breaks a rule. In a mere text it is an
    oddity."""

    @property
    def unreadable(self) -> str:
        """The rule or the oddity of a time that cannot be read."""
        return "type" if self.is_printed_time else "odd_time"


def rules_of(field: Field) -> FieldRules:
    """The rules of a field of the contract."""
    reads = (
        "moment" if field.format == "moment" else field.kind if field.kind in {"time", "timestamp", "date"} else None
    )
    return FieldRules(
        name=field.name,
        column=field.column,
        required=field.required is True and not field.may_be_blank,
        limit=field.limit,
        codes=frozenset(field.codes or ()),
        reads=reads,
        is_number=field.kind == "number",
        is_printed_time=reads is not None and field.format != "moment",
    )


class AnswerFields(dict[str, "FieldRules | None"]):
    """Fields by their name as the platform spells it, in whichever case (`Region`, `region`); None for unknown ones."""

    def __init__(self, interface: Interface) -> None:
        fields = [rules_of(printed) for printed in interface.response]
        super().__init__({rules.name: rules for rules in fields})
        self.all = tuple(fields)
        self.limits = [rules.limit or sys.maxsize for rules in fields]
        self.times = [(at, rules) for at, rules in enumerate(fields) if rules.reads]
        self.required = [at for at, rules in enumerate(fields) if rules.required]
        self.codes = [(at, rules.codes | {""}) for at, rules in enumerate(fields) if rules.codes]
        self.numbers = [(at, rules) for at, rules in enumerate(fields) if rules.is_number]
        self.key = next(at for at, rules in enumerate(fields) if rules.column == interface.key_column)
        self._lower = {rules.name.lower(): rules for rules in fields}

    def __missing__(self, name: str) -> FieldRules | None:
        """What another spelling of the name means."""
        return self._lower.get(name.lower())


@cache
def fields_of(interface: str) -> AnswerFields:
    """The fields of an interface's answers."""
    return AnswerFields(contract()[interface])


def is_number(text: str) -> bool:
    """Whether it is a number as the specification means it."""
    return _NUMBER.fullmatch(text) is not None


def broken_rules(rules: FieldRules, value: str | None) -> list[str]:
    """Names of the printed rules that a text breaks; times are read apart (`read_time`)."""
    if value is None or not value.strip():
        return ["required"] if rules.required else []
    broken = []
    if rules.limit is not None and len(value) > rules.limit:
        broken.append("length")
    if rules.codes and value not in rules.codes:
        broken.append("code")
    if rules.is_number and not is_number(value):
        broken.append("type")
    if not is_storable(value):
        broken.append("type")
    return broken


def read_time(rules: FieldRules, value: str | None) -> datetime | None:
    """The clock reading in Shanghai; None where the field is blank, tells none, or cannot be read."""
    return read_moment(rules.reads, value.strip()) if rules.reads and value else None


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold it: without NUL and without half of a surrogate pair, both legal in JSON text."""
    if "\x00" in text:
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_odd(text: str) -> bool:
    """Whether characters stand in it that nobody can see or mean."""
    return _ODD_TEXT.search(text) is not None
