"""Writes a sample into the docking store (schema docking) and counts what the bridge must make of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hotline_bridge.contract.reader import contract
from hotline_bridge.docking.trial import require_trial
from hotline_bridge.errors import StopRun
from hotline_bridge.store.database import connect
from hotline_sandbox.sample.mix import sample_rows
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.sample.world import LOGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from psycopg.rows import TupleRow

    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.sample.world import Row

_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class TableCounts:
    """What was written, and what must become of it; `delivered` if all is taken in before anything is sent.

    Otherwise some of the `superseded` are delivered too, before their correction.
    """

    rows: int = 0
    delivered: int = 0
    held: int = 0
    quarantined: int = 0
    superseded: int = 0
    copies: int = 0
    flagged: int = 0
    """Of the delivered: sent with a flag, because their times run backwards."""

    @property
    def corrections(self) -> int:
        """Rows that give a key other content: each supersedes one row."""
        return self.superseded

    @property
    def versions(self) -> int:
        """Distinct contents: `delivered + held + quarantined + superseded`."""
        return self.rows - self.copies


@dataclass(frozen=True, slots=True)
class SampleCounts:
    """Counts by docking table, and how many quarantined rows have which reasons ("field:rule", by interface name)."""

    tables: Mapping[str, TableCounts]
    reasons: Mapping[tuple[str, tuple[str, ...]], int]

    @property
    def total(self) -> TableCounts:
        """The sums over the tables."""
        names = [field.name for field in fields(TableCounts)]
        return TableCounts(**{name: sum(getattr(counts, name) for counts in self.tables.values()) for name in names})


def load_sample(
    conninfo: str,
    *,
    rows: int,
    dirty: float = 0.03,
    corrections: float = 0.01,
    copies: float = 0.023,
    seed: int = 1,
    end: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> SampleCounts:
    """Adds a sample to the four telephony logs of the docking store, all of it or nothing; see `sample_rows`.

    Args:
        conninfo: libpq connection string of the docking store.
        rows: Rows over the four logs, exactly.
        dirty: Share of the rows that must end in quarantine.
        corrections: Share of the rows that give a key other content.
        copies: Share of the rows that repeat a row.
        seed: Same seed and end: same rows. Another seed makes other keys too (seeds that differ by less than 100).
        end: No row is written later; aware; the present by default.
        progress: Told now and then how many rows have been written so far.

    Raises:
        ValueError: The shares do not fit, or `end` has no zone.
        StopRun: The docking store is not marked for trial, or the account is refused.
        TryAgainLater: The server cannot be reached.
    """
    end = end or datetime.now(SHANGHAI)
    sample = sample_rows(rows, dirty=dirty, corrections=corrections, copies=copies, seed=seed, end=end)
    tally: Counter[tuple[str, str]] = Counter()
    reasons: Counter[tuple[str, tuple[str, ...]]] = Counter()
    written = 0
    logs = [contract()[name] for name in LOGS]
    with connect(conninfo) as connection, connection.transaction():
        while chunk := list(islice(sample, _CHUNK)):
            for interface in logs:
                own = ((row.row, row.written_at) for row in chunk if row.interface == interface.name)
                copy_rows(connection, interface, own)
            tally.update((row.interface, row.fate) for row in chunk)
            tally.update((row.interface, "flagged") for row in chunk if row.flagged)
            reasons.update((row.interface, row.reasons) for row in chunk if row.reasons)
            written += len(chunk)
            if progress:
                progress(written)
    return SampleCounts({str(interface.table): table_counts(interface, tally) for interface in logs}, dict(reasons))


def copy_rows(
    connection: psycopg.Connection[TupleRow], interface: Interface, rows: Iterable[tuple[Row, datetime]]
) -> None:
    """Adds rows to the docking table of an interface, each with the moment at which 12345 wrote it.

    Raises:
        StopRun: The store is not marked for trial, or there is no such table.
    """
    require_trial(connection)
    columns = [field.column for field in interface.request]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("docking", str(interface.table)),
        sql.SQL(", ").join(map(sql.Identifier, [*columns, "written_at"])),
    )
    values = itemgetter(*columns)
    try:
        with connection.cursor().copy(statement) as copy:
            for row, written_at in rows:
                copy.write_row((*values(row), written_at))
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        raise StopRun(
            f"the docking store has no table docking.{interface.table}",
            interface=interface.name,
            remedy="run `hotline migrate` first",
        ) from None


def table_counts(interface: Interface, tally: Counter[tuple[str, str]]) -> TableCounts:
    """The counts of one table from how many rows of an interface have which fate, or are `flagged`."""
    ends = {
        "delivered": tally[interface.name, "delivered"],
        "held": tally[interface.name, "held"],
        "quarantined": tally[interface.name, "quarantined"],
        "superseded": tally[interface.name, "superseded"],
        "copies": tally[interface.name, "copy"],
    }
    return TableCounts(rows=sum(ends.values()), **ends, flagged=tally[interface.name, "flagged"])
