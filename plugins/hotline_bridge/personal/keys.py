"""The key that hashes of persons are made with: its state, and its change (docs/personal-data.md).

The key is made and kept inside the database; nothing here ever sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.store.sql import read_sql
from hotline_bridge.store.typed_tables import typed_interfaces

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand

_SEARCHES = "person_search"
"""Holds keys of persons, and no number to compute them of."""
PORTION = 2_000
"""Rows that are rewritten in one transaction: one to three seconds of ten million, for which nobody waits longer."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """Which key is in use."""

    version: int
    made_at: datetime
    tables_left: int
    """In so many tables rows have the key before; 0 where no change is under way."""


def key_state(local: Connection) -> KeyState:
    """The key in use, as a session on the local store sees it."""
    [row] = local.execute(_sql("state")).fetchall()
    return KeyState(*row)


def rotate(
    local: Connection,
    by: ByHand | None,
    *,
    portion: int = PORTION,
    tell: Callable[[str, int], None] = lambda _table, _rows: None,
    show: Callable[[int], None] = lambda _percent: None,
) -> int:
    """Make a new key and rewrite all rows with it; a change that was begun and stopped goes on with its key.

    From the first moment what is stored has the new key. Until the end some rows have the old one: calls and orders of
    one person are not all told as one meanwhile.

    Args:
        local: Session on the local store, in autocommit.
        by: Who, and why. None makes no new key: it only goes on with a change that was begun.
        portion: Rows in one transaction.
        tell: Called after each table with its name and how many rows were rewritten.
        show: Called after each portion with the per cent of row numbers passed, of all tables.

    Returns:
        How many rows were rewritten.
    """
    if by and not key_state(local).tables_left:
        _begin(local, by)
    rewritten = passed = 0
    tables = local.execute(_sql("waiting")).fetchall()
    whole = sum(ends_at - done_to for _, done_to, ends_at in tables)
    for table, done_to, ends_at in tables:
        if table == _SEARCHES:
            with local.transaction():
                [(count,)] = local.execute(_sql("searches")).fetchall()
                local.execute(_sql("done"), {"table": table})
            tell(table, int(count))
            continue
        parts = {"table": sql.Identifier("hotline", table)}
        where = {"table": table, "done_to": done_to, "ends_at": ends_at, "portion": portion}
        before = rewritten
        while (last := local.execute(_sql("portion_end", parts), where).fetchall()[0][0]) is not None:
            where["last"] = last
            with local.transaction():
                [(count,)] = local.execute(_sql("rewrite", {**parts, "has_key": _has_key(table)}), where).fetchall()
                rewritten += int(count)
                local.execute(_sql("passed"), where)
            show(100 * (passed + last - done_to) // whole)
            where["done_to"] = last
        passed += ends_at - done_to
        local.execute(_sql("done"), where)
        tell(table, rewritten - before)
    return rewritten


def _begin(local: Connection, by: ByHand) -> None:
    names = list(_keyed())
    tables = sql.SQL(", ").join(sql.Identifier("hotline", name) for name in names)
    with local.transaction():
        # A row that is being stored with the old key is committed before; the next one finds the new key.
        local.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(tables))
        [(version,)] = local.execute(_sql("make")).fetchall()
        for name in names:
            local.execute(_sql("plan", {"table": sql.Identifier("hotline", name)}), {"table": name})
        local.execute(_sql("plan_searches"))
        told = {
            "actor": by.actor,
            "reason": by.reason,
            "before": f"version {version - 1}",
            "after": f"version {version}",
        }
        local.execute(_sql("log"), told)


def _keyed() -> Mapping[str, tuple[str, ...]]:
    """Every table that has keys, with their columns."""
    return {
        f"{known.table}{suffix}": known.person_columns
        for known in typed_interfaces()
        if known.person
        for suffix in ("", "_history")
    }


def _has_key(table: str) -> sql.Composed:
    columns = (sql.Identifier("t", column) for column in _keyed()[table])
    return sql.SQL(" OR ").join(sql.SQL("{} IS NOT NULL").format(column) for column in columns)


def _sql(name: str, parts: Mapping[str, sql.Composable] | None = None) -> sql.Composed:
    return read_sql("personal/keys.sql", name).format(**(parts or {}))
