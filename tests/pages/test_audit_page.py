"""The audit (审核) on pages: who decides what is kept, and nothing is decided on a content that nobody saw."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.pages.rights import Right, User
from tests.orders.order_bridge import AUDITED, COMPLAINT, OrderBridge, order

if TYPE_CHECKING:
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
    assert "13977712345" not in shown.text
    answer = browser.post("/audit", data={"one": first, "decision": "pass"})
    assert answer.headers["location"] == f"/hotline/audit/{second}?passed=1&left=0"


def test_a_content_that_changed_meanwhile_is_not_decided_on(browser: Browser, held: OrderBridge) -> None:
    seen = rows(browser.get("/audit"))[0]
    held.write(order(COMPLAINT, NUMBERS[0], invopart="另一家店"), interface=COMPLAINT)
    held.take_in()
    answer = browser.post("/audit", data=chosen([seen], decision="pass"))
    assert answer.headers["location"] == "/hotline/audit?passed=0&left=1"
    assert "waiting" not in states(held)
    assert "请重新查看" in browser.get("/audit?passed=0&left=1").text
    assert browser.get(f"/audit/{seen}").status_code == 404


def test_a_form_sent_twice_decides_once(browser: Browser, held: OrderBridge) -> None:
    data = chosen(rows(browser.get("/audit"))[:1], decision="pass")
    answers = [browser.post("/audit", data=data).headers["location"] for _ in range(2)]
    assert answers == ["/hotline/audit?passed=1&left=0", "/hotline/audit?passed=0&left=1"]
    assert held.local("SELECT count(*) FROM hotline.order_audit") == [(1,)]


def test_who_may_only_look_sees_the_queue_and_decides_nothing(browser: Browser, held: OrderBridge) -> None:
    browser.user = User("li", frozenset({Right.LOOK}))
    queue = browser.get("/audit")
    assert NUMBERS[0] in queue.text
    assert "<form" not in queue.text.replace('<form method="post" action="/hotline/audit">', "", 1)
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
