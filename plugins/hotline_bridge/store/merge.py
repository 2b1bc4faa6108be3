"""Brings a small table to what a file says: in one step, and without touching rows that are right already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection


def merge(
    local: Connection, table: str, columns: Sequence[str], key: Sequence[str], rows: Iterable[Sequence[object]]
) -> int:
    """Make the rows the whole content of a table of schema `hotline`.

    Args:
        local: Session on the local store, inside a transaction: two at once come one after the other.
        table: Its name.
        columns: Those that the rows give, in their order.
        key: Columns of a unique constraint; where one may be NULL, of one with NULLS NOT DISTINCT.
        rows: What the table is to hold.

    Returns:
        Rows that were added, changed or removed.
    """
    parts: dict[str, sql.Composable] = {
        "table": sql.Identifier("hotline", table),
        "columns": _list(columns),
        "key_columns": _list(key),
        "current": _list(columns, "t"),
        "excluded": _list(columns, "excluded"),
        "current_key": _list(key, "t"),
        "wanted_key": _list(key, "wanted"),
    }
    local.execute("SELECT pg_advisory_xact_lock(hashtextextended('hotline.merge', 0))")
    local.execute(read_sql("reference/wanted_table.sql").format(**parts))
    with local.cursor().copy(sql.SQL("COPY wanted ({columns}) FROM STDIN").format(**parts)) as copy:
        for row in rows:
            copy.write_row(row)
    removed = local.execute(read_sql("reference/remove.sql").format(**parts)).rowcount
    written = local.execute(read_sql("reference/upsert.sql").format(**parts)).rowcount
    local.execute("DROP TABLE wanted")
    return removed + written


def _list(names: Sequence[str], alias: str | None = None) -> sql.Composed:
    parts = (sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names)
    return sql.SQL(", ").join(parts)
