"""The register of personal data: the class of every column of the local store, and who may read which view.

Columns of typed tables derive from the contract (`personal` in bridge.yaml); the others stand in `personal.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping  # at run time: pydantic reads the annotations
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from pydantic import field_validator, model_validator

from hotline_bridge.contract.model import Frozen
from hotline_bridge.contract.reader import contract, load

Class = Literal["none", "name", "phone", "number", "address", "text", "link", "key", "body", "secret"]
Right = Literal["analyst", "text", "auditor"]

MASKED: frozenset[Class] = frozenset({"name", "phone", "address"})
"""Classes that a view may show, masked."""
_NEVER: frozenset[Class] = frozenset({"number", "link", "body", "secret"})


class View(Frozen):
    """One view of schema `analytics`."""

    name: str
    right: Right
    also: tuple[Right, ...] = ()
    """Others who may read it."""
    grain: str
    """What one row is, in English; the view's comment says it in Chinese."""
    classes: Mapping[str, Class]
    """The class of each column. Of a class in `MASKED` it shows the mask alone."""
    dimensions: tuple[str, ...] = ()
    """Of an aggregate: the columns that name a cell."""
    counts: tuple[str, ...] = ()
    """Of an aggregate: the columns that count what stands behind a cell (small cells)."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns, class by class."""
        return tuple(self.classes)

    @property
    def rights(self) -> frozenset[Right]:
        """All who may read it."""
        return frozenset({self.right, *self.also})

    @property
    def is_aggregate(self) -> bool:
        """Whether a row stands for several things."""
        return bool(self.counts)

    @field_validator("classes", mode="before")
    @classmethod
    def _by_column(cls, by_class: object) -> object:
        return _by_column(by_class) if isinstance(by_class, dict) else by_class

    @model_validator(mode="after")
    def _shows_no_identity(self) -> View:
        hidden = _NEVER | {"text"} if "analyst" in self.rights else _NEVER
        if shown := [column for column, of_class in self.classes.items() if of_class in hidden]:
            raise ValueError(f"{self.name}: {', '.join(shown)} must be in no view of right {self.right}")
        if strange := {*self.dimensions, *self.counts} - {*self.classes}:
            raise ValueError(f"{self.name} has no column {', '.join(sorted(strange))}")
        return self


def _by_column(by_class: Mapping[str, list[str]]) -> dict[str, str]:
    """Raises ValueError where a column has two classes."""
    pairs = [(column, of_class) for of_class, columns in by_class.items() for column in columns]
    if twice := sorted({column for column, _ in pairs if [name for name, _ in pairs].count(column) > 1}):
        raise ValueError(f"{', '.join(twice)} stands in the register twice")
    return dict(pairs)


@cache
def _written() -> Mapping[str, Any]:
    return load("personal.yaml")


@cache
def views() -> Mapping[str, View]:
    """The views of schema `analytics` by name.

    Raises:
        ValueError: An entry shows what no view may show, or names a column twice.
    """
    entries: Mapping[str, dict[str, Any]] = _written()["views"]
    return MappingProxyType({name: View(name=name, **entry) for name, entry in entries.items()})


@cache
def _tables() -> Mapping[str, Mapping[str, Class]]:
    written = {name: _by_column(by_class) for name, by_class in _written()["tables"].items()}
    typed: dict[str, dict[str, str]] = {}
    for interface in contract().values():
        if interface.table is not None:
            ours = dict.fromkeys(_written()["typed"]["none"], "none") | dict.fromkeys(_written()["typed"]["key"], "key")
            fields = {field.column: field.personal or "none" for field in interface.record}
            for name in (interface.table, f"{interface.table}_history"):
                typed[name] = ours | fields
    return MappingProxyType(typed | written)


def tables() -> tuple[str, ...]:
    """All tables and views of schema `hotline` that the register knows."""
    return tuple(_tables())


def table_classes(table: str) -> Mapping[str, Class]:
    """The class of each column of a table or view of schema `hotline`; a typed table may lack some of them.

    Raises:
        LookupError: The register does not know the table.
    """
    if table not in _tables():
        raise LookupError(f"hotline.{table} stands in no register: enter it in contract/personal.yaml")
    return _tables()[table]


def column_class(table: str, column: str) -> Class:
    """The class of one column of schema `hotline`.

    Raises:
        LookupError: The register does not know the table, or not this column.
    """
    classes = table_classes(table)
    if column not in classes:
        raise LookupError(f"hotline.{table}.{column} has no class: enter it in contract/personal.yaml")
    return classes[column]
