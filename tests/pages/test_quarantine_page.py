"""隔离与拒绝 on pages: by cause, in groups, shown before it is done, with who and why kept."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.inbound.quarantine import release_asked
from hotline_bridge.pages.asked import ROWS
from hotline_bridge.pages.quarantine import MOST
from hotline_bridge.pages.rights import Right, User
from tests.orders.order_bridge import COMPLAINT, OrderBridge, order

if TYPE_CHECKING:
    from tests.pages.conftest import Browser

TIMES = dict.fromkeys(("zcdate", "ccdate", "pcdate", "deadline"), "2026-11-24 10:00:00")
GROUP = {"pile": "versions", "interface": COMPLAINT, "cause": "proname:required"}
REFUSED = {"pile": "refused", "interface": COMPLAINT}


@pytest.fixture
def quarantined(orders: OrderBridge) -> OrderBridge:
    """Three orders without a name."""
    orders.write(*(order(COMPLAINT, f"G202611240000000{n}", proname=None) for n in range(3)), interface=COMPLAINT)
    orders.take_in()
    return orders


def test_a_group_is_shown_and_given_up_only_after_it_was_confirmed(browser: Browser, quarantined: OrderBridge) -> None:
    assert re.search(
        r"cause=proname%3Arequired[^>]*>proname（提供方姓名）[^<]+</a></th>\s*<td class=\"number\">3<",
        browser.get("/quarantine").text,
    )
    listed = browser.get("/quarantine", params=GROUP).text
    numbers = re.findall(r'name="row-(\d+)"', listed)
    assert len(numbers) == 3
    chosen = {**GROUP, "action": "discard", f"row-{numbers[0]}": "on", f"row-{numbers[1]}": "on"}
    shown = browser.post("/quarantine", data=chosen)
    assert "尚未执行" in shown.text
    assert "2 条会被处理" in shown.text
    assert "作废 2" in shown.text
    assert quarantined.local("SELECT count(*) FROM hotline.operator_action") == [(0,)]
    assert browser.post("/quarantine", data={**chosen, "confirmed": "on", "reason": " "}).status_code == 422
    done = browser.post("/quarantine", data={**chosen, "confirmed": "on", "reason": "重复登记"})
    assert done.headers["location"].endswith("done=2&left=0")
    assert (
        quarantined.local("SELECT actor, action, reason FROM hotline.operator_action")
        == [("airflow:wang", "discard", "重复登记")] * 2
    )
    assert len(re.findall(r'name="row-(\d+)"', browser.get("/quarantine", params=GROUP).text)) == 1


def test_a_row_is_shown_field_by_field_and_its_personal_data_are_not(browser: Browser, orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, "G2026112400000001", proname=None, telnumber="13977712345"), interface=COMPLAINT)
    orders.take_in()
    [number] = re.findall(r'name="row-(\d+)"', browser.get("/quarantine", params=GROUP).text)
    shown = browser.get("/quarantine", params={**GROUP, "row": number}).text
    assert "*** (11 字)" in shown
    assert "13977712345" not in shown
    assert browser.get("/quarantine", params={**GROUP, "row": "9" * 18}).status_code == 404
    assert browser.get("/quarantine", params={**GROUP, "row": "x"}).status_code == 404


def test_a_long_group_is_read_page_by_page_and_done_up_to_what_was_seen(browser: Browser, local_store: str) -> None:
    many = """
        INSERT INTO hotline.quarantined_answer
        (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)
        SELECT 'getCaseLzmx', 'G' || n, sha256(n::text::bytea), '{agent:required}', '{}', now(), now()
        FROM generate_series(%s::integer, %s::integer) AS n
    """
    group = {"pile": "answers", "interface": "getCaseLzmx", "cause": "agent:required"}
    with psycopg.connect(local_store, autocommit=True) as local:
        local.execute(many, [1, MOST + ROWS])
        first = browser.get("/quarantine", params=group).text
        assert f"本组最早的 {MOST:,} 条" in first
        (following,) = re.findall(r'href="/hotline([^"]+)" rel="next"', first)
        second = browser.get(following.replace("&amp;", "&")).text
        assert re.findall(r'name="row-\d+" aria-label="(G\d+)"', first + second) == [
            f"G{n}" for n in range(1, 2 * ROWS + 1)
        ]
        chosen = {**group, "action": "discard", "everything": "on"}
        shown = browser.post("/quarantine", data=chosen).text
        (last,) = re.findall(r'name="last" value="(\d+)"', shown)
        done = {**chosen, "last": last, "confirmed": "on", "reason": "已核对"}
        assert browser.post("/quarantine", data=done).headers["location"].endswith(f"done={MOST}&left=0")
        # Sent twice: what was seen then is done, and the rest was not seen.
        assert browser.post("/quarantine", data=done).status_code == 422
        assert local.execute("SELECT count(*) FROM hotline.quarantined_answer WHERE state = 'open'").fetchone() == (
            ROWS,
        )


def test_the_platform_is_asked_again_for_a_row_that_it_may_have_mended(browser: Browser, local_store: str) -> None:
    with psycopg.connect(local_store, autocommit=True) as local:
        local.execute(
            "INSERT INTO hotline.quarantined_answer"
            " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at, window_begin, window_end)"
            " VALUES ('getCaseLzmx', 'G1', '', '{bh:required}', '{}', now(), now(), '2026-11-01', '2026-11-02'),"
            " ('getCaseLzmx', 'G2', '', '{bh:required}', '{}', now(), now(), NULL, NULL)"
        )
        local.execute(
            "INSERT INTO hotline.collection_window (interface, begins, ends, state, visited_at, due_because)"
            " SELECT name, day, day + interval '1 day', 'settled', now(), 'age'"
            " FROM unnest('{getCaseLzmx,getCaseCb}'::text []) AS name,"
            " generate_series('2026-10-31'::timestamptz, '2026-11-03', '1 day') AS day"
        )
        due = "SELECT interface, begins::date::text FROM hotline.collection_window WHERE due_at <= now()"
        data = {"pile": "answers", "interface": "getCaseLzmx", "cause": "bh:required"}
        data |= {"action": "ask_again", "everything": "on"}
        shown = browser.post("/quarantine", data=data).text
        assert "1 条会被处理，1 条不变" in shown
        assert local.execute(due).fetchall() == []
        answer = browser.post("/quarantine", data={**data, "confirmed": "on", "reason": "平台已更正"})
        assert answer.headers["location"].endswith("done=1&left=1")
        assert local.execute(due).fetchall() == [("getCaseLzmx", "2026-11-01")]
        assert local.execute("SELECT action, key, reason FROM hotline.operator_action").fetchall() == [
            ("ask_again", "G1", "平台已更正")
        ]


def test_a_row_is_taken_in_as_it_is_or_under_the_number_that_it_lacks(
    browser: Browser, orders: OrderBridge, local_store: str
) -> None:
    orders.write(order(COMPLAINT, "G2026112400000001"), interface=COMPLAINT)
    orders.take_in()
    with psycopg.connect(local_store, autocommit=True) as local:
        local.execute(
            "INSERT INTO hotline.quarantined_answer"
            " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)"
            " VALUES ('getCaseLzmx', '', 'a', '{bh:required}', %s, now(), now())",
            [json.dumps(dict.fromkeys(("id", "fltype", "flfqr", "jsdept"), "1") | TIMES)],
        )
        data = {"pile": "answers", "interface": "getCaseLzmx", "cause": "bh:required"}
        data |= {"action": "assign", "everything": "on"}
        assert 'name="number"' in browser.post("/quarantine", data=data).text
        given = {**data, "confirmed": "on", "reason": "电话核实"}
        assert browser.post("/quarantine", data=given).status_code == 422
        wrong = browser.post("/quarantine", data={**given, "number": "G9"})
        assert wrong.status_code == 422
        assert "没有这个编号的工单" in wrong.text
        before = local.execute("SELECT reasons, state FROM hotline.quarantined_answer").fetchall()
        assert before == [(["bh:required"], "open")]
        tried = browser.post("/quarantine", data={**data, "number": "G2026112400000001"}).text
        assert "1 条会被处理" in tried
        browser.post("/quarantine", data={**given, "number": "G2026112400000001"})
        assert asyncio.run(release_asked(local_store, ["getCaseLzmx"])) == 1
        assert asyncio.run(release_asked(local_store, ["getCaseLzmx"])) == 0
        [(action, key)] = local.execute(
            "SELECT action, key FROM hotline.operator_action ORDER BY row_id DESC LIMIT 1"
        ).fetchall()
    assert (action, key) == ("assign", "G2026112400000001")


def test_a_release_as_it_is_is_offered_only_where_it_helps(browser: Browser, local_store: str) -> None:
    with psycopg.connect(local_store, autocommit=True) as local:
        local.execute(
            "INSERT INTO hotline.quarantined_answer"
            " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at) VALUES"
            " ('getCaseLzmx', 'G1', 'a', '{agent:required,row:double}', '{}', now(), now())"
        )
    group = {"pile": "answers", "interface": "getCaseLzmx"}
    assert "照原样放行" in browser.get("/quarantine", params={**group, "cause": "agent:required"}).text
    assert "照原样放行" not in browser.get("/quarantine", params={**group, "cause": "row:double"}).text
    data = {**group, "cause": "row:double", "action": "release_as_is", "everything": "on"}
    assert browser.post("/quarantine", data=data).status_code == 404


def test_what_breaks_the_rules_today_too_stays_and_is_told(browser: Browser, quarantined: OrderBridge) -> None:
    tried = browser.post("/quarantine", data={**GROUP, "action": "release", "everything": "on"}).text
    assert "0 条会被处理，3 条不变" in tried
    assert quarantined.local("SELECT count(*) FROM hotline.operator_action") == [(0,)]
    data = {**GROUP, "action": "release", "everything": "on", "confirmed": "on", "reason": "已核对"}
    assert browser.post("/quarantine", data=data).headers["location"].endswith("asked=3&left=0")
    assert "3 条上报内容已提交放行" in browser.get("/quarantine").text
    assert browser.post("/quarantine", data=data).status_code in {303, 422}, "what waits is asked for once"
    quarantined.take_in()
    assert quarantined.states() == {"quarantined": 3}
    assert "已提交放行" not in browser.get("/quarantine").text
    assert quarantined.local("SELECT DISTINCT actor, action, reason FROM hotline.operator_action") == [
        ("airflow:wang", "release", "已核对")
    ]


def test_what_the_platform_refused_is_sent_again_by_who_may(browser: Browser, orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT), interface=COMPLAINT)
    orders.take_in()
    orders.local(
        "UPDATE hotline.delivery SET state = 'rejected', code = '7', rounds = 1, settled_at = now() RETURNING 1"
    )
    data = {**REFUSED, "cause": "7", "action": "replay", "everything": "on", "confirmed": "on", "reason": "原因已消除"}
    browser.user = User("li", frozenset({Right.LOOK, Right.DECIDE}))
    assert browser.post("/quarantine", data=data).status_code == 404
    assert "重新上报…" not in browser.get("/quarantine", params={**REFUSED, "cause": "7"}).text
    browser.user = User("wang", frozenset(Right))
    assert browser.post("/quarantine", data=data).headers["location"].endswith("done=1&left=0")
    orders.run()
    assert orders.states() == {"delivered": 1}


def test_a_row_of_the_platform_is_given_up(browser: Browser, local_store: str) -> None:
    with psycopg.connect(local_store, autocommit=True) as local:
        local.execute(
            "INSERT INTO hotline.quarantined_answer"
            " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)"
            " VALUES ('getCaseLzmx', 'G1', '', '{bh:required}', '{}', now(), now())"
        )
    group = {"pile": "answers", "interface": "getCaseLzmx", "cause": "bh:required"}
    assert "G1" in browser.get("/quarantine", params=group).text
    for action, left in (("release", "asked=1&left=0"), ("discard", "done=1&left=0")):
        data = {**group, "action": action, "everything": "on", "confirmed": "on", "reason": "已核对"}
        assert browser.post("/quarantine", data=data).headers["location"].endswith(left)
        assert asyncio.run(release_asked(local_store, ["getCaseLzmx"])) == 0
    with psycopg.connect(local_store) as local:
        assert local.execute("SELECT state FROM hotline.quarantined_answer").fetchall() == [("discarded",)]


def test_notes_of_12345_that_could_not_be_kept_have_their_page(browser: Browser, local_store: str) -> None:
    with psycopg.connect(local_store, autocommit=True) as local:
        local.execute(
            "INSERT INTO hotline.quarantined_note"
            " (docking_table, note_key, regino, content_hash, reasons, body, written_at)"
            " VALUES ('order_urge', 'U1', 'G1', '', '{row:refused}', %s, now())",
            [b"urger: 13977712345"],
        )
    assert "本地库不能保存" in browser.get("/quarantine").text
    group = {"pile": "notes", "interface": "order_urge", "cause": "row:refused"}
    listed = browser.get("/quarantine", params=group).text
    assert "催办" in listed
    (number,) = re.findall(r"row=(\d+)", listed)
    shown = browser.get("/quarantine", params={**group, "row": number}).text
    assert "U1" in shown
    assert "13977712345" not in shown
    data = {**group, "action": "discard", "everything": "on", "confirmed": "on", "reason": "x"}
    assert browser.post("/quarantine", data=data).status_code == 404


@pytest.mark.parametrize(
    "change", [{"pile": "other"}, {"interface": "other"}, {"action": "other"}, {"cause": "x" * 4000}, {"row-1": "on"}]
)
def test_a_forged_form_does_nothing(browser: Browser, quarantined: OrderBridge, change: dict[str, str]) -> None:
    data = {**GROUP, "action": "discard", "confirmed": "on", "reason": "x", **change}
    assert browser.post("/quarantine", data=data).status_code in {303, 404, 422}
    assert quarantined.states() == {"quarantined": 3}
