"""Whatever the platform has not accepted can be given up: counted, not sent, not tried again, and in nobody's way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from hotline_bridge.alerts.conditions import find_alerts
from hotline_bridge.alerts.limits import Limits
from hotline_bridge.by_hand import ByHand
from hotline_bridge.cli.main import app
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound import audit, decisions
from hotline_bridge.outbound.decisions import VersionFilter, find_replayable
from hotline_bridge.outbound.status import OPEN_STATES, STATES, WAYS_OUT, open_counts
from hotline_bridge.store.database import connect
from tests.orders.order_bridge import AUDITED, COMPLAINT, OrderBridge, order
from tests.outbound.bridge import AREA, GOOD, Bridge, call
from tests.outbound.claims import claim_and_die
from tests.outbound.test_leaks import postgres_connection

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

BY = ByHand("op", "12345 确认不需要")
NO = {"kind": "code", "interface": "callinfo", "code": "7001", "msg": "区划未开通"}


@pytest.fixture
def bridge(
    stores: Stores, platform: PlatformSettings, sandbox: SandboxControl, monkeypatch: pytest.MonkeyPatch
) -> Bridge:
    for name, conninfo in (("DOCKING_DB", stores.docking), ("LOCAL_DB", stores.local)):
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", postgres_connection(conninfo))
    return Bridge(stores, platform, sandbox, interfaces_of("telephony"))


def give_up(bridge: Bridge, *states: str, **selection: Any) -> int:
    with connect(bridge.stores.local) as local:
        found = decisions.find_discardable(
            local, VersionFilter(bridge.interfaces, **selection), states or decisions.UNSENT
        )
        return decisions.discard(local, [version.row_id for version in found], BY)


def versions(bridge: Bridge) -> list[tuple[str, bool]]:
    return bridge.local("SELECT state, discarded_at IS NOT NULL FROM hotline.delivery ORDER BY row_id")


def assert_counted(bridge: Bridge, **discarded: int) -> None:
    found: dict[str, int] = {}
    for log in bridge.status():
        assert log.adds_up
        assert log.uncollected == 0
        for state, count in log.discarded.items():
            found[state] = found.get(state, 0) + count
    assert found == discarded


def open_now(bridge: Bridge) -> set[str]:
    with connect(bridge.stores.local) as local:
        return {found.state for found in open_counts(local, bridge.interfaces)}


def alerted(bridge: Bridge) -> set[str]:
    with connect(bridge.stores.local) as local:
        return {case.cause for case in find_alerts(local, Limits())} & {"refused", "backlog", "audit_waiting"}


@pytest.mark.edge
def test_a_refused_version_is_neither_tried_again_nor_alerted(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([NO])
    bridge.write(call(1), call(2))
    bridge.run()
    assert alerted(bridge) == {"refused"}
    assert give_up(bridge, "rejected", keys=[f"{AREA}000001"]) == 1
    assert give_up(bridge, "rejected", keys=[f"{AREA}000001"]) == 0, "once"
    bridge.sandbox.clear_faults()
    bridge.time_passes()
    bridge.deliver()
    assert versions(bridge) == [("rejected", True), ("delivered", False)]
    assert (alerted(bridge), open_now(bridge)) == (set(), set())
    assert_counted(bridge, rejected=1)
    with connect(bridge.stores.local) as local:
        assert find_replayable(local, VersionFilter(bridge.interfaces)) == []
    assert bridge.local(
        "SELECT actor, action, key, state_before, state_after, reason FROM hotline.operator_action"
    ) == [("op", "discard", f"{AREA}000001", "rejected", "rejected", BY.reason)]


def test_content_that_was_given_up_stays_so_and_a_correction_is_sent(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([NO])
    bridge.write(call(1))
    bridge.run()
    give_up(bridge)
    bridge.sandbox.clear_faults()
    bridge.write(call(1))
    bridge.run()
    assert versions(bridge) == [("rejected", True)]
    bridge.write(call(1, calltype="2"))
    bridge.run()
    assert versions(bridge) == [("superseded", True), ("delivered", False)]
    bridge.write(call(1))
    bridge.run()
    assert versions(bridge) == [("superseded", True), ("delivered", False)]
    assert_counted(bridge, superseded=1)


def test_a_version_that_may_have_arrived_holds_no_newer_one_back_once_it_is_given_up(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([{"kind": "empty", "interface": "callinfo"}])
    bridge.write(call(1))
    bridge.run()
    bridge.write(call(1, calltype="2"))
    bridge.take_in()
    assert give_up(bridge, "waiting", keys=[f"{AREA}000001"]) == 2
    bridge.write(call(1, calltype="1", callno="0751"))
    bridge.sandbox.clear_faults()
    bridge.time_passes()
    bridge.run()
    assert versions(bridge) == [("superseded", True), ("superseded", True), ("delivered", False)]
    assert len(bridge.accepted()) == 1
    assert_counted(bridge, superseded=2)


def test_what_waited_is_held_and_the_run_has_nothing_to_do(bridge: Bridge) -> None:
    bridge.write(call(1), call(2, calltype="9"))
    bridge.write(GOOD["seatsignin"] | {"endtime": None}, interface="seatsignin")
    bridge.take_in()
    assert open_now(bridge) == {"waiting", "held", "quarantined"}
    assert give_up(bridge) == 2
    assert open_now(bridge) == {"quarantined"}
    bridge.run()
    assert bridge.accepted() == []
    assert_counted(bridge, held=2)
    # The seat signs out after all: that is other content.
    bridge.docking("UPDATE docking.seat_login_log SET endtime = '20261123170000'")
    bridge.run()
    assert len(bridge.accepted()) == 1


def test_what_is_in_flight_or_accepted_is_left_alone(bridge: Bridge) -> None:
    bridge.write(call(1))
    bridge.take_in()
    claim_and_die(bridge, sent=False)
    assert give_up(bridge) == 0
    ((row_id,),) = bridge.local("SELECT row_id FROM hotline.delivery")
    with connect(bridge.stores.local) as local:
        assert decisions.discard(local, [row_id], BY) == 0
        bridge.time_passes()
        bridge.deliver()
        assert decisions.discard(local, [row_id], BY) == 0
    assert versions(bridge) == [("delivered", False)]


def test_an_order_that_is_given_up_waits_for_no_decision(bridge: Bridge) -> None:
    orders = OrderBridge(bridge.stores, bridge.platform, bridge.sandbox, interfaces_of("order"), AUDITED)
    orders.write(order(COMPLAINT), interface=COMPLAINT)
    orders.take_in()
    assert give_up(orders, "held") == 1
    with connect(bridge.stores.local) as local:
        assert audit.find_audited(local) == []
        orders.local("UPDATE hotline.delivery SET taken_in_at = now() - interval '9 days'")
        assert alerted(bridge) == set()
    orders.take_in()
    assert_counted(orders, held=1)


def test_the_command_names_what_it_means_and_asks(bridge: Bridge) -> None:
    def hotline(*words: str, answer: str | None = None) -> str:
        done = CliRunner().invoke(app, words, input=answer, catch_exceptions=False, env={"COLUMNS": "200"})
        return f"{done.exit_code} {done.output}"

    bridge.sandbox.set_faults([NO])
    bridge.write(call(1), call(2, calltype="9"))
    bridge.run()
    bridge.write(call(3))
    bridge.take_in()
    status = hotline("status")
    for way in ("hotline replay --flow telephony", "hotline discard --flow telephony", "hotline quarantine discard"):
        assert way in status
    dry = hotline("discard", "--dry-run")
    assert "1 versions would be discarded; nothing was changed" in dry
    assert "区划未开通" in dry
    assert GOOD["callinfo"]["callno"] not in dry
    assert "a state is one of" in hotline("discard", "--state", "delivered")
    with pytest.raises(StopRun, match="needs a reason"):
        hotline("discard", "--state", "rejected", "--reason", "", "--yes")
    assert hotline("discard", "--message", "区划", answer="不需要\nn\n").startswith("1 ")
    assert "0 versions discarded" in hotline("discard", "--code", "7002", "--reason", "不需要", "--yes")
    assert "1 versions discarded" in hotline("discard", "--message", "区划", answer="不需要\ny\n")
    assert "1 versions discarded" in hotline("discard", "--state", "waiting", "--reason", "不需要", "--yes")
    assert "1 versions discarded" in hotline(
        "quarantine", "discard", "--rule", "calltype:code", "--reason", "不需要", "--yes"
    )
    assert versions(bridge) == [("rejected", True), ("quarantined", True), ("held", True)]
    assert "hotline discard" not in hotline("status")


def test_every_state_that_can_last_has_a_command() -> None:
    assert WAYS_OUT.keys() == {state for state in STATES if state not in {"delivered", "superseded"}}
    assert {*OPEN_STATES} - {"retrying"} == WAYS_OUT.keys()
    for commands in WAYS_OUT.values():
        for command in commands:
            words = [word for word in command.format(flow="order").split()[1:] if not word.startswith("-")]
            assert (
                CliRunner().invoke(app, [*words[: 2 if words[0] in {"audit", "quarantine"} else 1], "--help"]).exit_code
                == 0
            )
