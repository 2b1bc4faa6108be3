"""The audit (审核) on pages: who decides what is kept, and nothing is decided on a content that nobody saw."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.pages.asked import place
from hotline_bridge.pages.audit import reasons
from hotline_bridge.pages.rights import Right, User
from tests.orders.order_bridge import AUDITED, COMPLAINT, OrderBridge, order

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.pages.conftest import Browser

NUMBERS = [f"G202611240000000{n}" for n in range(1, 4)]
RETURN = {"decision": "return", "office": "审核科", "reason": "不属于市场监督管理职责"}


@pytest.fixture
def held(orders: OrderBridge) -> OrderBridge:
    """Three orders wait for a decision, one with a doubt."""
    waiting = replace(orders, policy=AUDITED)
    waiting.write(*(order(COMPLAINT, number) for number in NUMBERS[:2]), interface=COMPLAINT)
    waiting.write(order(COMPLAINT, NUMBERS[2], creditcode="1234"), interface=COMPLAINT)
    waiting.take_in()
    return waiting


def rows(answer: httpx.Response) -> list[str]:
    return re.findall(r'name="row-(\d+)"', answer.text)


def chosen(numbers: list[str], **more: str) -> dict[str, str]:
    return {**{f"row-{number}": "on" for number in numbers}, **more}


def states(orders: OrderBridge) -> list[str]:
    return [state for (state,) in orders.local("SELECT state FROM hotline.delivery ORDER BY row_id")]


def test_several_pass_at_once_and_who_decided_is_kept(browser: Browser, held: OrderBridge) -> None:
    queue = browser.get("/audit")
    assert [queue.text.index(number) for number in NUMBERS] == sorted(queue.text.index(number) for number in NUMBERS)
    answer = browser.post("/audit", data=chosen(rows(queue)[:2], decision="pass", office="审核科"))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/hotline/audit?passed=2&left=0"
    assert rows(browser.get("/audit")) == rows(queue)[2:]
    held.take_in()
    assert states(held) == ["waiting", "waiting", "held"]
    decided = held.local("SELECT decision, office, person FROM hotline.order_audit")
    assert decided == [("pass", "审核科", "wang")] * 2
    assert held.local("SELECT DISTINCT actor FROM hotline.operator_action") == [("airflow:wang",)]
    assert "已通过 2" in browser.get("/audit?passed=2&left=0").text


def test_a_return_needs_office_and_reason_and_nothing_typed_is_lost(browser: Browser, held: OrderBridge) -> None:
    number = rows(browser.get("/audit"))[0]
    answer = browser.post("/audit", data=chosen([number], decision="return", reason="<b>不归我们管</b>"))
    assert answer.status_code == 422
    assert "退回须写明审核部门" in answer.text
    assert 'value="&lt;b&gt;不归我们管&lt;/b&gt;"' in answer.text
    assert re.search(rf'name="row-{number}"[^>]* checked', answer.text)
    assert states(held) == ["held"] * 3
    assert browser.post("/audit", data=chosen([number], **RETURN)).status_code == 303
    assert held.local("SELECT decision, reason FROM hotline.order_audit") == [("return", RETURN["reason"])]


def test_one_is_read_with_its_doubts_and_the_next_follows(browser: Browser, held: OrderBridge) -> None:
    first, second, doubtful = rows(browser.get("/audit"))
    assert "不像统一社会信用代码" in browser.get("/audit").text
    shown = browser.get(f"/audit/{doubtful}")
    assert shown.text.count('<tr class="changed">') == 1
    assert "139****2345" in shown.text
    assert shown.text.index("统一社会信用代码") < shown.text.index("投诉内容") < shown.text.index("工单编号</th>")
    assert "13977712345" not in shown.text
    assert f'href="/hotline/audit/{second}" rel="prev"' in shown.text
    # Who skips the first comes back to it after the last.
    answer = browser.post("/audit", data={"one": second, "decision": "pass", "office": "审核科"})
    assert answer.headers["location"] == f"/hotline/audit/{doubtful}?passed=1&left=0"
    assert 'value="审核科"' in browser.get(f"/audit/{doubtful}").text
    answer = browser.post("/audit", data={"one": doubtful, **RETURN})
    assert answer.headers["location"] == f"/hotline/audit/{first}?returned=1&left=0"
    answer = browser.post("/audit", data={"one": first, "decision": "pass"})
    assert answer.headers["location"] == "/hotline/audit?passed=1&left=0"


def test_of_two_at_one_order_the_second_is_told_who_decided(browser: Browser, held: OrderBridge) -> None:
    first, *_ = rows(browser.get("/audit"))
    browser.post("/audit", data={"one": first, **RETURN})
    browser.user = User("li", frozenset(Right))
    told = f"/audit/{first}?passed=0&left=1"
    answer = browser.post("/audit", data={"one": first, "known": "", "decision": "pass"})
    assert answer.headers["location"] == f"/hotline{told}"
    shown = browser.get(told).text
    for word in ("已退回：", "wang", "没有执行", RETURN["reason"]):
        assert word in shown
    assert held.local("SELECT decision FROM hotline.order_audit") == [("return",)]
    # Who sees that it was returned may pass it all the same.
    (known,) = re.findall(r'name="known" value="(\w+)"', shown)
    browser.post("/audit", data={"one": first, "known": known, "decision": "pass"})
    held.take_in()
    assert states(held) == ["waiting", "held", "held"]
    browser.user = User("wang", frozenset(Right))
    answer = browser.post("/audit", data={"one": first, "known": "", **RETURN})
    assert answer.headers["location"] == f"/hotline/audit/{first}?returned=0&left=1"
    assert states(held) == ["waiting", "held", "held"]


def test_a_reason_tells_no_number_to_who_looks(browser: Browser, held: OrderBridge) -> None:
    first, *_ = rows(browser.get("/audit"))
    browser.post("/audit", data={"one": first, **RETURN, "reason": "请致电 13977712345 处理"})
    browser.user = User("li", frozenset({Right.LOOK}))
    shown = browser.get(f"/audit/{first}").text
    assert "请致电 [电话] 处理" in shown
    assert "13977712345" not in shown


def test_what_was_returned_waits_for_nobody(browser: Browser, held: OrderBridge) -> None:
    assert "3 件等待审核" in " ".join(browser.get("/audit").text.split())
    browser.post("/audit", data=chosen(rows(browser.get("/audit"))[:1], **RETURN))
    queue = browser.get("/audit")
    assert "2 件等待审核" in " ".join(queue.text.split())
    assert NUMBERS[0] not in queue.text
    assert held.local("SELECT is_returned FROM hotline.delivery ORDER BY row_id") == [(True,), (False,), (False,)]


def test_the_queue_is_narrowed_by_doubts_and_read_page_by_page(
    browser: Browser, held: OrderBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(rows(browser.get("/audit?doubts=yes"))) == 1
    assert len(rows(browser.get("/audit?doubts=no"))) == 2
    monkeypatch.setattr("hotline_bridge.pages.audit.ROWS", 2)
    first = browser.get("/audit")
    (following,) = re.findall(r'href="/hotline([^"]+)" rel="next"', first.text)
    assert len({*rows(first), *rows(browser.get(following.replace("&amp;", "&")))}) == 3
    assert browser.get("/audit?after=" + place(2**80)).status_code == 200


def test_reasons_are_those_of_the_deployment_and_a_wrong_file_offers_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert RETURN["reason"] in reasons()
    for name in ("time_limits", "standard_data", "audit"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOTLINE_DATA", str(tmp_path))
    assert RETURN["reason"] in reasons()
    own = tmp_path / "audit" / "return_reasons.csv"
    own.write_text("reason\n转住建部门\n", encoding="utf-8-sig")
    assert reasons() == ["转住建部门"]
    own.write_bytes("reason\n转住建部门\n".encode("gbk"))
    assert reasons() == []


def test_a_correction_is_shown_beside_what_was_sent_before(browser: Browser, orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, NUMBERS[0], invopart="某某超市"), interface=COMPLAINT)
    orders.run()
    audited = replace(orders, policy=AUDITED)
    audited.write(order(COMPLAINT, NUMBERS[0], invopart="某某超市二店"), interface=COMPLAINT)
    audited.take_in()
    text = browser.get(f"/audit/{rows(browser.get('/audit'))[0]}").text
    assert "之前的内容" in text
    assert text.count("<em>有变化</em>") == 1


def test_a_content_that_changed_meanwhile_is_not_decided_on(browser: Browser, held: OrderBridge) -> None:
    seen = rows(browser.get("/audit"))[0]
    held.write(order(COMPLAINT, NUMBERS[0], invopart="另一家店"), interface=COMPLAINT)
    held.take_in()
    answer = browser.post("/audit", data=chosen([seen], decision="pass"))
    assert answer.headers["location"] == "/hotline/audit?passed=0&left=1"
    assert "waiting" not in states(held)
    assert "请重新查看" in browser.get("/audit?passed=0&left=1").text
    gone = browser.get(f"/audit/{seen}").text
    assert "这一内容不再等待审核" in gone
    assert 'name="decision"' not in gone


def test_a_form_sent_twice_decides_once(browser: Browser, held: OrderBridge) -> None:
    data = chosen(rows(browser.get("/audit"))[:1], decision="pass")
    answers = [browser.post("/audit", data=data).headers["location"] for _ in range(2)]
    assert answers == ["/hotline/audit?passed=1&left=0", "/hotline/audit?passed=0&left=1"]
    assert held.local("SELECT count(*) FROM hotline.order_audit") == [(1,)]


def test_who_may_only_look_sees_the_queue_and_decides_nothing(browser: Browser, held: OrderBridge) -> None:
    browser.user = User("li", frozenset({Right.LOOK}))
    queue = browser.get("/audit")
    assert NUMBERS[0] in queue.text
    assert 'name="decision"' not in queue.text
    assert rows(queue) == []
    assert browser.post("/audit", data={"one": "1", "decision": "pass"}).status_code == 403
    assert states(held) == ["held"] * 3


@pytest.mark.parametrize(
    "data",
    [{}, {"row-": "on"}, {"row-x": "on"}, {f"row-{2**70}": "on"}, {"one": "١"}, {"decision": "other"}],
)
def test_a_forged_form_decides_nothing(browser: Browser, held: OrderBridge, data: dict[str, str]) -> None:
    if "decision" in data:
        data = chosen(rows(browser.get("/audit")), **data)
    assert browser.post("/audit", data=data).status_code in {303, 404, 422}
    assert states(held) == ["held"] * 3
