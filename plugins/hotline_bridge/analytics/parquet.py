"""Rows of PostgreSQL as Parquet, in a stream: COPY as CSV, read by Arrow some thousand rows at a time.

One session as all of ours, and no row becomes a Python object. Types: numeric with a stated precision is exact, other
numeric a double; times are moments that show in Asia/Shanghai; arrays and documents are JSON texts, anything else text.
Parquet knows no infinite time: those become its first and its last.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
from psycopg import sql

from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hotline_bridge.analytics.selection import Column
    from hotline_bridge.store.database import Session

_BATCH_BYTES = 2 * 2**20
"""Of CSV that are read at once; what comes of them is one group of rows in the file."""
_MOMENT = pa.timestamp("us", "Asia/Shanghai")
_TYPES = {
    "boolean": pa.bool_(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "numeric": pa.float64(),
    "date": pa.date32(),
    "timestamp with time zone": _MOMENT,
    "timestamp without time zone": pa.timestamp("us"),
    "bytea": pa.binary(),
}
_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")


def arrow_type(column: Column) -> pa.DataType:
    """The type in a Parquet file of a column of PostgreSQL."""
    if match := _NUMERIC.fullmatch(column.type):
        precision, scale = map(int, match.groups())
        return pa.decimal128(precision, scale) if precision <= 38 else pa.float64()
    return _TYPES.get(column.type, pa.string())


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The schema of a Parquet file with these columns."""
    return pa.schema([(column.name, arrow_type(column)) for column in columns])


def parquet_writer(file: IO[bytes], schema: pa.Schema) -> pq.ParquetWriter:
    """Writes batches to a file, which it does not close; `with` closes the writer."""
    return pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True)


def read_batches(
    session: Session, columns: Sequence[Column], statement: Callable[[sql.Composable], sql.Composable]
) -> Iterator[pa.RecordBatch]:
    """The rows of a statement, some thousand at a time: memory stays flat, however many there are.

    Args:
        session: On which the statement runs.
        columns: Of each row, in their order.
        statement: Gives the statement for what it is to select (or return) of each row, which it calls `v`.

    Raises:
        StopRun: A value is none of its type in Parquet.
    """
    schema = arrow_schema(columns)
    for block in _blocks(session, statement(sql.SQL(", ").join(map(_as_csv, columns)))):
        yield _read(block, schema)


def _blocks(session: Session, statement: sql.Composable) -> Iterator[bytearray]:
    """Some rows at a time as CSV: the server sends each row in a message of its own (PostgreSQL: COPY operations)."""
    rows = bytearray()
    with session.cursor().copy(sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(statement)) as copy:
        for row in copy:
            rows += row
            if len(rows) >= _BATCH_BYTES:
                yield rows
                rows = bytearray()
    if rows:
        yield rows


def _as_csv(column: Column) -> sql.Composed:
    """What is selected of a column so that Arrow reads it."""
    name = sql.Identifier(column.name)
    bounds = (
        "CASE WHEN v.{0} IS NOT NULL THEN least(greatest(v.{0}, '0001-01-01 00:00Z'), '9999-12-31 23:59:59.999999') END"
    )
    if column.type == "timestamp with time zone":
        # In UTC: a zone of before 1901 has seconds, which no reader of CSV knows.
        form = f"({bounds}) AT TIME ZONE 'UTC' AS {{0}}"
    elif column.type.startswith(("timestamp", "date")):
        form = f"{bounds} AS {{0}}"
    elif column.type == "bytea":
        form = "encode(v.{0}, 'hex') AS {0}"
    elif _NUMERIC.fullmatch(column.type):
        form = "nullif(v.{0}, 'NaN') AS {0}"
    elif column.type.endswith("[]"):
        form = "to_json(v.{0}) AS {0}"
    else:
        form = "v.{0} AS {0}"
    return sql.SQL(form).format(name)


def _read(block: bytearray, schema: pa.Schema) -> pa.RecordBatch:
    written = {field.name: pa.string() if field.type == pa.binary() else field.type for field in schema}
    written |= {field.name: pa.timestamp("us") for field in schema if field.type == _MOMENT}
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(block),
            read_options=arrow_csv.ReadOptions(column_names=schema.names, use_threads=False, block_size=2 * len(block)),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=written,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                true_values=["t"],
                false_values=["f"],
            ),
        )
    except pa.ArrowInvalid as error:
        # Its own words hold the value.
        place = re.search(r"column #(\d+)", str(error))
        where = f"column {schema.names[int(place[1])]}" if place else "a column"
        raise StopRun(
            f"a value in {where} fits no type of Parquet", remedy="give this line to the maintainers"
        ) from None
    arrays = [
        pa.array([value and bytes.fromhex(value) for value in column.to_pylist()], pa.binary())
        if field.type == pa.binary()
        else column.cast(field.type).combine_chunks()
        for field, column in zip(schema, table.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
