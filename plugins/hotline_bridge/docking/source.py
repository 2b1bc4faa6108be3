"""A docking table as a source of rows: what of a row is read, and what tells it from the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.docking.contract_sql import body_members
from hotline_bridge.docking.shape import AS_AGREED, shape_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.docking.shape import Shape


@dataclass(frozen=True, slots=True)
class Source:
    """A docking table as it stands, and what of its rows is read."""

    table: str
    interface: Interface | None
    """The interface that reports its rows; None where it is no interface's."""
    shape: Shape = AS_AGREED

    @property
    def name(self) -> str:
        """By which runs that read it wait for each other (`alone`)."""
        return self.interface.name if self.interface else self.table

    @property
    def identifier(self) -> sql.Identifier:
        """The table in SQL."""
        return sql.Identifier("docking", self.table)

    @property
    def content(self) -> sql.Composed:
        """Select list over a row `d` whose JSON is the row's content."""
        if self.interface:
            return body_members(self.interface, self.shape)
        return sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(self.shape.text_of(column.name), sql.Identifier(column.name))
            for column in docking_tables()[self.table].columns
        )

    @property
    def place(self) -> sql.Composable:
        """What tells a row `d` from the others: where it stands, or in a view, where that is unknown, its content."""
        if self.shape.has_places:
            return sql.SQL("d.ctid")
        return sql.SQL(
            "(SELECT encode(sha256(convert_to(row_to_json(raw)::text, getdatabaseencoding())), 'hex')"
            " FROM (SELECT {}) AS raw)"
        ).format(replace(self, shape=self.shape.escaping(())).content)

    @property
    def kind_of_place(self) -> sql.SQL:
        """Its type."""
        return sql.SQL("tid" if self.shape.has_places else "text")

    def at(self, places: Sequence[str]) -> sql.Composed:
        """The condition that a row `d` stands at one of these places."""
        return sql.SQL("{} = any({}::text[]::{}[])").format(self.place, sql.Literal(list(places)), self.kind_of_place)

    @property
    def fields(self) -> dict[str, str]:
        """Its columns and what they are called outside of the database."""
        if self.interface:
            return {field.column: field.name for field in self.interface.request}
        return {column.name: column.name for column in docking_tables()[self.table].columns}

    @property
    def escaped_fields(self) -> list[str]:
        """The fields that are read with their bytes escaped."""
        return [field for column, field in self.fields.items() if column in self.shape.escaped]

    def escaping_unreadable(self, docking: Connection, place: str) -> Source:
        """The same for one row alone: its bytes escaped where they are no text in the encoding of the database."""
        unreadable = []
        for column in self.fields:
            query = sql.SQL("SELECT FROM {} AS d WHERE {} AND convert_to({}, 'UTF8') IS NULL")
            try:
                docking.execute(query.format(self.identifier, self.at([place]), self.shape.text_of(column)))
            except psycopg.DataError:
                unreadable.append(column)
        return replace(self, shape=self.shape.escaping(unreadable))


def source_of(docking: Connection, what: Interface | str) -> Source:
    """A docking table as it stands now.

    Args:
        docking: Session on the docking store.
        what: A report interface, or the name of a table that is no interface's.
    """
    interface = None if isinstance(what, str) else what
    table = what if isinstance(what, str) else str(what.table)
    return Source(table, interface, shape_of(docking, table))
