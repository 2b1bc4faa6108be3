"""`hotline migrate` for the docking store: creates what schema `docking` lacks, and touches nothing that stands.

The store belongs to another organisation. A table that exists is left exactly as it is; it is only compared with the
contract. The DDL keeps to what PostgreSQL 13 to 18 share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from psycopg import sql

from hotline_bridge.contract.docking import SCHEMA, docking_tables
from hotline_bridge.contract.reader import contract
from hotline_bridge.docking.trial import mark_for_trial
from hotline_bridge.store.migrate import ensure_schema, schema_session
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import LiteralString

    from hotline_bridge.contract.docking import DockingTable
    from hotline_bridge.store.migrate import Session

Outcome = Literal["created", "left alone", "incomplete", "missing"]


@dataclass(frozen=True, slots=True)
class TableResult:
    """How one table of schema `docking` stands. `str()` says it in words."""

    table: str
    outcome: Outcome
    missing: tuple[str, ...] = ()
    """Columns of the contract that an existing table lacks (outcome `incomplete`)."""

    def __str__(self) -> str:
        """One line for the command's output."""
        words = {
            "created": "created",
            "left alone": "exists already, left alone",
            "incomplete": f"exists already, left alone, but lacks {', '.join(self.missing)}: its owner has to add them",
            "missing": "does not exist: run `hotline migrate`",
        }
        return f"{SCHEMA}.{self.table} {words[self.outcome]}"


def create_docking(conninfo: str, *, for_trial: bool = False) -> list[TableResult]:
    """Creates schema `docking` and each missing table, in one transaction.

    Args:
        conninfo: libpq connection string of the docking store.
        for_trial: Whether to mark it as a store that takes invented rows (`docking.trial`).

    Returns:
        One result for each table of the contract, `created`, `left alone` or `incomplete`.

    Raises:
        StopRun: A right is missing (the remedy is the GRANT to run), another migrate does not end, or rows stand where
            `for_trial` wants none.
        TryAgainLater: The database cannot be reached.
    """
    with schema_session(conninfo) as session, session.transaction():
        found = examine(session)
        absent = [docking_tables()[result.table] for result in found if result.outcome == "missing"]
        if absent:
            ensure_schema(session, SCHEMA)
        if any(table.written_by == "12345" for table in absent):
            session.execute(read_sql("docking/uncollect.sql"))
        for table in absent:
            _create(session, table)
        if for_trial:
            mark_for_trial(session)
    return [TableResult(r.table, "created") if r.outcome == "missing" else r for r in found]


def examine(session: Session) -> list[TableResult]:
    """Compares schema `docking` with the contract; reads the catalog only, so it needs no right on any table.

    Returns:
        One result for each table of the contract, `left alone` (all columns there), `incomplete` or `missing`.
    """
    rows = session.execute(
        "SELECT c.relname, array_agg(a.attname::text) FROM pg_catalog.pg_class AS c"
        " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
        " LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE n.nspname = %s GROUP BY c.relname",
        (SCHEMA,),
    )
    standing: dict[str, list[str]] = dict(rows.fetchall())
    return [_compare(table, standing) for table in docking_tables().values()]


def _compare(table: DockingTable, standing: Mapping[str, list[str]]) -> TableResult:
    if table.name not in standing:
        return TableResult(table.name, "missing")
    missing = tuple(name for name in table.all_columns if name not in standing[table.name])
    return TableResult(table.name, "incomplete" if missing else "left alone", missing)


def _create(session: Session, table: DockingTable) -> None:
    name = sql.Identifier(SCHEMA, table.name)
    lines: list[sql.Composable] = [
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.type)) for column in table.columns
    ]
    if table.written_by == "12345":
        lines += [sql.SQL("written_at timestamptz NOT NULL DEFAULT now()"), sql.SQL("collected_at timestamptz")]
        told = {"written_at": "12345 写入或更改内容的时间", "collected_at": "对接程序采集的时间；空为尚未采集"}
    else:
        lines.append(sql.SQL("updated_at timestamptz NOT NULL DEFAULT now()"))
        told = {"updated_at": "对接程序写入或更改的时间"}
    if table.key:
        lines.append(sql.SQL("PRIMARY KEY ({})").format(sql.SQL(", ").join(map(sql.Identifier, table.key))))
    session.execute(sql.SQL("CREATE TABLE {} ({})").format(name, sql.SQL(", ").join(lines)))
    if table.written_by == "12345":
        _collectable(session, table, name)
    _comment(session, table, name, told)


def _collectable(session: Session, table: DockingTable, name: sql.Identifier) -> None:
    """What lets the bridge find the rows to collect, and makes a row that 12345 changed one of them."""
    for index in indexes_of(table):
        statement = sql.SQL("CREATE INDEX {} ON {} {}").format(
            sql.Identifier(f"{table.name}_{index.name}"), name, sql.SQL(index.on)
        )
        session.execute(statement)
    session.execute(
        sql.SQL("CREATE TRIGGER uncollect BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION {}()").format(
            name, sql.Identifier(SCHEMA, "uncollect")
        )
    )


class Index(NamedTuple):
    """One index on a table that 12345 writes."""

    name: str
    """The end of its name, behind the table's."""
    on: LiteralString
    first: str | None
    """Its first column; None where that is an expression."""
    is_partial: bool
    serves: str


def indexes_of(table: DockingTable) -> list[Index]:
    """What leads to the rows that intake reads every minute, and to those of the days that a reconciliation counts."""
    waiting = "leads to the rows that wait, so that every minute reads the whole table"
    days = "leads to the rows of a day, so that every reconciliation reads the whole table"
    found = [Index("uncollected", "(written_at) WHERE collected_at IS NULL", "written_at", True, waiting)]
    if table.name in {interface.table for interface in contract().values() if interface.kind == "report"}:
        found.append(Index("written_at", "(written_at)", "written_at", False, days))
    if {"regino", "registime"} <= set(table.carried):
        found.append(Index("regino", "(regino)", "regino", False, days))
        found.append(Index("day", "((left(translate(registime, '-', ''), 8)))", None, False, days))
    return found


def _comment(session: Session, table: DockingTable, name: sql.Identifier, told: dict[str, str]) -> None:
    writer = "12345 写入" if table.written_by == "12345" else "对接程序写入"
    title = f"{table.zh}（{table.section}），{writer}"
    session.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(name, sql.Literal(title)))
    for column, zh in {**{column.name: column.zh for column in table.columns}, **told}.items():
        whole = sql.Identifier(SCHEMA, table.name, column)
        session.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(whole, sql.Literal(zh)))
