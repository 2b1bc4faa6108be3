"""Rows for typed tables, made from the contract: good ones, and one that breaks a given rule."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.errors import Failures
from hotline_bridge.quality.checks import check_columns, check_tables, checks_of, run_check
from hotline_bridge.quality.results import Window
from hotline_bridge.quality.suites import content_of, interfaces_by_table
from hotline_bridge.store.database import connect
from hotline_bridge.store.metadata import create_sql
from hotline_bridge.store.typed_tables import column_type
from tests import sessions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from hotline_bridge.contract.model import Field, Interface
    from hotline_bridge.quality.results import Result
    from hotline_bridge.quality.suites import Rule

END = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
WINDOW = Window(END - timedelta(days=7), END)
TWO_DAYS_AGO = END - timedelta(days=2)
"""Old enough for every rule that spares what has just been written."""
TABLES = interfaces_by_table()
TELEPHONY = [str(interface.table) for interface in interfaces_of("telephony")]

_numbers = count(1)


def good_row(interface: Interface, key: str) -> dict[str, object]:
    """A row that meets every rule; a parent's key is the row's own number, so rows of one key belong together."""
    row = {field.column: _good_value(field) for field in content_of(interface)}
    for field in content_of(interface):
        row |= {name.lower(): value for name, value in (field.required_when or {}).items() if value != "filled"}
    if interface.parent:
        row[interface.parent.field.lower()] = key
    row[interface.key_column] = key
    return row


def _good_value(field: Field) -> object:
    if field.format == "area":
        return "440203"
    if field.codes:
        return min(field.codes)
    values = {"timestamptz": TWO_DAYS_AGO, "date": TWO_DAYS_AGO.date(), "text": "文"}
    return values.get(column_type(field), 1)


def broken_row(interface: Interface, rule: Rule, key: str) -> dict[str, object]:
    """A good row with one change, after which it breaks the rule. Good rows fulfil all conditions."""
    row = good_row(interface, key)
    kind = rule.name.rpartition(":")[2]
    column = str(rule.arguments.get("column", rule.arguments.get("column_A")))
    changed: Mapping[str, object] = {
        "required": None,
        "condition": None,
        "length": "长" * (int(str(rule.arguments.get("max_value", 0))) + 1) if kind == "length" else None,
        "code": "没有的代码",
        "area": "44020",
        "odd_time": datetime(1999, 12, 31, 23, 59, tzinfo=SHANGHAI),
        "clock_order": TWO_DAYS_AGO - timedelta(seconds=1),
        "unique": row[column],
    }
    row[column] = changed[kind]
    return row


@contextmanager
def only(tables: Collection[str]) -> Iterator[None]:
    """The contract has no other tables."""
    chosen = {table: interface for table, interface in TABLES.items() if table in tables}
    with patch("hotline_bridge.quality.checks.interfaces_by_table", lambda: chosen):
        yield


def connection(conninfo: str) -> str:
    """An Airflow connection of type postgres, as JSON."""
    parts = conninfo_to_dict(conninfo)
    fields = {"host": "host", "port": "port", "login": "user", "password": "password", "schema": "dbname"}
    return json.dumps({"conn_type": "postgres", **{name: parts[ours] for name, ours in fields.items()}})


@dataclass(frozen=True, slots=True)
class TypedTables:
    """The typed tables of one local store."""

    conninfo: str

    def create_missing(self) -> None:
        """Tables of the contract that no migration makes yet."""
        self.ask(create_sql([interface for table, interface in TABLES.items() if not self.has(table)]))

    def keep_only(self, tables: Collection[str]) -> None:
        """Other typed tables are gone: where a process of its own checks the store, all twenty take seconds."""
        gone = ", ".join(f"hotline.{table}" for table in TABLES if table not in tables and self.has(table))
        self.ask(f"DROP TABLE {gone} CASCADE")

    def has(self, table: str) -> bool:
        """Whether it exists."""
        return bool(self.ask("SELECT 1 WHERE to_regclass(%s) IS NOT NULL", f"hotline.{table}"))

    def add(self, table: str, *rows: Mapping[str, object], written_at: datetime = TWO_DAYS_AGO) -> None:
        """Rows, as intake or collecting would leave them; collected ones are loaded at that time."""
        for row in rows:
            number = next(_numbers)
            if TABLES[table].kind == "report":
                full = {**row, "row_id": number, "written_at": written_at}
            else:
                hashed = number.to_bytes(8, "big")
                full = {**row, "content_hash": hashed, "source": "", "requested_at": END, "loaded_at": written_at}
            statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier("hotline", table),
                sql.SQL(", ").join(map(sql.Identifier, full)),
                sql.SQL(", ").join(map(sql.Placeholder, full)),
            )
            sessions.session(self.conninfo).execute(statement, full)

    def add_good(self, rows: int = 3) -> None:
        """Good rows in every table that exists."""
        for table, interface in TABLES.items():
            if self.has(table):
                self.add(table, *(good_row(interface, f"good-{number}") for number in range(rows)))

    def add_call(self, **changes: object) -> None:
        """A good call of this moment, with changes."""
        interface, now = contract()["callinfo"], datetime.now(SHANGHAI) - timedelta(minutes=5)
        times = {field.column: now for field in interface.request if field.kind == "time"}
        self.add("call_log", {**good_row(interface, "a-call"), **times, **changes}, written_at=now)

    def add_steadily(self, table: str, per_hour: int, begin: datetime, end: datetime) -> None:
        """So many rows in each hour, evenly; `begin` is where an hour begins."""
        statement = (
            "INSERT INTO hotline.{0} (row_id, written_at)"
            " SELECT (SELECT coalesce(max(row_id), 0) FROM hotline.{0}) + row_number() OVER (), moment"
            " FROM generate_series(%s::timestamptz, %s::timestamptz - interval '1 microsecond', %s) AS moment"
        )
        self.ask(statement.format(table), begin, end, timedelta(hours=1) / per_hour)

    def content(self) -> list[Any]:
        """Every row of every table of schema hotline but the results of checks."""
        names = self.ask(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'hotline'::regnamespace AND relkind = 'r'"
            " AND relname <> 'quality_result' ORDER BY 1"
        )
        rows = "SELECT t::text, ctid, xmin FROM hotline.{} AS t ORDER BY 2"
        return [(name, self.ask(rows.format(name))) for (name,) in names]

    def check(self, window: Window = WINDOW, tables: Collection[str] = TABLES) -> dict[tuple[str, str], Result]:
        """Every result, by table and rule.

        Args:
            window: Which rows are judged.
            tables: These alone: all twenty take Great Expectations five seconds.
        """
        with Failures() as failures, only(tables):
            results = check_tables(self.conninfo, window, failures)
        return {(result.table, result.rule): result for result in results}

    def result(self, name: tuple[str, str], window: Window = WINDOW) -> Result:
        """The result of one rule that is an SQL file, by table and rule: what `check` gives, without all the others."""
        with connect(self.conninfo) as local:
            columns = {table: check_columns(local, interface)[1] for table, interface in TABLES.items()}
            (check,) = (check for check in checks_of(TABLES[name[0]], columns) if check.rule == name[1])
            return run_check(local, check, window)

    def ask(self, statement: str, *values: object) -> list[Any]:
        """A statement on the local store."""
        return sessions.ask(self.conninfo, statement, *values)
