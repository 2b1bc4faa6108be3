"""`hotline sample --orders`, `report order`, `status order`, `audit` and `order complete`, as a person types them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.cli.test_commands import connection, hotline
from tests.orders.order_bridge import COMPLAINT, order

if TYPE_CHECKING:
    from tests.orders.order_bridge import OrderBridge

NUMBER = "G2026112400000001"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, orders: OrderBridge) -> OrderBridge:
    """The orders' bridge, reached by the connections of the environment; nothing is audited."""
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", connection(orders.stores.docking))
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(orders.stores.local))
    use_platform(monkeypatch, orders)
    return orders


def use_platform(monkeypatch: pytest.MonkeyPatch, orders: OrderBridge, **extras: object) -> None:
    text = platform_connection(orders.sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN, **extras)
    monkeypatch.setenv("AIRFLOW_CONN_PLATFORM_12315", text)


def test_from_sample_to_status(typed: OrderBridge) -> None:
    code, output = hotline("sample", "--orders", "200", "--seed", "3")
    assert code == 0
    assert "complaint_order" in output
    assert hotline("report", "order", "--dry-run")[0] == 0
    assert typed.sent() == []
    code, output = hotline("report", "order")
    assert code == 0, output
    code, output = hotline("status", "order", "--json")
    assert code == 0
    logs = json.loads(output)
    assert sum(log["docking_rows"] for log in logs) == 200
    assert sum(log["quarantined"] for log in logs) == 6
    delivered = typed.local("SELECT count(*) FROM hotline.delivery WHERE state = 'delivered'")
    assert len(typed.sent()) == delivered[0][0] > 150
    assert hotline("quarantine", "list", "--interface", COMPLAINT)[0] == 0
    assert hotline("replay", "--flow", "order", "--dry-run")[0] == 0
    typed.local("UPDATE hotline.deployment SET installed_at = now()")
    code, output = hotline("check")
    assert code == 0
    assert "no finished run yet: alert_watch, " in output, "reported by hand, and no DAG is on"


def test_an_audit_by_hand(typed: OrderBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    use_platform(monkeypatch, typed, audit_required="true")
    typed.write(order(COMPLAINT, proname="测试人甲"), interface=COMPLAINT)
    typed.write(order(COMPLAINT, "SECOND", proname="测试人乙"), interface=COMPLAINT)
    hotline("report", "order")
    code, output = hotline("audit", "list", "--fields")
    assert code == 0
    assert NUMBER in output
    assert "SECOND" in output
    assert "测试人" not in output, "masked"
    assert typed.sent() == []

    assert "nothing was done" in hotline("audit", "return", "SECOND", "--reason", "x", "--office", "y", "--dry-run")[1]
    code, output = hotline(
        "audit", "return", "SECOND", "--reason", "不属于本部门", "--office", "综合股", "--person", "李四"
    )
    assert (code, "1 versions are returned" in output) == (0, True)
    assert hotline("audit", "return", "NOT-THERE", "--reason", "x", "--office", "y")[0] == 1
    assert "nothing was done" in hotline("audit", "pass", "--all", "--dry-run")[1]
    assert hotline("audit", "pass")[0] == 2
    assert "1 of 1 versions are due now" in hotline("audit", "pass", "--all")[1]
    hotline("report", "order")
    assert [body["regino"] for body in typed.sent()] == [NUMBER]
    decided = typed.local("SELECT regino, decision, office, person, reason FROM hotline.order_audit ORDER BY row_id")
    assert decided[0] == ("SECOND", "return", "综合股", "李四", "不属于本部门")
    assert decided[1][:2] == (NUMBER, "pass")
    assert "已退回" in hotline("audit", "list", "--all")[1]


def test_a_completion_by_hand(typed: OrderBridge) -> None:
    typed.write(order(COMPLAINT, invoptaddr=""), interface=COMPLAINT)
    hotline("report", "order")
    code, output = hotline("order", "complete", NUMBER, "invoptaddr=武江区解放路1号=东座", "--dry-run")
    assert code == 0
    assert "quarantined 已隔离 → waiting 待上报; nothing was done" in output
    code, output = hotline("order", "complete", NUMBER, "invoptaddr=武江区解放路1号=东座", "--reason", "电话核实")
    assert code == 0
    assert "解放路" not in output
    hotline("report", "order")
    assert [body["invoptaddr"] for body in typed.sent()] == ["武江区解放路1号=东座"]
    code, output = hotline("order", "overlays", NUMBER)
    assert code == 0
    assert "invoptaddr" in output
    assert "解放路" not in output
    code, output = hotline("order", "complete", NUMBER, "--withdraw", "invoptaddr")
    assert "invoptaddr（涉及主体地址）必填项为空" in output
    assert hotline("order", "complete", NUMBER)[0] == 2
    assert hotline("order", "complete", NUMBER, "invoptaddr")[0] == 2
