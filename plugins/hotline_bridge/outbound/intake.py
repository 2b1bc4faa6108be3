"""Intake (取数): docking rows become versions in the local store, and only then are marked as collected.

DESIGN rules 1, 6 and 7; specification 4.2.3 and 4.2.6. Rows travel as one COPY stream from the docking store into the
local one; row rules, queue and typed table are set-based SQL in one local transaction a batch.
"""

from __future__ import annotations

import json
import logging
import operator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.errors import CharacterNotInRepertoire, UntranslatableCharacter

from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.outbound import content
from hotline_bridge.steps import reached
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface

log = logging.getLogger(__name__)

BATCH_ROWS = 5_000
"""Rows read, checked and committed at once: memory is bound by this, not by the backlog."""


@dataclass(frozen=True, slots=True)
class IntakeCounts:
    """What one intake of one interface did, in docking rows and versions."""

    rows: int = 0
    """Docking rows read."""
    waiting: int = 0
    held: int = 0
    quarantined: int = 0
    copies: int = 0
    """Rows whose content was known already, or stood twice in the batch."""
    collected: int = 0
    """Rows marked as collected; a row that changed while it was read is not, and is read again by the next run."""

    def __add__(self, other: IntakeCounts) -> IntakeCounts:
        """Counts of two batches together."""
        return IntakeCounts(*map(operator.add, astuple(self), astuple(other)))

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Window:
    """Docking rows written from `begin` up to, not including, `end` (aware datetimes), collected or not.

    For a second reading after the local store was restored from a backup. Safe: equal content is never sent twice.
    """

    begin: datetime
    end: datetime


def take_in(
    docking: Connection,
    local: Connection,
    interface: Interface,
    *,
    areas: Collection[str] = (),
    window: Window | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> IntakeCounts:
    """Take in what 12345 wrote to one docking table and nobody collected yet, in one pass over the table.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit.
        interface: A report interface; its table, fields and rules come from the contract.
        areas: Known area codes (行政区划代码); others are flagged, never held back. Empty: all are known.
        window: Read these rows again, instead of those not collected.
        stop: Asked between batches; the rows that remain are read by the next run.

    Raises:
        StopRun: The docking table lacks a column of the contract or a right, or `collected_at` does not stay set.
    """
    if docking is local:
        raise ValueError(
            "intake copies from one session into another: open two, also where both stores are one database"
        )
    total, position = IntakeCounts(), ("-infinity", "(0,0)")
    try:
        _prepare(local)
        while not stop():
            with _only_one_intake(local, interface):
                counts, position = _take_in_batch(docking, local, interface, areas, window, position)
            total += counts
            if counts.rows < BATCH_ROWS:
                break
    except psycopg.Error as error:
        raise explain(error, interface) from None
    return total


def explain(error: psycopg.Error, interface: Interface) -> StopRun | TryAgainLater:
    """What a database error means for a run. The server's own words are left out: they can repeat values of a row."""
    what = f"the databases of {interface.table} refuse ({type(error).__name__}, SQLSTATE {error.sqlstate or 'none'})"
    if isinstance(error, CharacterNotInRepertoire | UntranslatableCharacter):
        return StopRun(
            f"a row of docking.{interface.table} holds bytes that are no text in the encoding of its database",
            interface=interface.name,
            remedy="12345 has to write that row again; a docking store in UTF8 would not have taken it",
        )
    if isinstance(error, psycopg.OperationalError):
        return TryAgainLater(what, interface=interface.name, remedy="nothing was half done; the next run goes on")
    return StopRun(
        what,
        interface=interface.name,
        remedy="run `hotline check`, which names a missing table, column or right",
    )


def requeue(local: Connection, interface: Interface, row_ids: Sequence[int], areas: Collection[str] = ()) -> None:
    """Judge quarantined versions again by today's rules, as if 12345 had written them anew; within one transaction.

    Args:
        local: Session on the local store, in a transaction.
        interface: The interface of all of them.
        row_ids: `hotline.delivery.row_id`; those that are not quarantined are left alone.
        areas: Known area codes, as for `take_in`.
    """
    _prepare(local)
    local.execute(
        read_sql("outbound/batch_from_quarantine.sql").encode(),
        {"row_ids": list(row_ids), "interface": interface.name},
    )
    _queue(local, interface, areas)


def _prepare(local: Connection) -> None:
    local.execute(read_sql("outbound/batch_tables.sql").encode())


@contextmanager
def _only_one_intake(local: Connection, interface: Interface) -> Iterator[None]:
    """Let one run at a time read the docking table and queue what it read.

    Two that overlapped could queue an old reading after a newer one. The lock ends with the session of a killed run.
    """
    lock = [f"hotline.intake.{interface.name}"]
    local.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", lock)
    try:
        yield
    finally:
        if not local.broken:
            local.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)


