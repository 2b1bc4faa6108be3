"""补录 on pages: broken rules beside their fields, checked before they are saved; nothing is overwritten unseen."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from hotline_bridge.outbound.overlays import ask_to_complete
from hotline_bridge.pages.asked import ROWS
from hotline_bridge.pages.rights import Right, User
from tests.orders.order_bridge import COMPLAINT, OrderBridge, order

if TYPE_CHECKING:
    import httpx
    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
    from tests.pages.conftest import Browser

NUMBER = "G2026112400000001"
PAGE = f"/completion/{NUMBER}"
SECRET = "隐私姓名"
ODD = "一行\r\n二行\u202e<b>"
RARE = "\u3000\ue123\U000323b0店"
"""A wide blank, a character of a city's own font, and one that is newer than Python's tables."""


@pytest.fixture
def broken(orders: OrderBridge) -> OrderBridge:
    """An order without the name of the company, with texts that no form carries as they are."""
    orders.write(order(COMPLAINT, NUMBER, invopart=None, proname=SECRET, actoperplace=ODD), interface=COMPLAINT)
    orders.take_in()
    return orders


def form(answer: httpx.Response) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    found = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', answer.text.replace("\n", " ")))
    texts = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n([^<]*)</textarea>', answer.text)
    return {name: value.replace("&lt;b&gt;", "<b>") for name, value in {**found, **dict(texts)}.items()}


def newest(orders: OrderBridge) -> dict[str, str]:
    [(body,)] = orders.local("SELECT body FROM hotline.delivery ORDER BY written_at DESC, row_id DESC LIMIT 1")
    return dict(json.loads(body))


def test_the_form_shows_what_is_wrong_and_saving_mends_it(browser: Browser, broken: OrderBridge) -> None:
    assert NUMBER in browser.get("/completion").text
    shown = browser.get(PAGE)
    assert re.search(r'id="value-invopart-wrong">invopart（涉及主体）', shown.text)
    assert SECRET not in shown.text
    data = {**form(shown), "value-invopart": "某某超市", "reason": "电话核实"}
    checked = browser.post(PAGE, data={**data, "check": "on"})
    assert "符合规则" in checked.text
    assert re.search(r'class="changed"><th scope="row">[^<]+</th><td></td><td>某某超市</td>', checked.text)
    assert broken.states() == {"quarantined": 1}
    assert browser.post(PAGE, data=data).headers["location"] == f"/hotline{PAGE}?saved=1"
    waiting = browser.get(f"{PAGE}?saved=1").text
    assert "等待下一次运行" in waiting
    assert "某某超市</textarea>" in waiting
    assert broken.states() == {"quarantined": 1}
    broken.take_in()
    assert broken.states()["waiting"] == 1
    assert newest(broken)["invopart"] == "某某超市"
    assert newest(broken)["proname"] == SECRET
    assert newest(broken)["actoperplace"] == ODD
    assert broken.local("SELECT field, value, actor, reason FROM hotline.order_completion") == [
        ("invopart", "某某超市", "airflow:wang", "电话核实")
    ]
    assert "已补录 airflow:wang" in browser.get(PAGE).text


def test_a_personal_field_is_replaced_and_a_completion_taken_back(browser: Browser, broken: OrderBridge) -> None:
    data = {**form(browser.get(PAGE)), "value-proname": "另一人", "reason": "更正"}
    assert browser.post(PAGE, data=data).status_code == 303
    assert "另一人" not in browser.get(PAGE).text
    broken.take_in()
    assert newest(broken)["proname"] == "另一人"
    data = {**form(browser.get(PAGE)), "withdraw-proname": "on", "reason": "误改"}
    assert browser.post(PAGE, data=data).status_code == 303
    broken.take_in()
    assert newest(broken)["proname"] == SECRET


def test_a_personal_field_is_emptied_where_the_rules_let_it(browser: Browser, broken: OrderBridge) -> None:
    shown = browser.get(PAGE)
    assert 'name="empty-invopttel"' in shown.text
    assert 'name="empty-proname"' not in shown.text, "always required"
    data = {**form(shown), "value-invopart": "某某超市", "empty-invopttel": "on", "reason": "号码有误"}
    assert re.search(r"<td>\*\*\*[^<]*</td><td>空</td>", browser.post(PAGE, data={**data, "check": "on"}).text)
    assert browser.post(PAGE, data=data).headers["location"].endswith("saved=2")
    broken.take_in()
    assert newest(broken)["invopttel"] == ""
    assert 'name="empty-invopttel"' not in browser.get(PAGE).text


def test_a_completion_that_waits_is_corrected_before_the_next_run(browser: Browser, broken: OrderBridge) -> None:
    for name in ("甲", "乙"):
        data = {**form(browser.get(PAGE)), "value-invopart": name, "reason": "核实"}
        assert browser.post(PAGE, data=data).status_code == 303
    data = {**form(browser.get(PAGE)), "withdraw-invopart": "on", "reason": "误改"}
    assert "仍违反规则" in browser.post(PAGE, data={**data, "check": "on"}).text, "what 12345 wrote is judged"
    broken.take_in()
    assert newest(broken)["invopart"] == "乙"


def test_rare_characters_and_wide_blanks_are_shown_and_saved_as_they_are(browser: Browser, broken: OrderBridge) -> None:
    data = {**form(browser.get(PAGE)), "value-invopart": "甲" + RARE, "value-proname": RARE, "reason": "核实"}
    assert browser.post(PAGE, data=data).status_code == 303
    broken.take_in()
    assert newest(broken)["invopart"] == "甲" + RARE
    assert newest(broken)["proname"] == RARE
    assert f"甲{RARE}</textarea>" in browser.get(PAGE).text


def test_what_another_saved_meanwhile_is_not_overwritten(browser: Browser, broken: OrderBridge) -> None:
    first, second = form(browser.get(PAGE)), form(browser.get(PAGE))
    assert browser.post(PAGE, data={**first, "value-invopart": "甲", "reason": "一"}).status_code == 303
    answer = browser.post(PAGE, data={**second, "value-invopart": "乙", "reason": "二"})
    assert answer.status_code == 422
    assert "没有保存" in answer.text
    assert "乙</textarea>" in answer.text
    broken.take_in()
    assert newest(broken)["invopart"] == "甲"


def test_of_two_who_save_in_one_moment_the_second_is_told(
    browser: Browser, broken: OrderBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faster(local: Connection, interface: Interface, regino: str, **more: Any) -> bool:
        assert ask_to_complete(local, interface, regino, **{**more, "values": {"invopart": "甲"}, "actor": "other"})
        return ask_to_complete(local, interface, regino, **more)

    monkeypatch.setattr("hotline_bridge.pages.completion.ask_to_complete", faster)
    answer = browser.post(PAGE, data={**form(browser.get(PAGE)), "value-invopart": "乙", "reason": "二"})
    assert answer.status_code == 422
    assert "没有保存" in answer.text
    broken.take_in()
    assert newest(broken)["invopart"] == "甲"


def test_an_older_content_is_not_shown_in_the_place_of_the_newest(browser: Browser, broken: OrderBridge) -> None:
    broken.write(order(COMPLAINT, NUMBER, invopart="某某超市"), interface=COMPLAINT)
    broken.run()
    assert browser.get(PAGE).status_code == 200
    broken.local("UPDATE hotline.delivery SET body = NULL WHERE state = 'delivered'")
    assert browser.get(PAGE).status_code == 404


@pytest.mark.parametrize("change", [{}, {"value-regino": "x"}, {"value-nothing": "x"}, {"withdraw-nothing": "on"}])
def test_a_form_that_changes_nothing_saves_nothing(
    browser: Browser, broken: OrderBridge, change: dict[str, str]
) -> None:
    assert browser.post(PAGE, data={**form(browser.get(PAGE)), **change, "reason": "x"}).status_code == 422
    assert broken.local("SELECT count(*) FROM hotline.order_completion") == [(0,)]


def test_a_field_of_a_code_list_offers_its_codes_and_names_the_one_it_holds(
    browser: Browser, orders: OrderBridge, local_store: str
) -> None:
    with psycopg.connect(local_store, autocommit=True) as local:
        local.execute(
            "INSERT INTO hotline.standard_data"
            " (category, category_zh, code, name, valid_to, source, source_date) VALUES"
            " ('salesway', '销售方式', '1', '电商购物', NULL, '来文', now()),"
            " ('salesway', '销售方式', '9', '旧的', '2000-01-01', '来文', now())"
        )
    orders.write(order(COMPLAINT, NUMBER, invopart=None, salesway="1"), interface=COMPLAINT)
    orders.take_in()
    shown = browser.get(PAGE).text
    assert '<option value="1">电商购物</option>' in shown
    assert "旧的" not in shown
    assert '<span class="soft">电商购物</span>' in shown
    assert 'placeholder="2026-11-24 10:30:00"' in shown


def test_a_long_list_is_read_page_by_page_and_by_state(browser: Browser, orders: OrderBridge) -> None:
    numbers = [f"G20261124000{n:05}" for n in range(ROWS + 5)]
    orders.write(*(order(COMPLAINT, number, invopart=None) for number in numbers), interface=COMPLAINT)
    orders.take_in()
    first = browser.get("/completion").text
    (following,) = re.findall(r'href="/hotline([^"]+)" rel="next"', first)
    second = browser.get(following.replace("&amp;", "&")).text
    assert re.findall(r"/hotline/completion/(G\d+)", first + second) == numbers
    assert numbers[0] not in browser.get("/completion?state=held").text


def test_who_may_only_look_reads_no_text(browser: Browser, orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, NUMBER, invopart=None, complacontent="买到过期食品"), interface=COMPLAINT)
    orders.take_in()
    assert "买到过期食品" in browser.get(PAGE).text
    browser.user = User("li", frozenset({Right.LOOK}))
    shown = browser.get(PAGE).text
    assert "买到过期食品" not in shown
    assert "6 字" in shown


def test_a_reason_tells_no_number_to_who_looks(browser: Browser, broken: OrderBridge) -> None:
    data = {**form(browser.get(PAGE)), "value-invopart": "某某超市", "reason": "致电 13977712345 核实"}
    assert browser.post(PAGE, data=data).status_code == 303
    browser.user = User("li", frozenset({Right.LOOK}))
    shown = browser.get(PAGE).text
    assert "已补录 airflow:wang" in shown
    assert "13977712345" not in shown
    assert "致电 [电话] 核实" in shown


def test_an_order_that_12345_never_put_is_told(browser: Browser) -> None:
    assert browser.get("/completion/nobody").status_code == 404
    assert browser.post("/completion/nobody", data={"reason": "x"}).status_code == 404
