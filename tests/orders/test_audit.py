"""Pre-audit: held until somebody decides; what is returned is never sent; every decision is on record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound.audit import Audited, Decision, find_audited, let_pass, send_back
from hotline_bridge.outbound.versions import Policy
from hotline_bridge.store.database import connect
from hotline_sandbox.server.faults import Fault
from tests.orders.order_bridge import AUDITED, CLERK, COMPLAINT, KINDS, NUMBER, order

if TYPE_CHECKING:
    from tests.orders.order_bridge import OrderBridge


def waiting(bridge: OrderBridge, **options: bool) -> list[Audited]:
    with connect(bridge.stores.local) as local:
        return find_audited(local, **options)


def accept(bridge: OrderBridge, policy: Policy = AUDITED, **options: bool) -> int:
    with connect(bridge.stores.local) as local:
        return let_pass(local, find_audited(local, **options), CLERK, actor="clerk", policy=policy)


def refuse(bridge: OrderBridge, *reginos: str) -> int:
    with connect(bridge.stores.local) as local:
        return send_back(local, find_audited(local, reginos=reginos or [NUMBER], unsent=True), CLERK, actor="clerk")


@pytest.mark.parametrize("kind", KINDS)
def test_every_new_version_waits_for_a_decision(audited: OrderBridge, kind: str) -> None:
    audited.write(order(kind), interface=kind)
    audited.run()
    assert audited.sent() == []
    [found] = waiting(audited)
    assert (found.interface, found.key, found.state, found.decision) == (kind, NUMBER, "held", None)
    assert accept(audited) == 1
    audited.deliver()
    audited.write(order(kind, proname="改名"), interface=kind)
    audited.run()
    assert [body["proname"] for body in audited.sent()] == ["文"]
    assert accept(audited) == 1
    audited.deliver()
    assert [body["proname"] for body in audited.sent()] == ["文", "改名"]
    assert audited.add_up()


def test_it_is_off_by_default_and_the_telephony_logs_never_ask(orders: OrderBridge) -> None:
    assert not Policy().audit_required
    assert [name for name, interface in contract().items() if interface.audited] == [*KINDS]
    orders.write(order(COMPLAINT), interface=COMPLAINT)
    orders.run()
    assert len(orders.sent()) == 1


def test_a_returned_order_is_never_sent_whatever_the_setting_says_later(audited: OrderBridge) -> None:
    audited.write(order(COMPLAINT), interface=COMPLAINT)
    audited.take_in()
    assert refuse(audited) == 1
    assert waiting(audited) == []
    assert [one.decision for one in waiting(audited, decided=True)] == ["return"]
    unaudited = replace(audited, policy=Policy())
    for _ in range(2):
        unaudited.write(order(COMPLAINT), interface=COMPLAINT)
        unaudited.run()
        unaudited.time_passes()
    assert unaudited.sent() == []
    assert unaudited.versions(NUMBER) == [("held", [])]
    # What 12345 writes after the return needs a decision of its own, also without the setting.
    unaudited.write(order(COMPLAINT, proname="更正"), interface=COMPLAINT)
    unaudited.run()
    assert [one.decision for one in waiting(unaudited)] == [None]
    assert accept(unaudited, Policy()) == 1
    unaudited.deliver()
    assert [body["proname"] for body in unaudited.sent()] == ["更正"]
    unaudited.write(order(COMPLAINT), interface=COMPLAINT)
    unaudited.run()
    assert len(unaudited.sent()) == 1, "the returned content itself stays returned"
    assert unaudited.add_up()


def test_the_return_is_on_record_for_12345_and_for_the_auditors(audited: OrderBridge) -> None:
    audited.write(order(COMPLAINT), interface=COMPLAINT)
    audited.take_in()
    refuse(audited)
    [(regino, decision, office, person, reason, since, same)] = audited.local(
        "SELECT a.regino, a.decision, a.office, a.person, a.reason, now() - a.decided_at < interval '1 minute',"
        " a.content_hash = d.content_hash FROM hotline.order_audit AS a, hotline.delivery AS d"
    )
    assert (regino, decision) == (NUMBER, "return")
    assert Decision(office, person, reason) == CLERK
    assert since
    assert same
    assert audited.local("SELECT actor, action, state_before, state_after, reason FROM hotline.operator_action") == [
        ("clerk", "audit_return", "held", "held", CLERK.reason)
    ]


def test_a_return_holds_back_what_was_passed_and_not_sent_yet(audited: OrderBridge) -> None:
    audited.write(order(COMPLAINT), interface=COMPLAINT)
    audited.take_in()
    accept(audited)
    audited.sandbox.set_faults([Fault(kind="issuc", interface=COMPLAINT)])
    audited.deliver()
    assert audited.versions(NUMBER) == [("rejected", [])]
    audited.write(order(COMPLAINT, proname="更正"), interface=COMPLAINT)
    audited.take_in()
    assert refuse(audited) == 2
    audited.sandbox.clear_faults()
    audited.time_passes()
    audited.deliver()
    assert audited.sent() == []
    assert audited.versions(NUMBER) == [("held", []), ("held", [])]


def test_a_returned_order_may_be_passed_after_all(audited: OrderBridge) -> None:
    audited.write(order(COMPLAINT), interface=COMPLAINT)
    audited.take_in()
    refuse(audited)
    assert accept(audited) == 0, "it is not among those that wait"
    assert accept(audited, decided=True) == 1
    audited.deliver()
    assert len(audited.sent()) == 1
    assert audited.local("SELECT decision FROM hotline.order_audit ORDER BY row_id") == [("return",), ("pass",)]


def test_content_that_was_passed_comes_back_without_a_second_decision(audited: OrderBridge) -> None:
    audited.write(order(COMPLAINT, proname="甲"), interface=COMPLAINT)
    audited.take_in()
    accept(audited)
    audited.write(order(COMPLAINT, proname="乙"), interface=COMPLAINT)
    audited.take_in()
    accept(audited)
    audited.write(order(COMPLAINT, proname="甲"), interface=COMPLAINT)
    audited.run()
    assert [body["proname"] for body in audited.sent()] == ["甲"]


def test_the_older_of_two_that_wait_is_not_sent_after_the_newer(audited: OrderBridge) -> None:
    for name in ("甲", "乙"):
        audited.write(order(COMPLAINT, proname=name), interface=COMPLAINT)
        audited.take_in()
    assert len(waiting(audited)) == 1, "only the newest is left to decide on"
    accept(audited)
    audited.deliver()
    assert [body["proname"] for body in audited.sent()] == ["乙"]


def test_of_two_who_looked_the_first_decides(audited: OrderBridge) -> None:
    audited.write(order(COMPLAINT), interface=COMPLAINT)
    audited.take_in()
    seen = waiting(audited)
    with connect(audited.stores.local) as local:
        assert send_back(local, seen, CLERK, actor="clerk") == 1
        assert send_back(local, seen, CLERK, actor="clerk") == 0
        assert let_pass(local, seen, CLERK, actor="other", policy=AUDITED) == 0
    audited.run()
    assert audited.sent() == []
    assert audited.local("SELECT decision FROM hotline.order_audit") == [("return",)]
    assert audited.local("SELECT actor, action FROM hotline.operator_action") == [("clerk", "audit_return")]


def test_a_bad_order_is_quarantined_not_audited(audited: OrderBridge) -> None:
    audited.write(order(COMPLAINT, proaddr=""), interface=COMPLAINT)
    audited.take_in()
    assert waiting(audited) == []
    assert audited.versions(NUMBER) == [("quarantined", ["proaddr:required"])]


@pytest.mark.parametrize(
    "decision", [Decision("", "张三", "原因"), Decision("综合股", "张三", " "), Decision("综合股", "张三")]
)
def test_a_return_says_who_and_why(audited: OrderBridge, decision: Decision) -> None:
    audited.write(order(COMPLAINT), interface=COMPLAINT)
    audited.take_in()
    with connect(audited.stores.local) as local, pytest.raises(StopRun, match="needs an office and a reason"):
        send_back(local, find_audited(local), decision, actor="clerk")
    assert len(waiting(audited)) == 1
