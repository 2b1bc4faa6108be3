"""`hotline erase`: what told a person is gone from everywhere, every count stays, and nothing comes back silently."""

# ruff: noqa: S608  (names are those of the contract)

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from hotline_bridge.analytics.rollups import refresh
from hotline_bridge.by_hand import ByHand
from hotline_bridge.contract.reader import contract
from hotline_bridge.contract.register import load, views
from hotline_bridge.errors import StopRun
from hotline_bridge.inbound.replace import land
from hotline_bridge.inbound.rows import read_rows
from hotline_bridge.inbound.windows import Window
from hotline_bridge.personal.erase import Erased, Numbers, erase
from hotline_bridge.store.database import connect, connect_async
from hotline_bridge.store.typed_tables import typed_interfaces
from hotline_bridge.tasks.maintenance import RETENTIONS, drop_outlived
from tests.personal.canary import CALL, CITIZEN, IDENTITY, ORDER, PHONE, TEXT, Canary, plant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.store.database import Session

BY = ByHand("operator", "asked for by the person")


@pytest.fixture
def local(local_store: str) -> Iterator[Session]:
    plant(local_store)
    with connect(local_store) as session:
        yield session


def everything(local: psycopg.Connection[Any]) -> str:
    """All rows of all tables of the store, bodies as text."""
    tables = local.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'hotline'").fetchall()
    shown = [
        str(local.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier("hotline", name))).fetchall())
        for (name,) in tables
        if name != "person_secret"
    ]
    bodies = local.execute(
        "SELECT convert_from(body, 'UTF8') FROM hotline.delivery WHERE body IS NOT NULL"
        " UNION ALL SELECT convert_from(body, 'UTF8') FROM hotline.order_source"
        " UNION ALL SELECT convert_from(answer, 'UTF8') FROM hotline.landing"
        " UNION ALL SELECT convert_from(raw, 'UTF8') FROM hotline.quarantined_answer"
    ).fetchall()
    return "\n".join([*shown, *(str(body) for (body,) in bodies)])


def counts(local: psycopg.Connection[Any]) -> dict[str, object]:
    """Rows of each table, distinct persons, and rows of each view."""
    found: dict[str, object] = {}
    for interface in typed_interfaces():
        for table in (str(interface.table), f"{interface.table}_history"):
            asked = ", ".join(f"count(DISTINCT {name})" for name in interface.person_columns)
            query = f"SELECT count(*){', ' if asked else ''}{asked} FROM hotline.{table}"
            found[table] = local.execute(query.encode()).fetchall()
    for view in views():
        if view != "audit_trail":
            found[view] = local.execute(f"SELECT count(*) FROM analytics.{view}".encode()).fetchall()
    return found


def marks_left(local: psycopg.Connection[Any]) -> set[str]:
    text = everything(local)
    text = "\n".join([text, text.encode().decode("unicode_escape", "ignore")])
    return {
        of_class
        for of_class, marks in Canary().marks.items()
        for mark in marks
        if mark in Canary().of_citizen and mark in text
    }


@pytest.mark.parametrize(
    "numbers", [Numbers((PHONE,)), Numbers((), (IDENTITY.lower(),)), Numbers(("+86 139 8765 0001",), (IDENTITY,))]
)
def test_what_told_the_person_is_gone_and_every_count_stays(local: Session, numbers: Numbers) -> None:
    calls = bool(numbers.phones)
    if not calls:
        # A call has no identity number: it is found by its telephone number alone.
        for table in ("call_log", "call_log_history", "recording_log", "recording_log_history"):
            local.execute(f"DELETE FROM hotline.{table}".encode())
        local.execute("DELETE FROM hotline.delivery WHERE interface IN ('callinfo', 'recordinfo')")
    refresh(local)
    before = counts(local)
    assert marks_left(local)
    done = erase(local, numbers, BY)
    assert (done.orders, done.calls) == (1, int(calls))
    assert counts(local) == before
    assert marks_left(local) - ({"phone"} if not calls else set()) == set()


