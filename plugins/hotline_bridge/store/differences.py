"""Compares the typed tables of the local store with the contract: what `hotline check` and `make migration` ask."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import psycopg
from alembic.autogenerate import produce_migrations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Index, Table, UniqueConstraint

from hotline_bridge.store.database import connect
from hotline_bridge.store.failures import explain
from hotline_bridge.store.metadata import ERASER, KEEPER, SCHEMA, keeper_body, triggers_of, typed_metadata
from hotline_bridge.store.migrate import alchemy
from hotline_bridge.store.sql import read_sql
from hotline_bridge.store.typed_tables import typed_interfaces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from alembic.operations.ops import MigrationScript

    from hotline_bridge.contract.model import Interface


@dataclass(frozen=True, slots=True)
class Difference:
    """One table that is not as the contract has it."""

    interface: Interface
    table: str
    is_missing: bool
    wrong: tuple[str, ...] = ()
    """Names of columns that are missing, too many or differ, and what else does."""

    @property
    def what(self) -> str:
        """What is not as it should be, without the way out."""
        wrong = "does not exist" if self.is_missing else f"differs from the contract in {', '.join(self.wrong)}"
        return f"the table hotline.{self.table} of interface {self.interface.name} {wrong}"

    def __str__(self) -> str:
        """One sentence, with what to do."""
        way = "where the contract was changed, run `make migration NAME=...`, then `hotline migrate`"
        return f"{self.what}: {way}" if self.is_missing else f"{self.what}: {way}; else change the table back"


def compare(conninfo: str) -> MigrationScript:
    """What Alembic would change in the typed tables and their histories, so that they are those of the contract.

    Args:
        conninfo: libpq connection string of the local store; its account reads the catalog only.

    Raises:
        StopRun, TryAgainLater: The local store cannot be read.
    """
    owners = _owners()

    def is_typed(name: str | None, kind: str, _parents: object) -> bool:
        return name in owners if kind == "table" else kind != "schema" or name == SCHEMA

    options = {"include_schemas": True, "include_name": is_typed, "compare_server_default": True}
    try:
        with alchemy(conninfo) as connection:
            context = MigrationContext.configure(connection, opts=options)
            return produce_migrations(context, typed_metadata(typed_interfaces()))
    except psycopg.Error as error:
        raise explain(error) from None


def read_differences(conninfo: str) -> list[Difference]:
    """The typed tables and their histories that are missing, or differ in columns, comments or indexes.

    An index that the contract does not ask for is no difference; a column is, as nothing would ever fill it.

    Args:
        conninfo: As of `compare`, which also says what is raised.
    """
    script = compare(conninfo)
    return tell(script.upgrade_ops.as_diffs() if script.upgrade_ops else [], wrong_triggers(conninfo))


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger that a database has, with what it does and how it is made."""

    table: str
    name: str
    source: str
    arguments: bytes
    function_ddl: str
    ddl: str


def found_triggers(conninfo: str) -> list[Trigger]:
    """The triggers of ours on typed tables that keep personal data as they should be."""
    with connect(conninfo) as session:
        rows = session.execute(read_sql("store/personal_triggers.sql"), {"triggers": [KEEPER, ERASER]}).fetchall()
    return [Trigger(*row) for row in rows if row[0] in _owners()]


def wrong_triggers(conninfo: str) -> dict[str, list[str]]:
    """By table, the triggers that it lacks, has without need, or has otherwise than the contract says."""
    found = {(known.table, known.name): known for known in found_triggers(conninfo)}
    wrong: defaultdict[str, list[str]] = defaultdict(list)
    for table, interface in _owners().items():
        for name in (KEEPER, ERASER):
            arguments = triggers_of(interface).get(name)
            if name == ERASER and table != interface.table:
                arguments = None
            known = found.get((table, name))
            given = None if arguments is None else b"".join(f"{argument}\0".encode() for argument in arguments)
            same_text = name != KEEPER or known is None or known.source == keeper_body(interface)
            if (None if known is None else known.arguments) != given or not same_text:
                wrong[table].append(name)
    return wrong


def tell(steps: list[Any], triggers: Mapping[str, Iterable[str]] = MappingProxyType({})) -> list[Difference]:
    """The differences behind what Alembic would do.

    Args:
        steps: As Alembic's `compare_metadata` gives them.
        triggers: By table, those that are wrong.
    """
    missing: set[str] = set()
    wrong: defaultdict[str, list[str]] = defaultdict(list)
    for kind, *what in _flat(steps):
        match kind, what:
            case "add_table", [Table(name=table)]:
                missing.add(table)
            case "add_column" | "remove_column", [_, table, Column(name=name)]:
                wrong[table].append(name)
            case "modify_type" | "modify_nullable" | "modify_default" | "modify_comment", [_, table, name, *_]:
                wrong[table].append(f"{name} ({kind.removeprefix('modify_')})")
            case "add_index", [Index(table=Table(name=table), name=name)]:
                wrong[table].append(f"its index {name}")
            case "add_constraint", [UniqueConstraint(table=Table(name=table))]:
                wrong[table].append("its unique key")
            case "add_table_comment" | "remove_table_comment", [Table(name=table), *_]:
                wrong[table].append("its comment")
    for table, names in triggers.items():
        wrong[table] += [f"its trigger {name}" for name in names]
    return [
        Difference(interface, table, table in missing, tuple(dict.fromkeys(wrong[table])))
        for table, interface in _owners().items()
        if table in missing or table in wrong
    ]


def _owners() -> dict[str, Interface]:
    """Each typed table and history, and whose it is."""
    return {f"{known.table}{suffix}": known for known in typed_interfaces() for suffix in ("", "_history")}


def _flat(steps: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Alembic gives what it would change, one tuple each, and all changes of one column as a list."""
    for step in steps:
        yield from step if isinstance(step, list) else [step]
