"""What SQL needs to know of an interface, derived from the contract: the body, the row rules, the typed columns.

Everything here is composed with `psycopg.sql`, so names are identifiers and values are literals or parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql

from hotline_bridge.docking.shape import AS_AGREED, DIGITS, LONGEST_TEXT, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline_bridge.contract.model import Field, Interface
    from hotline_bridge.docking.shape import Shape


def docking_table(interface: Interface) -> sql.Identifier:
    """The table that 12345 writes."""
    return sql.Identifier("docking", _table(interface))


def current_table(interface: Interface) -> sql.Identifier:
    """The local typed table: the newest good version of each key."""
    return sql.Identifier("hotline", _table(interface))


def history_table(interface: Interface) -> sql.Identifier:
    """What was replaced in the typed table."""
    return sql.Identifier("hotline", f"{_table(interface)}_history")


def _table(interface: Interface) -> str:
    if interface.table is None:
        raise ValueError(f"{interface.name} has no table: `table` in contract/bridge.yaml")
    return interface.table


def body_members(interface: Interface, shape: Shape = AS_AGREED) -> sql.Composed:
    """Select list over a docking row `d` whose `row_to_json` is the request body (报文): the bytes that are sent.

    Members stand in the order of the specification, the dispatch member first, and an absent field is the empty string,
    as in the printed examples. `platform_client.request.build_request` writes the same text; a test holds the two
    together.

    Args:
        interface: A report interface.
        shape: How its docking table stands.
    """
    members = [
        sql.SQL("{} AS {}").format(
            shape.text_of(field.column, DIGITS if field.kind == "time" else WORDS), sql.Identifier(field.name)
        )
        for field in interface.request
    ]
    if interface.dispatch:
        method = sql.SQL("{}::text AS {}").format(
            sql.Literal(interface.dispatch.value), sql.Identifier(interface.dispatch.field)
        )
        members.insert(0, method)
    return sql.SQL(", ").join(members)


def row_rules(interface: Interface) -> list[dict[str, Any]]:
    """The printed rules of each field, as the rows that `outbound/row_rules.sql` reads.

    The hold field is not required: while it is blank the record is not complete yet, and waits (`held`).
    """
    predecessor = dict(zip(interface.in_order[1:], interface.in_order, strict=False))
    return [
        {
            "name": field.name,
            "kind": field.kind,
            "required": field.required is True and field.name != interface.hold,
            # One that was too long to be read whole is not sent in part.
            "max_length": field.limit or LONGEST_TEXT - 1,
            "codes": dict(field.codes) if field.codes else None,
            "is_area": field.format == "area",
            "required_when": dict(field.required_when) if field.required_when else None,
            "compose": field.compose,
            "not_after": predecessor.get(field.name),
        }
        for field in interface.request
    ]


def shared(interface: Interface) -> str:
    """The reason of a version whose key another record has (`outbound.versions`)."""
    return f"{interface.key}:shared"


def names_of_fields(interface: Interface, fields: sql.Composable) -> sql.Composed:
    """What names a record (`named_by`), from its fields as jsonb: an array of texts, NULL where nothing is said."""
    return _names(
        interface, {field.name: sql.SQL("{} ->> {}").format(fields, field.name) for field in _naming(interface)}
    )


def names_of_docking(interface: Interface, shape: Shape) -> sql.Composed:
    """The same from a docking row `d`."""
    return _names(interface, {field.name: shape.text_of(field.column) for field in _naming(interface)})


def names_of_typed(interface: Interface) -> sql.Composed:
    """The same from a row `t` of the typed table."""
    return _names(
        interface,
        {
            field.name: sql.SQL(
                "to_char({} AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDDHH24MISS')"
                if field.kind in {"time", "timestamp"}
                else "{}::text"
            ).format(sql.Identifier("t", field.column))
            for field in _naming(interface)
        },
    )


def _naming(interface: Interface) -> list[Field]:
    by_name = {field.name: field for field in interface.request}
    return [by_name[name] for name in interface.named_by]


def _names(interface: Interface, texts: Mapping[str, sql.Composable]) -> sql.Composed:
    return sql.SQL("ARRAY[{}]").format(
        sql.SQL(", ").join(_name(field, texts[field.name]) for field in _naming(interface))
    )


def _name(field: Field, text: sql.Composable) -> sql.Composed:
    """One value in the form in which it is compared: times by their digits, other texts without case and blanks."""
    if field.kind in {"time", "timestamp"}:
        return sql.SQL("nullif(regexp_replace({}, '[^0-9]', '', 'g'), '')").format(text)
    return sql.SQL(
        "(SELECT n.said FROM (SELECT lower(regexp_replace({}, '\\s', '', 'g')) AS said) AS n"
        " WHERE n.said <> '' AND n.said <> ALL({}::text[]))"
    ).format(text, sql.Literal(list(field.says_nothing)))


def typed_columns(interface: Interface) -> sql.Composed:
    """Column list of the typed table, without the columns of our own."""
    return sql.SQL(", ").join(sql.Identifier(field.column) for field in interface.request)


def kept_columns(interface: Interface) -> sql.Composed:
    """The same with the keys of a person: what history keeps of a row, also where its numbers were erased."""
    names = [*(field.column for field in interface.record), *interface.person_columns]
    return sql.SQL(", ").join(map(sql.Identifier, names))


def typed_values(interface: Interface) -> sql.Composed:
    """The values for `typed_columns`, from the checked text in `v.fields`; an empty text is NULL."""
    return sql.SQL(", ").join(_typed_value(field) for field in interface.request)


def _typed_value(field: Field) -> sql.Composed:
    text = sql.SQL("nullif(v.fields ->> {}, '')").format(sql.Literal(field.name))
    if field.kind in {"time", "timestamp"}:
        return sql.SQL("hotline.wire_time({})").format(text)
    if field.kind == "number":
        return sql.SQL("({})::numeric").format(text)
    return text
