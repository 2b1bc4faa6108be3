"""Different records that share a key, as after a spreadsheet: no corrections of each other, but held back and told."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_bridge.alerts.conditions import find_alerts
from hotline_bridge.alerts.limits import Limits
from hotline_bridge.by_hand import ByHand
from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound import decisions
from hotline_bridge.outbound.decisions import discard
from hotline_bridge.outbound.overlays import complete
from hotline_bridge.outbound.versions import Record, is_odd_number
from hotline_bridge.store.database import connect
from tests.orders.order_bridge import COMPLAINT, order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.orders.order_bridge import OrderBridge

NUMBER = "440203202611230000000"
ZHANG = {"proname": "张三", "registime": "2026-11-23 10:00:00", "telnumber": "13977700001"}
LI = {"proname": "李四", "registime": "2026-11-24 11:11:11", "telnumber": "13977700002"}
BY = ByHand("tester", "a test")


def test_178_orders_that_became_41_numbers(orders: OrderBridge) -> None:
    """One of each number is sent; the other 137 are in quarantine with their reason, and it is told."""
    people = [
        {"proname": f"甲{n}", "registime": f"2026-11-23 10:{n // 60:02}:{n % 60:02}", "telnumber": f"{13977700000 + n}"}
        for n in range(178)
    ]
    orders.write(
        *(order(COMPLAINT, f"44020320261{n % 41:04}000000", **who) for n, who in enumerate(people)), interface=COMPLAINT
    )

    orders.run()

    assert orders.states() == {"delivered": 41, "quarantined": 137}
    assert orders.local("SELECT DISTINCT reasons FROM hotline.delivery WHERE state = 'quarantined'") == [
        (["regino:shared"],)
    ]
    assert orders.local("SELECT count(*) FROM hotline.delivery WHERE 'regino:odd_number' = ANY(flags)") == [(178,)]
    [status] = [status for status in orders.status() if status.interface.name == COMPLAINT]
    assert status.adds_up and status.open_in("quarantined") == 137
    with connect(orders.stores.local) as local:
        cases = find_alerts(local, Limits(), ["shared_number"])
        [shown, *_] = decisions.find_quarantined(local, decisions.QuarantineFilter())
    assert [(case.subject, case.count) for case in cases] == [(COMPLAINT, 137)]
    assert "不是更正" in shown.reasons_zh


@pytest.mark.parametrize("in_one_batch", [True, False])
@pytest.mark.parametrize("first_is_written_first", [True, False])
def test_the_order_that_is_known_first_has_the_number(
    orders: OrderBridge, in_one_batch: bool, first_is_written_first: bool
) -> None:
    """In either order, in one batch or in two: one is sent, the other is held back, however often it is read."""
    times = ["2026-11-24 01:00+08", "2026-11-24 02:00+08"]
    zhang_at, li_at = times if first_is_written_first else reversed(times)
    orders.write(order(COMPLAINT, NUMBER, **ZHANG), interface=COMPLAINT, written_at=zhang_at)
    if not in_one_batch:
        orders.run()
    orders.write(order(COMPLAINT, NUMBER, **LI), interface=COMPLAINT, written_at=li_at)
    orders.run()
    orders.docking("UPDATE docking.complaint_order SET collected_at = NULL")
    orders.run()

    owner, other = ("张三", "李四") if first_is_written_first or not in_one_batch else ("李四", "张三")
    assert _people(orders, "delivered") == [owner]
    assert _people(orders, "quarantined") == [other]
    assert orders.local("SELECT proname FROM hotline.complaint_order") == [(owner,)]


@pytest.mark.parametrize(
    "correction",
    [
        {"complacontent": "说得更清楚"},
        {"proname": "章三"},
        {"registime": "2026-11-23 10:00:59"},
        {"telnumber": "13977709999"},
        {"proname": "章三", "telnumber": "13977709999"},
    ],
)
def test_a_correction_of_what_names_an_order_still_goes_through(
    orders: OrderBridge, correction: Mapping[str, str]
) -> None:
    """One thing that stays is enough, also after the body was dropped."""
    orders.write(order(COMPLAINT, NUMBER, **ZHANG), interface=COMPLAINT)
    orders.run()
    orders.local("UPDATE hotline.delivery SET body = NULL")
    orders.write(order(COMPLAINT, NUMBER, **{**ZHANG, **correction}), interface=COMPLAINT)
    orders.run()

    assert orders.states() == {"delivered": 2}


def test_another_order_is_told_after_the_body_was_dropped(orders: OrderBridge) -> None:
    """What was sent long ago still has its number."""
    orders.write(order(COMPLAINT, NUMBER, **ZHANG), interface=COMPLAINT)
    orders.run()
    orders.local("UPDATE hotline.delivery SET body = NULL")
    orders.write(order(COMPLAINT, NUMBER, **LI), interface=COMPLAINT)
    orders.run()

    assert orders.states() == {"delivered": 1, "quarantined": 1}


def test_words_for_nobody_are_nobody(orders: OrderBridge) -> None:
    """Two anonymous orders share no person; what an order does not say is no difference."""
    anonymous = {"proname": "匿名", "telnumber": "无"}
    orders.write(order(COMPLAINT, "1", **{**ZHANG, **anonymous}), interface=COMPLAINT)
    orders.write(order(COMPLAINT, "2", **{**ZHANG, **anonymous}), interface=COMPLAINT)
    orders.run()
    orders.write(order(COMPLAINT, "1", **{**LI, **anonymous}), interface=COMPLAINT)
    orders.write(order(COMPLAINT, "2", **ZHANG), interface=COMPLAINT)
    orders.run()

    assert orders.local("SELECT key, state FROM hotline.delivery ORDER BY row_id") == [
        ("1", "delivered"),
        ("2", "delivered"),
        ("1", "quarantined"),
        ("2", "delivered"),
    ]


def test_a_person_says_that_it_is_a_correction(orders: OrderBridge) -> None:
    """All three were wrong: the version is sent, later corrections of it follow, and the decision is on record."""
    _both(orders)
    with connect(orders.stores.local) as local:
        [held] = decisions.find_quarantined(local, decisions.QuarantineFilter())
        assert decisions.release_quarantined(local, [held], BY) == {"quarantined": 1}
        assert decisions.release_quarantined(local, [held], BY, as_correction=True) == {"waiting": 1}
        assert decisions.find_quarantined(local, decisions.QuarantineFilter()) == []
    orders.run()
    orders.write(order(COMPLAINT, NUMBER, **LI, complacontent="再补一句"), interface=COMPLAINT)
    orders.docking("UPDATE docking.complaint_order SET collected_at = NULL")
    orders.run()

    assert orders.states() == {"delivered": 3}
    assert orders.local("SELECT proname FROM hotline.complaint_order") == [("李四",)]
    assert orders.local("SELECT action, state_after FROM hotline.operator_action ORDER BY row_id") == [
        ("release", "quarantined"),
        ("release_as_is", "waiting"),
    ]


def test_several_are_no_correction_at_once(orders: OrderBridge) -> None:
    """Else the newest would take the others' place unseen."""
    _both(orders)
    orders.write(
        order(COMPLAINT, NUMBER, **{**LI, "proname": "王五", "registime": "2026-11-22 08:00:00", "telnumber": "1"}),
        interface=COMPLAINT,
    )
    orders.run()

    with connect(orders.stores.local) as local:
        found = decisions.find_quarantined(local, decisions.QuarantineFilter())
        with pytest.raises(StopRun, match="2 versions of this key"):
            decisions.release_quarantined(local, found, BY, as_correction=True)


