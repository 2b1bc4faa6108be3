"""SIGKILL after each step and at random, SIGTERM, several runs at once: nothing lost, nothing repeated in vain."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotline_bridge import failpoints
from hotline_bridge.failpoints import OUTBOUND_FAILPOINTS
from hotline_sandbox.sample.load import load_sample
from tests import warm
from tests.invariants import breaches

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

    from hotline_sandbox.sample.load import SampleCounts
    from tests.outbound.bridge import Bridge

SCRIPT = Path(__file__).with_name("run_once.py")


def start(bridge: Bridge, step: str | None = None) -> ForkServerProcess:
    stores = {"DOCKING": bridge.stores.docking, "LOCAL": bridge.stores.local, "PLATFORM": bridge.sandbox.base_url}
    return warm.start(SCRIPT, environment={**os.environ, **stores}, step=step)


def assert_as_if_nothing_had_happened(bridge: Bridge, written: SampleCounts) -> None:
    """No invariant is broken, and the states are those that a clean run would have left."""
    assert breaches(bridge.stores, bridge.sandbox) == []
    for status in bridge.status():
        sampled = written.tables[str(status.interface.table)]
        assert status.copies == sampled.copies
        states = {"delivered": sampled.delivered, "held": sampled.held, "quarantined": sampled.quarantined}
        assert {state: status.versions[state] for state in states} == states
        assert status.versions["superseded"] == sampled.superseded


@pytest.mark.slow
@pytest.mark.parametrize("step", OUTBOUND_FAILPOINTS)
def test_killed_after_a_step(all_logs: Bridge, step: str) -> None:
    written = load_sample(all_logs.stores.docking, rows=600, seed=11)
    assert warm.ended(start(all_logs, step), 60) == -signal.SIGKILL
    all_logs.time_passes()
    all_logs.run()
    assert_as_if_nothing_had_happened(all_logs, written)


def test_no_variable_reaches_the_steps(all_logs: Bridge) -> None:
    load_sample(all_logs.stores.docking, rows=20, seed=11)
    stores = {"DOCKING": all_logs.stores.docking, "LOCAL": all_logs.stores.local, "PLATFORM": all_logs.sandbox.base_url}
    told = {**os.environ, **stores, f"HOTLINE_{'KILL_AT'}": "versions-committed"}
    assert warm.run(SCRIPT, environment=told) == 0
    assert "environ" not in Path(failpoints.__file__).read_text(encoding="utf-8")
    package = Path(failpoints.__file__).parent
    uses = [path.name for path in package.rglob("*.py") if "failpoints.at" in path.read_text(encoding="utf-8")]
    assert uses == [], "what happens at a step is set by tests alone"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_moments(all_logs: Bridge, seed: int) -> None:
    written = load_sample(all_logs.stores.docking, rows=1000, seed=seed)
    all_logs.sandbox.set_faults([{"kind": "latency", "interface": "*", "ms": 5}])
    moments = random.Random(seed)  # noqa: S311  (repeatable, no secret)
    for _ in range(3):
        run = start(all_logs)
        run.join(moments.uniform(0.05, 1.0))
        run.kill()
        run.join()
        all_logs.time_passes()
    all_logs.run()
    assert_as_if_nothing_had_happened(all_logs, written)


@pytest.mark.slow
def test_sigterm_lets_what_is_in_flight_finish(all_logs: Bridge) -> None:
    written = load_sample(all_logs.stores.docking, rows=2000, seed=5)
    all_logs.sandbox.set_faults([{"kind": "latency", "interface": "*", "ms": 50}])
    run = start(all_logs)
    while all_logs.sandbox.health()["calls"] < 50:  # type: ignore[operator]  # a count
        time.sleep(0.02)
    run.terminate()
    assert warm.ended(run, 30) == 0
    assert all_logs.local("SELECT count(*) FROM hotline.delivery WHERE claimed_until IS NOT NULL") == [(0,)]
    assert 0 < all_logs.states()["delivered"] < 1900
    all_logs.sandbox.clear_faults()
    all_logs.deliver()
    assert_as_if_nothing_had_happened(all_logs, written)


@pytest.mark.slow
def test_four_runs_at_once(all_logs: Bridge) -> None:
    written = load_sample(all_logs.stores.docking, rows=2000, seed=6)
    runs = [start(all_logs) for _ in range(4)]
    assert [warm.ended(run) for run in runs] == [0, 0, 0, 0]
    assert_as_if_nothing_had_happened(all_logs, written)