def test_what_analysts_see_of_the_order_follows_at_once(local: Session) -> None:
    refresh(local)
    fact = "SELECT person_key, person_name_masked, person_phone_masked FROM analytics.work_order WHERE regino = %s"
    before = local.execute(fact, [ORDER]).fetchall()
    assert any("𠮷*" in row for row in before)
    erase(local, Numbers((PHONE,)), BY)
    after = local.execute(fact, [ORDER]).fetchall()
    assert len(after) == len(before)
    assert not {*before} & {*after}
    refresh(local)
    assert local.execute(fact, [ORDER]).fetchall() == after


def test_staff_and_codes_stay(local: Session) -> None:
    agent = "SELECT agent, agenttel FROM hotline.complaint_feedback"
    before = local.execute(agent).fetchall()
    erase(local, Numbers((PHONE,)), BY)
    assert local.execute(agent).fetchall() == before


def test_rows_of_the_person_still_belong_together(local: Session) -> None:
    erase(local, Numbers((PHONE,)), BY)
    keys = "SELECT person_key FROM hotline.call_log UNION ALL SELECT person_key FROM hotline.complaint_order"
    [(call,), (order,)] = local.execute(keys).fetchall()
    [(real,)] = local.execute("SELECT hotline.person_key(%s)", [PHONE]).fetchall()
    assert call == order
    assert call not in {None, real}
    links = "SELECT recordname FROM hotline.recording_log UNION SELECT recordname FROM hotline.complaint_order"
    assert len(local.execute(links).fetchall()) == 1


def test_words_of_the_platform_about_the_person_go_and_elsewhere_the_number_alone(local: Session) -> None:
    for interface, key, words in (
        ("putTsBusiRegInfoData", ORDER, f"{CITIZEN['name']}已有工单"),
        ("putTsBusiRegInfoData", "of another", f"与{PHONE}重复"),
    ):
        local.execute(
            "INSERT INTO hotline.interaction_log"
            " (started_at, interface, key, attempt, outcome, message, elapsed_ms, body_sha256)"
            " VALUES (now(), %s, %s, 1, 'refused', %s, 1, '')",
            [interface, key, words],
        )
    assert erase(local, Numbers((PHONE,)), BY).rows["exchanges"] == 1
    said = local.execute("SELECT message FROM hotline.interaction_log ORDER BY row_id").fetchall()
    assert said == [("已删除",), ("与***重复",)]


def test_a_dry_run_says_the_same_and_changes_nothing(local: Session) -> None:
    before = everything(local)
    shown: list[int] = []
    would = erase(local, Numbers((PHONE,)), None, show=shown.append)
    assert shown == sorted(shown)
    assert (len(shown) > 20, shown[-1]) == (True, 100)
    assert everything(local) == before
    assert would == erase(local, Numbers((PHONE,)), BY)


def test_the_audit_row_holds_the_hash_alone(local: Session) -> None:
    [(key,)] = local.execute("SELECT hotline.person_key(%s)", [PHONE]).fetchall()
    erase(local, Numbers((PHONE,)), BY)
    rows = local.execute(
        "SELECT actor, interface, key, state_after, reason FROM hotline.operator_action WHERE action = 'erase'"
    ).fetchall()
    assert rows == [("operator", "person", key, "erased", "asked for by the person")]


def test_of_an_unknown_person_nothing_is_found(local: Session) -> None:
    before = everything(local)
    assert erase(local, Numbers(("13911112222",)), None) == Erased()
    assert everything(local) == before


def test_what_is_not_sent_yet_is_decided_on_first(local: Session) -> None:
    local.execute("UPDATE hotline.delivery SET state = 'waiting' WHERE interface = 'putTsBusiRegInfoData'")
    before = everything(local)
    with pytest.raises(StopRun, match=r"1 versions of these records are not with the platform yet.*hotline discard"):
        erase(local, Numbers((PHONE,)), BY)
    assert everything(local) == before


def test_a_change_of_the_key_under_way_is_ended_first(local: Session) -> None:
    local.execute("INSERT INTO hotline.person_rotation (table_name, done_to, ends_at) VALUES ('call_log', 0, 1)")
    before = everything(local)
    with pytest.raises(StopRun, match=r"rows of 1 tables have the key before.*hotline person-key rotate"):
        erase(local, Numbers((PHONE,)), BY)
    assert everything(local) == before


