"""SIGKILL while a page does what somebody decided: sent again, it is done once."""

from __future__ import annotations

import json
import os
import re
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hotline_bridge.failpoints import PAGE_FAILPOINTS
from tests import warm
from tests.invariants import breaches
from tests.orders.order_bridge import AUDITED, COMPLAINT, OrderBridge, order
from tests.pages.test_codes_page import LIST, SAID, deliver, preview
from tests.pages.test_completion_page import form

if TYPE_CHECKING:
    from tests.pages.conftest import Browser

SCRIPT = Path(__file__).with_name("act_once.py")
HELD, BROKEN = "G2026112400000001", "G2026112400000002"
GROUP = {"pile": "versions", "interface": COMPLAINT, "cause": "invopart:required"}
Form = tuple[str, dict[str, str], "tuple[str, str] | None"]


@pytest.fixture
def waiting(orders: OrderBridge) -> OrderBridge:
    """An order that waits for a decision, and one in quarantine that misses a field."""
    orders = replace(orders, policy=AUDITED)
    orders.write(order(COMPLAINT, HELD), order(COMPLAINT, BROKEN, invopart=None), interface=COMPLAINT)
    orders.take_in()
    return orders


def decision(browser: Browser) -> Form:
    [row] = re.findall(r'name="row-(\d+)"', browser.get("/audit").text)
    return "/audit", {"one": row, "decision": "pass", "office": "审核科"}, None


def completion(browser: Browser) -> Form:
    path = f"/completion/{BROKEN}"
    return path, {**form(browser.get(path)), "value-invopart": "某某超市", "reason": "电话核实"}, None


def release(browser: Browser) -> Form:
    [row] = re.findall(r'name="row-(\d+)"', browser.get("/quarantine", params=GROUP).text)
    return "/quarantine", {**GROUP, "action": "release", f"row-{row}": "on", "confirmed": "on", "reason": "重核"}, None


def upload(_browser: Browser) -> Form:
    return "/codes", SAID, ("单位.csv", LIST)


def use(browser: Browser) -> Form:
    _, confirmed = preview(browser, deliver(browser))
    return "/codes", {**confirmed, "reason": "按来文更新"}, None


def withdrawal(browser: Browser) -> Form:
    browser.post("/codes", data=use(browser)[1])
    return "/codes", {"list": "unit", "withdraw": "on", "reason": "来文有误"}, None


ACTS = {
    "decision-recorded": decision,
    "decision-kept": decision,
    "completion-kept": completion,
    "release-kept": release,
    "upload-kept": upload,
    "list-in-use": use,
    "list-withdrawn": withdrawal,
}
LEFT: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "decision": ("SELECT decision, person FROM hotline.order_audit", [("pass", "wang")]),
    "completion": ("SELECT field, value, ended_at FROM hotline.order_completion", [("invopart", "某某超市", None)]),
    "release": (
        "SELECT state, reasons FROM hotline.delivery WHERE reasons <> '{}'",
        [("quarantined", [GROUP["cause"]])],
    ),
    "upload": ("SELECT state FROM hotline.code_delivery", [("uploaded",)]),
    "use": ("SELECT code FROM hotline.standard_data WHERE category = 'unit' ORDER BY 1", [("01",), ("02",)]),
    "withdrawal": ("SELECT code FROM hotline.standard_data WHERE category = 'unit'", []),
}
"""What an act that was done once leaves behind."""
AT_REST = {decision: {"delivered": 1, "quarantined": 1}, completion: {"held": 2, "quarantined": 1}}


@pytest.mark.parametrize("step", PAGE_FAILPOINTS)
def test_killed_at_a_step_an_act_is_sent_again_and_done_once(browser: Browser, waiting: OrderBridge, step: str) -> None:
    act = ACTS[step]
    path, data, file = sent = act(browser)
    environment = {**os.environ, "LOCAL": browser.store}
    assert warm.run(SCRIPT, json.dumps(sent), environment=environment, step=step) == -signal.SIGKILL
    files = {"files": {"file": (file[0], file[1].encode())}} if file else {}
    assert browser.post(path, data=data, **files).status_code < 500
    waiting.run()
    question, left = LEFT[act.__name__]
    assert waiting.local(question) == left
    assert waiting.local("SELECT FROM hotline.asked_release") == []
    assert waiting.states() == AT_REST.get(act, {"held": 1, "quarantined": 1})
    assert breaches(waiting.stores, waiting.sandbox) == []
