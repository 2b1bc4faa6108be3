"""Urges of 12345, and its seats: kept in step, nothing lost, joined when their order comes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import StopRun
from tests.orders.order_bridge import COMPLAINT, CONSULTATION, order
from tests.outbound.bridge import GOOD

if TYPE_CHECKING:
    from tests.orders.order_bridge import OrderBridge

NUMBER = "G2026112400000001"


def urgency(orders: OrderBridge) -> dict[str, tuple[int, bool]]:
    rows = orders.local("SELECT regino, urge_count, is_known FROM hotline.order_urgency")
    return {regino: (count, known) for regino, count, known in rows}


def test_urges_are_attached_and_raise_the_urgency(orders: OrderBridge) -> None:
    for number in ("U1", "U2"):
        orders.note(
            "order_urge", urgeid=number, regino=NUMBER, urgetime="20261124090000", urger="督办员", remark="请尽快"
        )
    orders.note("order_urge", urgeid="U3", regino="NOT-YET")
    orders.run()
    assert urgency(orders) == {NUMBER: (2, False), "NOT-YET": (1, False)}
    orders.write(order(COMPLAINT), interface=COMPLAINT)
    orders.run()
    assert urgency(orders) == {NUMBER: (2, True), "NOT-YET": (1, False)}
    assert len(orders.sent()) == 1, "an urge changes no content"


def test_copies_corrections_and_odd_urges(orders: OrderBridge) -> None:
    for _ in range(2):
        orders.note("order_urge", "2026-11-24 10:00:00+08", urgeid="U1", regino=NUMBER, urgetime="昨天")
    orders.note("order_urge", "2026-11-24 11:00:00+08", regino=NUMBER, remark="没有编号")
    orders.note("order_urge", urgeid="U2", remark="没有工单")
    orders.note("order_urge", urgeid="x" * 9_000, regino=NUMBER, remark="'; DROP TABLE hotline.order_urge;--")
    counts = orders.take_in_notes()["order_urge"]
    assert (counts.rows, counts.changed, counts.collected) == (5, 4, 5)
    assert urgency(orders) == {NUMBER: (3, False)}
    [(first,)] = orders.local("SELECT first_urged_at = '2026-11-24 10:00:00+08' FROM hotline.order_urgency")
    assert first, "a time that cannot be read: when it was written"
    orders.docking("UPDATE docking.order_urge SET regino = 'OTHER' WHERE urgeid = 'U1'")
    orders.take_in_notes()
    assert urgency(orders) == {NUMBER: (2, False), "OTHER": (1, False)}
    orders.docking("UPDATE docking.order_urge SET regino = %s WHERE urgeid = 'U1'", NUMBER)
    orders.take_in_notes()
    assert urgency(orders) == {NUMBER: (3, False)}, "a content that comes back counts again"
    assert orders.take_in_notes()["order_urge"].rows == 0


def test_a_clock_that_runs_ahead_hides_no_correction(orders: OrderBridge) -> None:
    orders.note("order_urge", "infinity", urgeid="U1", regino="WRONG")
    orders.take_in_notes()
    orders.note("order_urge", urgeid="U1", regino=NUMBER)
    orders.take_in_notes()
    assert urgency(orders) == {NUMBER: (1, False)}


def seats(orders: OrderBridge) -> dict[str, tuple[str, bool]]:
    rows = orders.local("SELECT seatno, seatname, gone_at IS NULL FROM hotline.seat")
    return {seatno: (name, here) for seatno, name, here in rows}


def test_seats_are_kept_in_step_with_their_history(orders: OrderBridge) -> None:
    orders.note("seat", seatno="801", seatname="张三", sourcearea="440200", unitcode="1", enabled="1")
    orders.note("seat", seatno="802", seatname="李四")
    orders.note("seat", seatname="没有工号")
    orders.note("seat", "2000-01-01 00:00:00+08", seatno="802", seatname="旧名")
    orders.take_in_notes()
    assert seats(orders) == {"801": ("张三", True), "802": ("李四", True)}
    orders.take_in_notes()
    orders.docking("UPDATE docking.seat SET seatname = '王五' WHERE seatno = '801'")
    orders.docking("DELETE FROM docking.seat WHERE seatno = '802'")
    orders.take_in_notes()
    assert seats(orders) == {"801": ("王五", True), "802": ("李四", False)}
    orders.note("seat", seatno="802", seatname="李四")
    orders.take_in_notes()
    assert seats(orders) == {"801": ("王五", True), "802": ("李四", True)}
    events = orders.local("SELECT seatno, event, seatname FROM hotline.seat_history ORDER BY seatno, row_id")
    assert events == [
        *(("801", "new", "张三"), ("801", "changed", "王五")),
        *(("802", "new", "李四"), ("802", "gone", "李四"), ("802", "back", "李四")),
    ]
    assert orders.docking("SELECT count(*) FROM docking.seat WHERE collected_at IS NULL") == [(0,)]


def flags(orders: OrderBridge) -> dict[str, list[str]]:
    return dict(orders.local("SELECT key, flags FROM hotline.delivery ORDER BY row_id"))


@pytest.mark.parametrize("kind", [COMPLAINT, CONSULTATION])
def test_an_unknown_seat_is_flagged_once_seats_are_known(orders: OrderBridge, kind: str) -> None:
    orders.write(order(kind, "BEFORE", workerno="999"), interface=kind)
    orders.note("seat", seatno="801", seatname="张三")
    orders.run()
    for number, seat in (("KNOWN", "801"), ("UNKNOWN", "999")):
        orders.write(order(kind, number, workerno=seat), interface=kind)
    orders.run()
    assert flags(orders) == {"BEFORE": [], "KNOWN": [], "UNKNOWN": ["workerno:unknown_seat"]}
    assert len(orders.sent()) == 3, "flagged and sent"
    orders.docking("DELETE FROM docking.seat")
    orders.note("seat", seatno="802", seatname="李四")
    orders.take_in_notes()
    orders.write(order(kind, "GONE", workerno="801"), interface=kind)
    orders.write(order(kind, "LATE", workerno="801"), interface=kind, written_at="2026-11-24 08:00:00+08")
    orders.run()
    assert flags(orders)["GONE"] == ["workerno:unknown_seat"]
    assert flags(orders)["LATE"] == [], "it was a seat when the order was written"


def test_a_seat_login_of_an_unknown_seat_is_flagged_too(orders: OrderBridge) -> None:
    orders.note("seat", seatno="801", seatname="张三")
    orders.take_in_notes()
    logs = replace(orders, interfaces=interfaces_of("telephony"))
    logs.write(GOOD["seatsignin"], interface="seatsignin")
    logs.write(GOOD["callinfo"], interface="callinfo")
    logs.run()
    assert flags(orders) == {GOOD["seatsignin"]["signid"]: ["seatno:unknown_seat"], GOOD["callinfo"]["callid"]: []}


def test_a_missing_table_of_notes_holds_no_order_back(orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT), interface=COMPLAINT)
    orders.docking("ALTER TABLE docking.order_urge RENAME TO elsewhere")
    with pytest.raises(StopRun, match="order_urge of database"):
        orders.take_in()
    orders.deliver()
    assert len(orders.sent()) == 1


def test_a_note_that_is_put_aside_is_told_without_a_value(
    orders: OrderBridge, caplog: pytest.LogCaptureFixture
) -> None:
    orders.note("order_urge", urgeid="U1", regino="SECRET-NUMBER")
    orders.local("ALTER TABLE hotline.order_urge ADD CHECK (regino = 'nothing')")
    orders.take_in_notes()
    assert "a row of docking.order_urge is put aside: SQLSTATE 23514" in caplog.text
    assert "SECRET" not in caplog.text
    assert orders.docking("SELECT collected_at IS NOT NULL FROM docking.order_urge") == [(True,)]
    with psycopg.connect(orders.stores.local) as local:
        assert local.execute("SELECT count(*) FROM hotline.order_urge").fetchall() == [(0,)]