def test_calls_of_the_person_are_found_without_reading_all(local: Session) -> None:
    local.execute(
        "INSERT INTO hotline.call_log (row_id, callid, callno, written_at)"
        " SELECT 1000 + n, 'C' || n, '138' || lpad(n::text, 8, '0'), now() FROM generate_series(1, 20000) AS n"
    )
    local.execute("ANALYZE hotline.call_log")
    reads = "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables WHERE relname = 'call_log'"
    with local.transaction(force_rollback=True):
        [(before,)] = local.execute(reads).fetchall()
        assert erase(local, Numbers((PHONE,)), BY).calls == 1
        [(after,)] = local.execute(reads).fetchall()
    assert after - before < 20_000


def test_another_number_of_the_same_identity_is_told(local: Session) -> None:
    local.execute(
        "INSERT INTO hotline.report_order (row_id, regino, telnumber, procerno, written_at)"
        " VALUES (77, 'OTHER', '13955556666', %s, now())",
        [IDENTITY],
    )
    assert erase(local, Numbers((PHONE,)), None).also_theirs == 1
    assert erase(local, Numbers((PHONE,), (IDENTITY,)), None).orders == 2


def test_the_number_goes_from_the_words_of_others(local: Session) -> None:
    local.execute(
        "INSERT INTO hotline.report_order (row_id, regino, telnumber, complacontent, invopttel, written_at)"
        " VALUES (77, 'OTHER', '13955556666', '店主电话139 8765 0001不接', %s, now())",
        [PHONE],
    )
    erase(local, Numbers((PHONE,)), BY)
    other = "SELECT telnumber, complacontent, invopttel FROM hotline.report_order WHERE regino = 'OTHER'"
    assert local.execute(other).fetchall() == [("13955556666", "店主电话***不接", "已删除")]


@pytest.mark.parametrize("table", [known.table for known in typed_interfaces() if known.of_citizens])
def test_what_comes_again_is_erased_again(local: Session, table: str) -> None:
    erase(local, Numbers((PHONE,)), BY)
    [interface] = [known for known in typed_interfaces() if known.table == table]
    record = interface.belongs_to[1]
    key = CALL if interface.flow == "telephony" else ORDER
    texts = {
        each.column: TEXT if each.personal == "text" else CITIZEN[str(each.personal)] for each in interface.of_citizens
    }
    row: dict[str, object] = {record: key} | texts
    if interface.kind == "report":
        local.execute(f"DELETE FROM hotline.{table}".encode())
        row |= {"row_id": 999, "written_at": "now", interface.key_column: key}
    else:
        local.execute(f"DELETE FROM hotline.{table}".encode())
        row |= {"content_hash": b"changed", "source": "x", "requested_at": "now"}
    places = ", ".join(["%s"] * len(row))
    local.execute(f"INSERT INTO hotline.{table} ({', '.join(row)}) VALUES ({places})".encode(), list(row.values()))
    assert marks_left(local) == set()
    [(again,)] = local.execute("SELECT count(*) FROM hotline.erased_record WHERE seen_again_at IS NOT NULL").fetchall()
    assert again == 1
    if interface.person:
        [(left,)] = local.execute(f"SELECT person_key FROM hotline.{table}".encode()).fetchall()
        assert (left,) in local.execute("SELECT person_key FROM hotline.erased_record").fetchall()


def test_kept_bodies_of_an_erased_order_come_without_what_is_personal(local: Session) -> None:
    erase(local, Numbers((PHONE,)), BY)
    body = json.dumps({"regino": ORDER, "proname": CITIZEN["name"], "protel": PHONE, "complacontent": TEXT})
    local.execute("UPDATE hotline.order_source SET body = %s WHERE key = %s", [body.encode(), ORDER])
    local.execute(
        "INSERT INTO hotline.quarantined_answer"
        " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)"
        " VALUES ('getTsBusiCaseInfoData', %s, 'new', '{}', %s, now(), now())",
        [ORDER, body.encode()],
    )
    assert marks_left(local) == set()
    [(kept,)] = local.execute(
        "SELECT convert_from(body, 'UTF8')::json ->> 'regino' FROM hotline.order_source"
    ).fetchall()
    assert kept == ORDER


