"""Rows of a view as a file (导出) for Excel (CSV, XLSX) or for programs (Parquet), in a stream of flat memory."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from psycopg import IsolationLevel, sql

from hotline_bridge.analytics.aggregates import shown_rows
from hotline_bridge.errors import StopRun
from hotline_bridge.files import whole_file
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotline_bridge.analytics.selection import Column, Selection
    from hotline_bridge.store.database import Session

FORMATS = ("csv", "xlsx", "parquet")
SLOW_FROM = 100_000
"""Rows of an XLSX file from which CSV or Parquet serve better."""
_EXCEL_ROWS = 1_048_576 - 1
_EXCEL_TEXT = 32_767
_EXCEL_DIGITS = 15
_LONGEST = "2h"
"""How long the statement of an export may take."""
_BOM = "\ufeff".encode()


@dataclass(frozen=True, slots=True)
class _Task:
    """What is written, where to, and who is told."""

    session: Session
    selection: Selection
    rows: sql.Composable
    target: IO[bytes]
    on_rows: Callable[[int], object]
    say: Callable[[str], object]

    def statement(self, as_written: Callable[[Column], sql.Composable]) -> sql.Composed:
        """Reads each column of the rows as the format needs it."""
        return self.selection.of(self.rows, sql.SQL(", ").join(map(as_written, self.selection.columns)))


def export(
    session: Session,
    selection: Selection,
    file: Path,
    file_format: str,
    actor: str,
    on_rows: Callable[[int], object] = lambda _: None,
    say: Callable[[str], object] = lambda _: None,
) -> int:
    """Write what was selected to a file that is whole or not there. Returns its rows.

    It reads one state of the store, and leaves a row in `hotline.export_log` before the first row is read.

    Args:
        session: With the rights of whoever asks; statements on it may take two hours from here on.
        selection: Of one view.
        file: Readable by its owner alone.
        file_format: One of `FORMATS`. In a CSV, texts that Excel would take for a formula begin with `'`, those that it
            would take for a number with a tab.
        actor: Who asks, as the operating system knows them.
        on_rows: Told how many rows are written so far.
        say: Told, as a sentence, what the reader of the file has to know.

    Raises:
        StopRun: The file cannot be written, or does not hold so many rows.
    """
    session.set(statement_timeout=_LONGEST)
    remedy = "name a folder with --output that this account may write, and that has room"
    with whole_file(file, mode=0o600, remedy=remedy) as target:
        number = _note(session, selection, file_format, actor)
        with _one_state(session):
            shown, rows = _rows(session, selection)
            write = {"csv": _write_csv, "xlsx": _write_xlsx, "parquet": _write_parquet}[file_format]
            count = write(_Task(session, shown, rows, target, on_rows, say))
        session.execute(read_sql("analytics/export.sql", "note_end"), {"number": number, "rows": count})
    return count


def estimated_rows(session: Session, selection: Selection) -> int:
    """About how many rows there will be, without reading them."""
    statement = sql.SQL("EXPLAIN (FORMAT JSON) {}").format(
        selection.of(sql.Identifier("analytics", selection.view.name), sql.SQL("1"))
    )
    [(plan,)] = session.execute(statement).fetchall()
    return int(plan[0]["Plan"]["Plan Rows"])


def _note(session: Session, selection: Selection, file_format: str, actor: str) -> int:
    [(number,)] = session.execute(
        read_sql("analytics/export.sql", "note"),
        {
            "actor": actor,
            "view_name": selection.view.name,
            "column_names": [column.name for column in selection.columns],
            "filter": selection.shape,
            "format": file_format,
        },
    ).fetchall()
    return int(number)


@contextmanager
def _one_state(session: Session) -> Iterator[None]:
    """A transaction that reads one state of the store, and changes nothing."""
    session.isolation_level, session.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        with session.transaction():
            yield
    finally:
        if not session.closed:
            session.isolation_level, session.read_only = None, None


def _rows(session: Session, selection: Selection) -> tuple[Selection, sql.Composable]:
    """What is shown, and the rows that filters are for: of an aggregate those whose small cells are blank."""
    if selection.view.is_aggregate:
        shown, statement = shown_rows(session, selection)
        return shown, sql.SQL("({})").format(statement)
    return selection, sql.Identifier("analytics", selection.view.name)


def _write_csv(task: _Task) -> int:
    from hotline_bridge.analytics.excel_csv import for_excel  # noqa: PLC0415  (numpy: a tenth of a second)

    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(task.statement(_as_csv))
    task.target.write(_BOM)
    count = -1  # the names of the columns
    with task.session.cursor().copy(statement) as rows:
        for more, block in for_excel(rows, [column.is_text for column in task.selection.columns]):
            task.target.write(block)
            count += more
            task.on_rows(count)
    return count


def _as_csv(column: Column) -> sql.Composed:
    """What is selected of a column so that Excel shows it as it is, but for the marks of texts."""
    name = sql.Identifier(column.name)
    if column.type == "timestamp with time zone":
        return sql.SQL("v.{0}::timestamp(0) AS {0}").format(name)
    if column.type == "boolean":
        return sql.SQL("v.{0}::text AS {0}").format(name)
    return sql.SQL("v.{0}").format(name)


def _write_parquet(task: _Task) -> int:
    from hotline_bridge.analytics.parquet import (  # noqa: PLC0415  (a fifth of a second)
        arrow_schema,
        parquet_writer,
        read_batches,
    )

    count = 0
    columns = task.selection.columns
    with parquet_writer(task.target, arrow_schema(columns)) as writer:
        for batch in read_batches(task.session, columns, lambda selected: task.selection.of(task.rows, selected)):
            writer.write_batch(batch)
            count += batch.num_rows
            task.on_rows(count)
    return count


def _write_xlsx(task: _Task) -> int:
    # Rows lie in files of their own until the workbook is made: they go with this folder, whatever happens.
    with tempfile.TemporaryDirectory(dir=Path(task.target.name).parent, prefix=".sheet.") as folder:
        return _write_book(task, folder)


def _write_book(task: _Task, folder: str) -> int:
    import xlsxwriter  # noqa: PLC0415  (a CSV or Parquet needs none of it)

    sink = _UntilFull(task.target)
    book = xlsxwriter.Workbook(
        sink,
        {
            "tmpdir": folder,
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd hh:mm:ss",
        },
    )
    sheet = book.add_worksheet(task.selection.view.name[:31])
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(task.selection.columns) - 1, 18)
    sheet.write_row(0, 0, [column.name for column in task.selection.columns], book.add_format({"bold": True}))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    count = cut = 0
    for row in task.session.cursor().stream(task.statement(_as_cell), size=1_000):
        count += 1
        if count > _EXCEL_ROWS:
            raise StopRun(
                f"there are more than the {_EXCEL_ROWS} rows that Excel holds",
                remedy="narrow it with --where, or use csv or parquet",
            )
        if count == SLOW_FROM + 1:
            task.say(f"more than {SLOW_FROM} rows: csv is written far faster, and opens in Excel too")
        for place, (column, value) in enumerate(zip(task.selection.columns, row, strict=True)):
            if value is not None:
                cut += _write_cell(sheet, count, place, column, value, day)
        if count % 1_000 == 0:
            task.on_rows(count)
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise error.args[0] from None  # the OSError
    if sink.error:
        raise sink.error
    task.on_rows(count)
    if cut:
        task.say(
            f"{cut} texts longer than the {_EXCEL_TEXT} characters of a cell were cut: csv and parquet hold them whole"
        )
    return count


class _UntilFull:
    """Takes what is written after a write failed too, and keeps that error: ZipFile, when freed, ends its file."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        if self.error is None:
            try:
                self._target.write(data)
            except OSError as error:
                self.error = error
        return len(data)

    def flush(self) -> None:
        """What is buffered is written by whoever made the file."""


