"""Intake (取数): docking rows become versions in the local store, and only then are marked as collected.

See architecture: one version, one state; specification 4.2.3 and 4.2.6. Rows travel as one COPY stream from the docking
store into the local one; row rules, queue and typed table are set-based SQL in one local transaction a batch.
"""

from __future__ import annotations

import logging
import operator
from dataclasses import asdict, astuple, dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.docking.source import source_of
from hotline_bridge.outbound.docking_rows import UNCOLLECTED, WITHOUT_USABLE_TIME, take_in_batches
from hotline_bridge.outbound.overlays import apply_overlays, keep_sources
from hotline_bridge.outbound.versions import PLAIN, Policy, enqueue, prepare
from hotline_bridge.store.failures import explained

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface

log = logging.getLogger(__name__)


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

    For a second reading by hand, of rows that were changed without clearing `collected_at`. Safe: equal content is
    never sent twice. Rows without a usable `written_at` lie in every window.
    """

    begin: datetime
    end: datetime

    def due(self) -> sql.Composed:
        """The condition on a docking row `d`."""
        inside = sql.SQL("d.written_at >= {} AND d.written_at < {}").format(self.begin, self.end)
        return sql.SQL("({} OR {})").format(inside, WITHOUT_USABLE_TIME)


@dataclass(frozen=True, slots=True)
class CollectedSince:
    """Docking rows that nobody collected yet, and those collected since a moment (aware): after a restore."""

    since: datetime

    def due(self) -> sql.Composed:
        """The condition on a docking row `d`."""
        return sql.SQL("({} OR d.collected_at >= {})").format(UNCOLLECTED, self.since)


def take_in(
    docking: Connection,
    local: Connection,
    interface: Interface,
    *,
    policy: Policy = PLAIN,
    window: Window | CollectedSince | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> IntakeCounts:
    """Take in what 12345 wrote to one docking table and nobody collected yet, in one pass over the table.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit.
        interface: A report interface; its table, fields and rules come from the contract.
        policy: What the deployment sets: known areas, and whether new orders wait for an audit (4.4).
        window: Read these rows again, instead of those not collected.
        stop: Asked between batches; the rows that remain are read by the next run.

    Raises:
        StopRun: The docking table lacks a column of the contract or a right, or `collected_at` does not stay set.
        TryAgainLater: A store is lost or read-only, or the table is locked.
    """
    if docking is local:
        raise ValueError(
            "intake copies from one session into another: open two, also where both stores are one database"
        )

    def keep() -> dict[str, int]:
        enqueue(local, interface, policy)
        new = local.execute("SELECT state, count(*) FROM version WHERE is_new GROUP BY state").fetchall()
        if interface.supplemented:
            keep_sources(local, interface)
            apply_overlays(local, interface, policy)
        return dict(new)

    with explained(str(interface.table), interface=interface.name):
        prepare(local)
        batches = take_in_batches(
            docking,
            local,
            source_of(docking, interface),
            keep,
            steps=("rows-copied", "versions-queued", "versions-committed", "rows-collected"),
            due=UNCOLLECTED if window is None else window.due(),
            stop=stop,
        )
    total = IntakeCounts()
    for batch in batches:
        total += IntakeCounts(
            rows=batch.rows,
            waiting=batch.kept.get("waiting", 0),
            held=batch.kept.get("held", 0),
            quarantined=batch.kept.get("quarantined", 0),
            copies=batch.rows - sum(batch.kept.values()),
            collected=batch.collected,
        )
    return total
