"""隔离与拒绝 on pages: by cause, in groups, shown before it is done, with who and why kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.pages.rights import Right, User
from tests.orders.order_bridge import COMPLAINT, OrderBridge, order

if TYPE_CHECKING:
    from tests.pages.conftest import Browser

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


def test_what_breaks_the_rules_today_too_stays_and_is_told(browser: Browser, quarantined: OrderBridge) -> None:
    data = {**GROUP, "action": "release", "everything": "on", "confirmed": "on", "reason": "已核对"}
    assert browser.post("/quarantine", data=data).headers["location"].endswith("done=0&left=3")
    assert quarantined.states() == {"quarantined": 3}


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
    import psycopg

    with psycopg.connect(local_store, autocommit=True) as local:
        local.execute(
            "INSERT INTO hotline.quarantined_answer"
            " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)"
            " VALUES ('getCaseLzmx', 'G1', '', '{bh:required}', '{}', now(), now())"
        )
    group = {"pile": "answers", "interface": "getCaseLzmx", "cause": "bh:required"}
    assert "G1" in browser.get("/quarantine", params=group).text
    for action, left in (("release", 1), ("discard", 0)):
        data = {**group, "action": action, "everything": "on", "confirmed": "on", "reason": "已核对"}
        assert browser.post("/quarantine", data=data).headers["location"].endswith(f"left={left}")


@pytest.mark.parametrize(
    "change", [{"pile": "other"}, {"interface": "other"}, {"action": "other"}, {"cause": "x" * 4000}, {"row-1": "on"}]
)
def test_a_forged_form_does_nothing(browser: Browser, quarantined: OrderBridge, change: dict[str, str]) -> None:
    data = {**GROUP, "action": "discard", "confirmed": "on", "reason": "x", **change}
    assert browser.post("/quarantine", data=data).status_code in {303, 404, 422}
    assert quarantined.states() == {"quarantined": 3}
