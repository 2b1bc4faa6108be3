"""Losses on either side are found, named by day, and repaired where that is allowed; nothing else is touched."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.world.orders import Order, Shown
from tests.orders.order_bridge import COMPLAINT, CONSULTATION, KINDS, REPORT
from tests.reconcile.city import COUNT, DAYS

if TYPE_CHECKING:
    from tests.reconcile.city import City

DAY = DAYS[1]


def filled(city: City) -> None:
    """On each day two orders of 12345 and one of the network, of each kind, carried both ways."""
    for place, day in enumerate(DAYS):
        for kind in KINDS:
            for number in range(2):
                city.take(f"G{kind[3:5]}{place}{number}", day, f"09:{number:02}:15", kind=kind)
            city.network(f"N{kind[3:5]}{place}", day, kind=kind)
    city.carry()


@pytest.mark.edge
def test_what_agrees_is_said_to_agree_with_the_orders_of_the_network_by_name(city: City) -> None:
    filled(city)
    checks = city.reconcile()
    assert {check.state for check in checks.values()} == {"agreed"}
    assert len(checks) == len(DAYS) * 3
    for check in checks.values():
        assert (check.docking_count, check.delivered_count, check.platform_count, check.local_count) == (2, 2, 3, 3)
        assert check.explained == {"network": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_lost_here_is_collected_again(city: City, kind: str) -> None:
    filled(city)
    table = {COMPLAINT: "complaint_case", REPORT: "report_case", CONSULTATION: "consultation_case"}[kind]
    regino = f"N{kind[3:5]}1"
    city.lose_locally(regino, table)
    before = city.requests()
    checks = city.reconcile()
    assert {check.state for check in checks.values()} == {"agreed"}
    assert city.local("SELECT regino FROM hotline.registered_order WHERE regino = %s", regino)
    [repaired] = [check for check in checks.values() if check.repair]
    assert (repaired.day, repaired.repair) == (DAY, {"tries": 1, "collected": 1, "came": 1})
    # Three to find out about ends, one a day, and for the one that differs: collected and counted once more.
    assert city.requests() - before == 3 + len(DAYS) + 2
    states = city.local(
        "SELECT state FROM hotline.count_reconciliation WHERE day = %s AND kind = %s ORDER BY row_id",
        DAY,
        repaired.kind,
    )
    assert states == [("open",), ("agreed",)]


def test_an_order_that_the_platform_lost_is_sent_once_more_byte_for_byte(city: City) -> None:
    filled(city)
    [lost] = [record for record in city.sandbox.history(bodies=True) if record["key"] == "GTs10"]
    city.sandbox.world.remove("GTs10")
    before = city.requests()
    checks = city.reconcile()
    assert {check.state for check in checks.values()} == {"agreed"}
    check = checks[DAY, "complaint"]
    assert check.repair == {"tries": 1, "collected": 2, "sent_again": 1}
    assert check.explained == {"network": 1, "sent_again": 1, "withdrawn": 1}
    sent = [record for record in city.sandbox.history(bodies=True) if record["key"] == "GTs10"]
    assert [record["body"] for record in sent] == [lost["body"]] * 2
    # Cases and returns collected, counted once more, and the sending itself.
    assert city.requests() - before == 3 + len(DAYS) + 3 + 1
    assert city.states() == {"delivered": len(DAYS) * 6}
    city.again()
    city.collect()
    assert city.reconcile()[DAY, "complaint"].explained == {"network": 1}


def test_what_the_platform_loses_again_stays_open_for_a_person(city: City) -> None:
    filled(city)
    city.sandbox.world.remove("GTs10")
    city.reconcile()
    city.sandbox.world.remove("GTs10")
    for _ in range(2):
        check = city.reconcile()[DAY, "complaint"]
        assert (check.state, check.unexplained) == ("open", 1)
    assert len([record for record in city.sandbox.history() if record["key"] == "GTs10"]) == 2


def test_an_order_is_not_sent_again_before_its_time_nor_when_it_was_returned(city: City) -> None:
    filled(city)
    city.sandbox.world.remove("GTs10")
    check = city.reconcile(patience=timedelta(hours=1))[DAY, "complaint"]
    assert (check.state, check.explained) == ("agreed", {"network": 1, "delivered_recently": 1, "withdrawn": 1})
    returned = {
        "odrno": "GTs10",
        "agent": "王五",
        "dealResult": "不属于",
        "handDept": "x",
        "updateTime": "2026-11-24 10:11:12",
    }
    fields = {field.name for field in contract()["getShBtgData"].response}
    row = {name: value for name, value in returned.items() if name in fields}
    city.sandbox.world.put(
        Order(regino="GTs10", registered=f"{DAY:%Y%m%d}090015", rows=(Shown(table="returned_case", row=row),))
    )
    check = city.reconcile()[DAY, "complaint"]
    assert check.explained == {"network": 1, "returned": 1, "withdrawn": 1}
    assert len([record for record in city.sandbox.history() if record["key"] == "GTs10"]) == 1


def test_an_order_of_the_network_that_the_platform_withdraws_is_told_and_agrees(city: City) -> None:
    filled(city)
    city.sandbox.world.remove("NTs1")
    check = city.reconcile()[DAY, "complaint"]
    assert (check.state, check.explained) == ("agreed", {"withdrawn": 1})


def test_a_surplus_of_the_network_does_not_hide_a_lost_order(city: City) -> None:
    filled(city)
    city.sandbox.world.remove("GTs10")
    city.network("NTs1b", DAY)
    city.again()
    city.collect()
    check = city.reconcile()[DAY, "complaint"]
    assert check.state == "agreed"
    assert check.repair == {"tries": 1, "collected": 2, "sent_again": 1}


def test_without_repair_it_only_looks(city: City) -> None:
    filled(city)
    city.lose_locally("NTs1")
    city.sandbox.world.remove("GTs20")
    assert city.differing(repair=False) == {(DAY, "complaint"): 1, (DAYS[2], "complaint"): 1}
    assert not city.local("SELECT FROM hotline.complaint_case WHERE regino = 'NTs1'")
    assert not [record for record in city.sandbox.history() if record["key"] == "GTs20"][1:]


def test_repairs_are_bounded(city: City) -> None:
    filled(city)
    for place in range(len(DAYS)):
        city.lose_locally(f"NTs{place}")
    checks = city.reconcile(collections=1)
    assert sorted(check.state for check in checks.values() if check.kind == "complaint") == [
        "agreed",
        "open",
        "open",
        "open",
    ]
    for number in range(2):
        city.sandbox.world.remove(f"GZx1{number}")
    city.reconcile(sendings=1)
    sent = [record for record in city.sandbox.history() if str(record["key"]).startswith("GZx1")]
    assert len(sent) == 3


def test_a_second_over_the_cap_keeps_its_day_red_and_is_located(city: City) -> None:
    filled(city)
    for number in range(520):
        city.network(f"B{number:04}", DAY, "11:30:20")
    city.again()
    city.collect()
    for _ in range(2):
        check = city.reconcile()[DAY, "complaint"]
        assert check.state == "incomplete"
        assert check.unexplained == check.explained["gap"] > 0
    [place] = city.local(
        "SELECT DISTINCT to_char(begins AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), ends - begins,"
        " platform_count FROM hotline.count_location"
    )
    assert place == (f"{DAY} 11:30", timedelta(minutes=1), 520)
    city.sandbox.world.remove(*(f"B{number:04}" for number in range(60)))
    assert city.reconcile()[DAY, "complaint"].state == "agreed"


def test_unsent_orders_are_told_by_their_state(city: City) -> None:
    city.collect()
    city.take("waits", DAY)
    city.take("broken", DAY, telnumber="")
    city.take("refused", DAY)
    city.sandbox.set_faults(
        [
            {"kind": "issuc", "interface": COMPLAINT, "key": "refused"},
            {"kind": "status", "status": 500, "interface": COMPLAINT, "key": "waits"},
        ]
    )
    city.run()
    city.take("young", DAY)
    check = city.reconcile()[DAY, "complaint"]
    told = {"waiting": 1, "quarantined": 1, "rejected": 1, "not_collected": 1}
    assert (check.state, check.docking_count, check.explained) == ("agreed", 4, told)


def test_a_docking_row_that_was_marked_collected_without_a_version_is_lost(city: City) -> None:
    city.collect()
    city.take("gone", DAY)
    city.docking("UPDATE docking.complaint_order SET collected_at = now()")
    check = city.reconcile()[DAY, "complaint"]
    assert (check.state, check.unexplained, check.explained) == ("open", 1, {"lost_on_intake": 1})


def test_rows_that_12345_removed_or_moved_to_another_day_are_told(city: City) -> None:
    city.take("removed", DAY)
    city.take("moved", DAY)
    city.carry()
    city.docking("DELETE FROM docking.complaint_order WHERE regino = 'removed'")
    city.docking("UPDATE docking.complaint_order SET registime = %s WHERE regino = 'moved'", f"{DAYS[2]} 08:00:00")
    checks = city.reconcile()
    assert checks[DAY, "complaint"].explained == {"not_in_docking": 2}
    assert checks[DAYS[2], "complaint"].explained == {"other_day": 1}
    assert {check.state for check in checks.values()} == {"agreed"}


def test_a_case_in_quarantine_is_counted_by_the_day_it_names(city: City) -> None:
    filled(city)
    row = {"regino": "NTs1", "registime": f"{DAY} 15:00", "telnumber": "x" * 99}
    city.sandbox.world.replace("NTs1", "complaint_case", Shown(table="complaint_case", row=row))
    city.lose_locally("NTs1")
    check = city.reconcile()[DAY, "complaint"]
    assert (check.state, check.explained) == ("agreed", {"answer_quarantined": 1})


def test_counts_are_kept_apart_from_the_platform_that_gives_none(city: City) -> None:
    filled(city)
    city.sandbox.set_faults([{"kind": "status", "status": 500, "interface": COUNT}])
    checks = city.reconcile()
    assert {(check.state, check.platform_count, check.unexplained) for check in checks.values()} == {
        ("unknown", None, None)
    }
    assert city.local("SELECT count(*) FROM hotline.reconciliation_missing WHERE day = ANY(%s)", DAYS) == [(len(DAYS),)]
    city.sandbox.clear_faults()
    assert city.differing() == {}
    assert city.local("SELECT count(*) FROM hotline.reconciliation_missing WHERE day = ANY(%s)", DAYS) == [(0,)]
