"""The docking store (对接库): which tables schema `docking` has, who writes them, and their columns, as data.

Tables of interfaces derive from the contract; the others are listed in `docking.yaml`. No Airflow, no database driver.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, cast

import yaml
from pydantic import field_validator, model_validator

from hotline_bridge.contract.model import Frozen
from hotline_bridge.contract.reader import contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hotline_bridge.contract.model import Field

SCHEMA = "docking"
COLLECTED = ("written_at", "collected_at")
"""What the bridge needs beside the content in a table that 12345 writes."""

ColumnType = Literal["text", "timestamptz", "date"]


class Column(Frozen):
    """One column; `zh` is its comment (中文含义)."""

    name: str
    zh: str
    type: ColumnType = "text"
    carried: bool = True
    """False where no HTTP interface carries the content: null, unless somebody else fills it in."""
    section: str | None = None
    """Section of the specification that names it, where the table has several."""


class DockingTable(Frozen):
    """One table of the docking store."""

    name: str
    zh: str
    section: str
    written_by: Literal["12345", "bridge"]
    columns: tuple[Column, ...]
    """Its content, without the columns of `all_columns` that say when."""
    key: tuple[str, ...] = ()
    """Primary key; empty on a table that 12345 writes, where no key is enforced.

    See architecture: names that stay fixed.
    """

    @field_validator("columns", mode="before")
    @classmethod
    def _short_form(cls, columns: object) -> object:
        if not isinstance(columns, dict):
            return columns
        return tuple({"name": name, **(col if isinstance(col, dict) else {"zh": col})} for name, col in columns.items())

    @model_validator(mode="after")
    def _fits_its_writer(self) -> DockingTable:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names) or not set(self.key) <= set(self.carried):
            raise ValueError(f"{self.name}: a column stands twice, or its key is no column of it that is carried")
        if self.written_by == "12345" and (self.key or any(column.type != "text" for column in self.columns)):
            raise ValueError(f"{self.name}: 12345 writes nullable text without a key")
        if self.written_by == "bridge" and not self.key:
            raise ValueError(f"{self.name}: a table of the bridge needs a key, or it cannot be written twice")
        return self

    @property
    def carried(self) -> tuple[str, ...]:
        """Names of the columns that the bridge writes, those of the key among them."""
        return tuple(column.name for column in self.columns if column.carried)

    @property
    def not_carried(self) -> tuple[str, ...]:
        """Names of the columns that the bridge leaves to others."""
        return tuple(column.name for column in self.columns if not column.carried)

    @property
    def all_columns(self) -> tuple[str, ...]:
        """Names of all columns, those that say when included."""
        extra = COLLECTED if self.written_by == "12345" else ("updated_at",)
        return (*(column.name for column in self.columns), *extra)


@cache
def docking_tables() -> Mapping[str, DockingTable]:
    """All tables of schema `docking` by name: the seven that 12345 reports through first, in specification order.

    Raises:
        ValueError: `docking.yaml` does not fit the contract or itself: the package is damaged.
    """
    text = files("hotline_bridge.contract").joinpath("docking.yaml").read_text(encoding="utf-8")
    listed = [_listed(name, entry) for name, entry in yaml.safe_load(text)["tables"].items()]
    tables = (*_reported(), *listed)
    by_name = {table.name: table for table in tables}
    if len(by_name) != len(tables):
        raise ValueError("contract/docking.yaml lists a table that the contract has already")
    return MappingProxyType(by_name)


def _reported() -> Iterable[DockingTable]:
    for interface in contract().values():
        if interface.kind == "report" and interface.table is not None:
            yield DockingTable(
                name=interface.table,
                zh=interface.label_zh,
                section=interface.section,
                written_by="12345",
                columns=tuple(Column(name=field.column, zh=field.zh or field.name) for field in interface.request),
            )


def _listed(name: str, entry: dict[str, object]) -> DockingTable:
    own = dict(entry)
    if source := own.pop("interface", None):
        interface = contract()[cast("str", source)]
        answered = (_answered(field, interface.key_column).model_dump() for field in interface.response)
        more = cast("dict[str, object]", own.get("columns", {}))
        own["columns"] = {str(column.pop("name")): column for column in answered} | more
    return DockingTable.model_validate({"name": name, **own})


def _answered(field: Field, key: str) -> Column:
    types: Mapping[str, ColumnType] = {"time": "timestamptz", "timestamp": "timestamptz", "date": "date"}
    return Column(
        name="regino" if field.column == key else field.column,
        zh=field.zh or field.name,
        type=types.get(field.kind, "text"),
    )
