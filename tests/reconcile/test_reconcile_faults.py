"""Answers that are none, a platform that comes and goes, runs that are killed or meet: nothing false, nothing twice."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.errors import StopRun
from hotline_bridge.failpoints import RECONCILE_FAILPOINTS
from tests import warm
from tests.invariants import breaches
from tests.orders.order_bridge import COMPLAINT
from tests.reconcile.city import COUNT, DAYS

if TYPE_CHECKING:
    from tests.reconcile.city import City

DAY = DAYS[1]
SENDING_STEPS = ("versions-claimed", "answer-received", "batch-settled")
"""Of the delivery that sends again."""
SCRIPT = Path(__file__).with_name("reconcile_run_once.py")


@pytest.fixture
def small(city: City) -> City:
    """A telephone order on each day, and one of the network."""
    for place, day in enumerate(DAYS):
        city.take(f"G{place}", day, "09:00:15")
        city.network(f"N{place}", day)
    city.carry()
    return city


def run_once(city: City, die_at: str | None = None) -> int:
    environment = {
        **os.environ,
        "DOCKING": city.stores.docking,
        "LOCAL": city.stores.local,
        "PLATFORM": city.sandbox.base_url,
        "DAYS": " ".join(map(str, DAYS)),
    }
    return warm.run(SCRIPT, environment=environment, step=die_at)


@pytest.mark.parametrize("step", [*RECONCILE_FAILPOINTS, *SENDING_STEPS])
def test_a_run_that_is_killed_is_made_good_by_the_next(small: City, step: str) -> None:
    small.lose_locally("N3")
    small.sandbox.world.remove("G1")
    assert run_once(small, die_at=step) == -9
    kept = small.local("SELECT day, state FROM hotline.count_reconciliation WHERE kind = 'complaint' ORDER BY row_id")
    # What was judged before is kept, also of the day that was repaired before the one at which the run died.
    judged = [(day, "open" if day in {DAYS[1], DAYS[3]} else "agreed") for day in reversed(DAYS)]
    fixed = [(DAYS[3], "agreed")] if step not in {"days-counted", "checks-kept", "collected-again"} else []
    assert kept == ([] if step == "days-counted" else judged + fixed)
    assert run_once(small) == 0
    small.deliver()
    small.again()
    small.collect()
    left = small.differing()
    sent = [record for record in small.sandbox.history() if record["key"] == "G1"]
    # Claimed and not sent yet: the one try is spent, and a person is told; otherwise it was sent, once.
    spent = step == "versions-claimed"
    assert left == ({(DAY, "complaint"): 1} if spent else {})
    assert len(sent) == (1 if spent else 2)
    told = {breach[:3] for breach in breaches(small.stores, small.sandbox)}
    assert told == ({("I6", "complaint", str(DAY))} if spent else set())
    assert small.local("SELECT regino FROM hotline.complaint_case WHERE regino = 'N3'")


def test_a_newer_version_is_not_held_up_by_a_sending_that_died(small: City) -> None:
    small.sandbox.world.remove("G1")
    assert run_once(small, die_at="versions-claimed") == -9
    small.take("G1", DAY, "09:00:15", complacontent="补充")
    small.run()
    assert small.local("SELECT state FROM hotline.delivery WHERE key = 'G1' ORDER BY row_id") == [
        ("delivered",),
        ("waiting",),
    ]
    small.local(
        "UPDATE hotline.delivery SET claimed_until = now() - interval '1 second' WHERE claimed_until IS NOT NULL"
    )
    small.run()
    assert small.states() == {"delivered": len(DAYS) + 1}


def test_runs_at_once_send_again_once(small: City) -> None:
    small.sandbox.world.remove("G1", "G2")
    runs = [threading.Thread(target=run_once, args=(small,)) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    for regino in ("G1", "G2"):
        assert len([record for record in small.sandbox.history() if record["key"] == regino]) == 2
    small.again()
    small.collect()
    assert small.differing() == {}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "data", "form": "absent"},
        {"kind": "data", "form": "null"},
        {"kind": "code", "code": "9"},
        {"kind": "status", "status": 500},
        {"kind": "html"},
        {"kind": "empty"},
    ],
)
def test_an_unusable_answer_is_no_count(small: City, fault: dict[str, object]) -> None:
    small.sandbox.set_faults([{**fault, "interface": COUNT}])
    checks = small.reconcile()
    assert {(check.state, check.platform_count) for check in checks.values()} == {("unknown", None)}
    small.sandbox.clear_faults()
    assert small.differing() == {}


def test_a_platform_that_is_down_half_of_the_night_is_caught_up(small: City) -> None:
    small.sandbox.set_faults([{"kind": "status", "status": 503, "interface": COUNT, "probability": 0.5}])
    hurried = replace(small, platform=replace(small.platform, tries=1))
    first = hurried.reconcile()
    assert {"unknown"} <= {check.state for check in first.values()} <= {"unknown", "agreed"}
    small.sandbox.clear_faults()
    assert {check.state for check in small.reconcile().values()} == {"agreed"}


def test_a_refused_window_leaves_the_other_days_alone(small: City) -> None:
    begin, end = f"{DAY:%Y%m%d}000000", f"{DAY:%Y%m%d}235959"
    small.reconcile()
    small.sandbox.set_faults([{"kind": "code", "code": "1004", "interface": COUNT, "key": f"{begin}-{end}"}])
    states = {day: check.state for (day, kind), check in small.reconcile().items() if kind == "complaint"}
    assert states == {day: "unknown" if day == DAY else "agreed" for day in DAYS}


def test_authentication_that_is_refused_stops_the_run(small: City) -> None:
    small.sandbox.set_faults([{"kind": "unauthorized"}])
    with pytest.raises(StopRun, match="refuses AppId"):
        small.reconcile()


def test_what_the_platform_does_not_take_a_second_time_stays_delivered_and_open(small: City) -> None:
    small.sandbox.world.remove("G1")
    small.sandbox.set_faults([{"kind": "issuc", "interface": COMPLAINT}])
    check = small.reconcile()[DAY, "complaint"]
    assert check.repair == {"tries": 1, "collected": 2, "not_accepted": 1}
    assert (check.state, check.unexplained) == ("open", 1)
    assert small.states() == {"delivered": len(DAYS)}


def test_bytes_that_were_dropped_are_those_of_the_docking_row(small: City) -> None:
    [first] = [record for record in small.sandbox.history(bodies=True) if record["key"] == "G1"]
    small.local("UPDATE hotline.delivery SET body = NULL")
    small.sandbox.world.remove("G1")
    assert small.differing() == {}
    again = [record for record in small.sandbox.history(bodies=True) if record["key"] == "G1"]
    assert [record["body"] for record in again] == [first["body"]] * 2


def test_nothing_is_sent_while_its_day_is_not_collected_whole(small: City) -> None:
    small.sandbox.world.remove("G1")
    small.again()
    small.collect()
    small.sandbox.set_faults([{"kind": "status", "status": 500, "interface": "getTsBusiCaseInfoData"}])
    assert small.differing() == {(DAY, "complaint"): 1}
    assert len([record for record in small.sandbox.history() if record["key"] == "G1"]) == 1
    small.sandbox.set_faults([{"kind": "status", "status": 500, "interface": "getShBtgData"}])
    assert small.differing() == {(DAY, "complaint"): 1}
    small.sandbox.clear_faults()
    assert small.differing() == {}
