"""What stands in both stores, to be compared with what another run of the same left (invariant I4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import contract

if TYPE_CHECKING:
    from psycopg import Connection

Contents = Mapping[str, "Counter[tuple[str, str]]"]
"""By table, how often a key stands with a content, of which only the MD5 is kept."""


def contents(docking: Connection | None, local: Connection) -> Contents:
    """What stands in the tables, without what says when or in which run it came.

    Left out is what depends on when a run came: versions that a newer one followed (whether the platform got them,
    which supplements lay over an order meanwhile, and whether anybody saw what 12345 then wrote over), and what looked
    odd (a seat may be known by the next run).
    """
    stores = {"hotline": local, **({"docking": docking} if docking else {})}
    found: dict[str, Counter[tuple[str, str]]] = {}
    for (schema, table), columns in _compared().items():
        if store := stores.get(schema):
            query = sql.SQL("SELECT {}::text, md5(concat_ws('|', {})), count(*) FROM {} GROUP BY 1, 2").format(
                sql.Identifier(columns[0]),
                sql.SQL(", ").join(
                    sql.SQL("coalesce({}::text, '-')").format(sql.Identifier(column)) for column in columns
                ),
                sql.SQL(_VERSIONS) if table == "delivery" else sql.Identifier(schema, table),
            )
            found[f"{schema}.{table}"] = Counter({(key or "", row): count for key, row, count in store.execute(query)})
    return found


_VERSIONS = """(
    SELECT d.* FROM hotline.delivery AS d WHERE NOT EXISTS (
        SELECT FROM hotline.delivery AS n
        WHERE n.interface = d.interface AND n.key = d.key
        AND (n.written_at, n.row_id) > (d.written_at, d.row_id))) AS d"""


def _compared() -> dict[tuple[str, str], list[str]]:
    """Columns by schema and table, the one that names a row first."""
    wanted = {
        ("hotline", "delivery"): ["key", "interface", "content_hash", "state", "reasons"],
        ("hotline", "quarantined_answer"): ["key", "interface", "content_hash", "reasons", "state"],
        ("hotline", "quarantined_note"): ["note_key", "docking_table", "content_hash", "reasons", "state"],
        ("hotline", "order_supplement"): ["note_key", "regino", "supplementtime", "content", "is_current"],
        ("hotline", "order_urge"): ["note_key", "regino", "urgetime", "urger", "remark", "is_current"],
        ("hotline", "order_deadline"): ["regino", "deadline", "deadline_text"],
        ("hotline", "order_completion"): ["regino", "interface", "field", "value", "actor"],
        ("hotline", "order_audit"): ["regino", "interface", "content_hash", "decision", "person", "reason"],
        ("hotline", "seat"): ["seatno", "seatname", "sourcearea", "unitcode", "enabled"],
        ("hotline", "reconciliation_state"): [
            *("day", "kind", "docking_count", "platform_count", "local_count", "unexplained", "state"),
        ],
    }
    for interface in contract().values():
        if interface.table and interface.kind in {"report", "query"}:
            columns = dict.fromkeys(field.column for field in interface.record)
            wanted["hotline", interface.table] = list({interface.key_column: None, **columns})
    for table in docking_tables().values():
        if table.written_by == "bridge":
            wanted["docking", table.name] = list(table.carried)
    return wanted
