"""No row of a docking table is out of reach, whatever its `written_at`; odd times make no run red and outdo nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound import docking_rows, order_annotations
from hotline_bridge.outbound.intake import Window, take_in
from hotline_bridge.store.database import connect
from hotline_bridge.time_limits.deadlines import read_deadlines, take_in_deadlines
from hotline_bridge.time_limits.load import load_time_limits
from hotline_bridge.timeline import read_timeline
from tests.deadlines.limits_of import put as collected
from tests.orders.order_bridge import COMPLAINT, order
from tests.outbound.bridge import call

if TYPE_CHECKING:
    from tests.orders.order_bridge import OrderBridge
    from tests.outbound.bridge import Bridge

ODD = (
    *(None, "-infinity", "0001-01-01 00:00:00+00", "4713-01-01 BC", "1970-01-01"),
    *("9999-12-31", "infinity", "294276-12-31"),
)
NUMBER = "G2026112400000001"


@pytest.fixture
def bridge(orders: OrderBridge) -> Bridge:
    """The call log alone."""
    return replace(orders, interfaces=(contract()["callinfo"],))


def foreign(bridge: Bridge, *tables: str) -> None:
    """The tables as another organisation makes them: nothing is required, no trigger."""
    for table in tables:
        bridge.docking(f"ALTER TABLE docking.{table} ALTER written_at DROP NOT NULL")
        bridge.docking(f"DROP TRIGGER uncollect ON docking.{table}")


def put(bridge: Bridge, number: int, callno: str, written_at: str | None) -> None:
    """12345 adds a row of a call."""
    bridge.write(call(number, callno=callno))
    bridge.docking(
        "UPDATE docking.call_log SET written_at = %s WHERE ctid = (SELECT max(ctid) FROM docking.call_log)",
        written_at,
    )


def heard(bridge: Bridge) -> list[str]:
    """Numbers of callers that the platform stored, in its order."""
    return [json.loads(str(record["body"]))["callno"] for record in bridge.sandbox.history(bodies=True)]


def test_no_row_of_any_table_is_out_of_reach(orders: OrderBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docking_rows, "BATCH_ROWS", 3)
    tables = [table for table in docking_tables().values() if table.written_by == "12345"]
    foreign(orders, *(table.name for table in tables))
    for table in tables:
        for at in (*ODD, "2026-11-24 08:00:00+08", *[None] * 4):
            column = table.columns[0].name
            statement = f"INSERT INTO docking.{table.name} ({column}, written_at) VALUES (gen_random_uuid()::text, %s)"  # noqa: S608
            orders.docking(statement, at)
    with connect(orders.stores.docking) as docking, connect(orders.stores.local) as local:
        for interface in contract().values():
            if interface.kind == "report" and interface.table in docking_tables():
                assert take_in(docking, local, interface).collected == 13
        order_annotations.take_in_annotations(docking, local)
        assert take_in_deadlines(docking, local).collected == 13
    for table in tables:
        left = orders.docking(f"SELECT count(*) FROM docking.{table.name} WHERE collected_at IS NULL")  # noqa: S608
        assert left == [(0,)], table.name
    for name in ("delivery", "order_supplement", "order_urge", "order_deadline"):
        odd = f"SELECT count(*) FROM hotline.{name} WHERE NOT written_at BETWEEN '2000-01-01' AND now()"  # noqa: S608
        assert orders.local(odd) == [(0,)], name


def test_a_row_without_a_usable_time_is_sent_and_flagged(bridge: Bridge) -> None:
    foreign(bridge, "call_log")
    for number, at in enumerate(ODD):
        put(bridge, number, str(number), at)
    put(bridge, 90, "in time", "2026-11-24 08:00:00+08")
    put(bridge, 91, "some minutes ahead", (datetime.now(UTC) + timedelta(minutes=9)).isoformat())
    bridge.run()
    assert bridge.states() == {"delivered": len(ODD) + 2}
    flagged = dict(bridge.local("SELECT key, flags FROM hotline.delivery"))
    named = {str(call(number)["callid"]) for number in range(len(ODD))}
    assert {key for key, flags in flagged.items() if "written_at:odd_time" in flags} == named
    assert bridge.status()[0].adds_up


@pytest.mark.parametrize("at", [None, "infinity"])
def test_what_is_read_twice_does_not_outdo_what_came_between(
    bridge: Bridge, at: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run dies before it marks an untimed row; then 12345 adds a correction."""
    foreign(bridge, "call_log")
    put(bridge, 1, "old", at)
    with monkeypatch.context() as patched:
        patched.setattr(docking_rows, "mark_collected", lambda *_args, **_named: 0)
        bridge.run()
        put(bridge, 1, "new", datetime.now(UTC).isoformat())
        bridge.run()
        bridge.run()
    bridge.run()
    assert heard(bridge) == ["old", "new"]
    assert bridge.local("SELECT callno FROM hotline.call_log") == [("new",)]


@pytest.mark.parametrize("at", [None, "infinity"])
def test_a_content_that_comes_back_without_a_usable_time_counts_again(bridge: Bridge, at: str | None) -> None:
    foreign(bridge, "call_log")
    put(bridge, 1, "A", at)
    bridge.take_in()
    for callno in ("B", "A"):
        bridge.docking("UPDATE docking.call_log SET callno = %s, collected_at = NULL", callno)
        bridge.take_in()
    assert bridge.local("SELECT callno FROM hotline.call_log") == [("A",)]
    bridge.deliver()
    assert heard(bridge) == ["A"]


