"""Telephony: docking rows = versions by state + copies, log by log and day of writing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.reconcile.days import bounds
from hotline_bridge.reconcile.run import failures_of_run
from hotline_bridge.reconcile.sides import ages_of
from hotline_bridge.reconcile.telephony import check_logs
from hotline_bridge.store.database import connect
from tests.outbound.bridge import Bridge, call
from tests.reconcile.city import DAYS

if TYPE_CHECKING:
    from datetime import date

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_bridge.reconcile.evaluate import Check
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

DAY = DAYS[1]


@pytest.fixture
def calls(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> Bridge:
    return Bridge(stores, platform, sandbox, interfaces_of("telephony"))


def checked(bridge: Bridge) -> dict[tuple[date, str], Check]:
    with connect(bridge.stores.docking) as docking, connect(bridge.stores.local) as local:
        failures = failures_of_run(docking, local)
        checks = check_logs(docking, local, DAYS, ages_of(bridge.platform), failures)
        failures.check()
        return {(check.day, check.kind): check for check in checks}


def at(day: date, clock: str = "12:00:00") -> str:
    return f"{day} {clock}+08"


def test_every_row_is_a_version_in_a_state_or_a_copy(calls: Bridge) -> None:
    calls.write(call(1), call(2), call(3), call(3), written_at=at(DAY))
    calls.write(call(4, callno=""), call(5), written_at=at(DAY, "00:00:00"))
    calls.sandbox.set_faults([{"kind": "issuc", "interface": "callinfo", "key": str(call(5)["callid"])}])
    calls.run()
    calls.write(call(6), written_at=at(DAY, "23:59:59"))
    calls = calls.with_settings(explain_not_collected_h=9e3)
    checks = checked(calls)
    check = checks[DAY, "call_log"]
    assert check.explained == {"delivered": 3, "quarantined": 1, "rejected": 1, "copies": 1, "not_collected": 1}
    assert (check.docking_count, check.delivered_count, check.platform_count, check.local_count) == (7, 3, None, 6)
    assert check.docking_count == sum(check.explained.values())
    assert {check.state for check in checks.values()} == {"agreed"}
    assert len(checks) == len(interfaces_of("telephony")) * len(DAYS)


def test_a_copy_of_a_later_day_and_a_correction_add_up_on_each_day(calls: Bridge) -> None:
    calls.write(call(1), written_at=at(DAY))
    calls.run()
    calls.write(call(1), call(1, callno="13977712346"), written_at=at(DAYS[2]))
    calls.run()
    checks = checked(calls)
    assert checks[DAY, "call_log"].explained == {"delivered": 1}
    assert checks[DAYS[2], "call_log"].explained == {"delivered": 1, "copies": 1}


def test_a_row_marked_collected_that_has_no_version_is_lost(calls: Bridge) -> None:
    calls.write(call(1), written_at=at(DAY))
    calls.docking("UPDATE docking.call_log SET collected_at = now()")
    check = checked(calls)[DAY, "call_log"]
    assert (check.state, check.unexplained, check.explained) == ("open", 1, {"lost": 1})
    kept = calls.local(
        "SELECT state, unexplained FROM hotline.count_reconciliation WHERE day = %s AND kind = 'call_log'", DAY
    )
    assert kept == [("open", 1)]


def test_days_are_those_of_shanghai(calls: Bridge) -> None:
    begin, _ = bounds(DAY)
    calls.write(call(1), written_at=(begin - timedelta(microseconds=1)).isoformat())
    calls.write(call(2), written_at=begin.isoformat())
    calls.run()
    checks = checked(calls)
    assert checks[DAYS[0], "call_log"].docking_count == checks[DAY, "call_log"].docking_count == 1
