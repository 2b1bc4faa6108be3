"""The DDL of typed tables, from the contract: `make migration` makes migration files of it.

A migration that ran somewhere is never written again: when the contract changes, the difference is a new migration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.contract.reader import contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hotline_bridge.contract.model import Field, Interface

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def typed_interfaces() -> tuple[Interface, ...]:
    """One interface for each typed table, whose columns it has: of a query and a drain that share one, the query."""
    kept: dict[str, Interface] = {}
    for interface in contract().values():
        if interface.table is not None and (interface.table not in kept or interface.kind == "query"):
            kept[interface.table] = interface
    return tuple(kept.values())


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a local table; `zh` is its comment (中文含义)."""

    name: str
    type: str
    zh: str
    constraint: str = ""


def column_type(field: Field) -> str:
    """PostgreSQL type in the local store of a field of the contract (architecture: times are read by us)."""
    if field.format == "moment":
        return "timestamptz"
    match field.kind:
        case "time" | "timestamp":
            return "timestamptz"
        case "date":
            return "date"
        case "number":
            return f"numeric({field.length})" if field.length else "numeric"
        case "text":
            return "text"


def typed_columns(interface: Interface) -> tuple[Column, ...]:
    """Columns of an interface's table: the current version of each record sent, or the current rows of each order.

    Raises:
        ValueError: The interface has no key, and so no records.
    """
    if interface.kind == "report":
        return (
            Column("row_id", "bigint", "本地行号", "PRIMARY KEY"),
            *_content(interface.request, unique=interface.key_column),
            Column("content_hash", "bytea", "内容的 SHA-256"),
            Column("written_at", "timestamptz", "12345 写入该内容的时间", "NOT NULL"),
            Column("loaded_at", "timestamptz", "载入本地库的时间", "NOT NULL DEFAULT now()"),
        )
    return (
        Column("row_id", "bigint", "本地行号", "GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
        *_content(interface.response, unique=None),
        Column("flags", "text []", "照常入库的疑点：字段:疑点", "NOT NULL DEFAULT '{}'"),
        Column("content_hash", "bytea", "内容的 SHA-256", "NOT NULL"),
        Column("source", "text", "来自哪个接口", "NOT NULL"),
        Column("requested_at", "timestamptz", "取得该内容的查询时间", "NOT NULL"),
        Column("window_begin", "timestamptz", "该工单登记时间的下界；未按登记时间查询的为空"),
        Column("window_end", "timestamptz", "该工单登记时间的上界"),
        Column("missing_since", "timestamptz", "完整应答中不再出现的时间；只标记，不删除"),
        Column("loaded_at", "timestamptz", "载入本地库的时间", "NOT NULL DEFAULT now()"),
    )


def history_columns(interface: Interface) -> tuple[Column, ...]:
    """Columns of `<table>_history`, which holds what was replaced. Its `loaded_at` is copied, so it has no default."""
    plain = {"": "", "UNIQUE": ""}
    copied = (
        replace(column, constraint=plain.get(column.constraint, "NOT NULL")) for column in typed_columns(interface)
    )
    by = () if interface.kind == "report" else (Column("replaced_by", "timestamptz", "替换它的查询时间", "NOT NULL"),)
    return (*copied, *by, Column("replaced_at", "timestamptz", "被新内容替换的时间", "NOT NULL DEFAULT now()"))


def _content(fields: Iterable[Field], unique: str | None) -> Iterator[Column]:
    for field in fields:
        constraint = "UNIQUE" if field.column == unique else ""
        yield Column(field.column, column_type(field), field.zh or field.name, constraint)


def create_sql(interfaces: Iterable[Interface]) -> str:
    """DDL of the typed tables and their histories, as the text of a migration file.

    Raises:
        ValueError: An interface has no table or no key, or a name would need quotes.
    """
    parts = []
    for interface in interfaces:
        title = f"{interface.label_zh}（{interface.section}）"
        table, history = _tables(interface)
        current = "每个主键的当前内容" if interface.kind == "report" else "每个工单的当前内容"
        parts += [
            _create(table, typed_columns(interface), f"{title}：{current}"),
            _create(history, history_columns(interface), f"{title}：被替换的内容", "PRIMARY KEY (row_id, replaced_at)"),
        ]
        parts.append("".join(f"CREATE {index};\n" for index in _indexes(interface, table)))
    return "\n".join(parts)


def _indexes(interface: Interface, table: str) -> Iterator[str]:
    """What finds a record again, and rows by the times by which they are judged and counted."""
    if interface.kind != "report":
        key = _plain(interface.key_column)
        names = ", ".join(_plain(column) for column in (key, *interface.rest_of_name))
        unique = f"{table}_name ON hotline.{table} ({names})" if interface.one_row else None
        yield f"UNIQUE INDEX {unique or f'{table}_content ON hotline.{table} ({key}, content_hash)'}"
        yield f"INDEX {table}_window ON hotline.{table} (window_begin)"
    if "registime" in interface.columns:
        yield f"INDEX {table}_registime ON hotline.{table} (registime)"
    judged = window_column(interface)
    yield f"INDEX {table}_{judged} ON hotline.{table} ({judged})"


def window_column(interface: Interface) -> str:
    """The time by which rows of its table are chosen: written by 12345, or loaded from the platform."""
    return "written_at" if interface.kind == "report" else "loaded_at"


def drop_sql(interfaces: Iterable[Interface]) -> str:
    """What takes `create_sql` back."""
    tables = [name for interface in interfaces for name in _tables(interface)]
    return "".join(f"DROP TABLE hotline.{name};\n" for name in reversed(tables))


def _tables(interface: Interface) -> tuple[str, str]:
    if interface.table is None:
        raise ValueError(f"{interface.name} has no table: give it one in contract/bridge.yaml")
    return _plain(interface.table), f"{_plain(interface.table)}_history"


def _plain(name: str) -> str:
    """The name as it stands, since a migration file is for reading; one that needs quotes is refused."""
    if not _PLAIN.fullmatch(name):
        raise ValueError(f"{name!r} is no plain SQL name: give the field or table another one in contract/bridge.yaml")
    return name


def _create(table: str, columns: tuple[Column, ...], zh: str, *constraints: str) -> str:
    lines = [f"{_plain(column.name)} {column.type} {column.constraint}".rstrip() for column in columns]
    body = ",\n".join(f"    {line}" for line in (*lines, *constraints))
    comments = "".join(
        f"COMMENT ON COLUMN hotline.{table}.{column.name} IS {_quote(column.zh)};\n" for column in columns
    )
    comments = f"COMMENT ON TABLE hotline.{table} IS {_quote(zh)};\n{comments}"
    return f"CREATE TABLE hotline.{table} (\n{body}\n);\n\n{comments}"


def _quote(text: str) -> str:
    return sql.Literal(text).as_string(None).strip()
