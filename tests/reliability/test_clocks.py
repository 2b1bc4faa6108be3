"""Every hour of a day, midnight, the turns of the calendar, a clock that is set back (reliability F17, F44, F45)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine

import hotline_bridge
from hotline_bridge.clock import SHANGHAI
from tests.outbound.bridge import Bridge, call

HOURS = [datetime(2026, 11, 24, hour, 30, tzinfo=SHANGHAI) for hour in range(24)]
TURNS = [
    datetime(2026, 11, 24, 23, 59, 59, tzinfo=SHANGHAI),
    datetime(2026, 11, 25, 0, 0, 0, tzinfo=SHANGHAI),
    datetime(2028, 2, 28, 23, 59, 59, tzinfo=SHANGHAI),
    datetime(2028, 2, 29, 0, 0, 1, tzinfo=SHANGHAI),
    datetime(2028, 2, 29, 12, 0, tzinfo=SHANGHAI),
    datetime(2028, 3, 1, 0, 0, 1, tzinfo=SHANGHAI),
    datetime(2026, 12, 31, 23, 59, 59, tzinfo=SHANGHAI),
    datetime(2027, 1, 1, 0, 0, 0, tzinfo=SHANGHAI),
    datetime(2027, 2, 6, 8, 0, tzinfo=SHANGHAI),  # the first day of the year in the Chinese calendar
]


def test_at_every_hour_of_the_day_and_every_turn_of_the_calendar_it_delivers(bridge: Bridge) -> None:
    """The platform and we have that moment, whatever the zone of the machine; it checks the day in each signature."""
    for number, moment in enumerate(HOURS + TURNS):
        bridge.write(call(number))
        bridge.take_in()
        with time_machine.travel(moment):
            bridge.sandbox.set_clock_offset(0)
            offset = (datetime.now(SHANGHAI) - real_now()).total_seconds()
            bridge.sandbox.set_clock_offset(offset)
            bridge.deliver()
        assert bridge.states() == {"delivered": number + 1}, moment


def real_now() -> datetime:
    """What the sandbox, a process of its own, takes for now."""
    return datetime.fromtimestamp(time_machine.escape_hatch.time.time(), SHANGHAI)


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(days=1)], ids=["a minute", "a day"])
def test_a_clock_that_is_set_back_in_the_midst_of_the_work(bridge: Bridge, back: timedelta) -> None:
    """What was sent stays sent, what failed is sent, and what is written after it is the newer one."""
    bridge.write(call(1), call(2))
    bridge.sandbox.set_faults([{"kind": "status", "status": 500, "interface": "callinfo", "key": call(2)["callid"]}])
    bridge.run()
    with time_machine.travel(datetime.now(SHANGHAI) - back):
        bridge.sandbox.set_clock_offset(-back.total_seconds())
        bridge.sandbox.clear_faults()
        bridge.docking("UPDATE docking.call_log SET callno = '222' WHERE callid = %s", call(1)["callid"])
        bridge.take_in()
        bridge.time_passes()
        bridge.deliver()
    contents = [record["body_sha256"] for record in bridge.accepted() if record["key"] == call(1)["callid"]]
    assert len(contents) == len(set(contents)) == 2
    assert bridge.states() == {"delivered": 3}


def test_no_window_comes_from_an_interval_of_airflow() -> None:
    """Airflow 3 gives an empty one for a plain cron string: nothing of ours so much as names it."""
    package = Path(hotline_bridge.__file__).parent
    files = [*package.rglob("*.py"), *(package.parents[1] / "dags").glob("*.py")]
    named = re.compile(r"\b(data_interval\w*|logical_date|execution_date)\b")
    assert {path.name: named.findall(path.read_text(encoding="utf-8")) for path in files} == {
        path.name: [] for path in files
    }
