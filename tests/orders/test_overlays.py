"""Supplements of 12345 and completions of the bureau: laid over the order, sent as its newest content, never lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound.overlays import Completed, complete, list_overlays, order_interface
from hotline_bridge.store.database import connect
from tests.orders.order_bridge import AUDITED, COMPLAINT, CONSULTATION, KINDS, REPORT, order

if TYPE_CHECKING:
    from tests.orders.order_bridge import OrderBridge

NUMBER = "G2026112400000001"
FIRST = "【12345补单 2026-11-24 09:00:00】另有一件"
SECOND = "【12345补单 2026-11-24 10:00:00】已收到退款"


def lay(orders: OrderBridge, *, interface: str | None = None, **values: str) -> Completed:
    """The bureau completes the order."""
    with connect(orders.stores.local) as local:
        kind = order_interface(local, NUMBER, interface)
        return complete(local, kind, NUMBER, values=values, actor="clerk", policy=orders.policy)


def withdraw(orders: OrderBridge, *names: str) -> Completed:
    with connect(orders.stores.local) as local:
        kind = order_interface(local, NUMBER)
        return complete(local, kind, NUMBER, values={}, withdraw=names, actor="clerk", policy=orders.policy)


def supplement(orders: OrderBridge, number: str, at: str, content: str, regino: str = NUMBER) -> None:
    orders.note("order_supplement", supplementid=number, regino=regino, supplementtime=at, content=content)


@pytest.mark.parametrize("kind", KINDS)
def test_a_supplement_changes_the_order_and_is_sent_as_its_newest_content(orders: OrderBridge, kind: str) -> None:
    row = order(kind, complacontent="原文")
    orders.write(row, interface=kind)
    orders.run()
    supplement(orders, "S2", "2026-11-24 10:00:00", "已收到退款")
    supplement(orders, "S1", "20261124090000", "另有一件")
    orders.run()
    before, after = orders.sent()
    assert before == {"method": kind, **row}
    assert after == {**before, "complacontent": f"原文{FIRST}{SECOND}"}, "in the order of their own times"
    assert orders.versions(NUMBER) == [("delivered", []), ("delivered", [])]
    table = contract()[kind].table
    assert orders.local(f"SELECT complacontent FROM hotline.{table}") == [(f"原文{FIRST}{SECOND}",)]  # noqa: S608
    orders.run()
    assert len(orders.sent()) == 2, "laid once"
    assert orders.add_up()


def test_a_supplement_that_came_before_its_order_is_joined_later(orders: OrderBridge) -> None:
    supplement(orders, "S1", "20261124090000", "另有一件")
    orders.run()
    assert orders.local("SELECT laid_at FROM hotline.order_supplement") == [(None,)]
    orders.write(order(COMPLAINT, complacontent="原文"), interface=COMPLAINT)
    orders.run()
    assert [body["complacontent"] for body in orders.sent()] == [f"原文{FIRST}"], "the bare order is never sent"
    assert orders.versions(NUMBER) == [("superseded", []), ("delivered", [])]
    assert orders.local("SELECT laid_at IS NULL FROM hotline.order_supplement") == [(False,)]


def test_a_corrected_supplement_replaces_its_words_and_may_move_to_another_order(orders: OrderBridge) -> None:
    for number in (NUMBER, "OTHER"):
        orders.write(order(COMPLAINT, number, complacontent="原文"), interface=COMPLAINT)
    supplement(orders, "S1", "20261124090000", "写错了")
    orders.run()
    orders.docking("UPDATE docking.order_supplement SET content = '另有一件'")
    orders.run()
    orders.docking("UPDATE docking.order_supplement SET regino = 'OTHER'")
    orders.run()
    sent = {
        number: [body["complacontent"] for body in orders.sent() if body["regino"] == number]
        for number in (NUMBER, "OTHER")
    }
    assert sent[NUMBER] == ["原文【12345补单 2026-11-24 09:00:00】写错了", f"原文{FIRST}", "原文"]
    assert sent["OTHER"] == ["原文", f"原文{FIRST}"]
    newest = dict(orders.local("SELECT regino, complacontent FROM hotline.complaint_order"))
    assert newest == {NUMBER: "原文", "OTHER": f"原文{FIRST}"}
    assert orders.add_up()


def test_a_supplement_that_does_not_fit_is_quarantined_and_the_order_stays_sent(orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, complacontent="字" * 3_990), interface=COMPLAINT)
    supplement(orders, "S1", "20261124090000", "另有一件")
    orders.run()
    assert [len(body["complacontent"]) for body in orders.sent()] == [3_990]
    assert orders.versions(NUMBER) == [("delivered", []), ("quarantined", ["complacontent:length"])]
    # The bureau shortens the order's own words; the supplement stays behind them.
    assert lay(orders, complacontent="缩短的原文").state == "waiting"
    orders.run()
    assert orders.sent()[-1]["complacontent"] == f"缩短的原文{FIRST}"
    assert orders.versions(NUMBER) == [("delivered", []), ("superseded", ["complacontent:length"]), ("delivered", [])]


def test_supplements_without_number_order_time_or_words(orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, complacontent="原文"), interface=COMPLAINT)
    orders.note("order_supplement", "2026-11-24 11:12:13+08", regino=NUMBER, content="没有编号")
    orders.note("order_supplement", supplementid="S3", content="没有工单")
    orders.note("order_supplement", supplementid="S4", regino=NUMBER, content="\u3000")
    orders.note(
        "order_supplement",
        "2026-11-24 11:12:14+08",
        supplementid="S5",
        regino=NUMBER,
        supplementtime="昨天",
        content="x",
    )
    orders.run()
    [sent] = orders.sent()
    wanted = "原文【12345补单 2026-11-24 11:12:13】没有编号【12345补单 2026-11-24 11:12:14】x"
    assert sent["complacontent"] == wanted
    assert orders.local("SELECT count(*) FROM hotline.order_supplement") == [(4,)], "none vanishes"
    assert orders.docking("SELECT count(*) FROM docking.order_supplement WHERE collected_at IS NULL") == [(0,)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_completion_mends_a_quarantined_order(orders: OrderBridge, kind: str) -> None:
    orders.write(order(kind, proaddr=None), interface=kind)
    orders.run()
    assert orders.versions(NUMBER) == [("quarantined", ["proaddr:required"])]
    done = lay(orders, proaddr="韶关市武江区解放路1号")
    assert (done.state_before, done.state, done.reasons) == ("quarantined", "waiting", ())
    orders.deliver()
    [sent] = orders.sent()
    assert sent["proaddr"] == "韶关市武江区解放路1号"
    assert orders.versions(NUMBER) == [("superseded", ["proaddr:required"]), ("delivered", [])]
    assert orders.local("SELECT actor, action, state_before, state_after FROM hotline.operator_action") == [
        ("clerk", "complete", "quarantined", "waiting")
    ]
    assert orders.add_up()


def test_a_completion_survives_later_changes_by_12345_and_is_visible(orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, invoptaddr="写错的地址"), interface=COMPLAINT)
    orders.run()
    lay(orders, invoptaddr="武江区工业西路8号", goodsname="")
    orders.deliver()
    orders.docking("UPDATE docking.complaint_order SET proname = '改名', invoptaddr = '又一个地址'")
    orders.run()
    assert [(body["proname"], body["invoptaddr"], body["goodsname"]) for body in orders.sent()] == [
        ("文", "写错的地址", "文"),
        ("文", "武江区工业西路8号", ""),
        ("改名", "武江区工业西路8号", ""),
    ]
    with connect(orders.stores.local) as local:
        found = list_overlays(local, NUMBER)
    assert {(one.key, one.kind, one.field, one.actor, one.is_applied) for one in found} == {
        (NUMBER, "completion", "invoptaddr", "clerk", True),
        (NUMBER, "completion", "goodsname", "clerk", True),
    }
    assert orders.add_up()


def test_the_newest_completion_counts_and_a_withdrawn_one_no_more(orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, invoptaddr="甲"), interface=COMPLAINT)
    orders.run()
    lay(orders, invoptaddr="乙")
    lay(orders, invoptaddr="丙")
    orders.deliver()
    orders.write(order(COMPLAINT, invoptaddr="丁"), interface=COMPLAINT)
    orders.run()
    withdraw(orders, "invoptaddr")
    orders.deliver()
    assert [body["invoptaddr"] for body in orders.sent()] == ["甲", "丙", "丁"]
    assert orders.local("SELECT invoptaddr FROM hotline.complaint_order") == [("丁",)]
    assert orders.local("SELECT value, ended_at IS NULL FROM hotline.order_completion ORDER BY row_id") == [
        *(("乙", False), ("丙", False))
    ]


def test_a_change_written_before_a_withdrawal_and_read_after_it_is_not_taken_for_old(orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, invoptaddr="甲"), interface=COMPLAINT, written_at="2026-11-24 08:00:00+08")
    orders.run()
    lay(orders, invoptaddr="乙")
    orders.write(order(COMPLAINT, invoptaddr="丙"), interface=COMPLAINT, written_at="2026-11-24 08:00:01+08")
    withdraw(orders, "invoptaddr")
    orders.run()
    assert orders.sent()[-1]["invoptaddr"] == "丙"


def test_a_content_of_12345_equal_to_an_older_composed_one_is_no_newer_than_what_is_laid_now(
    orders: OrderBridge,
) -> None:
    orders.write(order(COMPLAINT, invoptaddr="甲"), interface=COMPLAINT)
    orders.run()
    lay(orders, invoptaddr="乙")
    orders.deliver()
    for address in ("丙", "乙", "infinity"):
        moment = "infinity" if address == "infinity" else "now"
        orders.write(order(COMPLAINT, invoptaddr=address), interface=COMPLAINT, written_at=moment)
        orders.run()
    assert [body["invoptaddr"] for body in orders.sent()] == ["甲", "乙"]
    assert orders.local("SELECT invoptaddr FROM hotline.complaint_order") == [("乙",)]
    assert orders.add_up()


def test_a_completion_and_a_supplement_together_also_before_the_order_is_good(orders: OrderBridge) -> None:
    orders.write(order(REPORT, protel="", complacontent="原文"), interface=REPORT)
    supplement(orders, "S1", "20261124090000", "另有一件")
    orders.run()
    assert {state for state, _ in orders.versions(NUMBER)} <= {"quarantined", "superseded"}
    lay(orders, protel="13977712345")
    orders.deliver()
    [sent] = orders.sent()
    assert (sent["protel"], sent["complacontent"]) == ("13977712345", f"原文{FIRST}")


def test_a_completion_that_breaks_a_rule_says_so_and_holds_nothing_else_back(orders: OrderBridge) -> None:
    orders.write(order(CONSULTATION), interface=CONSULTATION)
    orders.take_in()
    done = lay(orders, replyonsite="7")
    assert (done.state, done.reasons) == ("quarantined", ("replyonsite:code",))
    orders.deliver()
    assert [body["replyonsite"] for body in orders.sent()] == ["1"], "what 12345 wrote still goes out"


def test_a_dry_run_changes_nothing(orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, proaddr=None), interface=COMPLAINT)
    orders.take_in()
    with connect(orders.stores.local) as local:
        kind = order_interface(local, NUMBER)
        done = complete(local, kind, NUMBER, values={"proaddr": "x"}, actor="clerk", dry_run=True)
    assert done.state == "waiting"
    assert orders.versions(NUMBER) == [("quarantined", ["proaddr:required"])]
    for table in ("order_completion", "operator_action"):
        assert orders.local(f"SELECT count(*) FROM hotline.{table}") == [(0,)]  # noqa: S608  (our names)


@pytest.mark.parametrize("name", ["regino", "method", "nothing", "PRONAME"])
def test_what_is_no_field_or_names_the_order_cannot_be_completed(orders: OrderBridge, name: str) -> None:
    orders.write(order(COMPLAINT), interface=COMPLAINT)
    orders.take_in()
    with pytest.raises(StopRun, match=f"{name} cannot be completed"):
        lay(orders, **{name: "x"})


def test_an_unknown_order_and_one_of_two_kinds(orders: OrderBridge) -> None:
    with pytest.raises(StopRun, match="12345 has put no such order"):
        lay(orders, proname="x")
    orders.write(order(COMPLAINT), interface=COMPLAINT)
    orders.write(order(REPORT), interface=REPORT)
    orders.take_in()
    with pytest.raises(StopRun, match="orders of two kinds have this number"):
        lay(orders, proname="x")
    assert lay(orders, interface=REPORT, proname="x").interface == REPORT
    supplement(orders, "S1", "20261124090000", "另有一件")
    orders.run()
    newest = {body["method"]: (body["proname"], body["complacontent"]) for body in orders.sent()}
    assert newest == {COMPLAINT: ("文", f"文{FIRST}"), REPORT: ("x", f"文{FIRST}")}, "a supplement names a number"


def test_overlays_are_held_for_the_audit_as_rows_are(orders: OrderBridge) -> None:
    audited = replace(orders, policy=AUDITED)
    audited.write(order(COMPLAINT), interface=COMPLAINT)
    audited.take_in()
    assert lay(audited, proaddr="x").state == "held"
    audited.deliver()
    assert audited.sent() == []
    assert audited.versions(NUMBER) == [("superseded", []), ("held", [])]
