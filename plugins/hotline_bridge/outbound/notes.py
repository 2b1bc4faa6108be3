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
from hotline_bridge.errors import Failures
from hotline_bridge.outbound.collected import mark_collected
from hotline_bridge.outbound.failures import explain
from hotline_bridge.outbound.reading import Place, alone, columns_of, read_batch, read_whole
from hotline_bridge.outbound.versions import prepare
from hotline_bridge.steps import reached
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

    from hotline_bridge.docking import DockingTable

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
        StopRun: A table, column or right is missing; the other tables are taken in all the same.
        TryAgainLater: A database cannot be reached, or a table is locked; likewise.
    """
    counts: dict[str, NoteCounts] = {}
    with Failures() as failures:
        for name in (*NOTES, "seat"):
            with failures.apart():
                counts[name] = _take_in(docking, local, docking_tables()[name])
    return counts


def _take_in(docking: Connection, local: Connection, table: DockingTable) -> NoteCounts:
    try:
        prepare(local)
        return _seats(docking, local, table) if table.name == "seat" else _notes(docking, local, table)
    except psycopg.Error as error:
        raise explain(error, table.name) from None


def _notes(docking: Connection, local: Connection, table: DockingTable) -> NoteCounts:
    total = NoteCounts()
    place: Place | None = Place()
    parts = {
        "table": sql.Identifier("hotline", table.name),
        "columns": sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
        "values": sql.SQL(", ").join(sql.SQL("n.fields ->> {}").format(column.name) for column in table.columns),
        "key": sql.Literal(NOTES[table.name]),
    }
    while place is not None:
        with alone(local, table.name):
            with local.transaction():
                batch = read_batch(docking, local, table.name, columns_of(table), after=place)
                place = batch.next
                if not batch.rows:
                    continue
                changed = local.execute(sql.SQL(read_sql("orders/keep_notes.sql")).format(**parts)).rowcount
                local.execute(sql.SQL(read_sql("orders/choose_notes.sql")).format(**parts))
                if table.name == "order_supplement":
                    local.execute(sql.SQL(read_sql("orders/reopen_supplements.sql")).format(**parts))
                reached(f"{table.name}-kept")
            reached(f"{table.name}-committed")
            collected = mark_collected(docking, table.name, columns_of(table), batch.tids, batch.hashes)
            reached(f"{table.name}-collected")
        total = NoteCounts(total.rows + batch.rows, total.changed + changed, total.collected + collected)
    return total


def _seats(docking: Connection, local: Connection, table: DockingTable) -> NoteCounts:
    """The whole table, each time: only so is a seat that 12345 removed missed. It is small."""
    with alone(local, table.name):
        with local.transaction():
            batch = read_whole(docking, local, table.name, columns_of(table))
            changed = local.execute(read_sql("orders/keep_seats.sql").encode()).rowcount
            reached(f"{table.name}-kept")
        reached(f"{table.name}-committed")
        collected = 0
        if batch.rows:
            collected = mark_collected(docking, table.name, columns_of(table), batch.tids, batch.hashes)
        reached(f"{table.name}-collected")
    return NoteCounts(batch.rows, changed, collected)