def _as_cell(column: Column) -> sql.Composed:
    """Times as text in Asia/Shanghai, since Python knows no infinite ones."""
    name = sql.Identifier(column.name)
    if column.type == "timestamp with time zone":
        return sql.SQL("v.{0}::timestamp(0)::text AS {0}").format(name)
    if column.type.startswith(("bigint", "boolean", "double", "integer", "numeric", "real", "smallint")):
        return sql.SQL("v.{0}").format(name)
    return sql.SQL("v.{0}::text AS {0}").format(name)


def _write_cell(sheet: Any, row: int, place: int, column: Column, value: Any, day: Any) -> bool:  # noqa: ANN401  (of XlsxWriter, which has no types)
    """Write one cell. Returns whether its text was cut."""
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float | Decimal):
        if _is_exact(value):
            sheet.write_number(row, place, value)
        else:
            sheet.write_string(row, place, str(value))
    elif (moment := _excel_time(column, value)) is not None:
        sheet.write_datetime(row, place, moment, *([day] if column.type == "date" else []))
    else:
        sheet.write_string(row, place, value[:_EXCEL_TEXT])
        return len(value) > _EXCEL_TEXT
    return False


def _is_exact(number: float | Decimal) -> bool:
    """Whether Excel keeps all its digits."""
    if isinstance(number, float):
        return number - number == 0
    if isinstance(number, int):
        return abs(number) < 10**_EXCEL_DIGITS
    return number.is_finite() and len(number.normalize().as_tuple().digits) <= _EXCEL_DIGITS


def _excel_time(column: Column, text: str) -> datetime | None:
    """The time of a cell, where Excel knows such a time: it begins in 1900."""
    if not column.type.startswith(("date", "timestamp")):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.year >= 1900 else None
