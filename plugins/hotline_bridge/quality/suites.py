"""Expectation suites from the contract: which Great Expectations a typed table must meet, as data.

See architecture: data quality. Nothing here names an interface or loads Great Expectations; a new field or table of the
contract brings its own rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.store.typed_tables import column_type, window_column

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from hotline_bridge.contract.model import Field, Interface
    from hotline_bridge.quality.results import Window

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # clocks of others run ahead a little
_ALWAYS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation: a class of Great Expectations with its arguments."""

    name: str
    """`field:kind`, see `quality.words`."""
    expectation: str
    """Name of the class in `great_expectations.expectations`."""
    arguments: Mapping[str, object]
    where: Mapping[str, str] = field(default_factory=lambda: _ALWAYS)
    """Only rows whose columns are `filled` or hold this code are judged; as `required_when` of the contract."""
    error_above: float | None = 0.0
    """See `quality.results.evaluate`."""


@dataclass(frozen=True, slots=True)
class Suite:
    """The rules of one typed table in schema hotline, over the rows of a window."""

    table: str
    key: str | None
    """Column whose values name failing rows; None where the table lacks it."""
    window_column: str
    rules: tuple[Rule, ...]


@cache
def interfaces_by_table() -> Mapping[str, Interface]:
    """Typed tables that the contract knows, each with the interface that fills it; they need not exist."""
    found: dict[str, Interface] = {}
    for interface in contract().values():
        if interface.table and interface.key:
            known = found.get(interface.table)
            found[interface.table] = _looser(known, interface) if known else interface
    return MappingProxyType(found)


def _looser(one: Interface, other: Interface) -> Interface:
    """One of two interfaces that fill a table, with the greater of the lengths that they print for a field."""
    limits = {printed.column: printed.limit for printed in other.response}
    response = tuple(
        printed.model_copy(update={"max_length": max(printed.limit, limits[printed.column] or 0)})
        if printed.limit is not None
        else printed
        for printed in one.response
    )
    return one.model_copy(update={"response": response})


def content_of(interface: Interface) -> tuple[Field, ...]:
    """The fields that the typed table of an interface holds: what we send, or what the platform answers."""
    return interface.request if interface.kind == "report" else interface.response


def suite_of(interface: Interface, columns: Collection[str], window: Window) -> Suite:
    """The suite of an interface's typed table.

    Args:
        interface: One that has a table and a key.
        columns: Columns of the table that are as the contract wants them; no rule touches another.
        window: Sets how late a time may be.
    """
    rules = (rule for rule in _rules(interface, window) if _touched(rule) <= set(columns))
    key = interface.key_column
    return Suite(str(interface.table), key if key in columns else None, window_column(interface), tuple(rules))


def _touched(rule: Rule) -> set[str]:
    named = {str(rule.arguments[name]) for name in ("column", "column_A", "column_B") if name in rule.arguments}
    return named | set(rule.where)


def _rules(interface: Interface, window: Window) -> Iterator[Rule]:
    fields = {printed.name: printed for printed in content_of(interface)}
    for printed in fields.values():
        yield from _field_rules(printed, interface, window)
    if interface.kind == "report":
        key = interface.key_column
        yield Rule(f"{key}:unique", "ExpectColumnValuesToBeUnique", {"column": key})
    for before, after in pairwise(interface.in_order):
        earlier, later = fields[before].column, fields[after].column
        yield Rule(
            f"{later}:clock_order",
            "ExpectColumnPairValuesAToBeGreaterThanB",
            {"column_A": later, "column_B": earlier, "or_equal": True, "ignore_row_if": "either_value_is_missing"},
            error_above=None,
        )


def _field_rules(printed: Field, interface: Interface, window: Window) -> Iterator[Rule]:
    column = {"column": printed.column}
    is_moment = column_type(printed) == "timestamptz"
    if printed.required is True and not printed.may_be_blank and printed.name != interface.hold:
        yield Rule(f"{printed.column}:required", "ExpectColumnValuesToNotBeNull", column)
    if printed.required_when:
        where = {name.lower(): expected for name, expected in printed.required_when.items()}
        yield Rule(f"{printed.column}:condition", "ExpectColumnValuesToNotBeNull", column, where=where)
    if printed.limit is not None and not is_moment:
        yield Rule(
            f"{printed.column}:length",
            "ExpectColumnValueLengthsToBeBetween",
            {**column, "max_value": printed.limit},
        )
    if printed.codes:
        yield Rule(
            f"{printed.column}:code", "ExpectColumnValuesToBeInSet", {**column, "value_set": sorted(printed.codes)}
        )
    if printed.format == "area":
        yield Rule(f"{printed.column}:area", "ExpectColumnValuesToMatchRegex", {**column, "regex": "^[0-9]{6}$"})
    if is_moment:
        yield Rule(
            f"{printed.column}:odd_time",
            "ExpectColumnValuesToBeBetween",
            {**column, "min_value": _EARLIEST, "max_value": window.end + _AHEAD},
            error_above=None,
        )
