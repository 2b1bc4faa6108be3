"""Tries, waits, refusals, the breaker, and what the interaction log keeps of each (architecture: tries and waits)."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.outbound.delivery_queue import DeliveryQueue
from hotline_bridge.tasks.outbound import failing
from tests.outbound.bridge import AREA, GOOD, Bridge, call

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline_bridge.outbound.delivery_queue import Lease

HANG = {"kind": "hang", "interface": "callinfo"}


def fault(kind: str, **options: object) -> dict[str, object]:
    return {"kind": kind, "interface": "callinfo", **options}


def wait_s(bridge: Bridge) -> float:
    """Seconds until the one version is due again."""
    ((seconds,),) = bridge.local("SELECT extract(epoch FROM next_attempt_at - now())::float FROM hotline.delivery")
    return float(seconds)


def log(bridge: Bridge) -> list[tuple[Any, ...]]:
    return bridge.local("SELECT attempt, outcome, http_status, code FROM hotline.interaction_log ORDER BY row_id")


def test_a_missing_answer_is_tried_four_times_at_once_then_waits_longer_and_longer(bridge: Bridge) -> None:
    bridge = bridge.with_settings(timeout_s=0.8)
    bridge.sandbox.set_faults([HANG])
    bridge.write(call(1))
    bridge.run()
    assert [(attempt, outcome) for attempt, outcome, _, _ in log(bridge)] == [
        (number, "no_answer") for number in (1, 2, 3, 4)
    ]
    assert bridge.states() == {"waiting": 1}
    assert 40 < wait_s(bridge) <= 60
    for longest in (120, 240, 480, 960, 1920, 3600, 3600):
        bridge.time_passes()
        bridge.deliver()
        assert 0.7 * longest < wait_s(bridge) <= longest
    bridge.sandbox.clear_faults()
    bridge.time_passes()
    bridge.deliver()
    assert bridge.states() == {"delivered": 1}
    assert log(bridge)[-1][:2] == (33, "delivered"), "tries are counted over all rounds"


def test_every_try_sends_the_same_bytes_and_is_logged(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([fault("reset_after", count=1)])
    bridge.write(call(1))
    bridge.run()
    assert bridge.states() == {"delivered": 1}
    history = bridge.sandbox.history()
    assert [record["accepted"] for record in history] == [True, True]
    ((sha,),) = bridge.local("SELECT encode(sha256(body), 'hex') FROM hotline.delivery")
    assert {record["body_sha256"] for record in history} == {sha}
    rows = bridge.local(
        "SELECT interface, key, attempt, outcome, http_status, code, encode(body_sha256, 'hex'), elapsed_ms > 0,"
        " now() - started_at < interval '1 minute' FROM hotline.interaction_log ORDER BY row_id"
    )
    key = call(1)["callid"]
    assert rows == [
        ("callinfo", key, 1, "no_answer", None, None, sha, True, True),
        ("callinfo", key, 2, "delivered", 200, "0", sha, True, True),
    ]


def test_both_success_forms(bridge: Bridge) -> None:
    bridge.write(call(1))
    bridge.run()
    assert log(bridge) == [(1, "delivered", 200, "0")]


@pytest.mark.parametrize(
    "spoiled",
    [
        fault("html"),
        fault("empty"),
        fault("truncated"),
        fault("charset"),
        fault("reset_before"),
        fault("garbage"),
        fault("redirect"),
        fault("status", status=500),
        fault("status", status=404),
        *(fault("malformed", variant=variant) for variant in ("null", "list", "cut", "bom", "nan", "duplicate_keys")),
    ],
    ids=lambda spoiled: str(spoiled.get("variant") or spoiled.get("status") or spoiled["kind"]),
)
def test_what_is_no_clear_yes_or_no_waits(bridge: Bridge, spoiled: dict[str, object]) -> None:
    bridge.sandbox.set_faults([spoiled])
    bridge.write(call(1))
    bridge.run()
    assert bridge.states() == {"waiting": 1}
    bridge.sandbox.clear_faults()
    bridge.time_passes()
    bridge.run()
    assert bridge.states() == {"delivered": 1}


@pytest.mark.parametrize("refusing", [fault("code", code="7001", msg="区划未开通"), fault("issuc")])
def test_a_refusal_is_parked_with_its_message_and_tried_daily_for_a_week(
    bridge: Bridge, refusing: dict[str, object]
) -> None:
    bridge.sandbox.set_faults([refusing])
    bridge.write(call(1))
    bridge.run()
    assert bridge.states() == {"rejected": 1}
    if refusing["kind"] == "code":
        assert bridge.local("SELECT code, message FROM hotline.delivery") == [("7001", "区划未开通")]
    assert 86_000 < wait_s(bridge) <= 86_400
    bridge.deliver()
    assert len(log(bridge)) == 1, "not due before a day is over"
    bridge.time_passes()
    bridge.deliver()
    assert len(log(bridge)) == 2
    bridge.local("UPDATE hotline.delivery SET first_refused_at = now() - interval '8 days'")
    bridge.time_passes()
    bridge.deliver()
    assert bridge.local("SELECT state, next_attempt_at FROM hotline.delivery") == [("rejected", None)]
    bridge.sandbox.clear_faults()


def test_a_listed_code_means_try_again_and_a_listed_code_means_stored_already(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([fault("code", code="7001", key=call(1)["callid"]), fault("code", code="7002")])
    bridge.write(call(1), call(2))
    bridge.with_settings(retry_codes=frozenset({"7001"}), duplicate_codes=frozenset({"7002"})).run()
    states = dict(bridge.local("SELECT key, state FROM hotline.delivery"))
    assert states == {call(1)["callid"]: "waiting", call(2)["callid"]: "delivered"}


@pytest.mark.parametrize("status", [401, 403])
def test_refused_authentication_stops_the_run_and_marks_no_row(bridge: Bridge, status: int) -> None:
    bridge.sandbox.set_faults([fault("status", status=status)])
    bridge.write(*(call(number) for number in range(300)))
    bridge.take_in()
    with pytest.raises(StopRun, match="correct login, password or auth_header of connection platform_12315"):
        bridge.deliver()
    assert bridge.states() == {"waiting": 300}
    assert bridge.local("SELECT DISTINCT rounds, attempts, claimed_until FROM hotline.delivery") == [(0, 0, None)]
    assert 0 < len(log(bridge)) <= bridge.platform.max_concurrency
    bridge.sandbox.clear_faults()
    bridge.deliver()
    assert bridge.states() == {"delivered": 300}


def test_the_platform_may_ask_for_a_short_pause(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([fault("status", status=429, retry_after=1, count=1)])
    bridge.write(*(call(number) for number in range(20)))
    began = time.monotonic()
    bridge.with_settings(max_concurrency=1).run()
    assert time.monotonic() - began >= 1
    assert bridge.states() == {"delivered": 20}


@pytest.mark.parametrize("status", [429, 503])
def test_a_gateway_that_limits_requests_a_second_loses_and_repeats_nothing(bridge: Bridge, status: int) -> None:
    bridge = bridge.with_settings(max_concurrency=8)
    bridge.sandbox.set_faults([fault("status", status=status, above=20)])
    bridge.write(*(call(number) for number in range(80)))
    bridge.take_in()
    counts = bridge.deliver()["callinfo"]
    refused = [row for row in log(bridge) if row[2] == status]
    assert 0 < len(refused) < 40, "found out, and kept to"
    if status == 429:
        assert bridge.states() == {"delivered": 80}, "the run goes on until all are through"
        assert counts.slowed == len(refused)
        assert bridge.local("SELECT DISTINCT rounds, outcome_unknown FROM hotline.delivery") == [(1, False)]
    else:
        assert bridge.states() == {"delivered": 80 - len(refused), "waiting": len(refused)}
        bridge.sandbox.clear_faults()
        bridge.time_passes()
        bridge.deliver()
        assert bridge.states() == {"delivered": 80}
    keys = [record["key"] for record in bridge.accepted()]
    assert len(keys) == len(set(keys)) == 80


@pytest.mark.parametrize("settled_by", ["release", "record_results"])
def test_what_is_settled_while_the_queue_is_looked_through_is_found_by_the_same_run(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, settled_by: str
) -> None:
    """A version that is given back, as 429 refused it; and one that waits until an older one of its key is through."""
    look, settle = DeliveryQueue.claim, getattr(DeliveryQueue, settled_by)
    looked, settled = asyncio.Event(), asyncio.Event()

    async def claim(queue: DeliveryQueue, *of: Any, **shares: int) -> list[Lease]:
        found = await look(queue, *of, **shares)
        if found and not looked.is_set() and settled_by == "record_results":
            bridge.write(call(1, callno="13900000001"))
            bridge.take_in()
        elif not found:
            looked.set()
            await settled.wait()  # what was looked at is no longer so
        return found

    async def settle_after_the_look(*given: Any, **named: Any) -> Any:
        await looked.wait()
        done = await settle(*given, **named)
        settled.set()
        return done

    monkeypatch.setattr(DeliveryQueue, "claim", claim)
    monkeypatch.setattr(DeliveryQueue, settled_by, settle_after_the_look)
    if settled_by == "release":
        bridge.sandbox.set_faults([fault("status", status=429, count=1)])
    bridge.write(call(1))
    bridge.take_in()
    bridge.deliver()
    assert set(bridge.states()) == {"delivered"}


def test_a_gateway_that_refuses_all_for_their_number_ends_the_run_red_and_marks_nothing(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([fault("status", status=429)])
    bridge.write(*(call(number) for number in range(40)))
    bridge.take_in()
    counts = bridge.with_settings(breaker_failures=3).deliver()
    assert bridge.local("SELECT DISTINCT state, rounds, attempts FROM hotline.delivery") == [("waiting", 0, 0)]
    (sentence,) = failing({name: done.as_dict() for name, done in counts.items()})
    assert "HTTP 429" in sentence
    bridge.sandbox.clear_faults()
    bridge.deliver()
    assert bridge.states() == {"delivered": 40}


def test_a_long_pause_ends_the_run_and_is_kept(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([fault("status", status=429, retry_after=1000)])
    bridge.write(*(call(number) for number in range(100)))
    bridge.with_settings(max_concurrency=1).run()
    assert len(bridge.sandbox.history()) == 1
    long = bridge.local("SELECT count(*) FROM hotline.delivery WHERE next_attempt_at > now() + interval '990 seconds'")
    assert long == [(1,)]
    assert bridge.local("SELECT count(*) FROM hotline.delivery WHERE rounds = 0 AND claimed_until IS NULL") == [(99,)]


def test_a_dead_platform_ends_the_run_early_and_everything_waits(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([HANG])
    bridge.write(*(call(number) for number in range(1000)))
    began = time.monotonic()
    bridge.with_settings(timeout_s=1.0).run()
    assert time.monotonic() - began < 30, "without a breaker: 1,000 x 4 s / 32"
    assert bridge.states() == {"waiting": 1000}
    bridge.sandbox.clear_faults()
    bridge.time_passes()
    bridge.deliver()
    assert bridge.states() == {"delivered": 1000}


@pytest.mark.edge
def test_one_dead_interface_does_not_hold_the_others(all_logs: Bridge) -> None:
    all_logs.sandbox.set_faults([HANG])
    for name, row in GOOD.items():
        all_logs.write(row, interface=name)
    all_logs.write(*(call(number) for number in range(2, 50)))
    all_logs.with_settings(timeout_s=0.5).run()
    states = all_logs.local("SELECT interface, state, count(*) FROM hotline.delivery GROUP BY 1, 2 ORDER BY 1")
    assert states == [
        ("callinfo", "waiting", 49),
        ("recordinfo", "delivered", 1),
        ("satisfaction", "delivered", 1),
        ("seatsignin", "delivered", 1),
    ]


def test_the_signature_carries_the_platforms_day_around_midnight(bridge: Bridge) -> None:
    """A platform that is a day ahead refuses; that is seen as authentication, and no row is marked."""
    bridge.sandbox.set_clock_offset(86_400)
    bridge.write(call(1))
    bridge.take_in()
    with pytest.raises(StopRun):
        bridge.deliver()
    assert bridge.states() == {"waiting": 1}
    bridge.sandbox.set_clock_offset(0)
    bridge.deliver()
    assert bridge.states() == {"delivered": 1}


def test_new_rows_are_not_starved_by_old_retries_nor_old_by_new(bridge: Bridge) -> None:
    bridge.write(*(call(number) for number in range(600)))
    bridge.take_in()
    bridge.local("UPDATE hotline.delivery SET rounds = 3, next_attempt_at = now() - interval '1 hour'")
    bridge.write(*(call(number) for number in range(1000, 1600)))
    bridge.take_in()
    bridge.with_settings(max_concurrency=1).deliver()
    keys = [int(str(record["key"])[len(AREA) :]) for record in bridge.sandbox.history()]
    assert sum(key >= 1000 for key in keys[:500]) == 400
    assert sum(key < 1000 for key in keys[:500]) == 100
    assert len(keys) == 1200


def in_the_middle(bridge: Bridge, of: Callable[[], None], do: Callable[[], None], after: int) -> None:
    """Do something once the platform has seen that many calls, while `of` runs."""

    def watch() -> None:
        until = time.monotonic() + 20
        while bridge.sandbox.health()["calls"] < after and time.monotonic() < until:  # type: ignore[operator]  # a count
            time.sleep(0.01)
        do()

    watcher = Thread(target=watch)
    watcher.start()
    try:
        of()
    finally:
        watcher.join()


def test_a_local_store_that_breaks_off_loses_nothing(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([fault("latency", ms=5)])
    bridge.write(*(call(number) for number in range(2000)))
    bridge.take_in()

    def cut() -> None:
        bridge.local(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    with suppress(TryAgainLater):  # in a transaction it ends the run; at rest the session is opened again
        in_the_middle(bridge, bridge.deliver, cut, after=300)
    bridge.sandbox.clear_faults()
    bridge.time_passes()
    bridge.deliver()
    assert bridge.states() == {"delivered": 2000}
    assert bridge.status()[0].adds_up


def test_a_docking_store_that_breaks_off_is_taken_in_by_the_next_run(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hotline_bridge.outbound import docking_rows

    bridge.write(*(call(number) for number in range(50)))

    def cut(step: str) -> None:
        if step == "versions-committed":
            bridge.docking(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    monkeypatch.setattr(docking_rows, "reached", cut)
    with pytest.raises(TryAgainLater):
        bridge.take_in()
    monkeypatch.undo()
    assert bridge.docking("SELECT count(*) FROM docking.call_log WHERE collected_at IS NULL") == [(50,)]
    bridge.run()
    assert bridge.states() == {"delivered": 50}
    assert len(bridge.accepted()) == 50
    assert bridge.status()[0].copies == 0, "read twice is not written twice"
