"""Orders that share a number count one by one: a day on which an order went nowhere does not agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.by_hand import ByHand
from hotline_bridge.outbound import decisions
from hotline_bridge.outbound.decisions import discard
from hotline_bridge.store.database import connect
from tests.reconcile.city import DAYS

if TYPE_CHECKING:
    from datetime import date

    from hotline_bridge.reconcile.evaluate import Check
    from tests.reconcile.city import City

BY = ByHand("tester", "a test")
NUMBER = "440203202611230000000"
ZHANG = {"proname": "张三", "telnumber": "13977700001"}
LI = {"proname": "李四", "telnumber": "13977700002"}


def test_orders_that_share_a_number_count_one_by_one(city: City) -> None:
    """Of five people on three days under one number one is with the platform: four are missed, each on its day."""
    for number, day in enumerate([DAYS[0], DAYS[0], DAYS[1], DAYS[1], DAYS[2]]):
        city.take(NUMBER, day, f"10:00:0{number}", proname=f"甲{number}", telnumber=f"1397770000{number}")
    city.carry()

    checks = city.reconcile()

    found = {day: _told(checks, day) for day in DAYS[:3]}
    assert found == {
        DAYS[0]: ("open", 2, {"shared_number": 1}),
        DAYS[1]: ("open", 2, {"shared_number": 2}),
        DAYS[2]: ("open", 1, {"shared_number": 1}),
    }


def test_the_order_that_came_first_agrees_on_its_own_day(city: City) -> None:
    """The one that was sent is the one that the store took in first, not the one that 12345 wrote last."""
    city.take(NUMBER, DAYS[0], "10:00:00", **ZHANG)
    city.carry()
    city.take(NUMBER, DAYS[1], "10:00:00", **LI)
    city.carry()

    checks = city.reconcile()

    assert _told(checks, DAYS[0]) == ("agreed", 1, {})
    assert _told(checks, DAYS[1]) == ("open", 1, {"shared_number": 1})


def test_a_person_settles_a_shared_number(city: City) -> None:
    """Given up, it is explained; said to be a correction, it is no order of its own."""
    for number in ("1", "2"):
        city.take(number, DAYS[0], "10:00:00", **ZHANG)
        city.take(number, DAYS[0], "11:00:00", **LI)
    city.carry()
    assert _told(city.reconcile(), DAYS[0]) == ("open", 4, {"shared_number": 2})

    with connect(city.stores.local) as local:
        given_up, corrected = decisions.find_quarantined(local, decisions.QuarantineFilter())
        discard(local, [given_up.row_id], BY)
        decisions.release_quarantined(local, [corrected], BY, as_correction=True)
    city.carry()

    assert _told(city.reconcile(), DAYS[0]) == ("agreed", 3, {"discarded": 1})


def test_what_an_older_release_let_take_anothers_place_is_found(city: City) -> None:
    """Both contents counted for one order: the complaint that was replaced before it was sent is missed."""
    city.take(NUMBER, DAYS[0], "10:00:00", **ZHANG)
    city.take(NUMBER, DAYS[0], "11:00:00", **LI)
    city.take_in()
    city.local("UPDATE hotline.delivery SET state = 'superseded', next_attempt_at = NULL WHERE state = 'waiting'")
    city.local(
        "UPDATE hotline.delivery SET state = 'waiting', reasons = '{}', next_attempt_at = now()"
        " WHERE state = 'quarantined'"
    )
    city.carry()

    assert _told(city.reconcile(), DAYS[0])[2]["shared_number"] == 1


def test_rows_of_one_order_are_one_order(city: City) -> None:
    """Copies, and corrections of its text, its person, its telephone and its time, however many rows they are."""
    city.take(NUMBER, DAYS[0], "10:00:00", **ZHANG)
    city.take(NUMBER, DAYS[0], "10:00:00", **ZHANG)
    city.take(NUMBER, DAYS[0], "10:00:00", complacontent="另有补充", **ZHANG)
    city.take(NUMBER, DAYS[0], "10:00:00", **{**ZHANG, "proname": "章三"})
    city.take(NUMBER, DAYS[0], "10:00:00", **{**LI, "proname": "章三"})
    city.carry()

    assert _told(city.reconcile(), DAYS[0]) == ("agreed", 1, {})


def test_what_nobody_has_taken_in_yet_is_not_shared(city: City) -> None:
    """A second order of a number that was written a minute ago is explained for a while."""
    city.take(NUMBER, DAYS[0], "10:00:00", **ZHANG)
    city.carry()
    city.take(NUMBER, DAYS[0], "11:00:00", **LI)

    assert _told(city.reconcile(), DAYS[0]) == ("agreed", 2, {"not_collected": 1})


def _told(checks: dict[tuple[date, str], Check], day: date) -> tuple[str, int, dict[str, int]]:
    check = checks[day, "complaint"]
    told = {name: count for name, count in check.explained.items() if name not in {"other_day", "not_in_docking"}}
    return check.state, check.docking_count, told
