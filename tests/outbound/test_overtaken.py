"""A version that a newer one overtakes ends, whatever became of it, and never blocks the newer one.

See architecture: never old after new.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.outbound.bridge import call
from tests.outbound.claims import claim_and_die, claim_and_give_back

if TYPE_CHECKING:
    from tests.outbound.bridge import Bridge

REFUSES: dict[str, object] = {"kind": "code", "interface": "callinfo", "code": "7001", "msg": "区划未开通"}


def correct(bridge: Bridge, callno: str) -> None:
    """12345 changes its one row in place, and the next intake sees it."""
    bridge.docking("UPDATE docking.call_log SET callno = %s", callno)
    bridge.take_in()


def states(bridge: Bridge) -> dict[str, str]:
    """State of each version, by its caller's number."""
    found = bridge.local("SELECT body, state FROM hotline.delivery ORDER BY row_id")
    return {json.loads(body)["callno"]: state for body, state in found}


def heard(bridge: Bridge) -> list[str]:
    """What the platform stored, by the caller's number, in its order."""
    return [
        json.loads(str(record["body"]))["callno"]
        for record in bridge.sandbox.history(bodies=True)
        if record["accepted"]
    ]


def refused(bridge: Bridge) -> None:
    """One version, 111, that the platform refused, due again."""
    bridge.sandbox.set_faults([REFUSES])
    bridge.write(call(1, callno="111"))
    bridge.run()
    bridge.sandbox.clear_faults()
    assert states(bridge) == {"111": "rejected"}
    bridge.time_passes()


@pytest.mark.parametrize("sent", [False, True])
def test_a_refused_version_whose_sender_died_settles_and_then_the_newer_one_goes(bridge: Bridge, sent: bool) -> None:
    refused(bridge)
    assert len(claim_and_die(bridge, sent=sent)) == 1
    correct(bridge, "222")
    bridge.deliver()
    assert states(bridge) == {"111": "rejected", "222": "waiting"}, "nobody knows whether 111 has arrived"
    bridge.time_passes()
    bridge.deliver()
    assert states(bridge) == {"111": "delivered", "222": "delivered"}
    assert heard(bridge) == ["111"] * (1 + sent) + ["222"]


def test_the_same_when_a_second_run_gives_it_back_unsent(bridge: Bridge) -> None:
    refused(bridge)
    claim_and_die(bridge, sent=False)
    bridge.time_passes()
    assert claim_and_give_back(bridge, lambda _: correct(bridge, "222")) == 1
    bridge.deliver()
    assert heard(bridge) == ["111", "222"], "what may have arrived is settled before the newer one"


def test_what_is_given_back_unsent_is_superseded_when_a_newer_one_came_meanwhile(bridge: Bridge) -> None:
    bridge.write(call(1, callno="111"))
    bridge.take_in()
    assert claim_and_give_back(bridge, lambda _: correct(bridge, "222")) == 1
    assert states(bridge) == {"111": "superseded", "222": "waiting"}
    bridge.deliver()
    assert heard(bridge) == ["222"]
    assert bridge.local("SELECT claimed_by, claimed_until FROM hotline.delivery") == [(None, None)] * 2


def test_a_refused_one_too(bridge: Bridge) -> None:
    refused(bridge)
    assert claim_and_give_back(bridge, lambda _: correct(bridge, "222")) == 1
    bridge.deliver()
    assert states(bridge) == {"111": "superseded", "222": "delivered"}


def test_what_is_given_back_is_as_fresh_as_before(bridge: Bridge) -> None:
    bridge.write(call(1), call(2))
    bridge.take_in()
    assert claim_and_give_back(bridge, lambda _: None) == 2
    assert bridge.local("SELECT DISTINCT state, rounds, attempts, claimed_by FROM hotline.delivery") == [
        ("waiting", 0, 0, None)
    ]


def test_a_refusal_after_an_unknown_outcome_does_not_stay_when_a_newer_one_waits(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([{"kind": "empty", "interface": "callinfo"}])
    bridge.write(call(1, callno="111"))
    bridge.run()
    correct(bridge, "222")
    bridge.sandbox.set_faults([{**REFUSES, "count": 1}])
    bridge.time_passes()
    bridge.deliver()
    assert states(bridge) == {"111": "superseded", "222": "delivered"}, "nobody would ever try 111 again"


def test_a_copy_written_later_moves_nothing_to_history(bridge: Bridge) -> None:
    bridge.write(call(1, callno="111"))
    bridge.run()
    bridge.write(call(1, callno="111"))
    bridge.run()
    assert bridge.local("SELECT count(*) FROM hotline.call_log_history") == [(0,)]
    bridge.write(call(1, callno="222"))
    bridge.run()
    assert bridge.local("SELECT callno FROM hotline.call_log_history") == [("111",)]
    ((newest,),) = bridge.docking("SELECT max(written_at) FROM docking.call_log")
    assert bridge.local("SELECT callno, written_at FROM hotline.call_log") == [("222", newest)]


def test_a_content_that_returned_is_counted_only_while_the_platform_shows_another(bridge: Bridge) -> None:
    bridge.write(call(1, callno="111"))
    bridge.run()
    for callno, reverted in [("222", 0), ("111", 1), ("333", 0), ("222", 1), ("111", 1), ("444", 0)]:
        correct(bridge, callno)
        bridge.deliver()
        assert bridge.status()[0].reverted == reverted, callno
    assert heard(bridge) == ["111", "222", "333", "444"]