def test_the_number_is_free_when_its_order_was_given_up(orders: OrderBridge) -> None:
    """The first was the wrong one and was not sent: given up, it leaves the number to the second."""
    orders.write(order(COMPLAINT, NUMBER, **ZHANG), order(COMPLAINT, NUMBER, **LI), interface=COMPLAINT)
    orders.take_in()
    with connect(orders.stores.local) as local:
        discard(
            local,
            [row_id for (row_id,) in local.execute("SELECT row_id FROM hotline.delivery WHERE state = 'waiting'")],
            BY,
        )
        decisions.release_quarantined(local, decisions.find_quarantined(local, decisions.QuarantineFilter()), BY)
    orders.run()

    assert _people(orders, "delivered") == ["李四"]


def test_completions_lie_over_the_order_that_has_the_number(orders: OrderBridge) -> None:
    """The bureau may correct all that names an order; what another order says of itself does not get under it."""
    orders.write(order(COMPLAINT, NUMBER, **ZHANG), interface=COMPLAINT)
    orders.run()
    with connect(orders.stores.local) as local:
        complete(
            local,
            contract()[COMPLAINT],
            NUMBER,
            values={**ZHANG, "proname": "章三", "telnumber": "13977709999"},
            actor="tester",
        )
    orders.write(order(COMPLAINT, NUMBER, **LI, complacontent="别人的话"), interface=COMPLAINT)
    orders.run()
    with connect(orders.stores.local) as local:
        complete(local, contract()[COMPLAINT], NUMBER, values={"proaddr": "新地址"}, actor="tester")
    orders.run()

    assert orders.local("SELECT proname, proaddr FROM hotline.complaint_order") == [("章三", "新地址")]
    assert _people(orders, "quarantined") == ["李四"]


