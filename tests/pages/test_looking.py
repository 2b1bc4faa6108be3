"""What people look up: the overview, the exchange log, orders; hostile texts and addresses are shown as they are."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.alerts.conditions import CONDITIONS
from hotline_bridge.analytics.rollups import refresh
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.gateway.clients import add_client
from hotline_bridge.pages.app import PAGES
from hotline_bridge.pages.asked import ROWS, place
from hotline_bridge.pages.overview import ALERT_PAGES
from hotline_bridge.pages.rights import Right, Run, Runs, User
from hotline_bridge.store.database import connect
from tests.orders.order_bridge import COMPLAINT, REPORT, OrderBridge, order

if TYPE_CHECKING:
    import httpx

    from tests.pages.conftest import Browser

NUMBER = "G2026112400000001"
HOSTILE = "<script>alert(1)</script>\u202e𠮷"
FIGURE = re.compile(r'<a href="([^"]+)"><span class="name">([^<]+)</span> <strong>([\d,]+)</strong>')
SECRETS = ("隐私姓名", "13977712345", "隐私内容", "11010519491231002X")


def log_calls(store: str, count: int) -> None:
    with psycopg.connect(store, autocommit=True) as local:
        local.execute(
            """
            INSERT INTO hotline.interaction_log
            (started_at, interface, key, attempt, outcome, code, message, elapsed_ms, body_sha256)
            SELECT now() - interval '1 minute', 'callinfo', 'key-' || n, 1, 'refused', '7', %s, 12, ''
            FROM generate_series(1, %s) AS n
            """,
            [HOSTILE, count],
        )


def test_what_the_platform_says_of_a_call_names_nobody(browser: Browser, orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, NUMBER, proname=SECRETS[0]), interface=COMPLAINT)
    orders.run()
    words = f"{SECRETS[0]}（{SECRETS[1]}）已有工单"
    orders.local("UPDATE hotline.interaction_log SET message = %s WHERE key = %s RETURNING 1", words, NUMBER)
    for address in ("/exchanges", f"/orders/{NUMBER}"):
        shown = browser.get(address).text
        assert "[姓名]([电话])已有工单" in shown, address
        assert [secret for secret in SECRETS if secret in shown] == [], address


def keys(answer: httpx.Response) -> list[str]:
    return [part.split("<")[0] for part in answer.text.split("<td>key-")[1:]]


def test_the_overview_counts_what_waits_and_each_figure_leads_to_its_list(
    browser: Browser, orders: OrderBridge
) -> None:
    orders.write(order(COMPLAINT), order(COMPLAINT, "G2026112400000002", proname=None), interface=COMPLAINT)
    orders.take_in()
    registered = f"{datetime.now(SHANGHAI) - timedelta(days=200):%Y-%m-%d %H:%M:%S}"
    overdue = "G2026112400000009"
    orders.note(
        "order_deadline", regino=overdue, deadline=f"{datetime.now(SHANGHAI) - timedelta(days=100):%Y%m%d%H%M%S}"
    )
    orders.write(order(COMPLAINT, overdue, registime=registered), interface=COMPLAINT)
    orders.run()
    with connect(browser.store) as local:
        local.execute(
            """
            INSERT INTO hotline.quarantined_note
            (docking_table, note_key, regino, content_hash, reasons, body, written_at)
            VALUES ('order_urge', 'U1', %s, 'x', '{remark:unreadable}', '{"remark": "13977712345"}', now())
            """,
            [overdue],
        )
        local.execute(
            "INSERT INTO hotline.alert (cause, subject, day, since, count) VALUES ('refused', 'x', %s, now(), 3)",
            [datetime.now(SHANGHAI).date()],
        )
        refresh(local)
        local.execute("UPDATE hotline.order_fact SET due_at = now() - interval '1 day' WHERE regino = %s", [overdue])
    orders.write(order(COMPLAINT, "G2026112400000003"), interface=COMPLAINT)
    orders.take_in()
    answer = browser.get("/")
    assert answer.status_code == 200
    figures = {name: (int(count), path) for path, name, count in FIGURE.findall(answer.text)}
    assert figures["待上报工单"][0] == 1
    assert figures["隔离的工单"][0] == 1
    assert re.search(r"写入至上报（秒）</span> <strong>\d+\.\d</strong>", answer.text)
    assert figures["隔离的补单、催办、时限"] == (1, "/hotline/quarantine#notes")
    assert "13977712345" not in answer.text
    assert re.search(r'href="/hotline/quarantine">平台拒收', answer.text)
    assert figures["超期工单"][0] == 1
    lists = {
        name: browser.get(path.removeprefix("/hotline").replace("&amp;", "&"))
        for name, (_, path) in figures.items()
        if not path.startswith("#")
    }
    assert {name: found.status_code for name, found in lists.items()} == dict.fromkeys(lists, 200)
    assert overdue in lists["超期工单"].text
    assert "<svg" in answer.text


def test_alerts_lead_to_pages_that_are_there() -> None:
    assert {*ALERT_PAGES} <= {*CONDITIONS}
    paths = {page.path for page in PAGES}
    for path in ALERT_PAGES.values():
        assert path.startswith("#") or f"/{path.partition('?')[0]}" in paths


def test_the_log_is_read_page_by_page_and_no_row_is_missed_or_repeated(browser: Browser) -> None:
    log_calls(browser.store, ROWS + 7)
    first = browser.get("/exchanges?outcome=refused")
    assert "alert(1)" in first.text
    assert "<script>alert" not in first.text
    (following,) = (part.split('"')[0] for part in first.text.split('href="/hotline')[1:] if 'rel="next"' in part[:300])
    second = browser.get(following.replace("&amp;", "&"))
    found = keys(first) + keys(second)
    assert len(found) == len(set(found)) == ROWS + 7
    assert 'rel="next"' not in second.text


def test_calls_are_charted_by_hour_and_by_interface_with_their_numbers(browser: Browser) -> None:
    with psycopg.connect(browser.store, autocommit=True) as local:
        local.execute(
            """
            INSERT INTO hotline.interaction_log
            (started_at, interface, key, attempt, outcome, code, message, elapsed_ms, body_sha256)
            SELECT '2026-11-30 09:30+08'::timestamptz + n * interval '1 hour', 'callinfo', 'k', 1,
                CASE n WHEN 0 THEN 'refused' ELSE 'delivered' END, '', '', 10 * n, ''
            FROM generate_series(0, 3) AS n
            """
        )
    shown = browser.get("/exchanges?first=2026-11-30&last=2026-11-30").text
    assert shown.count("<svg") == 3
    with psycopg.connect(browser.store, autocommit=True) as local:
        local.execute(
            """
            INSERT INTO hotline.interaction_log
            (started_at, interface, key, attempt, outcome, code, message, elapsed_ms, body_sha256)
            SELECT '2026-11-30 09:30+08', name, 'k2', 1, 'served', '', '', 900, ''
            FROM unnest(ARRAY['gateway/todocasefeedback', 'getCaseLzmx']) AS i (name)
            """
        )
    of_each = browser.get("/exchanges?first=2026-11-30&last=2026-11-30").text
    assert of_each.count("<svg") == 9, "what is sent, collected and answered has charts of its own"
    english = browser.get("/exchanges?first=2026-11-30&last=2026-11-30", headers={"accept-language": "en"}).text
    assert "Sent to the platform" in english
    charts = "".join(re.findall(r"<svg.*?</svg>", english, re.DOTALL))
    assert re.findall("[\u4e00-\u9fff]+", charts) == []
    assert ("gateway: waiting feedback" in charts, "call logs" in charts) == (True, True)
    assert "30日09时：调用次数 1，没有成功 1" in shown
    assert "30日10时：调用次数 1，没有成功 0" in shown
    assert "75.0%" in shown
    wide = browser.get("/exchanges?first=2020-01-01&last=2026-11-30").text
    assert "最多查询 31 天" in wide
    assert "最多查询 31 天" not in browser.get("/exchanges?first=2020-01-01&last=2026-11-30&key=k").text
    of_key = browser.get("/exchanges?key=k&first=2026-11-30&last=2026-11-30").text
    assert of_key.count("<td>k</td>") == 4
    assert "<svg" not in of_key, "of a key rates say nothing"


class OneRun(Runs):
    """From nine until ten past."""

    def find(self, dag: str, run_id: str) -> Run | None:  # noqa: ARG002
        begin = datetime(2026, 11, 30, 9, tzinfo=SHANGHAI)
        return Run(begin, begin + timedelta(minutes=10)) if run_id == "scheduled__2026-11-30T01:00:00+00:00" else None


def test_a_run_shows_what_it_did_and_a_foreign_one_that_it_did_nothing(browser: Browser) -> None:
    browser.runs = OneRun()
    with psycopg.connect(browser.store, autocommit=True) as local:
        local.execute(
            """
            INSERT INTO hotline.interaction_log
            (started_at, interface, key, attempt, outcome, code, message, elapsed_ms, body_sha256)
            VALUES
            ('2026-11-30 09:05+08', 'callinfo', 'in the run', 1, 'delivered', '', '', 10, ''),
            ('2026-11-30 09:05+08', 'getCaseLzmx', 'of another', 1, 'delivered', '', '', 10, ''),
            ('2026-11-30 09:10+08', 'callinfo', 'after the run', 1, 'delivered', '', '', 10, '')
            """
        )
    run = "scheduled__2026-11-30T01%3A00%3A00%2B00%3A00"
    shown = browser.get(f"/runs/telephony_report/{run}").text
    assert "话务日志上报" in shown
    assert "in the run" in shown
    assert "of another" not in shown
    assert "after the run" not in shown
    assert "这次运行没有调用平台" in browser.get(f"/runs/order_report/{run}").text
    for dag, run_id, words in (
        ("some_dag", run, "这不是热线对接的流程"),
        ("maintenance", run, "不与平台交互"),
        ("telephony_report", "never", "没有这次运行"),
        ("%3Cscript%3E", "%00", "这不是热线对接的流程"),
    ):
        answer = browser.get(f"/runs/{dag}/{run_id}")
        assert answer.status_code == 404
        assert words in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "first=2026-13-40", "last=gestern", "first=2026-11-30&last=2026-11-01", "outcome=nothing", "interface='; DROP",
        "code=" + "9" * 300, "key=%00%ff%ed%a0%80", "after=!!!", "after=" + place(1, 2), "after=W10=",
        "first=0001-01-01", "last=0001-01-01",
        "last=9999-12-31", "first=9999-12-31&last=9999-12-31", "after=" + place("9999-12-31T23:59:59+00:00", 2**70),
        "outcome=refused&outcome=delivered", "%E2%80%AE=1",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/exchanges", "/orders", "/reconciliation", "/completion", "/quality", "/codes", "/quarantine"]
)
def test_an_address_typed_by_hand_gives_a_page(browser: Browser, path: str, query: str) -> None:
    answer = browser.get(f"{path}?{query}")
    assert answer.status_code == 200, query


def test_an_order_is_shown_with_its_life_and_what_changed_without_personal_data(
    browser: Browser, orders: OrderBridge
) -> None:
    personal = {"proname": SECRETS[0], "telnumber": SECRETS[1], "complacontent": SECRETS[2], "procerno": SECRETS[3]}
    orders.write(order(COMPLAINT, NUMBER, invopart=HOSTILE, **personal), interface=COMPLAINT)
    orders.run()
    orders.write(order(COMPLAINT, NUMBER, invopart="某某超市", **personal), interface=COMPLAINT)
    orders.take_in()
    browser.user = User("li", frozenset({Right.LOOK}))
    answer = browser.get(f"/orders/{NUMBER}")
    assert answer.status_code == 200
    for shown in ("取入", "已上报", "待上报", "两个内容对照", "某某超市", "有变化", "成功"):
        assert shown in answer.text
    assert "<script>alert" not in answer.text
    assert [secret for secret in SECRETS if secret in answer.text] == []
    assert answer.text.count('class="changed"') == 1


@pytest.mark.parametrize("number", ["nobody", "a/b", "%3Cscript%3E", "%00", "x" * 400])
def test_an_order_that_nobody_knows_is_told_in_words(browser: Browser, number: str) -> None:
    answer = browser.get(f"/orders/{number}")
    assert answer.status_code == 404
    assert "没有这个编号的工单" in answer.text


HOSTILE_PARTS = (
    "%00",
    "%00%ff%ed%a0%80",
    "%E2%80%AE",
    "%20",
    "x" * 4000,
    "..%2f..%2fetc",
    "%3Cscript%3E",
    "99999999999999999999",
)


def test_no_part_of_an_address_ends_in_an_error(browser: Browser) -> None:
    paths = [page.path for page in PAGES if page.method == "GET" and "{" in page.path]
    asked = [re.sub(r"{[^}]+}", part, path) for path in paths for part in HOSTILE_PARTS]
    asked += [f"/reports/{part}" for part in HOSTILE_PARTS]
    asked += [
        f"/quarantine?pile={pile}&interface={interface}&cause={part}"
        for pile, interface in (("versions", COMPLAINT), ("refused", "callinfo"), ("answers", "getCaseLzmx"))
        for part in ("", ":", *HOSTILE_PARTS)
    ]
    statuses = {path[:80]: browser.get(path).status_code for path in asked}
    assert {path: status for path, status in statuses.items() if status >= 500} == {}


def test_a_number_leads_to_its_order(browser: Browser) -> None:
    answer = browser.get("/orders?regino=G1%2F2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/hotline/orders/G1%2F2"


def test_orders_are_found_by_what_is_known_of_them_and_by_a_number_that_no_address_holds(
    browser: Browser, orders: OrderBridge
) -> None:
    first, second, other = (f"G202611240000000{n}" for n in range(1, 4))
    registered = f"{datetime.now(SHANGHAI) - timedelta(hours=1):%Y-%m-%d %H:%M:%S}"
    orders.write(
        order(
            COMPLAINT,
            first,
            invopart="某某超市（总店）",
            telnumber="13800138000",
            protel="13800138000",
            registime=registered,
        ),
        order(COMPLAINT, second, creditcode="91440300MA5DA1XXX7", invopart="别家", registime=registered),
        interface=COMPLAINT,
    )
    orders.write(
        order(REPORT, other, telnumber="13800138000", protel="13800138000", registime=registered), interface=REPORT
    )
    orders.take_in()
    with connect(browser.store) as local:
        refresh(local)
    for query, found in {
        "": [first, second, other],
        "kind=report": [other],
        "company=某某超市 (总店)": [first],
        "state=unreported": [first, second, other],
        "state=finished": [],
        "channel=network": [],
    }.items():
        text = browser.get(f"/orders?{query}").text
        assert [number for number in (first, second, other) if number in text] == found, query
    answer = browser.post("/orders", data={"phone": "138 0013 8000"})
    assert [number for number in (first, second, other) if number in answer.text] == [first, other]
    assert "13800138000" not in answer.text


def test_what_12345_called_and_is_still_to_fetch(browser: Browser) -> None:
    assert "待 12345 获取的反馈" not in browser.get("/").text
    with connect(browser.store) as local:
        add_client(local, "12345", ["440200"])
        local.execute(
            "INSERT INTO hotline.case_feedback (region, content_hash, source, requested_at)"
            " SELECT '4402000000' || n, sha256(n::text::bytea), 'test', now() FROM generate_series(1, 3) AS n"
        )
        local.execute(
            "INSERT INTO hotline.interaction_log"
            " (started_at, interface, key, attempt, outcome, code, elapsed_ms, body_sha256)"
            " VALUES (now(), 'gateway/todocasefeedback', '12345', 1, 'served', '0', 1, '')"
        )
    [(path, _, count)] = [found for found in FIGURE.findall(browser.get("/").text) if found[1].startswith("待 12345")]
    assert count == "3"
    listed = browser.get(path.removeprefix("/hotline")).text
    assert ("网关：" in listed, "已应答" in listed, "100" in listed) == (True, True, True)
