"""SQLAlchemy metadata of the typed tables, made from the contract: the one source of their DDL.

`make migration` writes its text to migration files, and `differences` compares it with a database. A migration that ran
somewhere is never written again: when the contract changes, the difference is a new migration.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql.base import PGDialect, PGTypeCompiler
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable, SetColumnComment, SetTableComment

from hotline_bridge.store.typed_tables import column_type, window_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.schema import ExecutableDDLElement
    from sqlalchemy.types import TypeEngine

    from hotline_bridge.contract.model import Field, Interface

SCHEMA = "hotline"
KEEPER = "keep_person_keys"
ERASER = "keep_erased"
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def typed_metadata(interfaces: Iterable[Interface]) -> MetaData:
    """The typed table of each interface, and `<table>_history`, which holds what was replaced in it.

    Raises:
        ValueError: An interface has no table or no key, or a name would need quotes.
    """
    metadata = MetaData(schema=SCHEMA)
    for interface in interfaces:
        if interface.table is None:
            raise ValueError(f"{interface.name} has no table: give it one in contract/bridge.yaml")
        name, title = _plain(interface.table), f"{interface.label_zh}（{interface.section}）"
        _current(metadata, name, title, interface)
        _history(metadata, name, title, interface)
    return metadata


def create_sql(interfaces: Iterable[Interface]) -> str:
    """DDL of the typed tables and their histories, as the text of a migration file.

    Raises:
        ValueError: As `typed_metadata` does.
    """
    interfaces = list(interfaces)
    tables = typed_metadata(interfaces).tables.values()
    return "\n".join([*map(_create, tables), *filter(None, map(triggers_sql, interfaces))])


def drop_sql(interfaces: Iterable[Interface]) -> str:
    """What takes `create_sql` back."""
    interfaces = list(interfaces)
    tables = reversed(typed_metadata(interfaces).tables.values())
    return "".join([*map(drop_triggers_sql, interfaces), *(_text(DropTable(table)) for table in tables)])


def keeper(interface: Interface) -> str:
    """Name of the trigger function that writes the keys of a person into the rows of its tables."""
    return _plain(f"keep_keys_of_{interface.table}")


def keeper_body(interface: Interface) -> str:
    """The text of this function; empty for an interface without `person`.

    A key is computed wherever a number is stored. Where none is, the statement's own value stands: a row that moves to
    history after its numbers were erased keeps what it had.
    """
    if interface.person is None:
        return ""
    keys = {"person_key": [f"hotline.normal_phone(new.{field.lower()})" for field in interface.person.phone]}
    if interface.person.identity:
        keys["identity_key"] = [f"hotline.normal_identity(new.{interface.person.identity.lower()})"]
    lines = [
        f"    new.{column} := coalesce({_first_hashed(numbers)}, new.{column});" for column, numbers in keys.items()
    ]
    return "\n".join(["", *_READ_SECRET, *lines, "    RETURN new;", "END", ""])


_READ_SECRET = (
    "DECLARE",
    "    inside bytea;",
    "    outside bytea;",
    "BEGIN",
    "    SELECT s.inner_pad, s.outer_pad INTO STRICT inside, outside FROM hotline.person_secret AS s;",
)


def _first_hashed(numbers: list[str]) -> str:
    """The key of the first of these that is a number; each is looked at once, as hashing takes the most time."""
    number = numbers[0] if len(numbers) == 1 else f"coalesce({', '.join(numbers)})"
    return f"hotline.hmac_sha256({number}, inside, outside)"


def triggers_of(interface: Interface) -> Mapping[str, tuple[str, ...]]:
    """Triggers on its typed table with what they are given; on its history the first alone.

    `keep_person_keys` writes the keys of a person, `keep_erased` erases again what was erased.
    """
    wanted: dict[str, tuple[str, ...]] = {}
    if interface.person:
        wanted[KEEPER] = ()
    if interface.of_citizens:
        by_class = [(field.column, field.personal == "link") for field in interface.of_citizens]
        lists = (
            [column for column, is_link in by_class if not is_link],
            [column for column, is_link in by_class if is_link],
            interface.person_columns,
        )
        wanted[ERASER] = (*interface.belongs_to, *(f"{{{','.join(map(_plain, columns))}}}" for columns in lists))
    return wanted


def triggers_sql(interface: Interface) -> str:
    """DDL of these triggers, and of the function behind `keep_person_keys`."""
    table, wanted = interface.table, triggers_of(interface)
    parts = []
    if KEEPER in wanted:
        parts.append(
            f"CREATE FUNCTION hotline.{keeper(interface)}() RETURNS trigger\n"
            "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp\n"
            f"AS $${keeper_body(interface)}$$;\n"
        )
        parts += [
            f"CREATE TRIGGER {KEEPER} BEFORE INSERT OR UPDATE ON hotline.{table}{suffix}\n"
            f"FOR EACH ROW EXECUTE FUNCTION hotline.{keeper(interface)}();\n"
            for suffix in ("", "_history")
        ]
    if ERASER in wanted:
        given = ",\n    ".join(f"'{argument}'" for argument in wanted[ERASER])
        parts.append(
            f"CREATE TRIGGER {ERASER} AFTER INSERT ON hotline.{table} REFERENCING NEW TABLE AS added\n"
            f"FOR EACH STATEMENT EXECUTE FUNCTION hotline.{ERASER}(\n    {given}\n);\n"
        )
    return "\n".join(parts)


def drop_triggers_sql(interface: Interface) -> str:
    """What takes `triggers_sql` back."""
    wanted = triggers_of(interface)
    function = f"DROP FUNCTION hotline.{keeper(interface)} CASCADE;\n" if KEEPER in wanted else ""
    return function + (f"DROP TRIGGER {ERASER} ON hotline.{interface.table};\n" if ERASER in wanted else "")


def _current(metadata: MetaData, name: str, title: str, interface: Interface) -> None:
    """The current version of each record that is sent, or the current rows of each order."""
    is_sent = interface.kind == "report"
    row_id = Column(
        "row_id",
        BigInteger,
        *(() if is_sent else (Identity(always=True),)),
        primary_key=True,
        autoincrement=not is_sent,
        comment="本地行号",
    )
    loaded_at = _moment("loaded_at", "载入本地库的时间", default="now()")
    comment = f"{title}：{'每个主键的当前内容' if is_sent else '每个工单的当前内容'}"
    columns = (row_id, *_content(interface), *_facts(interface), loaded_at, *_keys(interface))
    key = _plain(interface.key_column)
    table = Table(name, metadata, *columns, *([UniqueConstraint(key)] if is_sent else ()), comment=comment)
    if not is_sent:
        rest = map(_plain, interface.rest_of_name)
        named = (f"{name}_name", key, *rest) if interface.one_row else (f"{name}_content", key, "content_hash")
        _index(table, *named, unique=True)
        _index(table, f"{name}_window", "window_begin")
    for column in ("registime", window_column(interface)):
        if column in table.columns:
            _index(table, f"{name}_{column}", column)


def _history(metadata: MetaData, name: str, title: str, interface: Interface) -> None:
    """The columns of the current table, and when its rows were replaced."""
    row_id = Column("row_id", BigInteger, primary_key=True, autoincrement=False, comment="本地行号")
    by = [] if interface.kind == "report" else [_moment("replaced_by", "替换它的查询时间")]
    replaced_at = _moment("replaced_at", "被新内容替换的时间", default="now()", primary_key=True)
    columns = [row_id, *_content(interface), *_facts(interface, copied=True), _moment("loaded_at", "载入本地库的时间")]
    columns += [*by, replaced_at, *_keys(interface)]
    Table(f"{name}_history", metadata, *columns, comment=f"{title}：被替换的内容")


def _content(interface: Interface) -> Iterator[Column[Any]]:
    for field in interface.request if interface.kind == "report" else interface.response:
        yield Column(_plain(field.column), _type(field), comment=field.zh or field.name)


def _facts(interface: Interface, *, copied: bool = False) -> Iterator[Column[Any]]:
    """What we know of a row beside its content."""
    digest = "内容的 SHA-256"
    if interface.kind == "report":
        yield Column("content_hash", LargeBinary, comment=digest)
        yield _moment("written_at", "12345 写入该内容的时间")
        return
    none = None if copied else text("'{}'")
    yield Column("flags", ARRAY(Text), nullable=False, server_default=none, comment="照常入库的疑点：字段:疑点")
    yield Column("content_hash", LargeBinary, nullable=False, comment=digest)
    yield Column("source", Text, nullable=False, comment="来自哪个接口")
    yield _moment("requested_at", "取得该内容的查询时间")
    yield _moment("window_begin", "该工单登记时间的下界；未按登记时间查询的为空", nullable=True)
    yield _moment("window_end", "该工单登记时间的上界", nullable=True)
    yield _moment("missing_since", "完整应答中不再出现的时间；只标记，不删除", nullable=True)


def _keys(interface: Interface) -> Iterator[Column[Any]]:
    for name in interface.person_columns:
        yield Column(name, Text, comment=_KEYS_ZH[name])


_KEYS_ZH = {
    "person_key": "同一电话的散列键：不能还原为号码，可在话务与工单之间关联",
    "identity_key": "同一证件号码的散列键：不能还原为号码，可关联使用不同电话的同一人",
}


def _moment(
    name: str, comment: str, *, nullable: bool = False, default: str | None = None, primary_key: bool = False
) -> Column[Any]:
    return Column(
        name,
        DateTime(timezone=True),
        nullable=nullable,
        server_default=text(default) if default else None,
        primary_key=primary_key,
        comment=comment,
    )


def _type(field: Field) -> TypeEngine[Any]:
    match column_type(field):
        case "timestamptz":
            return DateTime(timezone=True)
        case "date":
            return Date()
        case "text":
            return Text()
        case "numeric":
            return Numeric()
        case sized:
            precision, _, scale = sized.removeprefix("numeric(").removesuffix(")").partition(",")
            return Numeric(int(precision), int(scale or 0))


def _index(table: Table, name: str, *columns: str, unique: bool = False) -> None:
    Index(name, *(table.columns[column] for column in columns), unique=unique)


def _plain(name: str) -> str:
    """The name as it stands, since a migration file is for reading; one that needs quotes is refused."""
    if not _PLAIN.fullmatch(name):
        raise ValueError(f"{name!r} is no plain SQL name: give the field or table another one in contract/bridge.yaml")
    return name


class _ShortTypes(PGTypeCompiler):
    """Types as the other SQL files spell them."""

    def process(self, type_: TypeEngine[Any], **kw: Any) -> str:  # noqa: ANN401  (as the overridden one)
        return super().process(type_, **kw).lower().replace("timestamp with time zone", "timestamptz")


DIALECT = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it
DIALECT.type_compiler_instance = _ShortTypes(DIALECT)


def _create(table: Table) -> str:
    indexes = sorted(table.indexes, key=lambda index: (not index.unique, str(index.name)))
    parts: list[list[ExecutableDDLElement]] = [
        [CreateTable(table)],
        [SetTableComment(table), *map(SetColumnComment, table.columns)],
        [CreateIndex(index) for index in indexes],
    ]
    return "\n".join("".join(map(_text, part)) for part in parts if part)


def _text(statement: ExecutableDDLElement) -> str:
    lines = str(statement.compile(dialect=DIALECT)).strip().splitlines()
    return "\n".join(line.rstrip().replace("\t", "    ") for line in lines) + ";\n"
