"""A token that changes under a run (reliability F18)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.errors import StopRun
from tests.outbound.bridge import call

if TYPE_CHECKING:
    from tests.outbound.bridge import Bridge

ROWS = 400


def test_a_token_that_changes_in_the_midst_of_a_run_loses_nothing(bridge: Bridge) -> None:
    bridge.write(*(call(number) for number in range(ROWS)))
    bridge.take_in()
    bridge.sandbox.set_faults([{"kind": "unauthorized", "interface": "callinfo", "after": 100}])
    with pytest.raises(StopRun):
        bridge.deliver()
    states = bridge.states()
    assert states["delivered"] >= 100
    assert set(states) == {"delivered", "waiting"}
    assert bridge.local("SELECT count(*) FROM hotline.delivery WHERE claimed_until IS NOT NULL") == [(0,)]
    bridge.sandbox.clear_faults()  # the new token stands in the connection
    bridge.deliver()
    assert bridge.states() == {"delivered": ROWS}
    assert Counter(Counter(record["body_sha256"] for record in bridge.accepted()).values()) == {1: ROWS}
