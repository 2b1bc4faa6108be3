"""Takes in the deadlines that 12345 sets for orders (处理时限, specification 4.6), those of unknown orders included."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import psycopg

from hotline_bridge.docking import docking_tables
from hotline_bridge.inbound.moments import read_moment
from hotline_bridge.outbound.collected import mark_collected
from hotline_bridge.outbound.failures import explain
from hotline_bridge.outbound.reading import Place, alone, columns_of, read_batch
from hotline_bridge.outbound.versions import prepare
from hotline_bridge.steps import reached
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from psycopg import Connection

_TABLE = "order_deadline"
_DAY_FORMS = frozenset({len("2026-12-01"), len("20261201")})


@dataclass(frozen=True, slots=True)
class DeadlineCounts:
    """What one run did, in docking rows."""

    rows: int = 0
    """Rows read."""
    unreadable: int = 0
    """Of them such whose deadline is no moment: kept, and without effect."""
    without_number: int = 0
    collected: int = 0
    """Rows marked as collected; one that changed while it was read is read again by the next run."""

    def __add__(self, other: DeadlineCounts) -> DeadlineCounts:
        """Counts of two batches together."""
        return DeadlineCounts(*(a + b for a, b in zip(self._numbers(), other._numbers(), strict=True)))

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)

    def _numbers(self) -> tuple[int, ...]:
        return (self.rows, self.unreadable, self.without_number, self.collected)


def take_in_deadlines(docking: Connection, local: Connection) -> DeadlineCounts:
    """Copy what 12345 wrote to `docking.order_deadline` since, and mark it as collected after that is committed.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit.

    Raises:
        StopRun: The table or a right on it is missing.
        TryAgainLater: A store is away or read-only, or the table is locked.
    """
    total = DeadlineCounts()
    place: Place | None = Place()
    try:
        prepare(local)
        while place is not None:
            with alone(local, _TABLE):
                counts, place = _batch(docking, local, place)
            total += counts
    except psycopg.Error as error:
        raise explain(error, _TABLE) from None
    return total


def _batch(docking: Connection, local: Connection, after: Place) -> tuple[DeadlineCounts, Place | None]:
    columns = columns_of(docking_tables()[_TABLE])
    with local.transaction():
        batch = read_batch(docking, local, _TABLE, columns, after=after)
        if not batch.rows:
            return DeadlineCounts(), batch.next
        told = local.execute(
            "SELECT position, body::jsonb ->> 'deadline', body::jsonb ->> 'regino' FROM batch ORDER BY position"
        ).fetchall()
        deadlines = [last_moment(text) for _, text, _ in told]
        local.execute(
            read_sql("time_limits/add_deadlines.sql").encode(),
            {"positions": [position for position, _, _ in told], "deadlines": deadlines},
        )
        reached("order_deadline-kept")
    reached("order_deadline-committed")
    collected = mark_collected(docking, _TABLE, columns, batch.tids, batch.hashes)
    reached("order_deadline-collected")
    without_number = sum(not regino for _, _, regino in told)
    return DeadlineCounts(batch.rows, deadlines.count(None), without_number, collected), batch.next


def last_moment(text: str | None) -> str | None:
    """The last moment that keeps a deadline, as a clock in Shanghai shows it; None where the text tells no moment.

    A mere day lasts until its end; minutes without seconds are as they stand.
    """
    text = (text or "").strip()
    if (read := read_moment("moment", text)) is None:
        return None
    if len(text) in _DAY_FORMS:
        read = read.replace(hour=23, minute=59, second=59)
    return read.isoformat(sep=" ")
