"""The typed tables are those of the contract, and a difference is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import errors

from hotline_bridge.contract.reader import contract
from hotline_bridge.store.differences import read_differences
from hotline_bridge.store.metadata import create_sql, drop_sql
from hotline_bridge.store.migrate import files_up
from hotline_bridge.store.of_orders import bodies, order_person
from hotline_bridge.store.sql import sql_text
from hotline_bridge.store.typed_tables import typed_interfaces
from tests.sessions import ask
from tests.store.contents import REVISIONS, catalog, execute

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface

pytestmark = pytest.mark.slow


def test_the_migrated_tables_are_those_of_the_contract(migrated: str) -> None:
    assert read_differences(migrated) == []


@pytest.mark.parametrize(
    "drain", [known for known in contract().values() if known.kind == "drain"], ids=lambda d: d.name
)
def test_a_drain_gives_the_columns_of_the_query_whose_table_it_shares(drain: Interface) -> None:
    [owner] = [known for known in typed_interfaces() if known.table == drain.table]
    assert {field.column for field in drain.response} == {field.column for field in owner.response}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DROP TABLE hotline.case_urge_history", "hotline.case_urge_history of interface getCaseCb does not exist"),
        ("ALTER TABLE hotline.call_log DROP COLUMN callno CASCADE", "callinfo differs from the contract in callno:"),
        ("ALTER TABLE hotline.call_log ADD COLUMN more text", "callinfo differs from the contract in more:"),
        ("ALTER TABLE hotline.call_log_history ALTER COLUMN callno TYPE varchar(3)", "in callno (type):"),
        ("ALTER TABLE hotline.complaint_order ALTER COLUMN consumamount TYPE numeric(18, 5)", "consumamount (type):"),
        ("ALTER TABLE hotline.case_urge ALTER COLUMN source DROP NOT NULL", "in source (nullable):"),
        ("ALTER TABLE hotline.case_urge ALTER COLUMN flags DROP DEFAULT", "in flags (default):"),
        ("COMMENT ON COLUMN hotline.call_log.callno IS 'number'", "in callno (comment):"),
        ("COMMENT ON TABLE hotline.call_log IS 'calls'", "in its comment:"),
        ("DROP INDEX hotline.complaint_case_window", "in its index complaint_case_window:"),
        (
            "DROP INDEX hotline.complaint_case_name;"
            "CREATE INDEX complaint_case_name ON hotline.complaint_case (regino)",
            "in its index complaint_case_name:",
        ),
        ("ALTER TABLE hotline.call_log DROP CONSTRAINT call_log_callid_key", "in its unique key:"),
        ("DROP TRIGGER keep_person_keys ON hotline.report_case", "in its trigger keep_person_keys:"),
        ("ALTER TABLE hotline.case_urge DISABLE TRIGGER keep_erased", "in its trigger keep_erased:"),
    ],
)
def test_drift_is_told(migrated: str, change: str, told: str) -> None:
    execute(migrated, change)
    [difference] = read_differences(migrated)
    assert told in str(difference)


def test_another_function_behind_the_trigger_is_drift(migrated: str) -> None:
    other = "FUNCTION hotline.keep_keys_of_call_log() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'"
    execute(migrated, f"CREATE OR REPLACE {other}")
    assert [(each.table, each.wrong) for each in read_differences(migrated)] == [
        (table, ("its trigger keep_person_keys",)) for table in ("call_log", "call_log_history")
    ]


def test_an_index_of_the_dba_is_no_drift(migrated: str) -> None:
    execute(migrated, "CREATE INDEX of_the_dba ON hotline.call_log (callno)")
    assert read_differences(migrated) == []


def test_the_files_say_what_the_contract_gives() -> None:
    """Word by word, but of tables that a later revision names."""
    said = ["\n".join(map(sql_text, files_up(revision))) for revision in REVISIONS]
    for interface in typed_interfaces():
        [made] = [at for at, text in enumerate(said) if f"CREATE TABLE hotline.{interface.table} (" in text]
        named = re.compile(rf"hotline\.{interface.table}(_history)?\b")
        if not any(named.search(text) for text in said[made + 1 :]):
            assert create_sql([interface]) in said[made], interface.table


def test_one_record_has_one_current_row_and_any_number_of_former_ones(migrated: str) -> None:
    row = "(row_id, callid, written_at) VALUES (%s, '4402001', now())"
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute(f"INSERT INTO hotline.call_log {row}".encode(), (1,))
        with pytest.raises(errors.UniqueViolation):
            connection.execute(f"INSERT INTO hotline.call_log {row}".encode(), (2,))
        former = (
            "INSERT INTO hotline.call_log_history (row_id, callid, written_at, loaded_at, replaced_at)"
            " SELECT row_id, callid, written_at, loaded_at, clock_timestamp() FROM hotline.call_log"
            " RETURNING replaced_at"
        )
        assert connection.execute(former).fetchone() != connection.execute(former).fetchone()


def test_the_ddl_of_each_interface_is_taken_back(local: str) -> None:
    keep_erased = "FUNCTION hotline.keep_erased() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    execute(local, "CREATE SCHEMA hotline", f"CREATE {keep_erased}")
    before = catalog(local)
    for interface in typed_interfaces():
        execute(local, create_sql([interface]))
        assert {name for name, *_ in ask(local, "SELECT tablename FROM pg_tables WHERE schemaname = 'hotline'")} == {
            interface.table,
            f"{interface.table}_history",
        }
        execute(local, drop_sql([interface]))
        assert catalog(local) == before


@pytest.mark.parametrize("table", [None, "Quoted", "a; DROP TABLE b", "中文"])
def test_a_table_name_that_needs_quotes_is_refused(table: str | None) -> None:
    with pytest.raises(ValueError, match=r"contract/bridge\.yaml"):
        create_sql([contract()["callinfo"].model_copy(update={"table": table})])


def test_what_names_every_table_with_records_of_orders_says_what_the_contract_says(migrated: str) -> None:
    execute(migrated, f"CREATE VIEW hotline.wanted AS {order_person()}")
    [(is_so,)] = ask(
        migrated,
        "SELECT pg_get_viewdef('hotline.order_person'::regclass) = pg_get_viewdef('hotline.wanted'::regclass)",
    )
    assert is_so
    for name, body in bodies().items():
        assert ask(migrated, "SELECT prosrc FROM pg_proc WHERE proname = %s", name) == [(body,)]
