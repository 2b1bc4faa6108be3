"""What schema `docking` lacks, though its tables and columns are there: types, defaults, triggers, indexes, rights.

Each shortcoming is one sentence with the very statement that fixes it; the owner of the table has to run it. All is
read from the catalogs, but for one thing that no catalog tells, which is tried and taken back: whether a mark stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import psycopg

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.docking.create import indexes_of
from hotline_bridge.docking.shape import NOT_UPDATABLE
from hotline_bridge.docking.source import source_of
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from psycopg import Connection

    from hotline_bridge.contract.docking import ColumnType, DockingTable

_VIEWS = {"v": "a view", "f": "a foreign table"}
_READ_AS_MEANT = ("smallint", "integer", "bigint", "numeric", "timestamp", "uuid")
"""Types whose text is what 12345 means, beside those of texts (`docking.shape`)."""
_TIMES = ("timestamp with time zone", "timestamp without time zone")
_WANTED: Mapping[ColumnType, tuple[str, ...]] = {"timestamptz": _TIMES, "date": ("date",), "text": ()}


class Shortcoming(NamedTuple):
    """One thing to fix."""

    is_error: bool
    """Whether something fails, or is never read; otherwise the bridge works, and worse than it could."""
    text: str


class _Column(NamedTuple):
    quoted: str
    type: str
    is_text: bool
    is_required: bool
    fills_itself: bool
    has_default: bool
    may: list[Literal["SELECT", "INSERT", "UPDATE"]]

    @property
    def is_left_empty(self) -> bool:
        """Whether an INSERT that does not name it is refused."""
        return self.is_required and not self.has_default and not self.fills_itself


class _Standing(NamedTuple):
    name: str
    kind: str
    hides_rows: bool
    columns: dict[str, _Column]
    may_delete: bool
    triggers: dict[str, bool]
    indexes: list[list[str | bool | None]]
    """Of each index its first column (None: an expression), and whether it is partial."""
    unique_keys: list[list[str]]

    @property
    def is_view(self) -> bool:
        """Whether the rows are somewhere else: defaults, indexes and triggers are set there."""
        return self.kind in _VIEWS

    def alter(self, *actions: str) -> str:
        return f"ALTER TABLE docking.{self.name} {', '.join(actions)}"


def shortcomings(docking: Connection) -> list[Shortcoming]:
    """Compare the tables that stand with what the bridge needs of them; missing tables and columns are `examine`'s.

    Args:
        docking: Session on the docking store, in autocommit.

    Returns:
        What its owner has to fix, table by table; empty when nothing.
    """
    [(account, may_use, has_function)] = docking.execute(
        "SELECT quote_ident(current_user),"
        " coalesce(has_schema_privilege(to_regnamespace('docking')::oid, 'USAGE'), true),"
        " EXISTS (SELECT FROM pg_proc WHERE proname = 'uncollect' AND pronamespace::regnamespace::text = 'docking')"
    ).fetchall()
    if not may_use:
        return [_bad("schema docking", "this account may not use it", f"GRANT USAGE ON SCHEMA docking TO {account}")]
    found: list[Shortcoming] = []
    rows = docking.execute(read_sql("docking/standing.sql"), {"tables": list(docking_tables())}).fetchall()
    for name, kind, hides_rows, columns, *rest in rows:
        known = {column: _Column(**facts) for column, facts in (columns or {}).items()}
        standing, table = _Standing(name, kind, hides_rows, known, *rest), docking_tables()[name]
        if kind == "m":
            found.append(not_updatable(name))
            continue
        if hides_rows:
            remedy = standing.alter("DISABLE ROW LEVEL SECURITY") + ", or a policy that shows this account every row"
            found.append(_warning(f"docking.{name}", "row level security may hide rows from this account", remedy))
        if table.written_by == "12345":
            found += _collected(standing, table, account, has_function=bool(has_function))
            found += _mark_stays(docking, standing)
        else:
            found += _published(standing, table, account)
    return found


def _bad(what: str, why: str, remedy: str) -> Shortcoming:
    return Shortcoming(True, f"{what}: {why}; its owner has to run {remedy}")


def _warning(what: str, why: str, remedy: str) -> Shortcoming:
    return Shortcoming(False, f"{what}: {why}; its owner should run {remedy}")


def _collected(standing: _Standing, table: DockingTable, account: str, *, has_function: bool) -> Iterator[Shortcoming]:
    what = f"docking.{standing.name}"
    yield from _read_types(standing, table)
    yield from _types(standing, (("written_at", "timestamptz"), ("collected_at", "timestamptz")))
    written, collected = standing.columns.get("written_at"), standing.columns.get("collected_at")
    if written and not written.is_required and not written.has_default and not standing.is_view:
        remedy = standing.alter("ALTER COLUMN written_at SET DEFAULT now()")
        yield _warning(what, "a row without written_at counts as written when it is read", remedy)
    if collected and collected.is_required:
        remedy = standing.alter("ALTER COLUMN collected_at DROP NOT NULL")
        yield _bad(what, "collected_at is NOT NULL, so that no row can wait to be read", remedy)
    if collected and collected.has_default:
        remedy = standing.alter("ALTER COLUMN collected_at DROP DEFAULT")
        yield _bad(what, "new rows are born as collected, and never read", remedy)
    readable = all("SELECT" in column.may for name, column in standing.columns.items() if name in table.all_columns)
    if not readable or (collected and "UPDATE" not in collected.may):
        remedy = f"GRANT SELECT, UPDATE (collected_at) ON {what} TO {account}"
        yield _bad(what, "this account may not read it or may not set collected_at", remedy)
    if standing.is_view:
        yield Shortcoming(
            False,
            f"{what} is {_VIEWS[standing.kind]}: what is behind it cannot be seen; its owner has to see that there "
            "collected_at becomes NULL when the content of a row changes, and an index leads to the rows without it",
        )
        return
    if not standing.triggers:
        remedy = f"CREATE TRIGGER uncollect BEFORE UPDATE ON {what} FOR EACH ROW EXECUTE FUNCTION docking.uncollect()"
        if not has_function:
            remedy += ", after the function of include/sql/docking/uncollect.sql"
        why = "no trigger: a row that 12345 changes is never read again, unless 12345 sets collected_at to NULL itself"
        yield _warning(what, why, remedy)
    elif not any(standing.triggers.values()):
        remedy = standing.alter(*(f"ENABLE TRIGGER {name}" for name in standing.triggers))
        yield _bad(what, "its trigger is disabled: a row that 12345 changes is never read again", remedy)
    for index in indexes_of(table):
        if [index.first, index.is_partial] not in standing.indexes:
            remedy = f"CREATE INDEX {standing.name}_{index.name} ON {what} {index.on}"
            yield _warning(what, f"no index {index.serves}", remedy)


def _mark_stays(docking: Connection, standing: _Standing) -> Iterator[Shortcoming]:
    """Marks one row and takes it back: a trigger that clears every mark would make intake read the same rows again."""
    collected = standing.columns.get("collected_at")
    if collected is None or not {"SELECT", "UPDATE"} <= set(collected.may):
        return
    source = source_of(docking, standing.name)
    try:
        with docking.transaction(force_rollback=True):
            docking.execute("SET LOCAL lock_timeout = '1s'")
            stays = docking.execute(
                read_sql("docking/try_mark.sql").format(table=source.identifier, place=source.place),
            ).fetchone()
    except psycopg.errors.LockNotAvailable:
        yield Shortcoming(False, f"docking.{standing.name}: another session holds it locked; try again later")
        return
    except psycopg.Error as error:
        if standing.is_view and error.sqlstate in NOT_UPDATABLE:
            yield not_updatable(standing.name)
            return
        sentence = f"docking.{standing.name}: a mark cannot be set ({type(error).__name__}, SQLSTATE {error.sqlstate})"
        yield Shortcoming(
            True, f"{sentence}; its owner has to see which trigger or rule refuses UPDATE of collected_at"
        )
        return
    if stays == (False,):
        yield Shortcoming(
            True,
            f"docking.{standing.name}: collected_at does not stay set; a trigger of 12345 clears it on every update, "
            "and may do so only when the content changes",
        )


def not_updatable(name: str) -> Shortcoming:
    """What to do about a view that shows rows and takes no change."""
    return Shortcoming(
        True,
        f"docking.{name} is a view that cannot be updated; its owner has to make it a view of one table without "
        "grouping, give it an INSTEAD OF trigger, or put a table in its place",
    )


def _published(standing: _Standing, table: DockingTable, account: str) -> Iterator[Shortcoming]:
    what = f"docking.{standing.name}"
    carried = set(table.carried)
    yield from _types(standing, ((column.name, column.type) for column in table.columns if column.carried))
    yield from _types(standing, (("updated_at", "timestamptz"),))
    refusing = [
        column.quoted
        for name, column in standing.columns.items()
        if name in carried - {*table.key} and column.is_required
    ]
    if refusing:
        remedy = standing.alter(*(f"ALTER COLUMN {name} DROP NOT NULL" for name in refusing))
        yield _bad(what, f"{', '.join(refusing)} must not be NULL, but may have to be", remedy)
    unfilled = [
        column.quoted for name, column in standing.columns.items() if name not in carried and column.is_left_empty
    ]
    if unfilled:
        remedy = standing.alter(*(f"ALTER COLUMN {name} DROP NOT NULL" for name in unfilled))
        yield _bad(
            what, f"{', '.join(unfilled)} must not be NULL, has no default, and is not the bridge's to fill", remedy
        )
    updated = standing.columns.get("updated_at")
    if updated and not updated.is_required and not updated.has_default and not standing.is_view:
        yield _warning(what, "new rows have no updated_at", standing.alter("ALTER COLUMN updated_at SET DEFAULT now()"))
    if (
        not standing.is_view
        and sorted(table.key) not in standing.unique_keys
        and {*table.key} <= standing.columns.keys()
    ):
        yield _bad(what, "no unique key", standing.alter(f"ADD PRIMARY KEY ({', '.join(table.key)})"))
    needed = [column for name, column in standing.columns.items() if name in {*carried, "updated_at"}]
    if not standing.may_delete or any(len(column.may) < 3 for column in needed):
        remedy = f"GRANT SELECT, INSERT, UPDATE, DELETE ON {what} TO {account}"
        yield _bad(what, "this account may not read, write and remove its rows", remedy)


def _read_types(standing: _Standing, table: DockingTable) -> Iterator[Shortcoming]:
    """Columns that are read as PostgreSQL writes them, which may not be how 12345 and the platform do."""
    odd = [
        column
        for name in (wanted.name for wanted in table.columns)
        if (column := standing.columns.get(name)) and not column.is_text and not column.type.startswith(_READ_AS_MEANT)
    ]
    if odd:
        told = ", ".join(f"{column.quoted} is {column.type}" for column in odd)
        why = f"{told}: read as PostgreSQL writes it, which may not be what 12345 means"
        yield _warning(f"docking.{standing.name}", why, standing.alter(*(_to_type((column, "text")) for column in odd)))


def _types(standing: _Standing, wanted: Iterable[tuple[str, ColumnType]]) -> Iterator[Shortcoming]:
    """Columns of other types: those that fail in one sentence, those that work and lose something in another."""
    failing: list[tuple[_Column, str]] = []
    losing: list[tuple[_Column, str]] = []
    for name, kind in wanted:
        column = standing.columns.get(name)
        if column is None:
            continue
        if kind == "text":
            # What the bridge writes may be longer than theirs.
            if not column.is_text:
                failing.append((column, kind))
            elif column.type == "character" or "(" in column.type:
                losing.append((column, kind))
        elif column.type not in _WANTED[kind]:
            failing.append((column, kind))
        elif column.type != _WANTED[kind][0]:
            losing.append((column, kind))
    what = f"docking.{standing.name}"
    if failing:
        told = ", ".join(f"{column.quoted} is {column.type} instead of {kind}" for column, kind in failing)
        yield _bad(
            what, f"{told}, so that the table cannot be read or written", standing.alter(*map(_to_type, failing))
        )
    if losing:
        told = ", ".join(f"{column.quoted} is {column.type}" for column, _ in losing)
        why = f"{told}: blanks are added, longer texts are refused, or times are taken for those of Asia/Shanghai"
        yield _warning(what, why, standing.alter(*map(_to_type, losing)))


def _to_type(wrong: tuple[_Column, str]) -> str:
    column, kind = wrong
    using = f"{column.quoted} AT TIME ZONE 'Asia/Shanghai'" if column.type == _TIMES[1] else f"{column.quoted}::{kind}"
    return f"ALTER COLUMN {column.quoted} TYPE {kind} USING {using}"
