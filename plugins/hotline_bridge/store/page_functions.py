"""Two functions of the local store that say what the contract says: made anew by every `hotline migrate`.

The account of the pages reads contents through functions of their owner. What these mask, and what they tell of what is
published, derives from the contract and not from the account that asks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.contract.register import table_classes, tables
from hotline_bridge.store.published import OF_ORDERS, desired_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection


_SCRUBBED = (
    "hotline.scrub_text(r.row ->> 'message',"
    " array(SELECT p.value FROM hotline.order_person AS p WHERE p.regino = of_order))"
)


def make_page_functions(session: Connection) -> None:
    """Make `hotline.field_class` and `hotline.told_order` say what the contract says, unless they do already."""
    for name, body in (("field_class", _field_classes(session)), ("told_order", _told(session))):
        [(definition, now)] = session.execute(
            "SELECT pg_get_functiondef(oid), prosrc FROM pg_proc"
            " WHERE pronamespace = 'hotline'::regnamespace AND proname = %s",
            [name],
        ).fetchall()
        if now != body:
            session.execute(definition.replace(now, body).encode())


def _field_classes(session: Connection) -> str:
    rows = sql.SQL(",\n").join(
        sql.SQL("({}, {}, {}::text, {}::text)").format(*map(sql.Literal, row))
        for row in sorted(set(_fields()), key=str)
    )
    return sql.SQL("\nVALUES\n{}\n").format(rows).as_string(session)


def _fields() -> Iterator[tuple[str, str, str | None, str | None]]:
    """Origin, name, class and type of every field and column."""
    for interface in contract().values():
        asked = {field.name: field for field in interface.request}
        answered = {field.name: field for field in interface.response}
        for name, field in {**answered, **asked}.items():
            personal = field.personal or (answered[name].personal if name in answered else None)
            yield interface.name, name, personal, field.kind
    for table in tables():
        for column, of_class in table_classes(table).items():
            yield table, column, None if of_class == "none" else of_class, None


def _told(session: Connection) -> str:
    parts = []
    for table in OF_ORDERS:
        query = desired_rows(table).decode()
        for name, value in {
            "reginos": "ARRAY[of_order]",
            "orders": _array(session, [interface.name for interface in interfaces_of("order")]),
            "words": "told_order.rule_words",
        }.items():
            query = query.replace(f"%({name})s", value)
        if unknown := re.search(r"%\(\w+\)s", query):
            raise LookupError(f"publish/{table}.sql asks for {unknown[0]}")
        query = query.replace("%%", "%")
        told = f"jsonb_agg(jsonb_build_object('state', r.row ->> 'state', 'message', {_SCRUBBED}))"
        named = sql.Literal(table).as_string(session)
        parts.append(
            f"SELECT {named}, count(*), {told} FROM jsonb_array_elements(({query})::jsonb) AS r (row)\n"  # noqa: S608
            "HAVING count(*) > 0"
        )
    return "\n" + "\nUNION ALL\n".join(parts) + "\n"


def _array(session: Connection, names: list[str]) -> str:
    return sql.Literal(names).as_string(session)