@pytest.mark.parametrize(
    "interface", [known.name for known in contract().values() if known.kind == "report" and known.of_citizens]
)
def test_the_body_of_a_record_that_12345_writes_anew_goes_once_it_is_with_the_platform(
    local: Session, interface: str
) -> None:
    erase(local, Numbers((PHONE,)), BY)
    [bodies] = [kept for kept in RETENTIONS if kept.what == "bodies"]
    again = (
        "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body, body_sha256, settled_at)"
    )
    values = " VALUES (%s, %s, 'new', %s, now(), 'again', 'x', now())"
    key = CALL if contract()[interface].flow == "telephony" else ORDER
    if interface == "recordinfo":
        local.execute("UPDATE hotline.recording_log SET recordid = 'R1'")
        key = "R1"
    left = "SELECT state FROM hotline.delivery WHERE content_hash = 'new' AND body IS NOT NULL"
    local.execute((again + values).encode(), [interface, key, "waiting"])
    drop_outlived(local, bodies)
    assert local.execute(left).fetchall() == [("waiting",)], "what is still to be sent keeps its body"
    local.execute("UPDATE hotline.delivery SET state = 'delivered' WHERE content_hash = 'new'")
    drop_outlived(local, bodies)
    assert local.execute(left).fetchall() == []
    local.execute((again + values).encode(), [interface, "another", "delivered"])
    drop_outlived(local, bodies)
    assert local.execute(left).fetchall(), "the body of another record stays its time"


def test_an_answer_with_an_erased_order_is_never_kept_again(local_store: str, local: Session) -> None:
    erase(local, Numbers((PHONE,)), BY)
    cases = contract()["getTsBusiCaseInfoData"]
    window = Window(1_788_192_000, 1_788_278_400)

    async def land_answers() -> None:
        async with await connect_async(local_store) as session:
            for number, orders in enumerate([("OTHER",), (ORDER, "OTHER"), (ORDER,), ("OTHER", ORDER)]):
                answer = json.dumps([{"regino": order, "complacontent": f"{TEXT}{number}"} for order in orders])
                rows = read_rows(cases, json.loads(answer), window)
                assert set(rows.keys) == set(orders)
                # Each twice: what was emptied stays so, though the same bytes come again.
                for _ in range(2):
                    await land(session, cases, answer.encode(), rows, requested_at=datetime.now(UTC), window=window)

    asyncio.run(land_answers())
    kept = local.execute(
        "SELECT seen_count, answer <> '', convert_from(answer, 'UTF8') LIKE '%OTHER%' FROM hotline.landing"
        " WHERE answer_sha256 <> 'x' ORDER BY row_id"
    ).fetchall()
    assert kept == [(2, True, True), (2, False, False), (2, False, False), (2, False, False)]
    [(planted,)] = local.execute("SELECT answer FROM hotline.landing WHERE answer_sha256 = 'x'").fetchall()
    assert planted == b""


def test_the_members_that_are_emptied_are_those_of_the_contract(local: Session) -> None:
    [(arguments,)] = local.execute(
        "SELECT tgargs FROM pg_trigger WHERE tgname = 'keep_erased' AND tgrelid = 'hotline.order_source'::regclass"
    ).fetchall()
    orders = [known for known in contract().values() if known.supplemented]
    wanted = {each.name for known in orders for each in known.of_citizens}
    assert set(bytes(arguments).decode().removesuffix("\0").split("\0")) == wanted


@pytest.mark.parametrize(
    ("line", "is_identity"),
    [(PHONE, False), ("0755-12345678", False), (IDENTITY, True), ("110105491231002", True), ("E12345678", True)],
)
def test_numbers_are_told_apart(line: str, is_identity: bool) -> None:
    numbers = Numbers.told([f" {line}\n", ""])
    assert (numbers.identities if is_identity else numbers.phones) == (line,)


def test_without_a_number_nothing_is_erased(local: Session) -> None:
    with pytest.raises(StopRun, match="no number was given"):
        Numbers.told(["", " \n"])
    with pytest.raises(StopRun, match="is no telephone and no identity number"):
        erase(local, Numbers(("匿名",)), BY)


def test_the_register_names_the_class_of_what_is_erased() -> None:
    assert load("personal.yaml")["tables"]["erased_record"]["key"] == ["person_key", "identity_key"]
