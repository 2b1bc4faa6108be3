"""Marks rows of the docking store as collected, each only while it still is the row that was read.

See architecture: one version, one state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql
from psycopg.errors import LockNotAvailable

from hotline_bridge.errors import StopRun
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from hotline_bridge.outbound.reading import Source

# Of the rows that were read, those that no transaction of 12345 holds; asked only after waiting for them was in vain.
_UNLOCKED = "{place} IN (SELECT {place} FROM {table} AS d WHERE {read} FOR NO KEY UPDATE SKIP LOCKED)"


def mark_collected(docking: Connection, source: Source, places: Sequence[str], hashes: Sequence[bytes]) -> int:
    """Set `collected_at` of rows that nobody changed since they were read. Returns how many.

    Rows that a transaction of 12345 still holds after the session's `lock_timeout` are left to the next run.

    Args:
        docking: Session on the docking store, in autocommit.
        source: Its table, and what was read of it.
        places: Where the rows stood.
        hashes: SHA-256 of each one's JSON.

    Raises:
        StopRun: `collected_at` does not stay set.
    """

    def mark(unlocked: sql.Composable) -> list[bool]:
        statement = read_sql("outbound/mark_collected.sql").format(
            table=source.identifier,
            content=source.content,
            place=source.place,
            kind_of_place=source.kind_of_place,
            read=source.at(places),
            unlocked=unlocked,
        )
        parameters = {"places": list(places), "content_hashes": list(hashes)}
        return [stays for (stays,) in docking.execute(statement, parameters).fetchall()]

    try:
        marks = mark(sql.SQL("TRUE"))
    except LockNotAvailable:
        marks = mark(sql.SQL(_UNLOCKED).format(place=source.place, table=source.identifier, read=source.at(places)))
    if marks and not any(marks):
        raise StopRun(
            f"collected_at of docking.{source.table} does not stay set",
            interface=source.interface.name if source.interface else None,
            remedy="a trigger of 12345 clears it on every update; it may do so only when the content changes",
        )
    return sum(marks)
