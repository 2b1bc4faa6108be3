"""What is old moves out of the local store into Parquet files (归档): one file a table and month of Asia/Shanghai.

A month moves in one transaction: its rows are deleted, and what was deleted is written, put on disk, read back and
counted; only then is the deletion committed. Whatever is killed on the way, each row is in the store or in the file;
one that is in both is found in the file by the next run, and not written twice.
"""

from __future__ import annotations

import math
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import sql

from hotline_bridge.analytics.parquet import arrow_schema, parquet_writer, read_batches
from hotline_bridge.analytics.selection import Column
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.errors import StopRun
from hotline_bridge.failpoints import reached
from hotline_bridge.files import whole_file
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from hotline_bridge.store.database import Session

FOLDER = "HOTLINE_ARCHIVE_DIR"
"""Environment variable that names the folder; without it nothing is archived."""
_SHORTEST = 7
"""Digits of a number that tells somebody."""
_NAME = re.compile(r"(\d{4})-(\d{2})\.parquet")
_REMEDY = f"set {FOLDER} to a folder that this account may write, and that has room"


@dataclass(frozen=True, slots=True)
class Archived:
    """One file of the archive."""

    table: str
    month: date
    """Its first day."""
    path: Path


def archived(folder: Path, table: str | None = None) -> list[Archived]:
    """The files of an archive, of one table or of all, oldest first."""
    found = [
        Archived(path.parent.name, date(int(match[1]), int(match[2]), 1), path)
        for path in folder.glob(f"{table or '*'}/*.parquet")
        if (match := _NAME.fullmatch(path.name))
    ]
    return sorted(found, key=lambda file: (file.table, file.month))


def move_months(
    local: Session, folder: Path, table: str, moment: str, before: datetime, until: float = math.inf
) -> dict[date, int]:
    """Move all whole months of a table that ended before a moment, oldest first. Returns rows by month.

    Args:
        local: Session on the local store, in autocommit, that may delete from the table.
        folder: Of the archive. Files can be read by this account alone: some tables hold personal data.
        table: Of schema `hotline`, with a column `row_id`.
        moment: The column, of type timestamptz, by which its rows belong to months. Rows without one stay.
        before: Aware moment.
        until: Moment of `time.monotonic` from which no further month is begun.

    Raises:
        StopRun: A file cannot be written, or holds something other than what was written; nothing is deleted then.
    """
    last = _month_of(before)
    moved: dict[date, int] = {}
    oldest_row = read_sql("archive/archive.sql", "oldest").format(**_names(table, moment))
    while time.monotonic() < until:
        [(oldest,)] = local.execute(oldest_row, {"before": last}).fetchall()
        if oldest is None:
            # Nothing is left in them, where the table is partitioned by months.
            local.execute(read_sql("archive/archive.sql", "drop_months"), {"table_name": table, "before": last})
            break
        month = _month_of(oldest)
        moved[month.date()] = _move_month(local, folder, table, moment, month)
    return moved


def months_to_move(local: Session, table: str, moment: str, before: datetime) -> dict[date, int]:
    """Rows by month that `move_months` would move."""
    statement = read_sql("archive/archive.sql", "months").format(**_names(table, moment))
    return dict(local.execute(statement, {"before": _month_of(before)}).fetchall())


def forget(folder: Path, numbers: Collection[str], *, dry_run: bool = False) -> dict[str, int]:
    """Take every row out of the archive in which one of a person's numbers stands, in whatever column.

    Args:
        folder: Of the archive.
        numbers: Telephone and identity numbers; blanks and hyphens in them, or in the rows, do not matter.
        dry_run: Count them alone.

    Returns:
        Rows that are gone, by table. Those of `landing` are whole answers: what else was in them stands in its tables.

    Raises:
        StopRun: A number is too short to look for, or a file cannot be written; that file is as it was.
    """
    pattern = "|".join(map(_written, numbers))
    gone: dict[str, int] = {}
    for file in archived(folder):
        rows = sum(_of(batch, pattern).true_count for batch in _groups(file.path)) if pattern else 0
        if not rows:
            continue
        gone[file.table] = gone.get(file.table, 0) + rows
        if dry_run:
            continue
        with (
            whole_file(file.path, mode=0o600, remedy=_REMEDY) as target,
            parquet_writer(target, pq.read_schema(file.path)) as writer,
        ):
            for batch in _groups(file.path):
                if (kept := batch.filter(pc.invert(_of(batch, pattern)))).num_rows:
                    writer.write_batch(kept)
    return gone


def _written(number: str) -> str:
    """A regular expression for a number as people write it, and for nothing longer."""
    digits = re.sub(r"[^0-9A-Za-z]", "", number)
    if len(digits) < _SHORTEST:
        raise StopRun("a number is too short to look for in the archive", remedy="give it whole, with its area code")
    return r"(?i:(?:^|[^0-9])(?:86[ -]?)?" + r"[ ()-]*".join(digits) + r"(?:[^0-9X]|$))"


