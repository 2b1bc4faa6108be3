"""Takes in the deadlines that 12345 sets for orders (处理时限, specification 4.6), those of unknown orders included."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from psycopg import errors

from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.inbound.moments import read_moment
from hotline_bridge.store.database import TEMPORARY
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from psycopg import Connection

BATCH_ROWS = 5_000
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
        TryAgainLater: A store is away or read-only.
    """
    total = DeadlineCounts()
    try:
        while True:
            counts = _batch(docking, local)
            total += counts
            # A row that changed meanwhile is left to the next run, or two writers could keep this one busy for ever.
            if counts.rows < BATCH_ROWS or not counts.collected:
                return total
    except (errors.InsufficientPrivilege, errors.UndefinedTable, errors.UndefinedColumn) as error:
        raise StopRun(
            f"order_deadline cannot be read or marked ({type(error).__name__})",
            remedy="run `hotline migrate` and `hotline check`, which name what is missing",
        ) from None
    except TEMPORARY as error:
        raise TryAgainLater(
            f"order_deadline cannot be taken in now ({type(error).__name__})",
            remedy="see whether both stores run and can be written; the next run continues",
        ) from None


def _batch(docking: Connection, local: Connection) -> DeadlineCounts:
    rows = docking.execute(read_sql("time_limits/read_deadlines.sql").encode(), {"limit": BATCH_ROWS}).fetchall()
    if not rows:
        return DeadlineCounts()
    reginos, texts, tids, written = (list(column) for column in zip(*rows, strict=True))
    deadlines = [last_moment(text) for text in texts]
    local.execute(
        read_sql("time_limits/add_deadlines.sql").encode(),
        {"reginos": reginos, "deadlines": deadlines, "texts": texts, "written": written},
    )
    marked = docking.execute(
        read_sql("time_limits/mark_deadlines.sql").encode(), {"tids": tids, "reginos": reginos, "texts": texts}
    )
    unreadable = sum(deadline is None for deadline in deadlines)
    return DeadlineCounts(len(rows), unreadable, sum(not regino for regino in reginos), marked.rowcount)


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
