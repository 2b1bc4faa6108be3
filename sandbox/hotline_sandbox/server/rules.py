"""The printed rules of a request, compiled from the contract into one check an interface.

See architecture: printed rules only. A field is empty when it is absent, null, or holds only white space. An empty
field breaks only `required` or `condition`; a filled one can break several rules, and all of them are named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from hotline_bridge.contract.model import RULE_ZH, Rule

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Field, Interface

Row = Mapping[str, object]
RowCheck = Callable[[Row], "list[Broken]"]
_Holds = Callable[[str, Row], bool]

_CLOCK = "(?:[01][0-9]|2[0-3]){0}[0-5][0-9]{0}[0-5][0-9]"
_TIME = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})" + _CLOCK.format(""))
_TIMESTAMP = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2}) " + _CLOCK.format(":"))
_DATE = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MOMENTS = {"time": _TIME, "timestamp": _TIMESTAMP, "date": _DATE}
_AREA = re.compile("[0-9]{6}")


class NumberText(str):
    """A JSON number, kept as it was written: `168` stays "168" and no digit is lost to a float."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """One printed rule that a row breaks."""

    field: str
    rule: Rule

    def __str__(self) -> str:
        """The sentence that the platform answers with: field and rule, never the value."""
        return f"字段 {self.field}：{RULE_ZH[self.rule]}"


def read_row(body: bytes) -> dict[str, object]:
    """The JSON object of a request body (protocol: the request body), its numbers as `NumberText`.

    Raises:
        ValueError: The body is not UTF-8, not one JSON value, no object, nested too deeply, or holds NaN.
    """
    try:
        row = json.loads(
            body.decode("utf-8"), parse_int=NumberText, parse_float=NumberText, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(row, dict):
        raise ValueError("the body is no JSON object")  # noqa: TRY004  (one error for one answer: malformed)
    return row


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def is_empty(value: object) -> bool:
    """Whether a field counts as not filled in."""
    return value is None or (isinstance(value, str) and not value.strip())


def compile_rules(interface: Interface) -> RowCheck:
    """The check of one interface's request: from a row to the rules that it breaks, in specification order."""
    return compile_fields(interface.request)


def compile_fields(fields: Iterable[Field]) -> RowCheck:
    """The same for any fields, such as those of the rows that an interface answers."""
    checks = tuple(_field_check(field) for field in fields)

    def check_row(row: Row) -> list[Broken]:
        broken: list[Broken] = []
        for check in checks:
            check(row, broken)
        return broken

    return check_row


def _field_check(field: Field) -> Callable[[Row, list[Broken]], None]:
    name, is_required, is_text = field.name, field.required is True, field.kind == "text"
    condition = tuple((field.required_when or {}).items())
    rules = tuple(_value_rules(field))

    def check(row: Row, broken: list[Broken]) -> None:
        value = row.get(name)
        if is_empty(value):
            if is_required:
                broken.append(Broken(name, "required"))
            elif condition and all(_is_met(row, *each) for each in condition):
                broken.append(Broken(name, "condition"))
        elif not isinstance(value, str) or (is_text and isinstance(value, NumberText)):
            broken.append(Broken(name, "type"))
        else:
            for rule, holds in rules:
                if not holds(value, row):
                    broken.append(Broken(name, rule))

    return check


def _is_met(row: Row, other: str, wanted: str) -> bool:
    value = row.get(other)
    return not is_empty(value) if wanted == "filled" else value == wanted


def _value_rules(field: Field) -> list[tuple[Rule, _Holds]]:
    """The rules that a filled field of the right JSON type must keep."""
    rules: list[tuple[Rule, _Holds]] = []
    if field.kind != "text":
        rules.append(("type", _type_rule(field)))
    if field.codes:
        rules.append(("code", partial(_is_code, frozenset(field.codes))))
    if field.limit is not None:
        rules.append(("length", partial(_is_within, field.limit)))
    if field.compose:
        rules.append(("composition", _composition_rule(field.compose)))
    if field.format == "area":
        rules.append(("area", partial(_matches, _AREA)))
    return rules


def _is_code(codes: frozenset[str], value: str, _row: Row) -> bool:
    return value in codes


def _is_within(limit: int, value: str, _row: Row) -> bool:
    return len(value) <= limit


def _matches(pattern: re.Pattern[str], value: str, _row: Row) -> bool:
    return pattern.fullmatch(value) is not None


def _type_rule(field: Field) -> _Holds:
    if field.kind == "number" and isinstance(field.length, str):
        precision, scale = (int(part) for part in field.length.split(","))
        return partial(_matches, re.compile(rf"-?[0-9]{{1,{precision - scale}}}(?:\.[0-9]{{1,{scale}}})?"))
    if pattern := _MOMENTS.get(field.kind):
        return partial(_is_moment, pattern)
    raise ValueError(f"{field.name}: the sandbox has no check for the type {field.type} {field.length}")


def _is_moment(pattern: re.Pattern[str], value: str, _row: Row) -> bool:
    match = pattern.fullmatch(value)
    return match is not None and _is_real_date(*match.groups())


@lru_cache(maxsize=4096)
def _is_real_date(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _composition_rule(parts: tuple[str, ...]) -> _Holds:
    """The identifier is its parts joined (protocol: identifiers); `*` at the end stands for any further text.

    Parts that are empty or no text break their own rules; then nothing can be said about the composition.
    """
    is_open = parts[-1] == "*"
    named = parts[:-1] if is_open else parts

    def holds(value: str, row: Row) -> bool:
        values = [row.get(part) for part in named]
        texts = [text for text in values if isinstance(text, str) and not is_empty(text)]
        if len(texts) < len(values):
            return True
        head = "".join(texts)
        return value.startswith(head) and not is_empty(value[len(head) :]) if is_open else value == head

    return holds
