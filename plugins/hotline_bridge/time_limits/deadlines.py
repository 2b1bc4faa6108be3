"""Deadlines (时限): those that 12345 sets are taken in, and what is due and overdue among open orders is read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.docking.source import source_of
from hotline_bridge.inbound.moments import read_moment
from hotline_bridge.outbound.docking_rows import UNCOLLECTED, take_in_batches
from hotline_bridge.outbound.order_annotations import put_aside
from hotline_bridge.outbound.versions import prepare
from hotline_bridge.store.failures import explained
from hotline_bridge.store.sql import read_sql
from hotline_bridge.time_limits.working_days import unknown_year

if TYPE_CHECKING:
    from psycopg import Connection, sql


_TABLE = "order_deadline"
_STEPS = (f"{_TABLE}-copied", f"{_TABLE}-kept", f"{_TABLE}-committed", f"{_TABLE}-collected")
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


def take_in_deadlines(docking: Connection, local: Connection, *, due: sql.Composable = UNCOLLECTED) -> DeadlineCounts:
    """Copy what 12345 wrote to `docking.order_deadline` since, and mark it as collected after that is committed.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit.
        due: The rows that are wanted instead, as a condition on a docking row `d`.

    Raises:
        StopRun: The table or a right on it is missing.
        TryAgainLater: A store is away or read-only, or the table is locked.
    """

    def keep() -> DeadlineCounts:
        put_aside(local, _TABLE, "regino")
        told = local.execute(
            "SELECT position, body::jsonb ->> 'deadline', body::jsonb ->> 'regino' FROM batch ORDER BY position"
        ).fetchall()
        deadlines = [last_moment(text) for _, text, _ in told]
        local.execute(
            read_sql("time_limits/add_deadlines.sql"),
            {"positions": [position for position, _, _ in told], "deadlines": deadlines},
        )
        return DeadlineCounts(0, deadlines.count(None), sum(not regino for _, _, regino in told))

    with explained(_TABLE):
        prepare(local)
        batches = take_in_batches(docking, local, source_of(docking, _TABLE), keep, steps=_STEPS, due=due)
    total = DeadlineCounts()
    for batch in batches:
        total += batch.kept + DeadlineCounts(rows=batch.rows, collected=batch.collected)
    return total


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


class StateCount(NamedTuple):
    """How many limits of one kind and stage are in one state, and how many of their orders were urged."""

    kind: str
    stage: str
    state: str
    orders: int
    urged: int


class Pressing(NamedTuple):
    """A limit that is overdue or due soon; `limit_at` is aware and the last moment in time."""

    regino: str
    kind: str
    stage: str
    state: str
    limit_at: datetime
    limit_source: str
    working_days_left: int | None
    urge_count: int


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Counts of the limits of open orders, the most pressing ones, and the years whose days are needed but unknown."""

    counts: tuple[StateCount, ...]
    pressing: tuple[Pressing, ...]
    missing_years: tuple[int, ...]

    def number(self, state: str) -> int:
        """How many limits are in a state."""
        return sum(count.orders for count in self.counts if count.state == state)

    def require_calendar(self) -> None:
        """Raises StopRun where a limit cannot be counted because the calendar ends before it."""
        if self.missing_years:
            raise unknown_year(self.missing_years[0])


def read_deadlines(local: Connection, *, at: datetime | None = None, limit: int = 100) -> Deadlines:
    """The state of the limits of all open orders: of those without feedback, return or answer on site.

    Args:
        local: Session on the local store, in autocommit.
        at: Aware moment at which they are judged; now.
        limit: How many of the pressing ones are listed.
    """
    at = at or datetime.now(SHANGHAI)
    with local.transaction():
        # Its sorts fit into memory.
        local.execute("SET LOCAL work_mem = '64MB'")
        # A client-side cursor: CREATE TABLE AS takes no parameters of the server.
        psycopg.ClientCursor(local).execute(read_sql("time_limits/judge.sql"), {"at": at})
        counts = local.execute(read_sql("time_limits/counts.sql")).fetchall()
        pressing = local.execute(read_sql("time_limits/pressing.sql"), {"limit": limit}).fetchall()
        local.execute("DROP TABLE judged")
        [(first, last)] = local.execute(
            "SELECT extract(year FROM min(day))::integer, extract(year FROM max(day))::integer"
            " FROM hotline.calendar_day"
        ).fetchall()
    known = range(0) if first is None else range(first, last + 1)
    registered = {year for *_, years in counts for year in years or ()}
    return Deadlines(
        tuple(StateCount(*row[:-1]) for row in counts),
        tuple(Pressing(*row) for row in pressing),
        tuple(sorted({known.stop if year in known else year for year in registered})),
    )
