"""Annotations of 12345 on its orders (补单、催办), and its seats: read from the docking store, kept in the local one.

Specification 4.2.1 and 4.7. They are no interface's and are sent by nobody: a supplement is applied to its order
(`outbound.overlays`), an urge raises the order's urgency, a seat makes the unknown ones visible. An annotation of an
order that is not known yet is kept and joined later, or given up by a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from psycopg import sql

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.docking.source import source_of
from hotline_bridge.errors import Failures
from hotline_bridge.failpoints import reached
from hotline_bridge.outbound.docking_rows import UNCOLLECTED, read_whole, take_in_batches
from hotline_bridge.outbound.versions import alone, prepare
from hotline_bridge.store.failures import explained
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand
    from hotline_bridge.contract.docking import DockingTable
    from hotline_bridge.docking.source import Source


ANNOTATIONS: Mapping[str, str] = {"order_supplement": "supplementid", "order_urge": "urgeid"}
"""Docking tables of notes, and the column that names a note."""
TABLES = (*ANNOTATIONS, "seat")
"""Docking tables that are taken in with orders."""


@dataclass(frozen=True, slots=True)
class AnnotationCounts:
    """What one reading of one table did, in rows."""

    rows: int = 0
    """Docking rows read."""
    changed: int = 0
    """Contents that were not known."""
    collected: int = 0


def take_in_annotations(
    docking: Connection, local: Connection, *, due: sql.Composable = UNCOLLECTED
) -> dict[str, AnnotationCounts]:
    """Take in what nobody collected yet of every table of notes, then bring the seats into step.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit.
        due: The notes that are wanted instead, as a condition on a docking row `d`.

    Returns:
        Counts by docking table.

    Raises:
        StopRun: A table, column or right is missing; the other tables are taken in all the same.
        TryAgainLater: A database cannot be reached, or a table is locked; likewise.
    """
    counts: dict[str, AnnotationCounts] = {}
    with Failures() as failures:
        for name in TABLES:
            with failures.apart():
                counts[name] = _take_in(docking, local, docking_tables()[name], due)
    return counts


def _take_in(docking: Connection, local: Connection, table: DockingTable, due: sql.Composable) -> AnnotationCounts:
    with explained(table.name):
        prepare(local)
        source = source_of(docking, table.name)
        return (
            _seats(docking, local, source) if table.name == "seat" else _annotations(docking, local, table, source, due)
        )


def _annotations(
    docking: Connection, local: Connection, table: DockingTable, source: Source, due: sql.Composable
) -> AnnotationCounts:
    parts = {
        "table": sql.Identifier("hotline", table.name),
        "columns": sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
        "values": sql.SQL(", ").join(sql.SQL("n.fields ->> {}").format(column.name) for column in table.columns),
        "key": sql.Literal(ANNOTATIONS[table.name]),
    }

    def keep() -> int:
        put_aside(local, table.name, ANNOTATIONS[table.name])
        changed = local.execute(read_sql("outbound/order_annotations.sql", "keep").format(**parts)).rowcount
        local.execute(read_sql("outbound/order_annotations.sql", "choose_current").format(**parts))
        if table.name == "order_supplement":
            local.execute(read_sql("outbound/order_annotations.sql", "reopen_supplements").format(**parts))
        return changed

    batches = take_in_batches(docking, local, source, keep, steps=_steps(source), due=due)
    return AnnotationCounts(
        rows=sum(batch.rows for batch in batches),
        changed=sum(batch.kept for batch in batches),
        collected=sum(batch.collected for batch in batches),
    )


def _seats(docking: Connection, local: Connection, source: Source) -> AnnotationCounts:
    """The whole table, each time: only so is a seat that 12345 removed missed. It is small."""
    _, kept, committed, marked = _steps(source)
    with alone(local, source.name):
        with local.transaction():
            batch = read_whole(docking, local, source)
            changed = local.execute(read_sql("outbound/order_annotations.sql", "keep_seats")).rowcount
            reached(kept)
        reached(committed)
        collected = batch.mark_collected(docking)
        reached(marked)
    return AnnotationCounts(batch.rows, changed, collected)


def _steps(source: Source) -> tuple[str, str, str, str]:
    name = source.table
    return f"{name}-copied", f"{name}-kept", f"{name}-committed", f"{name}-collected"


def put_aside(local: Connection, table: str, key: str) -> None:
    """Move rows of the batch that have a reason into `hotline.quarantined_note`; what 12345 fixed since leaves it.

    Args:
        local: Session on the local store, in the transaction of the batch.
        table: A docking table that is no interface's.
        key: The column that names a row of it.
    """
    local.execute(read_sql("outbound/order_annotations.sql", "put_aside"), {"table": table, "key": key})
    local.execute("DELETE FROM batch WHERE reasons <> '{}'")


AnnotationKind = Literal["supplement", "urge", "quarantined"]


@dataclass(frozen=True, slots=True)
class WaitingAnnotation:
    """One note whose order has not come, or a row of notes or deadlines that was put aside (`quarantined`)."""

    kind: AnnotationKind
    row_id: int
    note: str
    """12345's number of the note; may be blank."""
    regino: str
    written_at: datetime
    reasons: Sequence[str]
    """Of one that was put aside: its docking table, then why."""


def find_waiting_annotations(local: Connection) -> list[WaitingAnnotation]:
    """The first thousand of them, without contents."""
    return [
        WaitingAnnotation(*row)
        for row in local.execute(read_sql("outbound/order_annotations.sql", "find_waiting")).fetchall()
    ]


def discard_annotations(local: Connection, kind: AnnotationKind, row_ids: Sequence[int], by: ByHand) -> int:
    """Give notes up; those whose order came meanwhile are left alone. Returns how many.

    Args:
        local: Session on the local store.
        kind: Of all of them.
        row_ids: From `find_waiting_annotations`.
        by: Who, and why.
    """
    parameters = {"row_ids": list(row_ids), "actor": by.actor, "reason": by.reason}
    if kind == "quarantined":
        return local.execute(read_sql("outbound/order_annotations.sql", "discard_quarantined"), parameters).rowcount
    table = f"order_{kind}"
    statement = read_sql("outbound/order_annotations.sql", "discard_waiting").format(
        table=sql.Identifier("hotline", table)
    )
    return local.execute(statement, {**parameters, "table_name": table}).rowcount
