"""Intake (取数): docking rows become versions in the local store, and only then are marked as collected.

DESIGN rules 1, 6 and 7; specification 4.2.3 and 4.2.6. Rows travel as one COPY stream from the docking store into the
local one; row rules, queue and typed table are set-based SQL in one local transaction a batch.
"""

from __future__ import annotations

import logging
import operator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hotline_bridge.outbound import content
from hotline_bridge.outbound.collected import mark_collected
from hotline_bridge.outbound.failures import explain
from hotline_bridge.outbound.overlay import keep_sources, lay_over_batch, lock_name
from hotline_bridge.outbound.versions import Policy, prepare, queue
from hotline_bridge.steps import reached
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
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
    audit_required: bool = False,
    window: Window | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> IntakeCounts:
    """Take in what 12345 wrote to one docking table and nobody collected yet, in one pass over the table.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit.
        interface: A report interface; its table, fields and rules come from the contract.
        areas: Known area codes (行政区划代码); others are flagged, never held back. Empty: all are known.
        audit_required: Whether new versions of orders are held for a decision of the local bureau (4.4).
        window: Read these rows again, instead of those not collected.
        stop: Asked between batches; the rows that remain are read by the next run.

    Raises:
        StopRun: The docking table lacks a column of the contract or a right, or `collected_at` does not stay set.
    """
    if docking is local:
        raise ValueError(
            "intake copies from one session into another: open two, also where both stores are one database"
        )
    policy = Policy(areas, audit_required)
    total, position = IntakeCounts(), ("-infinity", "(0,0)")
    try:
        prepare(local)
        while not stop():
            with _only_one_intake(local, interface):
                counts, position = _take_in_batch(docking, local, interface, policy, window, position)
            total += counts
            if counts.rows < BATCH_ROWS:
                break
    except psycopg.Error as error:
        raise explain(error, str(interface.table), interface=interface.name) from None
    return total


@contextmanager
def _only_one_intake(local: Connection, interface: Interface) -> Iterator[None]:
    """Let one run at a time read the docking table and queue what it read.

    Two that overlapped could queue an old reading after a newer one. The lock ends with the session of a killed run.
    """
    lock = [lock_name(interface)]
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
    policy: Policy,
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
        queue(local, interface, policy)
        source_tids, hashes = local.execute(
            "SELECT array_agg(source_tid), array_agg(sha256(convert_to(body, 'UTF8'))) FROM batch"
        ).fetchone() or ([], [])
        new: dict[str, int] = dict(
            local.execute("SELECT state, count(*) FROM version WHERE is_new GROUP BY state").fetchall()
        )
        if interface.supplemented:
            keep_sources(local, interface)
            lay_over_batch(local, interface, policy)
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


def _mark_collected(docking: Connection, interface: Interface, source_tids: list[str], hashes: list[bytes]) -> int:
    return mark_collected(
        docking, str(interface.table), content.body_members(interface), source_tids, hashes, interface=interface.name
    )
