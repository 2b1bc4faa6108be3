"""Beyond its age an explanation explains nothing, and the day is red (architecture: explanations have an age)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import StopRun
from hotline_bridge.platform_client.settings import read_settings
from hotline_bridge.reconcile.run import failures_of_run
from hotline_bridge.reconcile.sides import ages_of
from hotline_bridge.reconcile.telephony import check_logs
from hotline_bridge.store.database import connect
from tests.orders.order_bridge import AUDITED, COMPLAINT
from tests.outbound.bridge import GOOD, Bridge, call
from tests.reconcile.city import DAYS

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_bridge.reconcile.evaluate import Check
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores
    from tests.reconcile.city import City

DAY = DAYS[1]
ABSURD = [None, "-infinity", "infinity", "9999-12-31 00:00:00+08"]
AGES = {"waiting": 24, "rejected": 168, "held": 72}


def complaint(city: City) -> Check:
    return city.reconcile(repair=False)[DAY, "complaint"]


@pytest.mark.parametrize("written_at", ABSURD)
def test_an_order_that_was_never_read_does_not_agree_whatever_its_time_of_writing(
    city: City, written_at: str | None
) -> None:
    city.collect()
    city.take("old", DAY)
    city.docking("ALTER TABLE docking.complaint_order ALTER written_at DROP NOT NULL, DISABLE TRIGGER USER")
    city.docking("UPDATE docking.complaint_order SET written_at = %s", written_at)
    check = complaint(city)
    assert (check.state, check.unexplained, check.explained) == ("open", 1, {"late_not_collected": 1})
    assert check.docking_count == 1


def test_a_row_that_is_not_taken_in_explains_for_an_hour(city: City) -> None:
    city.collect()
    city.take("young", DAY)
    assert complaint(city).explained == {"not_collected": 1}
    city.docking("UPDATE docking.complaint_order SET written_at = now() - interval '61 minutes'")
    check = complaint(city)
    assert (check.state, check.explained) == ("open", {"late_not_collected": 1})
    patient = replace(city, platform=replace(city.platform, explain_not_collected_h=2.0))
    assert complaint(patient).state == "agreed"


@pytest.mark.parametrize("state", AGES)
def test_a_state_explains_up_to_its_age_and_no_longer(city: City, state: str) -> None:
    city.collect()
    if state == "held":
        city = replace(city, policy=AUDITED)
    fault = {"waiting": {"kind": "status", "status": 500}, "rejected": {"kind": "issuc"}}.get(state)
    city.sandbox.set_faults([{**fault, "interface": COMPLAINT}] if fault else [])
    city.take("G1", DAY)
    city.run()
    check = complaint(city)
    assert (check.state, check.explained) == ("agreed", {state: 1})
    city.local("UPDATE hotline.delivery SET taken_in_at = now() - make_interval(hours => %s)", AGES[state] - 1)
    assert complaint(city).state == "agreed"
    city.local("UPDATE hotline.delivery SET taken_in_at = now() - make_interval(hours => %s)", AGES[state] + 1)
    check = complaint(city)
    assert (check.state, check.unexplained, check.explained) == ("open", 1, {f"late_{state}": 1})
    # What no collecting can fix is not collected again night after night.
    asked = city.requests()
    assert city.reconcile()[DAY, "complaint"].repair is None
    assert city.requests() - asked == len(DAYS)
    patient = replace(city, platform=replace(city.platform, **{f"explain_{state}_h": AGES[state] + 2.0}))  # type: ignore[arg-type]
    assert complaint(patient).state == "agreed"
    city.local("UPDATE hotline.delivery SET discarded_at = now()")
    assert complaint(city).state == "agreed", "a person has decided"


def test_an_order_that_the_audit_returned_is_never_late(city: City) -> None:
    city.collect()
    held = replace(city, policy=AUDITED)
    held.take("G1", DAY)
    held.run()
    city.local(
        "INSERT INTO hotline.order_audit (interface, regino, content_hash, decision, office, person, reason)"
        " SELECT interface, key, content_hash, 'return', 'x', 'x', 'x' FROM hotline.delivery"
    )
    city.local("UPDATE hotline.delivery SET taken_in_at = now() - interval '1 year'")
    check = complaint(city)
    assert (check.state, check.explained) == ("agreed", {"returned_by_audit": 1})


def test_without_a_count_of_the_platform_what_is_late_is_red_all_the_same(city: City) -> None:
    city.collect()
    city.take("G1", DAY)
    city.docking("UPDATE docking.complaint_order SET written_at = '2020-01-01'")
    city.sandbox.set_faults([{"kind": "status", "status": 500, "interface": "numcaseinfo"}])
    check = complaint(city)
    assert (check.state, check.unexplained, check.platform_count) == ("open", 1, None)


def logs_of(bridge: Bridge) -> dict[tuple[object, str], Check]:
    with connect(bridge.stores.docking) as docking, connect(bridge.stores.local) as local:
        failures = failures_of_run(docking, local)
        checks = check_logs(docking, local, DAYS, ages_of(bridge.platform), failures)
        failures.check()
        return {(check.day, check.kind): check for check in checks}


@pytest.fixture
def calls(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> Bridge:
    return Bridge(stores, platform, sandbox, interfaces_of("telephony"))


@pytest.mark.parametrize("written_at", ABSURD)
def test_a_log_row_that_was_never_read_reddens_the_last_day(calls: Bridge, written_at: str | None) -> None:
    calls.docking("ALTER TABLE docking.call_log ALTER written_at DROP NOT NULL")
    calls.write(call(1), written_at=f"{DAYS[-1]} 12:00:00+08")
    calls.take_in()
    calls.write(call(2))
    calls.docking("UPDATE docking.call_log SET written_at = %s WHERE collected_at IS NULL", written_at)
    check = logs_of(calls)[DAYS[-1], "call_log"]
    assert (check.state, check.unexplained) == ("open", 1)
    assert check.explained == {"waiting": 1, "late_not_collected": 1}
    assert (check.docking_count, check.local_count) == (2, 1)


def test_a_seat_that_never_signs_out_is_held_for_a_while_only(calls: Bridge) -> None:
    calls.write({**GOOD["seatsignin"], "endtime": ""}, interface="seatsignin", written_at=f"{DAY} 12:00:00+08")
    calls.take_in()
    assert logs_of(calls)[DAY, "seat_login_log"].explained == {"held": 1}
    calls.local("UPDATE hotline.delivery SET taken_in_at = now() - interval '73 hours'")
    check = logs_of(calls)[DAY, "seat_login_log"]
    assert (check.state, check.explained) == ("open", {"late_held": 1})


def test_ages_are_extras_of_the_connection() -> None:
    read = read_settings("http://p", "a", "t", {"explain_held_h": "12", "explain_waiting_h": 0.5})
    assert (read.explain_held_h, read.explain_waiting_h, read.explain_rejected_h) == (12.0, 0.5, 168.0)
    with pytest.raises(StopRun, match="explain_rejected_h"):
        read_settings("http://p", "a", "t", {"explain_rejected_h": 0})
