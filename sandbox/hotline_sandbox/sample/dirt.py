"""What goes wrong with rows, and what must become of them: one table of small changes over the contract's fields.

A change that breaks a printed rule must end in quarantine with exactly the reasons that it names ("field:rule"). One
that breaks none is merely odd: the row must be sent, unchanged. Whatever is composed of the changed field is composed
anew, so that nothing but the named rule breaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_sandbox.sample.odd_texts import ODD_TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline_bridge.contract.model import Field, Interface, Rule
    from hotline_sandbox.sample.world import Row


@dataclass(frozen=True, slots=True)
class Kind:
    """A change by name: the rules that it breaks (none: odd, but legal), the fields that it fits, its new text."""

    name: str
    breaks: tuple[Rule, ...]
    fits: Callable[[Interface, Field], bool]
    change: Callable[[str, Field], str | None]


@dataclass(frozen=True, slots=True)
class Change:
    """A kind at one field of one interface."""

    interface: Interface
    field: Field
    kind: Kind

    @property
    def name(self) -> str:
        """Interface, field and kind, for reports and test names."""
        return f"{self.interface.name}.{self.field.name}: {self.kind.name}"

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of the quarantine, sorted; empty where the row must be sent."""
        return tuple(f"{self.field.name}:{rule}" for rule in sorted(self.kind.breaks))

    def apply(self, row: Row) -> Row | None:
        """The changed row, or None where this row offers nothing to change.

        That is so where the field is empty, or where the condition under which it must be filled does not hold.
        """
        before = row[self.field.column]
        if not before or ("condition" in self.kind.breaks and not _condition_holds(self.field, row)):
            return None
        changed = {**row, self.field.column: self.kind.change(before, self.field)}
        if changed == row:
            return None
        _compose_again(self.interface, self.field, row, changed)
        return changed


def _condition_holds(field: Field, row: Row) -> bool:
    return all(
        bool(row[name.lower()]) if code == "filled" else row[name.lower()] == code
        for name, code in (field.required_when or {}).items()
    )


def _compose_again(interface: Interface, changed_field: Field, old: Row, new: Row) -> None:
    """Makes identifiers fit their changed parts; the open ones ("area + anything") first, as others hold them."""
    composed = [field for field in interface.request if field.compose and field.name != changed_field.name]
    for field in sorted(composed, key=lambda field: "*" not in (field.compose or ())):
        parts = [name.lower() for name in field.compose or () if name != "*"]
        before, after = ("".join(row[part] or "" for part in parts) for row in (old, new))
        if before != after:
            new[field.column] = after + (old[field.column] or "").removeprefix(before)


def _required(interface: Interface, field: Field) -> bool:
    # A key composed without its serial number would be the same in many rows, and some of them would be copies.
    holds_serial = field.name != interface.key and field.compose is not None
    return field.required is True and field.name != interface.hold and not holds_serial


def _stretched(interface: Interface, field: Field) -> bool:
    # A code, an area or a closed identifier would break its own rule as well; so would one that holds the field.
    held = any(field.name in (other.compose or ()) and other.limit for other in interface.request)
    own_rule = field.codes or field.format or _closed_identifier(interface, field)
    return field.limit is not None and not held and not own_rule


def _time(_: Interface, field: Field) -> bool:
    return field.kind == "time"


def _closed_identifier(_: Interface, field: Field) -> bool:
    return field.compose is not None and "*" not in field.compose


def _free_text(interface: Interface, field: Field) -> bool:
    inside = any(field.name in (other.compose or ()) for other in interface.request)
    return field.kind == "text" and not (field.compose or field.codes or field.format or inside)


def _blanked(name: str, text: str | None) -> Kind:
    return Kind(name, ("required",), _required, lambda _value, _field: text)


def _mistimed(name: str, change: Callable[[str], str]) -> Kind:
    return Kind(name, ("type",), _time, lambda value, _field: change(value))


def _miscoded(name: str, code: str) -> Kind:
    return Kind(name, ("code",), lambda _, field: field.codes is not None, lambda _value, _field: code)


def _misplaced(name: str, breaks: tuple[Rule, ...], change: Callable[[str], str]) -> Kind:
    return Kind(name, breaks, lambda _, field: field.format == "area", lambda value, _field: change(value))


def _replaced(name: str, text: str) -> Kind:
    return Kind(name, (), _free_text, lambda _value, field: text[: field.limit])


def _stretch(value: str, length: int) -> str:
    return value + "9" * (length - len(value))


_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

