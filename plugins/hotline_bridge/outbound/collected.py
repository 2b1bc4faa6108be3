"""Marks rows of the docking store as collected, each only while it still is the row that was read (DESIGN rule 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql
from psycopg.errors import LockNotAvailable

from hotline_bridge.errors import StopRun
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from psycopg import Connection

# Of the rows that were read, those that no transaction of 12345 holds; asked only after waiting for them was in vain.
_UNLOCKED = (
    "d.ctid IN (SELECT u.ctid FROM {table} AS u WHERE u.ctid = any(%(source_tids)s::text[]::tid[])"
    " FOR NO KEY UPDATE SKIP LOCKED)"
)


def mark_collected(
    docking: Connection,
    table: str,
    content: sql.Composable,
    source_tids: list[str],
    hashes: list[bytes],
    *,
    interface: str | None = None,
) -> int:
    """Set `collected_at` of rows that nobody changed since they were read. Returns how many.

    Rows that a transaction of 12345 still holds after the session's `lock_timeout` are left to the next run.

    Args:
        docking: Session on the docking store, in autocommit.
        table: Its table, without the schema.
        content: Select list over a row `d` whose JSON was read.
        source_tids: Where the rows stood (`ctid`).
        hashes: SHA-256 of each one's JSON.
        interface: For the words of an error.

    Raises:
        StopRun: `collected_at` does not stay set.
    """

    def mark(unlocked: str) -> list[bool]:
        name = sql.Identifier("docking", table)
        statement = sql.SQL(read_sql("outbound/mark_collected.sql")).format(
            table=name, content=content, unlocked=sql.SQL(unlocked).format(table=name)
        )
        parameters = {"source_tids": source_tids, "content_hashes": hashes}
        return [stays for (stays,) in docking.execute(statement, parameters).fetchall()]

    try:
        marks = mark("TRUE")
    except LockNotAvailable:
        marks = mark(_UNLOCKED)
    if marks and not any(marks):
        raise StopRun(
            f"collected_at of docking.{table} does not stay set",
            interface=interface,
            remedy="a trigger of 12345 clears it on every update; it may do so only when the content changes",
        )
    return sum(marks)
