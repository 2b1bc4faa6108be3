"""What is personal in the store is in no file that an analyst takes out, and in no record of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from psycopg import sql

from hotline_bridge.analytics.export import export
from hotline_bridge.analytics.rollups import refresh
from hotline_bridge.analytics.selection import select
from hotline_bridge.contract.register import table_classes, views
from hotline_bridge.store.database import connect
from hotline_bridge.store.typed_tables import column_type, typed_interfaces

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.store.database import Session

PHONE = "13987650001"
MARKS = {
    "name": "暗桩甲",
    "phone": PHONE,
    "number": "11010519491231002X",
    "address": "深圳市南山区梧桐里七号院",
    "link": "canary@example.invalid",
    "text": "落霞孤鹜，电话13987650001",
}
HIDDEN = ("暗桩甲", PHONE, "11010519491231002X", "梧桐里", "canary@", "落霞孤鹜")


def plant(local: Session, interface: Interface) -> None:
    """A row of its table with a mark in every column that is personal."""
    classes = table_classes(str(interface.table))
    types = {field.column: column_type(field) for field in interface.record}
    row: dict[str, object] = (
        {"written_at": "2026-09-01"} if interface.kind == "report" else {"requested_at": "2026-09-01"}
    )
    row |= {"content_hash": b"", "row_id": 1} | ({} if interface.kind == "report" else {"flags": [], "source": ""})
    for column, of_type in types.items():
        is_time = of_type in {"timestamptz", "date"}
        row[column] = "2026-09-01" if is_time else MARKS.get(classes[column], "1") if of_type == "text" else 1
    statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
        sql.Identifier("hotline", str(interface.table)),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join([sql.Placeholder()] * len(row)),
    )
    local.execute(statement, list(row.values()))


def assert_hidden(shown: str, where: str) -> None:
    seen = [number for number, mark in enumerate(HIDDEN) if mark in shown]
    assert not seen, f"{where} shows mark {seen}"


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_no_file_shows_what_is_personal(local_store: str, tmp_path: Path, file_format: str) -> None:
    with connect(local_store) as local:
        for interface in typed_interfaces():
            plant(local, interface)
        refresh(local)
    with connect(local_store) as session:
        session.execute("SET ROLE hotline_analyst")
        for name in (name for name, view in views().items() if view.right == "analyst"):
            file = tmp_path / f"{name}.{file_format}"
            rows = export(session, select(session, views(), name, None, []), file, file_format, "somebody")
            assert rows or name not in {"call", "work_order", "feedback"}
            text = str(pq.read_table(file).to_pylist()) if file_format == "parquet" else file.read_text("utf-8-sig")
            assert_hidden(text, file.name)
        filtered = select(session, views(), "call", ["callid"], [f"caller_phone_masked = {PHONE}"])
        export(session, filtered, tmp_path / f"none.{file_format}", file_format, "somebody")
    with connect(local_store) as local:
        [(log,)] = local.execute("SELECT string_agg(l::text, '') FROM hotline.export_log AS l").fetchall()
    assert_hidden(log, "hotline.export_log")
