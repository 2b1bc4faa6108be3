"""Schema `docking` on a real PostgreSQL: what migrate makes there, and what it leaves alone."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors, sql

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import contract
from hotline_bridge.docking.create import TableResult, create_docking, examine
from hotline_bridge.errors import StopRun
from hotline_sandbox.demo.postgres import Server
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.contract.docking import DockingTable
    from hotline_bridge.store.migrate import Session

WRITTEN_BY_12345 = [table for table in docking_tables().values() if table.written_by == "12345"]
WRITTEN_BY_BRIDGE = [table for table in docking_tables().values() if table.written_by == "bridge"]


@pytest.fixture(scope="module")
def server(postgres: Server) -> Server:
    return postgres


@pytest.fixture
def docking(server: Server) -> Iterator[str]:
    """conninfo of an empty database."""
    name = f"docking_{uuid4().hex[:12]}"
    server.create_database(name)
    yield server.conninfo(name)
    server.drop_database(name)


@pytest.fixture(scope="module")
def row(server: Server) -> Iterator[Session]:
    """A session on a created store; `_stored` puts one row into call_log."""
    server.create_database("rows")
    create_docking(server.conninfo("rows"))
    with psycopg.connect(server.conninfo("rows"), autocommit=True) as session:
        yield session


def _rows(conninfo: str, query: str, *parameters: object) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo) as session:
        return session.execute(query.encode(), parameters or None).fetchall()


def _execute(conninfo: str, *statements: str) -> None:
    with psycopg.connect(conninfo) as session:
        for statement in statements:
            session.execute(statement.encode())


def _catalog(conninfo: str) -> list[list[tuple[object, ...]]]:
    """Every catalog row that concerns schema docking, with the transaction that last touched it."""
    queries = (
        "SELECT oid, xmin, relname FROM pg_class WHERE relnamespace = to_regnamespace('docking') ORDER BY 1",
        "SELECT a.attrelid, a.attname, a.xmin FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = to_regnamespace('docking') ORDER BY 1, 2",
        "SELECT t.tgrelid, t.tgname, t.xmin FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
        " WHERE c.relnamespace = to_regnamespace('docking') ORDER BY 1, 2",
        "SELECT oid, xmin FROM pg_proc WHERE pronamespace = to_regnamespace('docking') ORDER BY 1",
    )
    return [_rows(conninfo, query) for query in queries]


def test_every_table_is_created_with_its_columns_types_and_comments(docking: str) -> None:
    assert create_docking(docking) == [TableResult(name, "created") for name in docking_tables()]
    types = {"timestamptz": "timestamp with time zone"}
    for table in docking_tables().values():
        described = _rows(
            docking,
            "SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum) FROM pg_attribute"
            " WHERE attrelid = to_regclass(%s) AND attnum > 0 ORDER BY attnum",
            f"docking.{table.name}",
        )
        content = [(column.name, types.get(column.type, column.type), column.zh) for column in table.columns]
        assert described[: len(content)] == content
        assert tuple(name for name, _, _ in described) == table.all_columns
        assert all(kind == types["timestamptz"] and comment for _, kind, comment in described[len(content) :])
        [(title,)] = _rows(docking, "SELECT obj_description(to_regclass(%s), 'pg_class')", f"docking.{table.name}")
        assert table.zh in str(title)
        assert table.section in str(title)


def test_what_12345_reports_has_exactly_the_request_fields_in_lower_case(docking: str) -> None:
    create_docking(docking)
    for interface in contract().values():
        if interface.kind != "report":
            continue
        found = _rows(
            docking,
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 ORDER BY attnum",
            f"docking.{interface.table}",
        )
        fields = [field.name.lower() for field in interface.request]
        assert [name for (name,) in found] == [*fields, "written_at", "collected_at"]


def test_a_second_run_touches_nothing(docking: str) -> None:
    create_docking(docking)
    before = _catalog(docking)
    assert create_docking(docking) == [TableResult(name, "left alone") for name in docking_tables()]
    assert _catalog(docking) == before


def test_tables_that_exist_are_left_exactly_alone_and_what_they_lack_is_said(docking: str) -> None:
    columns = ", ".join(f"{name} varchar(200)" for name in docking_tables()["call_log"].all_columns)
    _execute(
        docking,
        "CREATE SCHEMA docking",
        f"CREATE TABLE docking.call_log ({columns}, own_column json)",
        "CREATE VIEW docking.seat AS SELECT '1'::text AS seatno, '二'::text AS seatname",
        "INSERT INTO docking.call_log (callid) VALUES ('4402001')",
    )
    touched = _catalog(docking)

    results = {result.table: result for result in create_docking(docking)}
    assert results["call_log"] == TableResult("call_log", "left alone")
    assert str(results["call_log"]) == "docking.call_log exists already, left alone"
    lacking = ("sourcearea", "unitcode", "enabled", "written_at", "collected_at")
    assert results["seat"] == TableResult("seat", "incomplete", lacking)
    assert ", ".join(lacking) in str(results["seat"])
    assert {result.outcome for name, result in results.items() if name not in {"call_log", "seat"}} == {"created"}

    for before, after in zip(touched, _catalog(docking), strict=True):
        assert set(before) <= set(after)
    assert not _rows(docking, "SELECT FROM pg_trigger WHERE tgrelid = 'docking.call_log'::regclass")
    assert not _rows(docking, "SELECT FROM pg_index WHERE indrelid = 'docking.call_log'::regclass")
    assert _rows(docking, "SELECT callid FROM docking.call_log") == [("4402001",)]


def test_examine_needs_no_right_on_the_tables(server: Server, docking: str) -> None:
    create_docking(docking)
    server.create_role("reader", "of the test")
    parts = psycopg.conninfo.conninfo_to_dict(docking)
    with psycopg.connect(server.conninfo(str(parts["dbname"]), "reader", "of the test")) as session:
        assert {result.outcome for result in examine(session)} == {"left alone"}
        with pytest.raises(errors.InsufficientPrivilege):
            session.execute("SELECT FROM docking.call_log")


def test_examine_of_an_empty_database_says_what_to_run(docking: str) -> None:
    with psycopg.connect(docking) as session:
        results = examine(session)
    assert {result.outcome for result in results} == {"missing"}
    assert all("hotline migrate" in str(result) for result in results)


def test_all_or_nothing(docking: str) -> None:
    last = WRITTEN_BY_12345[-1].name
    _execute(docking, "CREATE SCHEMA docking", f"CREATE TABLE docking.{last}_uncollected ()")
    with pytest.raises(StopRun, match="DuplicateTable"):
        create_docking(docking)
    assert _rows(docking, "SELECT relname FROM pg_class WHERE relnamespace = 'docking'::regnamespace") == [
        (f"{last}_uncollected",)
    ]


def test_two_at_once_create_each_table_once(docking: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(create_docking, [docking] * 2)
    outcomes = [{one.outcome, other.outcome} for one, other in zip(first, second, strict=True)]
    assert outcomes == [{"created", "left alone"}] * len(docking_tables())


def test_without_rights_the_remedy_is_the_grant_to_run(server: Server, docking: str) -> None:
    server.create_role("guest", "of the test")
    database = str(psycopg.conninfo.conninfo_to_dict(docking)["dbname"])
    guest = server.conninfo(database, "guest", "of the test")
    with pytest.raises(StopRun, match=f"account guest may not create schema docking in database {database}") as refused:
        create_docking(guest)
    grant = re.search(r"GRANT .*", str(refused.value))
    assert grant
    _execute(docking, grant.group())
    assert {result.outcome for result in create_docking(guest)} == {"created"}

    server.create_role("second_guest", "of the test")
    _execute(docking, "DROP TABLE docking.seat")
    with pytest.raises(StopRun, match="account second_guest may not create tables in schema docking") as refused:
        create_docking(server.conninfo(database, "second_guest", "of the test"))
    assert 'GRANT USAGE, CREATE ON SCHEMA "docking" TO "second_guest"' in str(refused.value)
    _execute(docking, 'GRANT USAGE, CREATE ON SCHEMA "docking" TO "second_guest"')
    with pytest.raises(StopRun, match="must be owner of function uncollect"):
        create_docking(server.conninfo(database, "second_guest", "of the test"))


@pytest.mark.parametrize("table", WRITTEN_BY_12345, ids=lambda table: table.name)
def test_12345_may_write_anything_and_what_is_due_is_indexed(row: Session, table: DockingTable) -> None:
    name = sql.Identifier("docking", table.name)
    insert = sql.SQL("INSERT INTO {} DEFAULT VALUES RETURNING written_at IS NOT NULL, collected_at").format(name)
    for _ in range(2):  # the same row twice, without a key
        assert row.execute(insert).fetchall() == [(True, None)]
    found = row.execute(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'docking' AND tablename = %s", (table.name,)
    )
    assert any(str(definition).endswith("(written_at) WHERE (collected_at IS NULL)") for (definition,) in found)


@pytest.mark.parametrize("table", WRITTEN_BY_BRIDGE, ids=lambda table: table.name)
def test_the_bridge_writes_one_row_a_key(row: Session, table: DockingTable) -> None:
    found = row.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass(%s) AND contype = 'p'",
        (f"docking.{table.name}",),
    )
    assert found.fetchall() == [(f"PRIMARY KEY ({', '.join(table.key)})",)]


# The trigger

PAST = "2026-01-01T00:00:00+08:00"


def _stored(session: Session, callno: str | None = "1") -> None:
    session.execute("TRUNCATE docking.call_log")
    session.execute(
        "INSERT INTO docking.call_log (callid, callno, written_at, collected_at) VALUES ('4402001', %s, %s, %s)",
        (callno, PAST, PAST),
    )


def _marks(session: Session) -> tuple[bool, bool]:
    """Whether the row counts as collected, and whether its written_at is still the one of the insert."""
    [(collected, kept)] = session.execute(
        "SELECT collected_at IS NOT NULL, written_at = %s FROM docking.call_log", (PAST,)
    ).fetchall()
    return bool(collected), bool(kept)


@pytest.mark.parametrize(
    ("change", "collected", "written_kept"),
    [
        ("callno = '2'", False, False),
        ("callno = NULL", False, False),
        ("callno = '1 '", False, False),
        ("ringtime = ''", False, False),
        ("callno = '2', collected_at = now()", False, False),
        ("callno = '2', written_at = '2026-01-01T00:00:00.000001+08:00'", False, False),
        ("callno = '2', written_at = NULL", False, False),
        ("callno = callno", True, True),
        ("callno = '1', sourcearea = NULL", True, True),
        ("collected_at = now()", True, True),
        ("collected_at = NULL", False, True),
        ("written_at = now()", True, False),
    ],
)
def test_a_change_of_content_and_nothing_else_makes_a_row_due_again(
    row: Session, change: str, collected: bool, written_kept: bool
) -> None:
    _stored(row)
    row.execute(b"UPDATE docking.call_log SET " + change.encode())
    assert _marks(row) == (collected, written_kept)


def test_the_time_that_12345_sets_itself_stays(row: Session) -> None:
    _stored(row)
    row.execute("UPDATE docking.call_log SET callno = '2', written_at = '2026-03-01T00:00:00+08:00'")
    found = row.execute("SELECT written_at = '2026-03-01T00:00:00+08:00' FROM docking.call_log").fetchone()
    assert found == (True,)


def test_two_changes_in_one_transaction_have_two_times_in_their_order(
    row: Session,
) -> None:
    _stored(row)
    change = "UPDATE docking.call_log SET callno = %s RETURNING written_at > now(), written_at"
    with row.transaction():
        first, second = (row.execute(change, (callno,)).fetchall()[0] for callno in "23")
    assert first[0]
    assert second[0]
    assert str(first[1]) < str(second[1])


texts = st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)


@given(before=texts, after=texts)
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_two_contents_are_told_apart(row: Session, before: str | None, after: str | None) -> None:
    _stored(row, before)
    row.execute("UPDATE docking.call_log SET callno = %s", (after,))
    assert _marks(row)[0] == (before == after)


def test_columns_that_12345_adds_later_count_as_content(docking: str) -> None:
    create_docking(docking)
    with psycopg.connect(docking, autocommit=True) as session:
        session.execute("ALTER TABLE docking.call_log ADD own json")  # a type without an equality operator
        _stored(session)
        session.execute("UPDATE docking.call_log SET own = '{}'")
        assert _marks(session) == (False, False)


@pytest.mark.parametrize("table", WRITTEN_BY_12345, ids=lambda table: table.name)
def test_every_table_that_12345_writes_has_the_trigger(row: Session, table: DockingTable) -> None:
    name = sql.Identifier("docking", table.name)
    column = sql.Identifier(table.columns[0].name)
    row.execute(sql.SQL("TRUNCATE {}").format(name))
    row.execute(sql.SQL("INSERT INTO {} (collected_at) VALUES (now())").format(name))
    found = row.execute(sql.SQL("UPDATE {} SET {} = 'x' RETURNING collected_at").format(name, column)).fetchall()
    assert found == [(None,)]
