"""`hotline check` names what the docking tables lack, each with the statement that fixes it: running it fixes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.docking.needs import Shortcoming, shortcomings
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

PUBLISHED = "docking.acceptance_filing"
KEY = ", ".join(docking_tables()["acceptance_filing"].key)
OURS = next(name for name in docking_tables()["acceptance_filing"].carried if name not in KEY)


def found(conninfo: str) -> list[Shortcoming]:
    with connect(conninfo) as docking:
        return shortcomings(docking)


def execute(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as database:
        database.execute(statement.encode())


ERRORS = {
    "written_at as text": (
        "ALTER TABLE docking.order_urge ALTER COLUMN written_at DROP DEFAULT, ALTER COLUMN written_at TYPE text",
        "docking.order_urge: written_at is text instead of timestamptz",
    ),
    "no row can wait": (
        "ALTER TABLE docking.call_log ALTER COLUMN collected_at SET NOT NULL",
        "docking.call_log: collected_at is NOT NULL, so that no row can wait to be read",
    ),
    "born collected": (
        "ALTER TABLE docking.call_log ALTER COLUMN collected_at SET DEFAULT now()",
        "docking.call_log: new rows are born as collected, and never read",
    ),
    "trigger disabled": (
        "ALTER TABLE docking.call_log DISABLE TRIGGER ALL",
        "docking.call_log: its trigger is disabled: a row that 12345 changes is never read again",
    ),
    "trigger of replicas": (
        "ALTER TABLE docking.call_log ENABLE REPLICA TRIGGER uncollect",
        "docking.call_log: its trigger is disabled",
    ),
    "a published text is a number": (
        f"ALTER TABLE {PUBLISHED} ALTER COLUMN {OURS} TYPE int USING 1",
        f"{PUBLISHED}: {OURS} is integer instead of text",
    ),
    "a published column is required": (
        f"ALTER TABLE {PUBLISHED} ALTER COLUMN {OURS} SET NOT NULL",
        f"{PUBLISHED}: {OURS} must not be NULL, but may have to be",
    ),
    "a column of their own is required": (
        f'ALTER TABLE {PUBLISHED} ADD COLUMN "Own" text NOT NULL',
        f'{PUBLISHED}: "Own" must not be NULL, has no default, and is not the bridge\'s to fill',
    ),
    "no key": (f"ALTER TABLE {PUBLISHED} DROP CONSTRAINT acceptance_filing_pkey", f"{PUBLISHED}: no unique key"),
}
WARNINGS = {
    "no trigger": (
        "DROP TRIGGER uncollect ON docking.call_log",
        "docking.call_log: no trigger: a row that 12345 changes is never read again, unless 12345 sets collected_at",
    ),
    "no index": (
        "DROP INDEX docking.call_log_uncollected",
        "docking.call_log: no index leads to the rows that wait",
    ),
    "no index on days": (
        "DROP INDEX docking.complaint_order_day",
        "docking.complaint_order: no index leads to the rows of a day",
    ),
    "no time": (
        "ALTER TABLE docking.call_log ALTER COLUMN written_at DROP NOT NULL, ALTER COLUMN written_at DROP DEFAULT",
        "docking.call_log: a row without written_at counts as written when it is read",
    ),
    "types whose text may not be what is meant": (
        "ALTER TABLE docking.seat ALTER COLUMN seatno TYPE float USING 1, ALTER COLUMN enabled TYPE boolean USING true",
        "docking.seat: seatno is double precision, enabled is boolean: read as PostgreSQL writes it",
    ),
    "a time without zone": (
        "ALTER TABLE docking.call_log ALTER COLUMN written_at TYPE timestamp",
        "docking.call_log: written_at is timestamp without time zone",
    ),
    "too short": (
        f"ALTER TABLE {PUBLISHED} ALTER COLUMN {OURS} TYPE varchar(10)",
        f"{PUBLISHED}: {OURS} is character varying(10)",
    ),
    "no moment": (
        f"ALTER TABLE {PUBLISHED} ALTER COLUMN updated_at DROP NOT NULL, ALTER COLUMN updated_at DROP DEFAULT",
        f"{PUBLISHED}: new rows have no updated_at",
    ),
}
CASES = [(True, *case) for case in ERRORS.values()] + [(False, *case) for case in WARNINGS.values()]


@pytest.mark.parametrize(("is_error", "change", "words"), CASES, ids=[*ERRORS, *WARNINGS])
def test_each_shortcoming_is_named_with_what_mends_it(stores: Stores, is_error: bool, change: str, words: str) -> None:
    assert found(stores.docking) == []
    execute(stores.docking, change)
    [named] = found(stores.docking)
    assert named.is_error == is_error
    assert named.text.startswith(words)
    for statement in remedies(named):
        execute(stores.docking, statement)
    assert found(stores.docking) == []


def remedies(named: Shortcoming) -> list[str]:
    [statement] = re.findall(r"(?:has to|should) run (.*)", named.text)
    return [str(statement)]


def test_own_ways_that_work_are_no_matter(stores: Stores) -> None:
    execute(
        stores.docking,
        """
        ALTER TABLE docking.call_log ALTER COLUMN callno TYPE varchar(30);
        ALTER TABLE docking.call_log ADD COLUMN own json NOT NULL DEFAULT '{}';
        CREATE DOMAIN docking.number AS text CHECK (value <> 'x');
        ALTER TABLE docking.call_log ALTER COLUMN callid TYPE docking.number;
        """
        f"ALTER TABLE {PUBLISHED} ADD COLUMN own int GENERATED ALWAYS AS IDENTITY;"
        f"ALTER TABLE {PUBLISHED} DROP CONSTRAINT acceptance_filing_pkey;"
        f"CREATE UNIQUE INDEX other_name ON {PUBLISHED} ({KEY})",
    )
    assert found(stores.docking) == []


@pytest.mark.edge
def test_rights_are_named_by_the_grant(stores: Stores, postgres: Server) -> None:
    postgres.create_role("Visitor", "visitor-password")
    visitor = psycopg.conninfo.make_conninfo(stores.docking, user="Visitor", password="visitor-password")
    for _ in range(2 + len(docking_tables())):
        named = [shortcoming for shortcoming in found(visitor) if shortcoming.is_error]
        if not named:
            break
        [grant] = remedies(named[0])
        assert grant.startswith("GRANT ")
        assert grant.endswith('TO "Visitor"')
        execute(stores.docking, grant)
    assert found(visitor) == []


def test_what_is_no_table(stores: Stores) -> None:
    """Views are in test_foreign_tables.py."""
    execute(
        stores.docking,
        "ALTER TABLE docking.seat RENAME TO seats; CREATE MATERIALIZED VIEW docking.seat AS TABLE docking.seats",
    )
    [named] = found(stores.docking)
    assert named.is_error
    assert named.text.startswith("docking.seat is a view that cannot be updated")


def test_rows_that_may_be_hidden(stores: Stores, postgres: Server) -> None:
    postgres.create_role("hidden_from", "visitor-password")
    execute(
        stores.docking,
        "GRANT USAGE ON SCHEMA docking TO hidden_from; GRANT ALL ON ALL TABLES IN SCHEMA docking TO hidden_from;"
        "ALTER TABLE docking.call_log ENABLE ROW LEVEL SECURITY",
    )
    visitor = psycopg.conninfo.make_conninfo(stores.docking, user="hidden_from", password="visitor-password")
    [named] = found(visitor)
    assert not named.is_error
    assert named.text.startswith("docking.call_log: row level security may hide rows")


def test_a_mark_that_does_not_stay_is_tried_and_taken_back(stores: Stores) -> None:
    execute(
        stores.docking,
        "CREATE FUNCTION docking.careless() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN NEW.collected_at := NULL; RETURN NEW; END';"
        "CREATE TRIGGER zz BEFORE UPDATE ON docking.call_log FOR EACH ROW EXECUTE FUNCTION docking.careless();"
        "INSERT INTO docking.call_log (callid) VALUES ('1'); INSERT INTO docking.seat (seatno) VALUES ('1')",
    )
    [named] = found(stores.docking)
    assert named.is_error
    assert "docking.call_log: collected_at does not stay set" in named.text
    with psycopg.connect(stores.docking) as docking:
        assert docking.execute("SELECT collected_at FROM docking.seat").fetchall() == [(None,)]
        docking.execute("LOCK TABLE docking.seat")
        assert any(
            text.startswith("docking.seat: another session holds it locked") for _, text in found(stores.docking)
        )
