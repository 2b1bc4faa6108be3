"""The stores of one test tell nothing of the one before: whatever it did, the next finds what the template holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.clean_stores import CleanStore

if TYPE_CHECKING:
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores


@pytest.fixture
def store(postgres: Server, templates: Stores) -> CleanStore:
    return CleanStore(postgres, templates.local)


def ask(conninfo: str, *statements: str) -> list[Any]:
    with psycopg.connect(conninfo, autocommit=True) as session:
        for statement in statements:
            cursor = session.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def content(conninfo: str) -> dict[str, list[Any]]:
    tables = "SELECT relname FROM pg_class WHERE relnamespace = 'hotline'::regnamespace AND relkind = 'r' ORDER BY 1"
    with psycopg.connect(conninfo, autocommit=True) as session:
        names = [name for (name,) in session.execute(tables.encode()).fetchall()]
        return {name: session.execute(f"TABLE hotline.{name}".encode()).fetchall() for name in names}


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM hotline.deployment",
        "UPDATE hotline.alembic_version SET version_num = 'another'",
        "SELECT setval('hotline.order_change_row_id_seq', 77)",
    ],
)
def test_rows_and_numbers_are_as_in_the_template(store: CleanStore, change: str) -> None:
    first = store.ready()
    before = content(first)
    ask(first, change)
    assert store.ready() == first, "rows alone make no fresh copy"
    assert content(first) == before
    assert ask(first, "SELECT last_value FROM hotline.order_change_row_id_seq") == [(1,)]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE hotline.left_over (a integer)",
        "ALTER TABLE hotline.delivery ADD CONSTRAINT no_end CHECK (state <> 'delivered')",
        "ALTER TABLE hotline.delivery ALTER COLUMN key SET DEFAULT ''",
        "CREATE INDEX left_over ON hotline.delivery (key)",
        "GRANT SELECT ON hotline.delivery TO public",
        "ALTER TABLE hotline.delivery DISABLE TRIGGER ALL",
        "CREATE FUNCTION hotline.left_over() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "DROP SCHEMA hotline CASCADE",
    ],
)
def test_a_change_of_anything_but_rows_makes_a_fresh_copy(store: CleanStore, change: str) -> None:
    first = store.ready()
    ask(first, change)
    assert store.ready() != first
    assert content(store.ready())


def test_a_session_that_is_left_open_holds_nothing_up(store: CleanStore) -> None:
    first = store.ready()
    with psycopg.connect(first) as left:
        left.execute("LOCK TABLE hotline.delivery")
        assert store.ready() == first
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")


def test_settings_of_the_database_are_gone(store: CleanStore, postgres: Server) -> None:
    first = store.ready()
    name = ask(first, "SELECT current_database()")[0][0]
    ask(postgres.conninfo("postgres"), f"ALTER DATABASE {name} SET statement_timeout = '1ms'")
    fresh = store.ready()
    assert fresh != first
    assert ask(fresh, "SHOW statement_timeout") == [("0",)]
