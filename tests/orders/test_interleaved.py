"""Two runs, the second at every step of the first: one content is current, and the platform gets old before new."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.by_hand import ByHand
from hotline_bridge.failpoints import NOTE_FAILPOINTS, OUTBOUND_FAILPOINTS
from hotline_bridge.outbound import audit, decisions, docking_rows, order_annotations, overlays
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.outbound.overlays import apply_pending_overlays, complete, order_interface, supplemented_interfaces
from hotline_bridge.outbound.versions import PLAIN, Policy
from hotline_bridge.store.database import connect
from hotline_bridge.time_limits.deadlines import take_in_deadlines
from tests.orders.order_bridge import COMPLAINT, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.orders.order_bridge import OrderBridge

NUMBER = "G2026112400000001"
INTAKE_STEPS = OUTBOUND_FAILPOINTS[:4]
DEADLINE_STEPS = ("order_deadline-kept", "order_deadline-committed", "order_deadline-collected")
STEPS = (*INTAKE_STEPS, *NOTE_FAILPOINTS, *DEADLINE_STEPS)
MODULES = (docking_rows, order_annotations, overlays)
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def interleave(
    orders: OrderBridge,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    first: Callable[[], object],
    meanwhile: Callable[[], object],
) -> None:
    """Run `first` up to a step, then `meanwhile` until it is done or waits for a lock, then the rest of `first`."""
    paused, go_on = threading.Event(), threading.Event()

    def reached(name: str) -> None:
        if name == step and threading.current_thread().name.startswith("first") and not paused.is_set():
            paused.set()
            assert go_on.wait(30)

    for module in MODULES:
        monkeypatch.setattr(module, "reached", reached)
    with ThreadPoolExecutor(1, "first") as one, ThreadPoolExecutor(1, "second") as two:
        running = one.submit(first)
        while not paused.wait(0.01):
            assert not running.done(), f"{step} was never reached: {running.exception()}"
        second = two.submit(meanwhile)
        try:
            while not second.done() and orders.local(WAITS) == [(0,)]:
                time.sleep(0.005)
        finally:
            go_on.set()
        running.result(30)
        second.result(30)


def run(orders: OrderBridge) -> None:
    """All that is read of 12345, as the DAGs do it."""
    orders.take_in()
    with connect(orders.stores.docking) as docking, connect(orders.stores.local) as local:
        take_in_deadlines(docking, local)


def say(orders: OrderBridge, word: str) -> None:
    """12345 corrects everything it has said of the order, at one moment that is always the same."""
    at = "written_at = '2026-11-24 09:00:00+08'"
    # Its own triggers stay out of it: one would set the moment anew.
    with psycopg.connect(orders.stores.docking, options="-c session_replication_role=replica") as docking:
        for table, column in (
            *(("complaint_order", "proname"), ("order_supplement", "content"), ("order_urge", "remark")),
            *(("seat", "seatname"), ("order_deadline", "deadline")),
        ):
            text = f"2026-12-0{len(word)}" if column == "deadline" else word
            statement = f"UPDATE docking.{table} SET {column} = %s, collected_at = NULL, {at}"  # noqa: S608
            docking.execute(statement.encode(), [text])


@pytest.mark.parametrize("step", STEPS)
def test_two_runs_leave_one_current_content_the_newer(
    orders: OrderBridge, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    orders.write(order(COMPLAINT, complacontent="原文"), interface=COMPLAINT)
    orders.note("order_supplement", supplementid="S1", regino=NUMBER, supplementtime="20261124090000")
    orders.note("order_urge", urgeid="U1", regino=NUMBER)
    orders.note("seat", seatno="801")
    orders.note("order_deadline", regino=NUMBER)
    say(orders, "甲")

    def correct_and_run() -> None:
        say(orders, "乙乙")
        run(orders)

    interleave(orders, monkeypatch, step, lambda: run(orders), correct_and_run)
    run(orders)
    orders.deliver()
    assert orders.local("SELECT content FROM hotline.order_supplement WHERE is_current") == [("乙乙",)]
    assert orders.local("SELECT remark FROM hotline.order_urge WHERE is_current") == [("乙乙",)]
    assert orders.local("SELECT seatname FROM hotline.seat") == [("乙乙",)]
    assert orders.local("SELECT to_char(deadline, 'MM-DD') FROM hotline.current_order_deadline") == [("12-02",)]
    assert orders.local("SELECT proname FROM hotline.complaint_order") == [("乙乙",)]
    [sent] = orders.sent()
    assert (sent["proname"], sent["complacontent"]) == ("乙乙", "原文【12345补单 2026-11-24 09:00:00】乙乙")
    assert orders.add_up()


@pytest.mark.parametrize("step", ["orders-composed", "overlays-laid"])
def test_a_supplement_that_moves_away_while_it_is_laid_leaves_no_words_behind(
    orders: OrderBridge, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    for number in (NUMBER, "OTHER"):
        orders.write(order(COMPLAINT, number, complacontent="原文"), interface=COMPLAINT)
    orders.run()
    orders.note("order_supplement", supplementid="S1", regino=NUMBER, supplementtime="20261124090000", content="补")
    orders.take_in_notes()

    def lay() -> None:
        with connect(orders.stores.local) as local:
            apply_pending_overlays(local, supplemented_interfaces(), PLAIN)

    def move() -> None:
        orders.docking("UPDATE docking.order_supplement SET regino = 'OTHER'")
        orders.take_in_notes()

    interleave(orders, monkeypatch, step, lay, move)
    orders.run()
    newest = dict(orders.local("SELECT regino, complacontent FROM hotline.complaint_order"))
    assert newest == {NUMBER: "原文", "OTHER": "原文【12345补单 2026-11-24 09:00:00】补"}


@pytest.mark.parametrize("step", INTAKE_STEPS)
@pytest.mark.parametrize("what", ["release", "pass", "return", "complete"])
def test_what_an_operator_decides_while_a_correction_is_taken_in(
    orders: OrderBridge, monkeypatch: pytest.MonkeyPatch, step: str, what: str
) -> None:
    """The operator has seen the first content; the correction is the newest all the same, and goes out last or not."""
    orders.write(order(COMPLAINT, proname="旧", proaddr=None if what == "release" else "址"), interface=COMPLAINT)
    interface = supplemented_interfaces()[0]
    assert interface.name == COMPLAINT
    with connect(orders.stores.docking) as docking, connect(orders.stores.local) as local:
        take_in(docking, local, interface, policy=Policy(audit_required=what == "pass"))
        seen = decisions.find_quarantined(local, decisions.QuarantineFilter())
        asked = audit.find_audited(local, unsent=True)
    if what == "release":  # the rule was loosened since
        orders.local("UPDATE hotline.delivery SET body = replace(body::text, '', '')::bytea")
    orders.docking("UPDATE docking.complaint_order SET proname = '新', proaddr = '址'")
    decision = audit.Decision("局", "人", "不属于市场监管")

    def operate() -> None:
        with connect(orders.stores.local) as local:
            if what == "release":
                decisions.release_quarantined(local, seen, ByHand("clerk", "the rule was loosened"))
            elif what == "pass":
                audit.let_pass(local, asked, decision, actor="clerk")
            elif what == "return":
                audit.send_back(local, asked, decision, actor="clerk")
            else:
                complete(local, order_interface(local, NUMBER), NUMBER, values={"goodsname": "补全"}, actor="clerk")

    interleave(orders, monkeypatch, step, orders.take_in, operate)
    orders.run()
    sent = [body["proname"] for body in orders.sent()]
    assert sent == ([] if what == "return" else ["新"]) or (what == "pass" and sent == ["旧", "新"])
    states = [state for state, _ in orders.versions(NUMBER)]
    assert states[-1] == ("held" if what == "return" else "delivered")
    assert orders.local("SELECT proname FROM hotline.complaint_order") == [("新",)]
    assert orders.add_up()
