"""The order of versions of one key (architecture: never old after new), and what supersedes what."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound import docking_rows
from hotline_bridge.outbound.delivery_queue import DeliveryQueue
from hotline_bridge.store.database import connect_async
from tests.outbound.bridge import Bridge, call

if TYPE_CHECKING:
    from hotline_sandbox.server.control import CallRecord


def callnos(records: list[CallRecord], bridge: Bridge) -> list[str]:
    """What the platform stored, by the caller's number, in its order."""
    bodies = dict(bridge.local("SELECT encode(body_sha256, 'hex'), body FROM hotline.delivery"))
    return [json.loads(bodies[record["body_sha256"]])["callno"] for record in records]


def claim_and_die(bridge: Bridge, *, send: bool = False) -> None:
    """A run that claims what is due, perhaps sends it, and is killed before it settles."""

    async def run() -> None:
        async with await connect_async(bridge.stores.local) as local:
            claimed = await DeliveryQueue(local, uuid4(), timedelta(minutes=3)).claim(
                contract()["callinfo"], fresh=100, due=0
            )
        if send:
            from hotline_bridge.platform_client.client import PlatformClient

            async with PlatformClient(bridge.platform) as client:
                for version in claimed:
                    await client.attempt(version.interface, version.body)

    asyncio.run(run())


def states_in_order(bridge: Bridge) -> list[tuple[str, str]]:
    return [
        (json.loads(body)["callno"], state)
        for body, state in bridge.local("SELECT body, state FROM hotline.delivery ORDER BY row_id")
    ]


@pytest.mark.edge
def test_a_newer_version_supersedes_an_unsent_older_one(bridge: Bridge) -> None:
    bridge.write(call(1, callno="111"))
    bridge.take_in()
    bridge.docking("UPDATE docking.call_log SET callno = '222'")
    bridge.take_in()
    assert states_in_order(bridge) == [("111", "superseded"), ("222", "waiting")]
    bridge.deliver()
    assert callnos(bridge.accepted(), bridge) == ["222"]


def test_in_one_batch_too(bridge: Bridge) -> None:
    bridge.write(call(1, callno="111"), call(1, callno="222"), call(1, callno="333"))
    bridge.run()
    assert callnos(bridge.accepted(), bridge) == ["333"]
    assert bridge.status()[0].adds_up
    assert bridge.states() == {"superseded": 2, "delivered": 1}


def test_equal_written_at_goes_by_the_order_of_intake(bridge: Bridge) -> None:
    for callno in ("111", "222"):
        bridge.write(call(1, callno=callno), written_at="2026-11-23 08:00:00+08")
    bridge.run()
    assert callnos(bridge.accepted(), bridge) == ["222"]


def test_an_older_version_that_arrives_late_is_never_sent(bridge: Bridge) -> None:
    bridge.write(call(1, callno="222"), written_at="2026-11-23 09:00:00+08")
    bridge.run()
    bridge.write(call(1, callno="111"), written_at="2026-11-23 08:00:00+08")
    bridge.run()
    assert callnos(bridge.accepted(), bridge) == ["222"]
    assert bridge.states() == {"delivered": 1, "superseded": 1}
    assert bridge.local("SELECT callno FROM hotline.call_log") == [("222",)]
    assert bridge.local("SELECT count(*) FROM hotline.call_log_history") == [(0,)]


@pytest.mark.parametrize("sent", [False, True])
def test_a_newer_version_waits_for_one_whose_sender_died(bridge: Bridge, sent: bool) -> None:
    bridge.write(call(1, callno="111"))
    bridge.take_in()
    claim_and_die(bridge, send=sent)
    bridge.docking("UPDATE docking.call_log SET callno = '222'")
    bridge.run()
    assert states_in_order(bridge) == [("111", "waiting"), ("222", "waiting")], "nobody knows whether 111 has arrived"
    bridge.time_passes()
    bridge.run()
    assert callnos(bridge.accepted(), bridge) == ["111", *["111"] * sent, "222"]
    assert states_in_order(bridge) == [("111", "delivered"), ("222", "delivered")]


