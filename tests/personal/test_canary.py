"""Marked data planted in every table are shown to nobody but the loader, whatever a reader tries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from hotline_bridge.contract.register import MASKED, views
from tests.personal.canary import PHONE, WORDS, Canary, analyst, auditor, plant, text_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.clean_stores import CleanStore

MASKS = {
    "phone": re.compile(r"(1[3-9][0-9]|0[0-9]{2,3})?\*{4}([0-9]{2}|[0-9]{4})?"),
    "name": re.compile(r"\S?\*"),
    "address": re.compile(r"[^0-9]*\*"),
}
LEAK = (
    "CREATE FUNCTION pg_temp.leak(value anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS"
    " 'BEGIN RAISE NOTICE ''%'', value; RETURN true; END'"
)
ATTEMPTS = (
    "SELECT * FROM hotline.call_log",
    "COPY hotline.complaint_case TO STDOUT",
    "SELECT hotline.person_key('13800000000')",
    "SELECT hotline.normal_phone(callno) FROM hotline.call_log",
    "SELECT table_to_xml('hotline.call_log', true, false, '')",
    "SELECT query_to_xml('SELECT * FROM hotline.call_log', true, false, '')",
    "SELECT * FROM hotline.person_secret",
    "SELECT * FROM pg_statistic",
    "SELECT pg_read_file('postgresql.conf')",
    "SET ROLE hotline_loader",
    "CREATE VIEW analytics.mine AS SELECT * FROM hotline.call_log",
    "CREATE TABLE analytics.mine AS SELECT 1",
    "SELECT pg_logical_emit_message(false, 'a', 'b') FROM hotline.call_log",
    "UPDATE analytics.order_text SET content = ''",
)


@pytest.fixture(scope="module")
def store(clean_local: CleanStore) -> str:
    conninfo = clean_local.ready()
    plant(conninfo)
    with psycopg.connect(conninfo, autocommit=True) as owner:
        owner.execute("ANALYZE")
    return conninfo


@pytest.fixture(scope="module")
def reading(store: str) -> Iterator[psycopg.Connection[Any]]:
    with analyst(store) as session:
        yield session


def shown(session: psycopg.Connection[Any], view: str) -> str:
    rows = session.execute(f"SELECT v::text FROM analytics.{view} AS v".encode()).fetchall()  # noqa: S608
    return "\n".join(str(row) for (row,) in rows)


def test_the_canary_is_seen_where_it_stands(store: str) -> None:
    with psycopg.connect(store) as owner:
        text = str(owner.execute("SELECT * FROM hotline.complaint_case").fetchall())
    with pytest.raises(AssertionError, match="here shows marked data of class address, link, name, number, phone"):
        Canary().assert_absent(text, "here")


@pytest.mark.parametrize("view", [known for known, each in views().items() if "analyst" in each.rights])
def test_no_view_of_an_analyst_shows_it(reading: psycopg.Connection[Any], view: str) -> None:
    Canary().assert_absent(shown(reading, view), view)


def test_texts_are_shown_scrubbed_to_who_may_read_them(store: str, reading: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        shown(reading, "order_text")
    with text_reader(store) as session:
        text = shown(session, "order_text")
    assert WORDS in text
    Canary().assert_absent(text, "order_text", but=("text",))


def test_an_auditor_reads_what_was_done_and_not_about_whom(store: str) -> None:
    with auditor(store) as session:
        for view in [known for known, each in views().items() if "auditor" in each.rights]:
            Canary().assert_absent(shown(session, view), view, but=("text",))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            shown(session, "order_text")


def test_what_is_masked_shows_its_mask_alone(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as owner:
        for view in views().values():
            for column, of_class in view.classes.items():
                if of_class in MASKED:
                    query = f"SELECT {column} FROM analytics.{view.name} WHERE {column} IS NOT NULL"  # noqa: S608
                    for (value,) in owner.execute(query.encode()):
                        assert MASKS[of_class].fullmatch(value), f"{view.name}.{column}"


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_analyst_reaches_no_raw_row(reading: psycopg.Connection[Any], attempt: str) -> None:
    with pytest.raises(psycopg.Error) as refused:
        reading.execute(attempt.encode()).fetchall()
    assert refused.value.sqlstate in {"42501", "42P17", "42809", "55000"}, refused.value.sqlstate
    Canary().assert_absent(str(refused.value), attempt)


def test_statistics_show_nothing(reading: psycopg.Connection[Any], store: str) -> None:
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute(f"SELECT '{PHONE}'".encode())
        for name in ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs"):
            assert reading.execute(f"SELECT * FROM {name} WHERE schemaname = 'hotline'".encode()).fetchall() == []  # noqa: S608
        activity = reading.execute("SELECT query FROM pg_stat_activity").fetchall()
        Canary().assert_absent(str(activity), "pg_stat_activity")


def test_no_catalog_or_statistics_view_shows_it(reading: psycopg.Connection[Any], store: str) -> None:
    """All that PostgreSQL itself shows; the owner has just asked for the number in another session."""
    relations = reading.execute(
        "SELECT c.oid::regclass::text FROM pg_class AS c WHERE c.relkind IN ('r', 'v') AND c.relnamespace IN"
        " ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        " AND has_table_privilege(c.oid, 'SELECT') AND c.relname NOT IN ('pg_proc', 'pg_rewrite', 'pg_description')"
    ).fetchall()
    assert len(relations) > 150
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute(f"SELECT '{PHONE}'".encode())
        for (relation,) in relations:
            try:
                shown_there = reading.execute(f"SELECT v::text FROM {relation} AS v".encode()).fetchall()  # noqa: S608
            except psycopg.Error as refused:
                shown_there = [(str(refused),)]
            Canary().assert_absent(str(shown_there), relation)


def test_what_an_analyst_may_run_with_its_owners_rights_only_notes_exports(reading: psycopg.Connection[Any]) -> None:
    found = reading.execute(
        "SELECT p.proname FROM pg_proc AS p WHERE p.prosecdef AND p.prorettype <> 'trigger'::regtype"
        " AND p.pronamespace IN ('hotline'::regnamespace, 'analytics'::regnamespace)"
        " AND has_function_privilege(p.oid, 'EXECUTE')"
    ).fetchall()
    assert sorted(found) == [("note_export",), ("note_export_end",)]


def test_a_function_of_ones_own_sees_what_the_view_shows(store: str) -> None:
    told: list[str] = []
    with text_reader(store) as session:
        session.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
        session.execute(LEAK)
        for view in [known for known, each in views().items() if each.rights & {"analyst", "text"}]:
            for column in views()[view].columns:
                session.execute(f"SELECT count(*) FROM analytics.{view} WHERE pg_temp.leak({column}::text)".encode())  # noqa: S608
    assert told
    Canary().assert_absent("\n".join(told), "a leaky function", but=("text",))


def test_an_error_message_holds_what_the_view_shows(store: str) -> None:
    with text_reader(store) as session:
        for view in [known for known, each in views().items() if each.rights & {"analyst", "text"}]:
            for column in views()[view].columns:
                try:
                    session.execute(f"SELECT sum({column}::text::bigint) FROM analytics.{view}".encode())  # noqa: S608
                except psycopg.Error as refused:
                    Canary().assert_absent(str(refused), f"{view}.{column}", but=("text",))
