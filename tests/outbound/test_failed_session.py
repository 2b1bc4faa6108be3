"""A session on the local store dies while versions are in flight: they arrive, and are written down as arrived."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.errors import TryAgainLater
from tests.invariants import breaches
from tests.outbound.bridge import call

if TYPE_CHECKING:
    from tests.outbound.bridge import Bridge

AT_ONCE = 8
_END = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND "
SESSIONS = {
    "claims": _END + "query LIKE '%Takes versions%' AND pid <> pg_backend_pid()",
    "results": _END + "query NOT LIKE '%Takes versions%' AND pid <> pg_backend_pid()",
    "both": _END + "pid <> pg_backend_pid()",
}
"""How a session is ended, by what it is for."""


@pytest.mark.parametrize("session", SESSIONS)
def test_what_is_in_flight_is_finished_and_recorded(bridge: Bridge, session: str) -> None:
    # Three rounds: some are in flight when the failure is noticed, and some have not begun.
    rows = AT_ONCE * 3
    bridge.write(*(call(number) for number in range(rows)))
    bridge.take_in()
    bridge = bridge.with_settings(max_concurrency=AT_ONCE)
    bridge.sandbox.set_faults([{"kind": "latency", "interface": "*", "ms": 300, "jitter_ms": 100}])
    with ThreadPoolExecutor() as apart:
        run = apart.submit(bridge.deliver)
        while bridge.sandbox.health()["calls"] < 1:  # type: ignore[operator]  # a count
            time.sleep(0.01)
        assert bridge.local(SESSIONS[session]) == [(2 if session == "both" else 1,)]
        # At rest it is opened again, and the run goes on; in the middle of a statement, the run ends with what it has.
        with suppress(TryAgainLater):
            run.result(30)
    arrived = Counter(record["body_sha256"] for record in bridge.accepted())
    recorded = bridge.local("SELECT encode(body_sha256, 'hex') FROM hotline.delivery WHERE state = 'delivered'")
    assert arrived
    assert {sha for (sha,) in recorded} == set(arrived)
    assert bridge.local("SELECT count(*) FROM hotline.interaction_log") == [(len(arrived),)]

    bridge.deliver()
    assert bridge.states() == {"delivered": rows}
    assert set(Counter(record["body_sha256"] for record in bridge.accepted()).values()) == {1}


def test_a_try_is_written_down_once_where_the_commit_is_not_heard_of(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: list[str] = []

    def break_off(step: str) -> None:
        if step == "batch-settled" and not broken:
            broken.append(step)
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("hotline_bridge.outbound.deliver.reached", break_off)
    bridge.write(*(call(number) for number in range(3)))
    bridge.take_in()
    with suppress(TryAgainLater):
        bridge.deliver()
    bridge.deliver()
    assert broken
    assert bridge.states() == {"delivered": 3}
    assert bridge.local("SELECT count(*), sum(attempt) FROM hotline.interaction_log") == [(3, 3)]
    assert breaches(bridge.stores, bridge.sandbox) == []
