"""Reads docking tables, batch by batch, into the local batch table: every row is reached, whatever its `written_at`.

All that 12345 writes is read here: orders and logs (`outbound.intake`), notes and seats (`outbound.notes`), deadlines
(`time_limits.hotline_deadlines`). Times travel as text and are made usable in one place, `hotline.written_moment`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from psycopg import sql

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from hotline_bridge.docking import DockingTable

BATCH_ROWS = 5_000
"""Rows read, checked and committed at once, with and without time: memory is bound by this, not by the backlog."""
UNCOLLECTED = sql.SQL("d.collected_at IS NULL")
WITHOUT_USABLE_TIME = sql.SQL(
    "(d.written_at IS NULL OR d.written_at < '2000-01-01 00:00:00+08' OR d.written_at > now())"
)
"""Rows whose time says nothing, as the docking store's clock tells it; `hotline.is_usable` says the same here."""


class Place(NamedTuple):
    """Where reading goes on: after this row. First come the rows that have no time, then the others in its order."""

    written_at: str | None = None
    tid: str = "(0,0)"


_FIRST_WITH_TIME = Place("-infinity")


class Batch(NamedTuple):
    """The rows in the batch table: where each stood and what it held, and where the next batch begins."""

    tids: list[str]
    hashes: list[bytes]
    next: Place | None
    """None where nothing is left."""

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.tids)


def read_batch(
    docking: Connection,
    local: Connection,
    table: str,
    content: sql.Composable,
    *,
    due: sql.Composable = UNCOLLECTED,
    after: Place,
) -> Batch:
    """Pipe the next rows that are due into the batch table: `BATCH_ROWS` of them, or up to twice as many.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in a transaction, after `versions.prepare`.
        table: Docking table, without schema.
        content: Select list over a row `d` whose JSON is the row's content.
        due: Which rows `d` are wanted.
        after: `Place()`, then what the batch before says.
    """
    if after.written_at is None:
        untimed = sql.SQL("{} AND d.written_at IS NULL AND d.ctid > {}::tid").format(due, after.tid)
        if _copy(docking, local, table, content, untimed, BATCH_ROWS) == BATCH_ROWS:
            tids, hashes, _ = _found(local)
            return Batch(tids, hashes, Place(None, tids[-1]))
        after = _FIRST_WITH_TIME
    timed = sql.SQL("{} AND (d.written_at, d.ctid) > ({}::timestamptz, {}::tid)").format(due, *after)
    full = _copy(docking, local, table, content, timed, BATCH_ROWS) == BATCH_ROWS
    tids, hashes, last = _found(local)
    return Batch(tids, hashes, Place(last, tids[-1]) if full else None)


def read_whole(docking: Connection, local: Connection, table: str, content: sql.Composable) -> Batch:
    """Pipe a small table whole into the batch table; arguments as of `read_batch`."""
    _copy(docking, local, table, content, sql.SQL("TRUE"), None)
    tids, hashes, _ = _found(local)
    return Batch(tids, hashes, None)


def _copy(
    docking: Connection, local: Connection, table: str, content: sql.Composable, due: sql.Composable, limit: int | None
) -> int:
    """As bytes, without looking at them. Returns how many rows."""
    read = sql.SQL(read_sql("outbound/read_docking.sql")).format(
        table=sql.Identifier("docking", table), content=content, due=due, limit=sql.Literal(limit)
    )
    target = local.cursor()
    with (
        docking.cursor().copy(read) as rows,
        target.copy("COPY batch (source_tid, written_at, collected_at, body) FROM STDIN") as batch,
    ):
        for block in rows:
            batch.write(block)
    return target.rowcount


def _found(local: Connection) -> tuple[list[str], list[bytes], str | None]:
    """Where the rows of the batch stood, their hashes, and when the last one was written."""
    tids, hashes, last = local.execute(
        "SELECT array_agg(source_tid ORDER BY position), array_agg(sha256(convert_to(body, 'UTF8')) ORDER BY position),"
        " (array_agg(written_at::text ORDER BY position DESC))[1] FROM batch"
    ).fetchone() or (None, None, None)
    return tids or [], hashes or [], last


def columns_of(table: DockingTable) -> sql.Composed:
    """Content of a table that is no interface's: its columns, as `read_batch` takes them."""
    return sql.SQL(", ").join(
        sql.SQL("coalesce(d.{0}, '') AS {0}").format(sql.Identifier(column.name)) for column in table.columns
    )


@contextmanager
def alone(local: Connection, *names: str) -> Iterator[None]:
    """Let one run at a time read or decide on these; the others wait.

    Two that overlapped could keep an old reading after a newer one, or both keep theirs as the current one. Taken
    before the transaction, so that what it reads was committed by whoever held the lock before. It ends with the
    session of a killed run.

    Args:
        local: Session on the local store, in autocommit, outside of a transaction.
        names: Interfaces by wire name, docking tables of notes by table name.
    """
    locks = [f"hotline.intake.{name}" for name in sorted(names)]
    taken = 0
    try:
        for lock in locks:
            local.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [lock])
            taken += 1
        yield
    finally:
        if not local.broken:
            for lock in locks[:taken]:
                local.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [lock])
