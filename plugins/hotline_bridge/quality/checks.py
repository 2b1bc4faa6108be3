"""The whole quality check (质量检查): every typed table that exists, by contract and by the queries of `checks.sql`.

See architecture: data quality. It judges tables and reports; no row is held back or changed by it. Each query selects
what it judges, as `key` and `failing`, across tables or along time, where an expectation on one table cannot.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.quality.expectations import validate
from hotline_bridge.quality.results import KEY_LIMIT, Result, evaluate
from hotline_bridge.quality.suites import content_of, interfaces_by_table, suite_of
from hotline_bridge.store.database import connect
from hotline_bridge.store.failures import explained
from hotline_bridge.store.sql import read_sql
from hotline_bridge.store.typed_tables import column_type, window_column

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.errors import Failures
    from hotline_bridge.quality.results import Window

WEEKS = 8
"""How far back the same hour and weekday is looked at."""
LEAST_WEEKS = 4
"""With less history than this, volume and freshness are not judged."""
PARENT_GRACE = timedelta(hours=1)
SHIFT = timedelta(hours=24)
"""Longest time a seat can be signed in; how late its login may be written."""
FEW_ORPHANS = 0.05
"""Up to this share of rows without parent is a warning: single records do get lost upstream."""

_COUNT = """
WITH judged AS MATERIALIZED ({judged})
SELECT count(*), count(*) FILTER (WHERE failing), (array_agg(key ORDER BY key) FILTER (WHERE failing))[:{limit}]
FROM judged
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One SQL file on one table."""

    table: str
    rule: str
    """`field:kind` or the kind; the file is named after the kind."""
    error_above: float | None
    """See `quality.results.evaluate`."""
    names: Mapping[str, sql.Composable]
    """What stands for the braces of the file."""


def checks_of(interface: Interface, columns: Mapping[str, Collection[str]]) -> Iterator[Check]:
    """The checks of an interface's typed table.

    Args:
        interface: One whose table is among `columns`, with the time by which its rows are chosen.
        columns: Of each table that exists, the columns that are as the contract wants them. A rule that reads another
            table or column is left out: that it is missing, `check_columns` tells.
    """
    yield from (_of_reports if interface.kind == "report" else _of_answers)(interface, columns)


def _of_reports(interface: Interface, columns: Mapping[str, Collection[str]]) -> Iterator[Check]:
    table, key = str(interface.table), interface.key_column
    own = {"table": sql.Identifier("hotline", table), "key_column": sql.Identifier(key)}
    if interface.parent:
        column, parent = interface.parent.field.lower(), contract()[interface.parent.of]
        if _readable(columns, {table: {key, column}, str(parent.table): {parent.key_column}}):
            names = {
                **own,
                "field": sql.Identifier(column),
                "parent": sql.Identifier("hotline", str(parent.table)),
                "parent_key": sql.Identifier(parent.key_column),
                "parent_interface": sql.Literal(parent.name),
            }
            yield Check(table, f"{column}:parent", FEW_ORPHANS, names)
    if interface.served_by:
        column, seats = interface.served_by.field.lower(), contract()[interface.served_by.of]
        begin, end = (name.lower() for name in seats.in_order)
        if _readable(columns, {table: {key, column}, str(seats.table): {begin, end}}):
            names = {
                **own,
                "field": sql.Identifier(column),
                "seats": sql.Identifier("hotline", str(seats.table)),
                "begin_column": sql.Identifier(begin),
                "end_column": sql.Identifier(end),
            }
            yield Check(table, f"{column}:seats_signed_in", None, names)
    moment = {"moment": sql.Identifier("written_at")}
    yield Check(table, "volume", None, {**own, **moment})
    yield Check(table, "freshness", 0.0, {**own, **moment})


def _of_answers(interface: Interface, columns: Mapping[str, Collection[str]]) -> Iterator[Check]:
    table, key = str(interface.table), interface.key_column
    own = {"table": sql.Identifier("hotline", table), "key_column": sql.Identifier(key)}
    if _readable(columns, {table: {"registime"}}):
        # Registered by the hour, and come by the hour: an order that is found late was registered long ago.
        yield Check(table, "volume", None, {**own, "moment": sql.Identifier("registime")})
        yield Check(table, "freshness", 0.0, {**own, "moment": sql.Identifier("loaded_at")})
    elif _readable(columns, {table: {key}}):
        yield Check(table, f"{key}:order_known", FEW_ORPHANS, own)
    happens = (interface.happens or "").lower()
    if happens and _readable(columns, {table: {key, happens}}):
        is_day = any(field.column == happens and field.kind == "date" for field in interface.response)
        # A day has no time, and times may lack seconds.
        earliest = "o.registime::date" if is_day else "o.registime - interval '1 minute'"
        timed = {**own, "happens": sql.Identifier(happens), "earliest": sql.SQL(earliest)}
        yield Check(table, f"{happens}:before_registration", None, timed)
        if interface.flow == "feedback":
            yield Check(table, f"{happens}:reply_lag", None, timed)


def _readable(columns: Mapping[str, Collection[str]], read: Mapping[str, set[str]]) -> bool:
    return all(names <= set(columns.get(table, ())) for table, names in read.items())


def run_check(local: Connection, check: Check, window: Window) -> Result:
    """The result of one check.

    Args:
        local: Session on the local store.
        check: From `checks_of`.
        window: Which rows are judged.
    """
    judged = read_sql("quality/checks.sql", check.rule.rpartition(":")[2]).format(**check.names)
    parameters = {
        "window_begin": window.begin,
        "window_end": window.end,
        "grace": PARENT_GRACE,
        "shift": SHIFT,
        "weeks": WEEKS,
        "least_weeks": LEAST_WEEKS,
    }
    statement = sql.SQL(_COUNT).format(judged=judged, limit=KEY_LIMIT)
    checked, failing, keys = local.execute(statement, parameters).fetchone() or (0, 0, None)
    return evaluate(
        check.table, check.rule, error_above=check.error_above, checked=checked, failing=failing, keys=keys or ()
    )


def check_columns(local: Connection, interface: Interface) -> tuple[Result, frozenset[str]]:
    """Whether the typed table of an interface has the contract's columns with the contract's types.

    Returns:
        The result, not judged where there is no such table; and the columns that are as they should be.
    """
    wanted = {printed.column: column_type(printed) for printed in content_of(interface)}
    wanted[window_column(interface)] = "timestamptz"
    judged = local.execute(
        read_sql("quality/checks.sql", "columns"),
        {
            "wanted": json.dumps([{"name": name, "type": type_} for name, type_ in wanted.items()]),
            "table_name": f"hotline.{interface.table}",
        },
    ).fetchall()
    wrong = sorted(name for name, failing in judged if failing)
    result = evaluate(
        str(interface.table), "columns", error_above=0.0, checked=len(judged), failing=len(wrong), keys=wrong
    )
    return result, frozenset(name for name, failing in judged if not failing)


def check_tables(conninfo: str, window: Window, failures: Failures) -> list[Result]:
    """Judge every typed table that exists.

    Args:
        conninfo: libpq connection string of the local store.
        window: Which rows are judged.
        failures: Learns which rules could not be run; the others are judged all the same.

    Raises:
        StopRun: The account is refused, or there is no typed table.
        TryAgainLater: The store cannot be reached.
    """
    interfaces = interfaces_by_table()
    with connect(conninfo) as local:
        looked = {table: check_columns(local, interface) for table, interface in interfaces.items()}
        tables = {table: found for table, found in looked.items() if found[0].passed is not None}
        if not tables:
            raise StopRun("the local store has no typed table", remedy="run `hotline migrate` first")
        results = [result for result, _ in tables.values()]
        # Without its time of writing, no row of a table is in any window.
        columns = {table: names for table, (_, names) in tables.items() if window_column(interfaces[table]) in names}
        for check in (check for table in columns for check in checks_of(interfaces[table], columns)):
            if not local.broken:
                with failures.apart(), explained(what=f"{check.rule} of hotline.{check.table} could not be checked"):
                    results.append(run_check(local, check, window))
    suites = [suite_of(interfaces[table], names, window) for table, names in columns.items()]
    return [*results, *validate(conninfo, suites, window, failures)]
