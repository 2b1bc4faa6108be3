"""Errors of a database, whichever statement they come from: one sentence with the remedy, of the right class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hotline_bridge.cli.main import main
from hotline_bridge.errors import HotlineError, StopRun, TryAgainLater
from hotline_bridge.store.database import Session, connect

if TYPE_CHECKING:
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

SECRET = "MARKED-content"


def told(conninfo: str, statement: str, kind: type[HotlineError]) -> str:
    with pytest.raises(kind) as caught, connect(conninfo) as session:
        session.execute(statement.encode())
    assert type(caught.value) is kind
    assert "MARKED" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def loader(postgres: Server, stores: Stores) -> str:
    """An account that owns nothing and may do little in the local store."""
    postgres.create_role("poor loader", SECRET)
    with psycopg.connect(stores.local, autocommit=True) as owner:
        owner.execute('REVOKE hotline_loader FROM "poor loader"')
        owner.execute('GRANT USAGE ON SCHEMA hotline TO "poor loader"')
        owner.execute('GRANT SELECT ON ALL TABLES IN SCHEMA hotline TO "poor loader"')
    return make_conninfo(stores.local, user="poor loader", password=SECRET)


@pytest.mark.parametrize(
    ("statement", "kind", "words"),
    [
        ("SELECT FROM hotline.no_such", StopRun, ("UndefinedTable, SQLSTATE 42P01", "run `hotline migrate`")),
        ("SELECT no_such FROM hotline.delivery", StopRun, ("lacks a table, column", "run `hotline migrate`")),
        (f"SELECT '{SECRET}'::integer", StopRun, ("refuses a value", "22P02")),
        ("SELECT 1 / 0", StopRun, ("DivisionByZero",)),
        ("SET statement_timeout = 1; SELECT pg_sleep(1)", TryAgainLater, ("took longer than it may",)),
        ("SELECT pg_terminate_backend(pg_backend_pid())", TryAgainLater, ("was ended", "the next run goes on")),
        ("BEGIN READ ONLY; CREATE TABLE hotline.t ()", TryAgainLater, ("standby", "new primary")),
    ],
)
def test_a_cause_gets_its_remedy_and_class(
    stores: Stores, statement: str, kind: type[HotlineError], words: tuple[str, ...]
) -> None:
    sentence = told(stores.local, statement, kind)
    database = conninfo_to_dict(stores.local)["dbname"]
    assert all(word in sentence for word in (*words, f"database {database} at ")), sentence


def test_a_missing_right_is_told_as_the_grant_that_mends_it(stores: Stores, loader: str) -> None:
    def grant_for(statement: str) -> str:
        return told(loader, statement, StopRun).split("let the owner run: ")[1]

    with psycopg.connect(stores.local, autocommit=True) as owner:
        grant = grant_for("DELETE FROM hotline.delivery")
        assert grant == 'GRANT hotline_loader TO "poor loader"'
        owner.execute(grant.encode())
        owner.execute("REVOKE DELETE ON hotline.delivery FROM hotline_loader")
        grant = grant_for("DELETE FROM hotline.delivery")
        assert grant == 'GRANT DELETE ON hotline.delivery TO "poor loader"'
        owner.execute(grant.encode())
        owner.execute('REVOKE hotline_loader FROM "poor loader"')
        owner.execute('GRANT ALL ON ALL TABLES IN SCHEMA hotline TO "poor loader"')
    with connect(loader) as session:
        assert session.execute("DELETE FROM hotline.delivery").rowcount == 0


def test_who_holds_a_lock_is_named(stores: Stores) -> None:
    with connect(stores.local) as holder, holder.transaction():
        holder.execute("LOCK TABLE hotline.call_log")
        sentence = told(stores.local, "SET lock_timeout = 50; SELECT FROM hotline.call_log", TryAgainLater)
        assert f"hotline.call_log: process {holder.info.backend_pid} of postgres, for " in sentence


def test_of_two_sessions_the_one_that_failed_is_named(stores: Stores) -> None:
    with pytest.raises(StopRun) as caught, connect(stores.docking) as docking, connect(stores.local):
        docking.execute("SELECT FROM docking.no_such")
    assert f"database {conninfo_to_dict(stores.docking)['dbname']} at " in str(caught.value)


def test_no_command_ends_in_a_traceback(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        session: Session = connect(stores.local)
        session.execute("SELECT FROM hotline.no_such")

    monkeypatch.setattr("hotline_bridge.cli.main.app", fail)
    with pytest.raises(SystemExit):
        main()
    assert "StopRun: database " in capsys.readouterr().err