DIRT: tuple[Kind, ...] = (
    _blanked("missing", None),
    _blanked("empty text", ""),
    _blanked("one blank", " "),
    _blanked("one tab", "\t"),
    _blanked("one ideographic blank", "\u3000"),
    Kind(
        "not filled though its condition holds",
        ("condition",),
        lambda _, field: bool(field.required_when),
        lambda *_: None,
    ),
    Kind(
        "one character too long", ("length",), _stretched, lambda value, field: _stretch(value, (field.limit or 0) + 1)
    ),
    Kind("ten times too long", ("length",), _stretched, lambda value, field: _stretch(value, 10 * (field.limit or 0))),
    _mistimed("full-width digits", lambda value: value.translate(_FULL_WIDTH)),
    _mistimed("30 February", lambda value: f"{value[:4]}0230{value[8:]}"),
    _mistimed("29 February of a common year", lambda value: f"20250229{value[8:]}"),
    _mistimed("31 April", lambda value: f"{value[:4]}0431{value[8:]}"),
    _mistimed("month 13", lambda value: f"{value[:4]}13{value[6:]}"),
    _mistimed("day 0", lambda value: f"{value[:6]}00{value[8:]}"),
    _mistimed("hour 24", lambda value: f"{value[:8]}240000"),
    _mistimed("minute 60", lambda value: f"{value[:10]}60{value[12:]}"),
    _mistimed("second 60", lambda value: f"{value[:12]}60"),
    _mistimed("all zeros", lambda _: "0" * 14),
    _mistimed("without seconds", lambda value: value[:12]),
    _mistimed("with milliseconds", lambda value: f"{value}123"),
    _mistimed("a blank behind", lambda value: f"{value} "),
    _mistimed("with separators", lambda v: f"{v[:4]}-{v[4:6]}-{v[6:8]} {v[8:10]}:{v[10:12]}:{v[12:]}"),
    _mistimed("ISO with zone", lambda v: f"{v[:4]}-{v[4:6]}-{v[6:8]}T{v[8:10]}:{v[10:12]}:{v[12:]}+08:00"),
    _mistimed("Chinese date", lambda value: f"{value[:4]}年{value[4:6]}月{value[6:8]}日"),
    _mistimed("seconds since 1970", lambda _: "1767225600"),
    _mistimed("the word now for a time", lambda _: "now"),
    _mistimed("the word NULL for a time", lambda _: "NULL"),
    _miscoded("unknown code", "7"),
    _miscoded("code in full-width digits", "１"),
    _miscoded("a letter for a code", "l"),
    Kind(
        "of another area", ("composition",), lambda _, field: bool(field.compose), lambda value, _: f"110000{value[6:]}"
    ),
    Kind(
        "with a hyphen between its parts",
        ("composition",),
        _closed_identifier,
        lambda value, _: f"{value[:6]}-{value[6:]}",
    ),
    Kind("parts in another order", ("composition",), _closed_identifier, lambda value, _: value[6:] + value[:6]),
    Kind("its last character lost", ("composition",), _closed_identifier, lambda value, _: value[:-1]),
    _misplaced("five digits", ("area",), lambda value: value[:5]),
    _misplaced("a letter for a digit", ("area",), lambda value: value.replace("0", "O", 1)),
    _misplaced("area in full-width digits", ("area",), lambda value: value.translate(_FULL_WIDTH)),
    _misplaced("a name for a code", ("area",), lambda _: "韶关市"),
    _misplaced("twelve digits", ("length", "area"), lambda value: f"{value}000000"),
)
"""The changes that must end in quarantine."""

ODDITIES: tuple[Kind, ...] = (
    *(_replaced(name, text) for name, text in ODD_TEXTS.items()),
    Kind("exactly as long as allowed", (), _free_text, lambda value, field: _stretch(value, field.limit or len(value))),
    Kind("a time of 1900", (), _time, lambda value, _: f"1900{value[4:]}" if value[4:8] != "0229" else value),
    Kind("a time of 2099", (), _time, lambda value, _: f"2099{value[4:]}" if value[4:8] != "0229" else value),
    _misplaced("an area of another province", (), lambda _: "110101"),
    _misplaced("an area that does not exist", (), lambda _: "999999"),
)
"""The changes after which a row must be sent all the same."""


@cache
def dirt_of(interface: str) -> tuple[Change, ...]:
    """The changes of `DIRT` at the fields of an interface (wire name)."""
    return laid_over(contract()[interface], DIRT)


@cache
def oddities_of(interface: str) -> tuple[Change, ...]:
    """The changes of `ODDITIES` at the fields of an interface (wire name)."""
    return laid_over(contract()[interface], ODDITIES)


def laid_over(interface: Interface, kinds: tuple[Kind, ...]) -> tuple[Change, ...]:
    """Each kind at each field of the request that it fits."""
    return tuple(
        Change(interface, field, kind) for kind in kinds for field in interface.request if kind.fits(interface, field)
    )
