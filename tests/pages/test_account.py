"""The account of the pages by itself, whatever the pages ask it: no personal data without a trace, nothing but acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from hotline_bridge.contract.reader import contract
from hotline_bridge.contract.register import table_classes, tables
from hotline_bridge.store.database import connect
from tests.orders.order_bridge import COMPLAINT, OrderBridge, order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

ACTS = {
    *("decide_orders", "ask_release", "complete_order", "discard_versions", "replay_versions", "discard_answers"),
    *(
        "ask_answers_again",
        "ask_repair",
        "keep_codes",
        "replace_codes",
        "find_by_phone",
        "find_by_name",
        "unmask_order",
    ),
}
SHOWN = {
    *("told_order", "shown_source", "shown_content", "shown_answer", "is_content_kept", "shown_contents"),
    *("shown_records", "shown_completions", "completions_seen"),
}
MASKED = ("_masked", "_scrubbed", "_length")
NUMBER = "G2026112400000001"
NAME, PHONE, IDENTITY, WORDS = "隐私姓名", "13977712345", "11010519491231002X", "致电13977712345找隐私姓名"


@pytest.fixture
def known(orders: OrderBridge) -> OrderBridge:
    """Orders with personal data in each state, and all that may stand beside them."""
    personal = {"proname": NAME, "telnumber": PHONE, "procerno": IDENTITY, "complacontent": WORDS}
    orders.write(order(COMPLAINT, NUMBER, **personal), interface=COMPLAINT)
    orders.write(order(COMPLAINT, "G2", **{**personal, "invopart": None}), interface=COMPLAINT)
    orders.note("order_supplement", supplementid="S1", regino=NUMBER, content=WORDS)
    orders.note("order_urge", urgeid="U1", regino=NUMBER, urgetime="20261124100000", urger=NAME, remark=WORDS)
    orders.take_in()
    orders.local(
        "INSERT INTO hotline.quarantined_answer"
        " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)"
        " VALUES ('getTsCaseLzmx', 'G1', '', '{bh:required}', %s, now(), now())",
        f'{{"fqr": "{NAME}", "remark": "{WORDS}", "of_nobody": "{PHONE}"}}'.encode(),
    )
    return orders


@pytest.fixture
def account(known: OrderBridge) -> Iterator[Connection]:
    with connect(make_conninfo(known.stores.local, options="-c role=hotline_pages")) as session:
        yield session


def test_it_reads_no_personal_column_of_any_table(local_store: str) -> None:
    with connect(local_store) as local:
        readable = {
            (table, column)
            for table, column in local.execute(
                """
                SELECT c.relname, a.attname FROM pg_class AS c
                INNER JOIN pg_attribute AS a ON c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE c.relnamespace = 'hotline'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                    AND NOT c.relispartition AND has_column_privilege('hotline_pages', c.oid, a.attnum, 'SELECT')
                """
            )
        }
        elsewhere = local.execute(
            """
            SELECT c.oid::regclass FROM pg_class AS c
            WHERE c.relnamespace <> 'hotline'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
                AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
                AND has_any_column_privilege('hotline_pages', c.oid, 'SELECT')
            """
        ).fetchall()
    assert {("order_fact", "regino"), ("delivery", "state")} <= readable
    personal = {
        (table, column)
        for table in tables()
        for column, of_class in table_classes(table).items()
        if of_class != "none" and not column.endswith(MASKED)
    }
    assert sorted(readable & personal) == []
    assert sorted({table for table, _ in readable} - {*tables()}) == []
    assert elsewhere == []


def test_it_writes_nothing_and_runs_as_another_only_what_is_an_act_or_masked(local_store: str) -> None:
    with connect(local_store) as local:
        may_write = local.execute(
            """
            SELECT c.oid::regclass FROM pg_class AS c
            CROSS JOIN unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p (privilege)
            WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
                AND (
                    has_table_privilege('hotline_pages', c.oid, p.privilege)
                    OR (
                        p.privilege IN ('INSERT', 'UPDATE', 'REFERENCES')
                        AND has_any_column_privilege('hotline_pages', c.oid, p.privilege)
                    )
                )
            """
        ).fetchall()
        may_count = local.execute(
            """
            SELECT c.oid::regclass FROM pg_class AS c
            WHERE c.relnamespace = 'hotline'::regnamespace
                AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege('hotline_pages', c.oid, 'USAGE, UPDATE') END
            """
        ).fetchall()
        of_owner = local.execute(
            """
            SELECT p.proname, p.proconfig, pg_has_role('hotline_pages', p.proowner, 'MEMBER'),
                EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WHERE grantee = 0),
                has_function_privilege('hotline_gateway', p.oid, 'EXECUTE')
            FROM pg_proc AS p
            WHERE p.pronamespace = 'hotline'::regnamespace AND p.prosecdef
                AND has_function_privilege('hotline_pages', p.oid, 'EXECUTE')
            """
        ).fetchall()
    assert may_write == []
    assert may_count == []
    assert {name for name, *_ in of_owner} == ACTS | SHOWN
    for name, config, is_own, is_public, is_of_others in of_owner:
        assert config == ["search_path=pg_catalog, pg_temp"], name
        assert not (is_own or is_public or is_of_others), name


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT body FROM hotline.delivery",
        "SELECT d FROM hotline.delivery AS d",
        "SELECT person_key FROM hotline.order_fact",
        "SELECT proname FROM hotline.complaint_order",
        "SELECT hotline.keyed_hash('13977712345')",
        "SELECT hotline.order_records('G2026112400000001')",
        "SELECT value FROM hotline.order_completion",
        "SELECT message FROM hotline.interaction_log",
        "SELECT message FROM hotline.collection_window",
        "SELECT hotline.end_answers('{1}', '{}', 'discard', 'discarded', NULL, 'x', 'x')",
        "UPDATE hotline.delivery SET state = 'waiting'",
        "DELETE FROM hotline.operator_action",
        "TRUNCATE hotline.person_search",
        "INSERT INTO hotline.order_audit (interface, regino, content_hash, decision) VALUES ('x', 'x', '', 'pass')",
        "CREATE FUNCTION hotline.is_blank(text, int) RETURNS boolean LANGUAGE sql RETURN TRUE",
        "COPY hotline.complaint_order TO STDOUT",
    ],
)
def test_what_an_attacker_would_try_is_refused(account: Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        account.execute(statement.encode())


def test_no_act_is_done_without_who_and_why(account: Connection, known: OrderBridge) -> None:
    rows = [row_id for (row_id,) in known.local("SELECT row_id FROM hotline.delivery ORDER BY row_id")]
    for call in (
        "discard_versions(%(rows)s, %(who)s, %(why)s)",
        "replay_versions(%(rows)s, %(who)s, %(why)s)",
        "decide_orders(%(rows)s, '{}', 'return', 'x', 'x', %(why)s, %(who)s)",
        "ask_release(%(rows)s, 'release', FALSE, NULL, %(why)s, %(who)s)",
        "discard_answers(%(rows)s, '{}', %(who)s, %(why)s)",
        "unmask_order('G2', %(who)s, 'contact', %(why)s)",
        "complete_order('putTsBusiRegInfoData', 'G2', '{proname}', '{x}', '{}', 2, 0, %(why)s, %(who)s)",
    ):
        for who, why in (("", "x"), ("x", " \u3000"), (None, "x"), ("x", None)):
            with pytest.raises(psycopg.errors.InvalidParameterValue):
                account.execute(f"SELECT hotline.{call}".encode(), {"rows": rows, "who": who, "why": why})
    assert known.local("SELECT count(*) FROM hotline.operator_action") == [(0,)]
    assert known.local("SELECT count(*) FROM hotline.asked_release") == [(0,)]


def test_what_functions_show_tells_nobody_and_what_they_unmask_leaves_a_trace(
    account: Connection, known: OrderBridge
) -> None:
    rows = [row_id for (row_id,) in known.local("SELECT row_id FROM hotline.delivery ORDER BY row_id")]
    shown = [
        account.execute(b"SELECT s FROM hotline.%b AS s" % call.encode(), {"rows": rows, "row": row, "regino": regino})
        for regino in (NUMBER, "G2")
        for row in rows
        for call in (
            "told_order(%(regino)s, '[]')",
            "shown_source('putTsBusiRegInfoData', %(regino)s)",
            "shown_content(%(row)s)",
            "shown_answer(1)",
            "shown_contents(%(regino)s, %(rows)s, TRUE)",
            "shown_records(%(regino)s, TRUE)",
            "shown_completions('putTsBusiRegInfoData', %(regino)s)",
        )
    ]
    text = "".join(str(found.fetchall()) for found in shown)
    assert "文" in text
    assert "***" in text
    assert [secret for secret in (NAME, PHONE, IDENTITY) if secret in text] == []
    assert known.local("SELECT count(*) FROM hotline.operator_action") == [(0,)]
    unmasked = "SELECT s FROM hotline.unmask_order(%s, 'x', 'contact', '本人来电') AS s"
    given = str(account.execute(unmasked, [NUMBER]).fetchall())
    assert PHONE in given
    assert known.local("SELECT actor, action, key, reason FROM hotline.operator_action") == [
        ("x", "unmask", NUMBER, "联系当事人办理工单：本人来电")
    ]


@pytest.mark.parametrize(
    ("purpose", "reason"),
    [
        *(("curiosity", "本人来电核对"), (None, "本人来电核对"), ("contact", "why"), ("contact", "哈哈哈哈哈")),
        *(("contact", "。，；：、！？（）"), ("contact", "----++++"), ("contact", "\u200b\u200c\u200d\u2060\ufeff")),
        *(("contact", "aAaABb"), ("contact", " １ ２ ３ ")),
    ],
)
def test_the_store_itself_unmasks_nothing_without_a_purpose_and_a_reason_that_says_something(
    account: Connection, known: OrderBridge, purpose: str | None, reason: str
) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        account.execute("SELECT hotline.unmask_order(%s, 'x', %s, %s)", [NUMBER, purpose, reason])
    assert known.local("SELECT count(*) FROM hotline.operator_action") == [(0,)]


def test_the_store_itself_returns_nothing_without_an_office_that_12345_is_told(
    account: Connection, known: OrderBridge
) -> None:
    rows = [row_id for (row_id,) in known.local("SELECT row_id FROM hotline.delivery ORDER BY row_id")]
    with pytest.raises(psycopg.errors.CheckViolation):
        account.execute("SELECT hotline.decide_orders(%s, '{}', 'return', ' ', 'x', 'x', 'x')", [rows])


def test_a_pass_that_nobody_decided_lets_nothing_out(account: Connection, known: OrderBridge) -> None:
    known.local("UPDATE hotline.delivery SET state = 'held' WHERE key = %s AND state = 'waiting' RETURNING 1", NUMBER)
    known.local(
        "INSERT INTO hotline.order_audit (interface, regino, content_hash, decision, office, person, reason)"
        " SELECT interface, key, content_hash, 'return', 'x', 'x', 'x' FROM hotline.delivery WHERE key = %s",
        NUMBER,
    )
    rows = [row_id for (row_id,) in known.local("SELECT row_id FROM hotline.delivery WHERE key = %s", NUMBER)]
    account.execute("SELECT hotline.ask_release(%s, 'audit_pass', FALSE, NULL, NULL, 'x')", [rows])
    known.take_in()
    states = known.local("SELECT DISTINCT state FROM hotline.delivery WHERE key = %s", NUMBER)
    assert {state for (state,) in states} <= {"held", "superseded"}


def test_rules_say_of_a_stand_in_what_they_say_of_the_value() -> None:
    for interface in contract().values():
        parts = {
            part for field in (*interface.request, *interface.response) for part in (field.compose or ()) if part != "*"
        }
        for field in (*interface.request, *interface.response):
            if field.personal:
                beyond_length = (field.codes, field.format, field.compose, field.name in parts, field.kind != "text")
                assert not any(beyond_length), (interface.name, field.name)