@dataclass(frozen=True)
class Written:
    """One content that 12345 writes: whose it is, when, and in which run."""

    person: int
    at: datetime
    run: int
    row: Mapping[str, str | None]


def test_no_person_is_lost_under_anothers_number(orders: OrderBridge) -> None:
    """Some people a number, each with corrections of one thing at a time, in any order and over three runs.

    Who has the number is sent, with the newest content last; everybody else's contents are all in quarantine.
    """
    rng = random.Random(20261130)  # noqa: S311  (a fixed seed)
    begin = datetime(2026, 11, 24, tzinfo=UTC)
    written = {
        f"{NUMBER}{n}": [_content(rng, f"{NUMBER}{n}", begin) for _ in range(rng.randint(1, 9))] for n in range(20)
    }
    for run in range(3):
        for one in (one for contents in written.values() for one in contents if one.run == run):
            orders.write(one.row, interface=COMPLAINT, written_at=one.at.isoformat())
        orders.run()

    found = {}
    for key, state, hint in orders.local(
        "SELECT key, state, convert_from(body, 'UTF8')::jsonb ->> 'complacontent' FROM hotline.delivery"
    ):
        found[key, hint] = state
    for key, contents in written.items():
        owner = min(contents, key=lambda one: (one.run, one.at)).person
        own = [one for one in contents if one.person == owner]
        newest = max(own, key=lambda one: one.at)
        assert found[key, newest.row["complacontent"]] == "delivered"
        assert all(found[key, one.row["complacontent"]] in {"delivered", "superseded"} for one in own)
        assert all(found[key, one.row["complacontent"]] == "quarantined" for one in contents if one.person != owner)


def _content(rng: random.Random, key: str, begin: datetime) -> Written:
    person = rng.randint(1, 3)
    names = {"proname": f"甲{person}", "registime": f"2026-11-2{person} 10:00:00", "telnumber": f"1397770000{person}"}
    changed = rng.choice(["", "proname", "registime", "telnumber"])
    fresh = f"{rng.randrange(10**6):06}"
    if changed:
        names[changed] = (
            f"2026-11-0{person} 10:00:{rng.randrange(60):02}" if changed == "registime" else f"{names[changed]}{fresh}"
        )
    at = begin + timedelta(microseconds=rng.randrange(10**10))
    return Written(person, at, rng.randrange(3), order(COMPLAINT, key, complacontent=f"{fresh}{at}", **names))


_NAMES = st.lists(st.sampled_from([None, "a", "b", "c"]), min_size=3, max_size=3)


@given(st.lists(_NAMES, max_size=6), _NAMES)
def test_another_record_differs_in_all_that_both_say(contents: list[list[str | None]], names: list[str | None]) -> None:
    """One equal value makes it the same record; nothing to compare makes it no other."""
    record = Record()
    for content in contents:
        record.add(content)
    both_say = [{content[place] for content in contents} - {None} for place in range(3) if names[place] is not None]
    said = [names[place] for place in range(3) if names[place] is not None]

    is_same = any(name in values for name, values in zip(said, both_say, strict=True))

    assert record.is_other(names) == (any(both_say) and not is_same)


@pytest.mark.parametrize(
    ("number", "is_odd"),
    [
        ("4.40204E+20", True),
        ("4.40204e+20", True),
        ("4,40204E20", True),
        ("4E+20", True),
        ("440203202611230000000", True),
        ("20261123080010000", True),
        ("440203202611.0", True),
        ("'440203202611230100", True),
        ("440203202611230120", False),
        ("440203202611231200", False),
        ("44020320261123010000232", False),
        ("TS20261123000100", False),
        ("1000", False),
        ("E12", False),
        ("G2026112400000001", False),
    ],
)
def test_numbers_as_a_spreadsheet_leaves_them(number: str, is_odd: bool) -> None:
    """An exponent, a fraction, a mark of text, or zeros where digits were."""
    assert is_odd_number(number) is is_odd


def _both(orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, NUMBER, **ZHANG), interface=COMPLAINT)
    orders.run()
    orders.write(order(COMPLAINT, NUMBER, **LI), interface=COMPLAINT)
    orders.run()


def _people(orders: OrderBridge, state: str) -> list[str]:
    return [
        name
        for (name,) in orders.local(
            "SELECT convert_from(body, 'UTF8')::jsonb ->> 'proname' FROM hotline.delivery WHERE state = %s", state
        )
    ]
