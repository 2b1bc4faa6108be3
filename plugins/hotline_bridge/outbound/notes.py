"""Notes of 12345 on its orders (补单、催办), and its seats: read from the docking store, kept in the local one.

Specification 4.2.1 and 4.7. They are no interface's and are sent by nobody: a supplement is laid over its order
(`outbound.overlay`), an urge raises the order's urgency, a seat makes the unknown ones visible. A note of an order that
is not known yet is kept and joined later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hotline_bridge.docking import docking_tables
from hotline_bridge.outbound.collected import mark_collected
from hotline_bridge.outbound.failures import explain
from hotline_bridge.outbound.versions import prepare
from hotline_bridge.steps import reached
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

    from hotline_bridge.docking import DockingTable

BATCH_ROWS = 5_000

NOTES: Mapping[str, str] = {"order_supplement": "supplementid", "order_urge": "urgeid"}
"""Docking tables of notes, and the column that names a note."""


@dataclass(frozen=True, slots=True)
class NoteCounts:
    """What one reading of one table did, in rows."""

    rows: int = 0
    """Docking rows read."""
    changed: int = 0
    """Contents that were not known."""
    collected: int = 0


def take_in_notes(docking: Connection, local: Connection) -> dict[str, NoteCounts]:
    """Take in what nobody collected yet of every table of notes, then bring the seats into step.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit.

    Returns:
        Counts by docking table.

    Raises:
        StopRun: A table, column or right is missing.
        TryAgainLater: A database cannot be reached.
    """
    counts = {}
    prepare(local)
    for name in (*NOTES, "seat"):
        table = docking_tables()[name]
        try:
            counts[name] = _seats(docking, local, table) if name == "seat" else _notes(docking, local, table)
        except psycopg.Error as error:
            raise explain(error, name) from None
    return counts


def _notes(docking: Connection, local: Connection, table: DockingTable) -> NoteCounts:
    total, position = NoteCounts(), ("-infinity", "(0,0)")
    parts = {
        "table": sql.Identifier("hotline", table.name),
        "columns": sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
        "values": sql.SQL(", ").join(sql.SQL("n.fields ->> {}").format(column.name) for column in table.columns),
        "key": sql.Literal(NOTES[table.name]),
    }
    while True:
        with local.transaction():
            _read(docking, local, table, sql.SQL("d.collected_at IS NULL"), position, sql.Literal(BATCH_ROWS))
            rows, tids, hashes, position = _batch(local)
            if not rows:
                return total
            changed = local.execute(sql.SQL(read_sql("orders/keep_notes.sql")).format(**parts)).rowcount
            local.execute(sql.SQL(read_sql("orders/choose_notes.sql")).format(**parts))
            if table.name == "order_supplement":
                local.execute(sql.SQL(read_sql("orders/reopen_supplements.sql")).format(**parts))
            reached(f"{table.name}-kept")
        reached(f"{table.name}-committed")
        collected = mark_collected(docking, table.name, _content(table), tids, hashes)
        reached(f"{table.name}-collected")
        total = NoteCounts(total.rows + rows, total.changed + changed, total.collected + collected)
        if rows < BATCH_ROWS:
            return total


def _seats(docking: Connection, local: Connection, table: DockingTable) -> NoteCounts:
    """The whole table, each time: only so is a seat that 12345 removed missed. It is small."""
    with local.transaction():
        local.execute("SELECT pg_advisory_xact_lock(hashtextextended('hotline.seat', 0))")
        _read(docking, local, table, sql.SQL("TRUE"), ("-infinity", "(0,0)"), sql.SQL("NULL"))
        rows, tids, hashes, _ = _batch(local)
        changed = local.execute(read_sql("orders/keep_seats.sql").encode()).rowcount
        reached(f"{table.name}-kept")
    reached(f"{table.name}-committed")
    collected = mark_collected(docking, table.name, _content(table), tids, hashes) if rows else 0
    reached(f"{table.name}-collected")
    return NoteCounts(rows, changed, collected)


def _read(
    docking: Connection,
    local: Connection,
    table: DockingTable,
    due: sql.Composable,
    position: tuple[str, str],
    limit: sql.Composable,
) -> None:
    read = sql.SQL(read_sql("outbound/read_docking.sql")).format(
        table=sql.Identifier("docking", table.name),
        content=_content(table),
        due=due,
        after_written_at=sql.Literal(position[0]),
        after_tid=sql.Literal(position[1]),
        limit=limit,
    )
    with (
        docking.cursor().copy(read) as rows,
        local.cursor().copy("COPY batch (source_tid, written_at, body) FROM STDIN") as batch,
    ):
        for block in rows:
            batch.write(block)


def _batch(local: Connection) -> tuple[int, list[str], list[bytes], tuple[str, str]]:
    """How many rows the batch holds, where they stood, their hashes, and the place of the last one."""
    found = local.execute(
        "SELECT array_agg(source_tid ORDER BY position), array_agg(sha256(convert_to(body, 'UTF8')) ORDER BY position),"
        " (array_agg(written_at::text ORDER BY position DESC))[1] FROM batch"
    ).fetchone()
    tids, hashes, last = found or (None, None, None)
    return (len(tids), tids, hashes, (last, tids[-1])) if tids else (0, [], [], ("-infinity", "(0,0)"))


def _content(table: DockingTable) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("coalesce(d.{0}, '') AS {0}").format(sql.Identifier(column.name)) for column in table.columns
    )
