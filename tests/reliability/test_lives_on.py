"""A sender that is presumed dead and lives on, and a token that changes under a run (reliability F04, F18)."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.errors import StopRun
from tests import outbound, warm
from tests.outbound.bridge import call

if TYPE_CHECKING:
    from tests.outbound.bridge import Bridge

SCRIPT = Path(outbound.__path__[0]) / "run_once.py"
ROWS = 400


def until_seen(bridge: Bridge, calls: int) -> None:
    """The platform has been called so often."""
    give_up_at = time.monotonic() + 120
    while bridge.sandbox.health()["calls"] < calls:  # type: ignore[operator]  # a count
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def test_who_stood_still_beyond_its_lease_undoes_nothing(bridge: Bridge) -> None:
    """Its machine is frozen, its leases end, and another run sends all and then what is newer; then it wakes."""
    bridge.write(*(call(number) for number in range(ROWS)))
    bridge.sandbox.set_faults([{"kind": "latency", "interface": "*", "ms": 30}])
    stores = {"DOCKING": bridge.stores.docking, "LOCAL": bridge.stores.local, "PLATFORM": bridge.sandbox.base_url}
    frozen = warm.start(SCRIPT, environment={**os.environ, **stores})
    until_seen(bridge, 20)
    os.kill(frozen.pid or 0, signal.SIGSTOP)
    bridge.sandbox.clear_faults()
    bridge.time_passes()
    bridge.deliver()
    assert bridge.states() == {"delivered": ROWS}
    bridge.docking("UPDATE docking.call_log SET callno = '222'")
    bridge.run()
    newest = {record["key"]: record["body_sha256"] for record in bridge.accepted()}
    before = bridge.local("SELECT key, state, content_hash FROM hotline.delivery ORDER BY 1, 3")
    os.kill(frozen.pid or 0, signal.SIGCONT)
    assert warm.ended(frozen, 120) in {0, 1}  # it may say that its leases were over
    assert bridge.local("SELECT key, state, content_hash FROM hotline.delivery ORDER BY 1, 3") == before
    accepted = Counter(record["body_sha256"] for record in bridge.accepted())
    assert len(accepted) == 2 * ROWS
    late = {record["key"] for record in bridge.accepted() if newest[record["key"]] != record["body_sha256"]}
    assert late == set(newest), "each key's first content came before its second"
    woken = {record["key"]: record["body_sha256"] for record in bridge.accepted()}
    # What it had in flight when it froze no client can call back; of all else it sends nothing more.
    assert len([key for key in newest if woken[key] != newest[key]]) <= 8
    assert bridge.status()[0].adds_up


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
