"""Calls and recordings that share a number are no corrections of each other (`tests/orders/test_shared_numbers.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.outbound.bridge import GOOD, call

if TYPE_CHECKING:
    from tests.outbound.bridge import Bridge


def test_calls_and_recordings_that_share_a_number(all_logs: Bridge) -> None:
    """A call of another caller at another time, its recording likewise; a sign-out is no other login."""
    other_call = call(1, callno="13977754321", calltime="20261123090000", skilltime="", seattime="", ringtime="")
    other_recording = {**GOOD["recordinfo"], "recordname": "b.wav", "begintime": "20261123090000"}
    for name in ("callinfo", "recordinfo", "seatsignin"):
        all_logs.write({**GOOD[name], **({"endtime": ""} if name == "seatsignin" else {})}, interface=name)
    all_logs.run()
    all_logs.write(other_call, interface="callinfo")
    all_logs.write(other_recording, interface="recordinfo")
    all_logs.write(GOOD["seatsignin"], interface="seatsignin")
    all_logs.run()

    assert all_logs.local("SELECT reasons[1] FROM hotline.delivery WHERE state = 'quarantined' ORDER BY 1") == [
        ("callid:shared",),
        ("recordid:shared",),
    ]
    assert all_logs.states() == {"delivered": 3, "quarantined": 2, "superseded": 1}


def test_a_blank_number_is_none_that_could_be_shared(all_logs: Bridge) -> None:
    for hour in ("09", "10"):
        blank = call(1, callid=" ", callno=f"139777543{hour}", calltime=f"20261123{hour}0000")
        all_logs.write(blank, interface="callinfo")
    all_logs.run()
    assert all_logs.local("SELECT DISTINCT reasons FROM hotline.delivery") == [(["callid:required"],)]
