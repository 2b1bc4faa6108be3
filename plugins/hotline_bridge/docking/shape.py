"""How a docking table stands: as a table or a view, and with columns of which types, to be read as the text they mean.

12345's own types are its own matter: char is read without its padding, a number with its digits, a time in the form of
the field. `hotline check` names the types whose text may mean something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from psycopg import Connection

LONGEST_TEXT = 1_000_000
"""Characters of a field that are read: a longer one breaks its length rule by them, and no row exhausts a memory."""
NOT_UPDATABLE = ("55000", "0A000", "42809")
"""SQLSTATE of a change of a view that takes none."""
TIMES = frozenset({"timestamp", "timestamptz"})
DIGITS = "YYYYMMDDHH24MISS"
"""A time as fields of kind `time` have it, for to_char."""
WORDS = "YYYY-MM-DD HH24:MI:SS"
"""A time as everywhere else."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of one table, what reading it depends on."""

    has_places: bool = True
    """Whether its rows have a place (ctid); those of a view are told apart by their content."""
    types: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Columns that are no text, by the name of their type."""
    escaped: frozenset[str] = frozenset()
    """Columns to be read with their bytes escaped in octal, since they are no text in the encoding of the database."""

    def text_of(self, column: str, form: str = WORDS) -> sql.Composed:
        """The text of a column of a row `d`; NULL is the empty text.

        Args:
            column: Its name.
            form: Of a time, where the column is one.
        """
        name, kind = sql.Identifier("d", column), self.types.get(column)
        if kind is None:
            text = sql.SQL("CASE WHEN octet_length({0}) > {1} THEN left({0}, {2}) ELSE {0}::text END").format(
                name, sql.Literal(4 * LONGEST_TEXT), sql.Literal(LONGEST_TEXT)
            )
        elif kind in TIMES:
            text = sql.SQL("CASE WHEN isfinite({0}) THEN to_char({0}, {1}) ELSE {0}::text END").format(
                name, sql.Literal(form)
            )
        else:
            text = sql.SQL("{}::text").format(name)
        if column in self.escaped:
            text = sql.SQL("encode(convert_to({}, getdatabaseencoding()), 'escape')").format(text)
        return sql.SQL("coalesce({}, '')").format(text)

    def escaping(self, columns: Iterable[str]) -> Shape:
        """The same with these columns escaped."""
        return replace(self, escaped=frozenset(columns))


AS_AGREED = Shape()
"""A table of text, as `hotline migrate` makes it."""


def shape_of(docking: Connection, table: str) -> Shape:
    """How a table stands, by the catalogs alone; one that is not there as if it were as agreed.

    Args:
        docking: Session on the docking store.
        table: Without schema.
    """
    found = docking.execute(read_sql("docking/shape.sql"), {"tables": [table]}).fetchone()
    return Shape(found[0], found[1] or {}) if found else AS_AGREED