def test_a_newer_version_waits_for_one_whose_answer_was_lost(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([{"kind": "empty", "interface": "callinfo", "stored": True}])
    bridge.write(call(1, callno="111"))
    bridge.run()
    bridge.docking("UPDATE docking.call_log SET callno = '222'")
    bridge.run()
    bridge.sandbox.clear_faults()
    assert states_in_order(bridge) == [("111", "waiting"), ("222", "waiting")]
    bridge.time_passes()
    bridge.run()
    assert callnos(bridge.accepted(), bridge) == ["111", "111", "222"]


def test_what_certainly_did_not_arrive_is_superseded_when_it_settles(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([{"kind": "status", "interface": "callinfo", "status": 404, "count": 1}])
    bridge.write(call(1, callno="111"))
    bridge.run()
    assert bridge.states() == {"waiting": 1}
    bridge.docking("UPDATE docking.call_log SET callno = '222'")
    bridge.run()
    assert callnos(bridge.accepted(), bridge) == ["222"]
    assert states_in_order(bridge) == [("111", "superseded"), ("222", "delivered")]


def test_rows_without_key_are_kept_apart(bridge: Bridge) -> None:
    bridge.write(
        call(1, callid=None, callno="111"), call(1, callid="", callno="222"), call(1, callid=None, callno="111")
    )
    bridge.run()
    assert bridge.states() == {"quarantined": 2}
    assert bridge.status()[0].copies == 1
    assert bridge.status()[0].adds_up


def test_a_corrected_row_takes_the_place_of_its_quarantined_version(bridge: Bridge) -> None:
    bridge.write(call(1, calltype="9"))
    bridge.run()
    bridge.docking("UPDATE docking.call_log SET calltype = '2'")
    bridge.run()
    assert bridge.states() == {"superseded": 1, "delivered": 1}


def test_a_broken_correction_does_not_stop_the_last_good_content(bridge: Bridge) -> None:
    bridge.write(call(1, callno="111"))
    bridge.take_in()
    bridge.docking("UPDATE docking.call_log SET calltype = '9'")
    bridge.run()
    assert bridge.states() == {"delivered": 1, "quarantined": 1}
    assert bridge.local("SELECT callno, calltype FROM hotline.call_log") == [("111", "1")]


def test_equal_content_is_never_sent_again(bridge: Bridge) -> None:
    bridge.write(call(1))
    bridge.run()
    bridge.write(call(1), call(1))
    bridge.docking("UPDATE docking.call_log SET collected_at = NULL")
    bridge.run()
    assert len(bridge.accepted()) == 1
    assert bridge.status()[0].copies == 2


def test_content_that_returns_unsent_is_sent_and_content_that_was_sent_is_counted(bridge: Bridge) -> None:
    bridge.write(call(1, callno="111"))
    bridge.take_in()
    bridge.docking("UPDATE docking.call_log SET callno = '222'")
    bridge.take_in()
    bridge.docking("UPDATE docking.call_log SET callno = '111'")
    bridge.run()
    assert callnos(bridge.accepted(), bridge) == ["111"], "111 was never sent before"
    bridge.docking("UPDATE docking.call_log SET callno = '333'")
    bridge.run()
    bridge.docking("UPDATE docking.call_log SET callno = '111'")
    bridge.run()
    assert callnos(bridge.accepted(), bridge) == ["111", "333"]
    assert bridge.status()[0].reverted == 1
    assert bridge.status()[0].adds_up
    assert bridge.local("SELECT callno FROM hotline.call_log") == [("111",)]


def test_the_typed_table_is_current_and_history_holds_what_was_replaced(bridge: Bridge) -> None:
    for callno in ("111", "222", "333"):
        bridge.write(call(1, callno=callno))
        bridge.run()
    assert bridge.local("SELECT callno, calltime AT TIME ZONE 'Asia/Shanghai' FROM hotline.call_log")[0][0] == "333"
    assert bridge.local("SELECT callno FROM hotline.call_log_history ORDER BY replaced_at") == [("111",), ("222",)]


def test_a_seat_login_is_held_until_the_seat_signs_out(all_logs: Bridge) -> None:
    from tests.outbound.bridge import GOOD

    all_logs.write({**GOOD["seatsignin"], "endtime": None}, interface="seatsignin")
    all_logs.run()
    assert all_logs.states() == {"held": 1}
    assert all_logs.accepted() == []
    all_logs.docking("UPDATE docking.seat_login_log SET endtime = '20261123170000'")
    all_logs.run()
    assert all_logs.states() == {"superseded": 1, "delivered": 1}


def test_a_correction_between_reading_and_marking_stays_uncollected(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge.write(call(1, callno="111"), call(2))

    def correct(step: str) -> None:
        if step == "versions-committed":
            bridge.docking("UPDATE docking.call_log SET callno = '222' WHERE callid LIKE '%%1'")

    monkeypatch.setattr(docking_rows, "reached", correct)
    (counts,) = bridge.take_in()
    monkeypatch.undo()
    assert (counts.rows, counts.collected) == (2, 1)
    assert bridge.status()[0].uncollected == 1
    bridge.run()
    assert sorted(callnos(bridge.accepted(), bridge)) == ["13977712345", "222"]
    assert bridge.status()[0].adds_up
