"""What names every table with records of orders, as the contract has them: a view and two functions of the local store.

`make migration` writes them anew with the tables of a new interface, so that its records are shown with their order and
the names in them are taken out of texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.store.typed_tables import typed_interfaces, window_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface

_NOTES = ("order_supplement", "order_urge")
_UNION = "\nUNION ALL\n"


def replaced_sql(local: Connection) -> tuple[str, str]:
    """Statements that make the three say what the contract says, and statements that make them as they are now.

    Args:
        local: Session on the local store.
    """
    up = [f"CREATE OR REPLACE VIEW hotline.order_person AS\n{order_person()};\n"]
    [(now,)] = local.execute("SELECT pg_get_viewdef('hotline.order_person'::regclass)").fetchall()
    down = [f"CREATE OR REPLACE VIEW hotline.order_person AS\n{now}\n"]
    for name, body in bodies().items():
        [(definition, source)] = local.execute(
            "SELECT pg_get_functiondef(oid), prosrc FROM pg_proc WHERE oid = ('hotline.' || %s)::regproc", [name]
        ).fetchall()
        up.append(f"{definition.replace(source, body).rstrip()};\n")
        down.append(f"{definition.rstrip()};\n")
    return "\n".join(up), "\n".join(down)


def order_person() -> str:
    """Query of the view `order_person`: the names and addresses in the records of each order."""
    return _UNION.join(
        f"SELECT\n    t.{interface.key_column}{' AS regino' if interface.key_column != 'regino' else ''},\n"
        f"    named.value\nFROM hotline.{interface.table} AS t\n"
        f"CROSS JOIN LATERAL (VALUES {', '.join(f'(t.{column})' for column in named)}) AS named (value)"  # nosec B608  (names of the contract)
        for interface in of_orders()
        if (named := [field.column for field in interface.record if field.personal in {"name", "address"}])
    )


def bodies() -> Mapping[str, str]:
    """Of each function the body: the records of an order, and the content of a version whose body is kept no longer."""
    records = [
        f"    SELECT '{interface.table}', t.row_id, t.{window_column(interface)}, to_jsonb(t)\n"  # noqa: S608
        f"    FROM hotline.{interface.table} AS t WHERE t.{interface.key_column} = of_order"
        for interface in of_orders()
    ]
    records += [
        f"    SELECT '{table}', t.row_id, t.written_at, to_jsonb(t)\n"  # noqa: S608
        f"    FROM hotline.{table} AS t WHERE t.regino = of_order AND t.is_current"
        for table in _NOTES
    ]
    names = ", ".join(f"'{interface.name}'" for interface in interfaces_of("order"))
    # In the place of a content of 12345 that broke rules, the content.
    records.append(
        "    (\n        SELECT d.interface, d.row_id, d.written_at, convert_from(d.body, 'UTF8')::jsonb\n"  # noqa: S608
        f"        FROM hotline.delivery AS d\n        WHERE d.interface IN ({names})\n"
        "            AND d.key = of_order AND d.state = 'quarantined' AND d.body IS NOT NULL\n"
        "        ORDER BY d.written_at DESC, d.row_id DESC\n        LIMIT 1\n    )"
    )
    contents = [
        f"    SELECT to_jsonb(t) FROM hotline.{interface.table}{suffix} AS t"  # noqa: S608
        " WHERE t.regino = of_order AND t.content_hash = of_hash"
        for suffix in ("", "_history")
        for interface in interfaces_of("order")
    ]
    union = "\n    UNION ALL\n"
    return {
        "order_records": f"\n{union.join(records)}\n",
        "kept_content": f"\n{union.join(contents)}\n    LIMIT 1\n",
    }


def of_orders() -> list[Interface]:
    """One interface for each typed table with records of orders."""
    return [interface for interface in typed_interfaces() if interface.belongs_to[0] == "order"]
