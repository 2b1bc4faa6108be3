"""What is due and overdue among open orders, from `hotline.judged_deadlines`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.store.sql import read_sql
from hotline_bridge.time_limits.calendar import unknown_year

if TYPE_CHECKING:
    from psycopg import Connection


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
