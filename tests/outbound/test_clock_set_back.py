"""A clock that is set back by days: what waited for a moment then ahead does not wait for it (bounded from now)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.outbound.bridge import call

if TYPE_CHECKING:
    from tests.outbound.bridge import Bridge


def test_no_version_waits_for_the_days_by_which_the_clock_was_set_back(bridge: Bridge) -> None:
    waiting, refused, claimed, later, tomorrow, resent = (call(number)["callid"] for number in range(1, 7))
    bridge.sandbox.set_faults([{"kind": "status", "status": 500, "interface": "callinfo"}])
    bridge.write(*(call(number) for number in range(1, 6)))
    bridge.run()
    bridge.sandbox.clear_faults()
    bridge.write(call(6))
    bridge.run()
    for key, state, next_at in (
        (waiting, "waiting", "5 days"),
        (refused, "rejected", "6 days"),
        (claimed, "waiting", "5 days"),
        (later, "waiting", "50 minutes"),
        (tomorrow, "rejected", "23 hours"),
    ):
        bridge.local(
            "UPDATE hotline.delivery SET state = %s, next_attempt_at = now() + %s::interval, outcome_unknown = false"
            " WHERE key = %s",
            *(state, next_at, key),
        )
    bridge.local("UPDATE hotline.delivery SET claimed_until = now() + interval '5 days' WHERE key = %s", claimed)
    bridge.local(
        "UPDATE hotline.delivery SET resend = 'taken', claimed_until = now() + interval '5 days' WHERE key = %s", resent
    )
    bridge.write(call(6, callno="13977700000"))
    bridge.run()
    states = dict(bridge.local("SELECT key, state FROM hotline.delivery ORDER BY row_id"))
    assert {key for key, state in states.items() if state == "delivered"} == {waiting, refused, claimed, resent}
    assert (states[later], states[tomorrow]) == ("waiting", "rejected"), "these wait as they should"
    assert bridge.local("SELECT count(*) FROM hotline.delivery WHERE state = 'waiting' AND key = %s", resent) == [(0,)]


def test_what_nobody_held_is_not_taken_for_sent(bridge: Bridge) -> None:
    bridge.sandbox.set_faults([{"kind": "status", "status": 404, "interface": "callinfo"}])
    bridge.write(call(1))
    bridge.run()
    for _ in range(2):
        bridge.local("UPDATE hotline.delivery SET next_attempt_at = now() + interval '5 days'")
        bridge.run()
    assert bridge.local("SELECT attempts, outcome_unknown, claimed_until FROM hotline.delivery") == [(3, False, None)]