def _of(batch: pa.RecordBatch, pattern: str) -> pa.BooleanArray:
    """Which rows of a batch hold a match of the pattern."""
    found = pa.array([False] * batch.num_rows, pa.bool_())
    for column in batch.columns:
        if column.type in {pa.string(), pa.binary()}:
            found = pc.or_(found, pc.fill_null(pc.match_substring_regex(column, pattern), False))
    return found


def _month_of(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _move_month(local: Session, folder: Path, table: str, moment: str, month: datetime) -> int:
    path = folder / table / f"{month:%Y-%m}.parquet"
    ends = (month + timedelta(days=31)).replace(day=1)
    names = {**_names(table, moment), "begins": sql.Literal(month), "ends": sql.Literal(ends)}
    with local.transaction():
        local.execute("SET LOCAL statement_timeout = '2h'")
        # Two runs would read one file and write it twice, each without what the other moved.
        local.execute(read_sql("archive/archive.sql", "alone"), {"what": f"{table} {month:%Y-%m}"})
        columns = [Column(*found) for found in local.execute(*_columns(table)).fetchall()]
        schema, twice = _in_file(path, arrow_schema(columns)), 0
        if path.exists():
            local.execute(read_sql("archive/archive.sql", "known_table"))
            _tell_known(local, path, moment)
            twice = local.execute(read_sql("archive/archive.sql", "take_known").format(**names)).rowcount
        taken = read_sql("archive/archive.sql", "take")
        batches = read_batches(local, columns, lambda selected: taken.format(**names, selected=selected))
        count, in_file = _write(path, schema, batches)
        reached("month-written")
        _require_whole(path, in_file, moment, month, ends)
        reached("month-read-back")
    reached("month-moved")
    return count + twice


def _in_file(path: Path, schema: pa.Schema) -> pa.Schema:
    """The schema of a month's file, with the columns that it has already."""
    try:
        return pa.unify_schemas([schema, pq.read_schema(path)]) if path.exists() else schema
    except (pa.ArrowException, OSError):
        raise _unreadable(path) from None


def _unreadable(path: Path) -> StopRun:
    told = f"{path} cannot be read as a part of the archive"
    return StopRun(told, remedy="move it elsewhere; none of its rows was deleted")


def _tell_known(local: Session, path: Path, moment: str) -> None:
    """Tell the store which rows are in a file: numbers alone start anew after a restore from a backup."""
    with local.cursor().copy("COPY archived (row_id, moment) FROM STDIN") as copy:
        for batch in _groups(path, ["row_id", moment]):
            for row in zip(batch["row_id"].to_pylist(), batch[moment].to_pylist(), strict=True):
                copy.write_row(row)


def _write(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> tuple[int, int]:
    """Write what is in the file already, and the batches. Returns rows of the batches, of the file."""
    count = in_file = 0
    with whole_file(path, mode=0o600, remedy=_REMEDY) as target, parquet_writer(target, schema) as writer:
        for batch in _groups(path) if path.exists() else ():
            writer.write_batch(_as_of(schema, batch))
            in_file += batch.num_rows
        for batch in batches:
            writer.write_batch(_as_of(schema, batch))
            count += batch.num_rows
    return count, in_file + count


def _groups(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a file in the groups in which they were written: how large so many rows are, nobody knows.

    Raises:
        StopRun: It is no whole file.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for group in range(file.num_row_groups):
                yield from (found for found in file.read_row_group(group, columns).to_batches() if found.num_rows)
    except (pa.ArrowException, OSError):
        raise _unreadable(path) from None


def _as_of(schema: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with the columns of a schema: one that came later, or has gone since, is empty in the others."""
    names = batch.schema.names
    arrays = [batch[field.name] if field.name in names else pa.nulls(batch.num_rows, field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _require_whole(path: Path, rows: int, moment: str, begins: datetime, ends: datetime) -> None:
    """Raises StopRun unless the file on disk has so many rows, all of the month."""
    found = 0
    with suppress(StopRun):
        for batch in _groups(path):
            times = pc.min_max(batch[moment]).as_py()
            found += batch.num_rows if begins <= times["min"] and times["max"] < ends else 0
    if found != rows:
        raise StopRun(f"{path} does not hold what was written", remedy=f"nothing was deleted; {_REMEDY}")


def _names(table: str, moment: str) -> dict[str, sql.Identifier]:
    return {"old_table": sql.Identifier("hotline", table), "moment": sql.Identifier(moment)}


def _columns(table: str) -> tuple[sql.SQL, dict[str, str]]:
    return read_sql("archive/archive.sql", "columns"), {"table_name": table}
