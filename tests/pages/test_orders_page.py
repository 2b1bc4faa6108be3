"""Orders on pages: lists that miss and repeat nothing, one order with all that is known, personal data for a reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.analytics.rollups import refresh
from hotline_bridge.contract.reader import contract
from hotline_bridge.pages.asked import ROWS, place
from hotline_bridge.pages.order import ACTIONS
from hotline_bridge.pages.orders import COUNTED, SORTS, STAGES
from hotline_bridge.pages.rights import Right, User
from hotline_bridge.store.database import connect
from tests.orders.order_bridge import COMPLAINT, OrderBridge, order

if TYPE_CHECKING:
    from tests.pages.conftest import Browser

NUMBER = "G2026112400000001"
NAME, PHONE, IDENTITY = "𠮷田隐私", "13977712345", "11010519491231002X"
CONTENT = f"{NAME}说某某超市卖过期牛奶，请回电{PHONE}"
LOOKER = User("li", frozenset({Right.LOOK}))
REASON = {"purpose": "contact", "reason": "本人来电核对"}


def many_orders(store: str, count: int) -> None:
    """Facts of orders whose times often are equal or missing."""
    with psycopg.connect(store, autocommit=True) as local:
        local.execute(
            """
            INSERT INTO hotline.order_fact (
                regino, kind, channel, registered_at, returned_at, routed_at, finished_at, due_at, is_returned,
                is_withdrawn, is_answered_on_site, is_time_ordered, urge_count, extension_count, supplement_count,
                feedback_count, routing_count, step_count, reported_at, company_name
            )
            SELECT
                'N' || n, 'complaint', 'telephone', at, at, at, CASE WHEN n %% 3 = 0 THEN at END,
                CASE WHEN n %% 4 > 0 THEN at + n %% 5 * interval '1 day' END, n %% 7 = 0, FALSE, FALSE, TRUE,
                0, 0, 0, 0, 0, 0,
                CASE WHEN n %% 2 = 0 THEN at END, '某某超市' || n
            FROM generate_series(1, %s) AS n
            CROSS JOIN LATERAL (SELECT date_trunc('hour', now()) - n / 10 * interval '1 hour' AS at) AS t
            """,
            [count],
        )


def numbers(text: str) -> list[str]:
    return re.findall(r'/hotline/orders/(N\d+)"', text)


def all_pages(browser: Browser, query: str) -> list[str]:
    found: list[str] = []
    path: str | None = f"/orders?{query}"
    while path:
        text = browser.get(path).text
        found += numbers(text)
        following = re.search(r'href="/hotline([^"]+)" rel="next"', text)
        path = following[1].replace("&amp;", "&") if following else None
    return found


def test_every_list_and_sort_gives_each_order_once(browser: Browser) -> None:
    many_orders(browser.store, 2 * ROWS + 7)
    for which in ("orders", "results"):
        expected = 2 * ROWS + 7 if which == "orders" else (2 * ROWS + 7) // 3
        for sort in SORTS:
            found = all_pages(browser, f"list={which}&sort={sort}")
            assert len(found) == len(set(found)), (which, sort)
            assert len(found) == expected or (which, sort) == ("orders", "due"), (which, sort)
    due = all_pages(browser, "sort=due")
    assert {*due} == {*all_pages(browser, "state=open")}, "whoever sorts by the due date looks at open orders"
    assert due.index("N1") < due.index("N4"), "an order without a date of its own comes last"
    assert all_pages(browser, "company=某某超市10")[:1] == ["N10"]


def test_a_token_that_somebody_changed_gives_a_page(browser: Browser) -> None:
    many_orders(browser.store, ROWS + 7)
    now = "2026-11-24T10:00:00+08:00"
    odd: list[tuple[object, ...]] = [
        (),
        (None, "N1", "x"),
        (now, None, "x"),
        (now, 1, "x"),
        (now, now, "N1", "x"),
        (None, None, "N1", "x"),
        ("1 unreported", None, "N1", "x"),
        ("1 unreported", now, {}, []),
        ("infinity", "a", "b"),
    ]
    for sort in SORTS:
        for values in odd:
            answer = browser.get(f"/orders?sort={sort}&after={place(*values)}")
            assert answer.status_code == 200, (sort, values)


def test_a_long_list_is_counted_only_so_far(browser: Browser) -> None:
    many_orders(browser.store, COUNTED + 1)
    assert f"{COUNTED}+ 件" in browser.get("/orders").text
    assert "1000+" not in browser.get("/orders?state=returned").text


def test_the_stages_of_the_page_are_those_of_the_store(browser: Browser) -> None:
    with psycopg.connect(browser.store) as local:
        told = local.execute(
            """
            SELECT DISTINCT hotline.order_stage(r, w, CASE WHEN f THEN now() END, CASE WHEN c THEN now() END,
                CASE WHEN a THEN now() END, p)
            FROM unnest('{t,f}'::boolean []) AS r, unnest('{t,f}'::boolean []) AS w, unnest('{t,f}'::boolean []) AS f,
                unnest('{t,f}'::boolean []) AS c, unnest('{t,f}'::boolean []) AS a, unnest('{t,f}'::boolean []) AS p
            ORDER BY 1
            """
        ).fetchall()
    assert [stage for (stage,) in told] == [*STAGES]


@pytest.fixture
def known(browser: Browser, orders: OrderBridge) -> OrderBridge:
    """An order with two contents and with records of the platform, all full of personal data."""
    personal = {"proname": NAME, "telnumber": PHONE, "complacontent": CONTENT, "procerno": IDENTITY}
    orders.write(order(COMPLAINT, NUMBER, invopart="某某超市", **personal), interface=COMPLAINT)
    orders.run()
    orders.write(order(COMPLAINT, NUMBER, invopart="某某超市二店", **personal), interface=COMPLAINT)
    orders.note(
        "order_urge", urgeid="U1", regino=NUMBER, urgetime="20261124100000", urger="王催办", remark=f"{NAME}很急"
    )
    orders.run()
    orders.take_in_notes()
    with psycopg.connect(browser.store, autocommit=True) as local:
        row = {
            "content_hash": "x",
            "source": "test",
            "requested_at": "2026-11-25 10:00+08",
            "loaded_at": "2026-11-25 10:00+08",
        }
        for table, more in {
            "case_routing": {
                "bh": NUMBER,
                "jsdept": "城东所",
                "flfqr": "李分流",
                "zcdate": row["loaded_at"],
                "fltype": "1",
            },
            "complaint_handling": {"bh": NUMBER, "slflag": "1", "fqr": "赵经办", "remark": f"已联系{NAME}"},
            "case_extension": {
                "orderid": NUMBER,
                "sqrbh": "1",
                "sqdate": "2026-11-25",
                "yqdate": "2026-12-25",
                "sqr": "孙延",
            },
            "complaint_feedback": {
                "odrno": NUMBER,
                "agent": "周反",
                "handdept": "城东所",
                "dealresult": f"已向{NAME}退款",
            },
            "returned_case": {
                "odrno": NUMBER,
                "agent": "吴退回",
                "handdept": "审核科",
                "dealresult": f"{PHONE}是空号",
                "updatetime": row["loaded_at"],
            },
        }.items():
            values = {**row, **more}
            local.execute(
                f"INSERT INTO hotline.{table} ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})",  # noqa: S608
                [*values.values()],
            )
    with connect(browser.store) as local:
        refresh(local)
    return orders


def test_one_order_shows_all_that_is_known_masked_as_for_analysts(browser: Browser, known: OrderBridge) -> None:
    text = browser.get(f"/orders/{NUMBER}").text
    for shown in (
        "城东所",
        "李*",
        "赵*",
        "孙*",
        "周*",
        "吴*",
        "王*",
        "2026-12-25",
        "已向[姓名]退款",
        "已联系[姓名]",
        "[电话]是空号",
    ):
        assert shown in text, shown
    for shown in ("139****2345", "𠮷*", "[姓名]说某某超市卖过期牛奶", "接收成功"):
        assert shown in text, shown
    for hidden in (NAME, PHONE, IDENTITY, "李分流", "赵经办"):
        assert hidden not in text, hidden
    browser.user = LOOKER
    seen = browser.get(f"/orders/{NUMBER}").text
    assert "过期牛奶" not in seen
    assert "退款" not in seen
    assert "139****2345" in seen


def test_of_an_order_in_quarantine_texts_name_nobody_either(browser: Browser, orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, NUMBER, invopart=None, proname=NAME), interface=COMPLAINT)
    orders.note("order_supplement", supplementid="S1", regino=NUMBER, content=f"{NAME}又说已退款")
    orders.take_in()
    orders.take_in_notes()
    shown = browser.get(f"/orders/{NUMBER}").text
    assert "[姓名]又说已退款" in shown
    assert NAME not in shown


def test_hostile_texts_of_any_length_are_shown_as_they_are(browser: Browser, orders: OrderBridge) -> None:
    text = "<script>alert(1)</script>\u202e𠮷" + "长" * 3_900
    orders.write(
        order(COMPLAINT, NUMBER, complacontent=text, invopart="<b>店\u202e", proname="<i>"), interface=COMPLAINT
    )
    orders.take_in()
    for answer in (
        browser.get(f"/orders/{NUMBER}"),
        browser.post(f"/orders/{NUMBER}", data={**REASON, "reason": "<u>\u202e本人来电核对"}),
    ):
        assert answer.status_code == 200
        assert "长" * 3_900 in answer.text
        assert "⟨RIGHT-TO-LEFT OVERRIDE⟩" in answer.text
        assert [tag for tag in ("<script>alert", "<b>店", "<i>", "<u>", "\u202e") if tag in answer.text] == []


def test_contents_are_compared_also_when_bodies_are_gone(browser: Browser, known: OrderBridge) -> None:
    before = browser.get(f"/orders/{NUMBER}").text
    known.local("UPDATE hotline.delivery SET body = NULL")
    after = browser.get(f"/orders/{NUMBER}").text
    for text in (before, after):
        assert text.count('class="changed"') == 1
        assert "某某超市二店" in text
    [(first,), (second,)] = known.local("SELECT row_id FROM hotline.delivery ORDER BY row_id")
    one = browser.get(f"/orders/{NUMBER}?before={first}&after={first}").text
    assert 'class="changed"' not in one
    assert "某某超市二店" not in one
    assert browser.get(f"/orders/{NUMBER}?before={second}&after=99999999999999999999").status_code == 200


def test_lists_of_the_specification_name_office_and_result(browser: Browser, known: OrderBridge) -> None:
    for which, shown in {
        "returned": ("审核科", "吴*", "[电话]是空号"),
        "routing": ("城东所", "李*"),
        "results": ("周*", "已向[姓名]退款"),
    }.items():
        text = browser.get(f"/orders?list={which}&first=2026-11-01&last=2027-12-31").text
        assert NUMBER in text, which
        assert [word for word in shown if word not in text] == [], which
        assert [hidden for hidden in (NAME, PHONE) if hidden in text] == []
    browser.user = LOOKER
    assert "空号" not in browser.get("/orders?list=returned&first=2026-11-01&last=2027-12-31").text


def test_a_name_is_searched_in_a_form_that_is_posted(browser: Browser, known: OrderBridge) -> None:
    days = {"person_first": "2020-01-01", "person_last": "2030-01-01"}
    for name, is_found in (
        (NAME, True),
        (f" {NAME[0]} {NAME[1:]}", True),
        ("𠮷田别人", False),
        ("<b>", False),
        ("%", False),
    ):
        answer = browser.post("/orders", data={"name": name, **days})
        assert answer.status_code == 200
        assert (NUMBER in answer.text) == is_found, name
        assert name not in answer.text or not is_found
    assert NUMBER in browser.post("/orders", data={"phone": PHONE}).text
    assert browser.post("/orders", data={"name": "  "}).status_code == 422
    kept = known.local("SELECT actor, searched_by, found FROM hotline.person_search ORDER BY row_id")
    assert kept == [("airflow:wang", "name", found) for found in (1, 1, 0, 0, 0)] + [("airflow:wang", "phone", 1)]
    [(is_known,)] = known.local(
        "SELECT bool_or(s.person_hash = o.person_key)"
        " FROM hotline.person_search AS s CROSS JOIN hotline.order_fact AS o"
    )
    assert is_known, "an auditor can tell whose orders were looked for, who reads the table cannot"
    written = str(known.local("SELECT s::text FROM hotline.person_search AS s"))
    assert [said for said in (NAME, PHONE) if said in written] == []


def test_a_common_name_is_looked_for_among_the_newest_and_the_page_says_so(
    browser: Browser, known: OrderBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline_bridge.pages.orders.LOOKED_AT", 1)
    days = {"person_first": "2020-01-01", "person_last": "2030-01-01"}
    assert "缩小范围" in browser.post("/orders", data={"name": NAME[0] + "某", **days}).text
    assert "缩小范围" not in browser.post("/orders", data={"name": "诸葛某某某", **days}).text


def test_unmasked_an_order_is_shown_once_it_is_written_down_who_and_why(browser: Browser, known: OrderBridge) -> None:
    answer = browser.post(f"/orders/{NUMBER}", data=REASON)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    for shown in (NAME, PHONE, IDENTITY, CONTENT, "李分流", "赵经办", f"已向{NAME}退款", "查看个人信息"):
        assert shown in answer.text, shown
    acts = known.local("SELECT actor, action, key, reason FROM hotline.operator_action")
    assert acts == [("airflow:wang", "unmask", NUMBER, f"联系当事人办理工单：{REASON['reason']}")]
    assert NAME not in browser.get(f"/orders/{NUMBER}").text


@pytest.mark.parametrize(
    ("user", "reason", "status"),
    [
        *((LOOKER, "本人来电核对", 403), (None, "本人来电核对", 401), (..., "  ", 422), (..., "长" * 300, 422)),
        *((..., "1", 422), (..., "。。。。。。", 422), (..., "哈哈哈哈哈", 422), (..., "\u200b" * 9, 422)),
    ],
)
def test_nothing_is_unmasked_without_right_and_reason(
    browser: Browser, known: OrderBridge, user: User | None, reason: str, status: int
) -> None:
    if user is not ...:
        browser.user = user
    answer = browser.post(f"/orders/{NUMBER}", data={"purpose": "contact", "reason": reason})
    assert answer.status_code == status
    of_no_purpose = browser.post(f"/orders/{NUMBER}", data={"purpose": "curiosity", "reason": "本人来电核对"})
    assert of_no_purpose.status_code == status
    assert PHONE not in of_no_purpose.text
    assert PHONE not in answer.text
    assert known.local("SELECT count(*) FROM hotline.operator_action") == [(0,)]


def test_where_the_act_cannot_be_written_down_nothing_is_shown(browser: Browser, known: OrderBridge) -> None:
    known.local("ALTER TABLE hotline.operator_action ADD CHECK (action <> 'unmask') NOT VALID")
    try:
        answer = browser.post(f"/orders/{NUMBER}", data=REASON)
    finally:
        known.local("ALTER TABLE hotline.operator_action DROP CONSTRAINT operator_action_action_check1")
    assert answer.status_code >= 500
    assert PHONE not in answer.text


def test_the_records_of_an_order_are_those_of_the_contract(known: OrderBridge) -> None:
    [(source,)] = known.local("SELECT prosrc FROM pg_proc WHERE proname = 'order_records'")
    tables = {i.table for i in contract().values() if i.table is not None and i.belongs_to[0] == "order"}
    assert {table for table in tables if f"hotline.{table} AS t" not in source} == set()


def test_what_people_do_with_an_order_has_a_word(known: OrderBridge) -> None:
    [(check,)] = known.local(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'operator_action_action_check'"
    )
    of_no_order = {"accept", "erase", "rotate", "repair", "deliver_codes", "withdraw_codes"}
    assert {*re.findall(r"'(\w+)'", check)} - of_no_order == {*ACTIONS}