@pytest.mark.parametrize("at", ["NULL", "'9999-12-31'"])
@pytest.mark.parametrize("restored", [False, True])
def test_a_window_reads_them_again_and_takes_none_for_newer(bridge: Bridge, at: str, restored: bool) -> None:
    foreign(bridge, "call_log")
    put(bridge, 1, "old", None)
    put(bridge, 2, "other", "2026-11-24 08:00:00+08")
    bridge.docking(f"UPDATE docking.call_log SET written_at = {at} WHERE callno = 'old'")  # noqa: S608
    bridge.run()
    put(bridge, 1, "new", datetime.now(UTC).isoformat())
    bridge.run()
    if restored:
        bridge.local("TRUNCATE hotline.delivery, hotline.call_log")
    with connect(bridge.stores.docking) as docking, connect(bridge.stores.local) as local:
        hour = Window(datetime.now(UTC) - timedelta(minutes=1), datetime.now(UTC))
        assert take_in(docking, local, bridge.interfaces[0], window=hour).rows == 2, "the untimed one and the new one"
    bridge.deliver()
    assert bridge.local("SELECT callno FROM hotline.call_log WHERE callid = %s", call(1)["callid"]) == [("new",)]
    assert [callno for callno in heard(bridge) if callno != "other"] == ["old", "new", *["new"] * restored]


@pytest.mark.parametrize(
    ("at", "made"),
    [
        *((None, "昨天"), ("-infinity", "昨天"), ("9999-12-31", "昨天")),
        *(("-infinity", "0001-01-01 00:00:00"), ("infinity", "99991231235959")),
    ],
)
def test_a_supplement_of_any_time_is_laid(orders: OrderBridge, at: str | None, made: str) -> None:
    foreign(orders, "order_supplement")
    orders.write(order(COMPLAINT, complacontent="原文"), interface=COMPLAINT)
    orders.docking(
        "INSERT INTO docking.order_supplement (supplementid, regino, supplementtime, content, written_at)"
        " VALUES ('S1', %s, %s, '另有一件', %s)",
        *(NUMBER, made, at),
    )
    orders.take_in()
    [(text,)] = orders.local("SELECT complacontent FROM hotline.complaint_order")
    told = {"昨天": f"{datetime.now(UTC) + timedelta(hours=8):%Y-%m-%d}", "0001-01-01 00:00:00": "0001-01-01 00:00:00"}
    assert text.startswith(f"原文【12345补单 {told.get(made, '9999-12-31 23:59:59')}")


@pytest.mark.parametrize("at", [None, "infinity"])
def test_notes_and_deadlines_that_are_read_twice_outdo_nothing(
    orders: OrderBridge, at: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign(orders, "order_urge", "order_deadline")
    old = {"order_urge": "(urgeid, regino, remark, written_at) VALUES ('U1', 'R', 'old', %s)"}
    old["order_deadline"] = "(regino, deadline, written_at) VALUES ('R', '2026-12-01', %s)"

    def read() -> None:
        with connect(orders.stores.docking) as docking, connect(orders.stores.local) as local:
            order_annotations.take_in_annotations(docking, local)
            take_in_deadlines(docking, local)

    def current() -> list[object]:
        urge = orders.local("SELECT remark FROM hotline.order_urge WHERE is_current")
        return [*urge, *orders.local("SELECT to_char(deadline, 'YYYY-MM-DD') FROM hotline.current_order_deadline")]

    def put_both(text: str, moment: str | None) -> None:
        for table, insert in old.items():
            values = insert.replace("old", text).replace("2026-12-01", f"2026-12-0{3 if text == 'new' else 1}")
            orders.docking(f"INSERT INTO docking.{table} {values}", moment)

    put_both("old", at)
    with monkeypatch.context() as patched:
        patched.setattr(docking_rows, "mark_collected", lambda *_args, **_named: 0)
        read()
        put_both("new", datetime.now(UTC).isoformat())
        read()
        read()
    read()
    assert current() == [("new",), ("2026-12-03",)]
    for table in old:
        orders.docking(f"DELETE FROM docking.{table} WHERE collected_at IS NOT NULL")  # noqa: S608
    put_both("old", at)
    read()
    assert current() == [("old",), ("2026-12-01",)], "it came back"


def test_times_of_the_years_1_and_9999_are_told(orders: OrderBridge) -> None:
    """Of an order, its supplement and its deadline, in its life and among what is overdue."""
    for number, year in (("EARLY", "0001-01-01 00:00:00"), ("LATE", "9999-12-31 23:59:59")):
        digits = "".join(filter(str.isdigit, year))
        orders.write(order(COMPLAINT, number, registime=digits), interface=COMPLAINT)
        orders.note("order_supplement", supplementid=number, regino=number, supplementtime=year, content="补")
        orders.note("order_urge", urgeid=number, regino=number, urgetime=digits)
        orders.note("order_deadline", regino=number, deadline=year)
    orders.run()
    with connect(orders.stores.docking) as docking, connect(orders.stores.local) as local:
        load_time_limits(local)
        take_in_deadlines(docking, local)
        for number, year in (("EARLY", 1), ("LATE", 9999)):
            collected(local, "complaint_case", regino=number, registime=datetime(2026, 11, 2, tzinfo=UTC))
            assert {event.event for event in read_timeline(local, number) if event.at.year == year} >= {
                "urged",
                "supplemented",
            }
        assert [row.regino for row in read_deadlines(local).pressing][:1] == ["EARLY"]