def _take_in_batch(
    docking: Connection,
    local: Connection,
    interface: Interface,
    areas: Collection[str],
    window: Window | None,
    position: tuple[str, str],
) -> tuple[IntakeCounts, tuple[str, str]]:
    with local.transaction():
        _copy_batch(docking, local, interface, window, position)
        reached("rows-copied")
        rows, last_written_at, last_tid = local.execute(
            "SELECT count(*), (array_agg(written_at::text ORDER BY position DESC))[1], "
            "(array_agg(source_tid ORDER BY position DESC))[1] FROM batch"
        ).fetchone() or (0, None, None)
        if not rows:
            return IntakeCounts(), position
        _queue(local, interface, areas)
        source_tids, hashes = local.execute(
            "SELECT array_agg(source_tid), array_agg(sha256(convert_to(body, 'UTF8'))) FROM batch"
        ).fetchone() or ([], [])
        new: dict[str, int] = dict(
            local.execute("SELECT state, count(*) FROM version WHERE is_new GROUP BY state").fetchall()
        )
        reached("versions-queued")
    reached("versions-committed")
    collected = _mark_collected(docking, interface, source_tids, hashes)
    reached("rows-collected")
    counts = IntakeCounts(
        rows=rows,
        waiting=new.get("waiting", 0),
        held=new.get("held", 0),
        quarantined=new.get("quarantined", 0),
        copies=rows - sum(new.values()),
        collected=collected,
    )
    return counts, (last_written_at, last_tid)


def _copy_batch(
    docking: Connection, local: Connection, interface: Interface, window: Window | None, position: tuple[str, str]
) -> None:
    """Pipe one batch of rows from the docking store into the local batch table, as bytes, without looking at them."""
    due = (
        sql.SQL("d.collected_at IS NULL")
        if window is None
        else sql.SQL("d.written_at >= {} AND d.written_at < {}").format(window.begin, window.end)
    )
    read = sql.SQL(read_sql("outbound/read_docking.sql")).format(
        table=content.docking_table(interface),
        content=content.body_members(interface),
        due=due,
        after_written_at=sql.Literal(position[0]),
        after_tid=sql.Literal(position[1]),
        limit=sql.Literal(BATCH_ROWS),
    )
    with (
        docking.cursor().copy(read) as rows,
        local.cursor().copy("COPY batch (source_tid, written_at, body) FROM STDIN") as batch,
    ):
        for block in rows:
            batch.write(block)


def _queue(local: Connection, interface: Interface, areas: Collection[str]) -> None:
    """Row rules, queue, supersession and typed table for the rows of the batch table."""
    parameters = {
        "interface": interface.name,
        "fields": json.dumps(content.row_rules(interface)),
        "key": interface.key,
        "hold": interface.hold,
        "areas": list(areas),
    }
    for name in ("check_rows", "queue_versions", "supersede", "choose_current"):
        local.execute(read_sql(f"outbound/{name}.sql").encode(), parameters)
    for name in ("move_to_history", "insert_current"):
        statement = sql.SQL(read_sql(f"outbound/{name}.sql")).format(
            table=content.current_table(interface),
            history=content.history_table(interface),
            key_column=sql.Identifier(interface.key_column),
            columns=content.typed_columns(interface),
            values=content.typed_values(interface),
        )
        local.execute(statement)


def _mark_collected(docking: Connection, interface: Interface, source_tids: list[str], hashes: list[bytes]) -> int:
    statement = sql.SQL(read_sql("outbound/mark_collected.sql")).format(
        table=content.docking_table(interface), content=content.body_members(interface)
    )
    marks = [
        stays
        for (stays,) in docking.execute(statement, {"source_tids": source_tids, "content_hashes": hashes}).fetchall()
    ]
    if marks and not any(marks):
        raise StopRun(
            f"collected_at of docking.{interface.table} does not stay set",
            interface=interface.name,
            remedy="a trigger of 12345 clears it on every update; it may do so only when the content changes",
        )
    return sum(marks)
