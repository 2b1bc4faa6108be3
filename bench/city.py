"""Run in a process of its own: simulated hours of a city, through the functions that the DAGs' tasks call.

    python -m bench.city HOURS PLATFORM

Collects everything once, then runs hour after hour what the schedules say: cases every quarter, handling once
an hour, drains every five minutes, the repair once a day. The world's clock is turned on by as much as what is due is
drawn nearer. HOURS of 0 is one more hour in which nothing changes, on what an earlier run has collected.
Prints one JSON object: calls by flow, fetches of drains, acknowledgements, and the CPU seconds of that one more hour.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from datetime import datetime, timedelta

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.store.database import connect
from hotline_bridge.tasks import inbound as steps
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.server.control import SandboxControl

_QUERIES = {
    flow: [interface.name for interface in interfaces_of(flow) if interface.kind == "query"]
    for flow in ("case", "process", "feedback")
}
_DRAINS = [interface.name for interface in interfaces_of("feedback") if interface.kind == "drain"]
_ACKNOWLEDGEMENTS = [name for name, interface in contract().items() if interface.kind == "acknowledge"]


def nearer(minutes: int) -> None:
    """Draw nearer whatever is due by a clock."""
    with connect(conninfo("local_db")) as local:
        local.execute(
            "UPDATE hotline.collection_window"
            " SET due_at = due_at - make_interval(mins => %(minutes)s),"
            " visited_at = visited_at - make_interval(mins => %(minutes)s)",
            {"minutes": minutes},
        )
        local.execute(
            "UPDATE hotline.drain_fetch SET fetched_at = fetched_at - make_interval(mins => %(minutes)s)",
            {"minutes": minutes},
        )


def acknowledgements() -> int:
    """Calls that acknowledged feedback, so far."""
    with connect(conninfo("local_db")) as local:
        [(calls,)] = local.execute(
            "SELECT count(*) FROM hotline.interaction_log WHERE interface = any(%s)", [_ACKNOWLEDGEMENTS]
        ).fetchall()
    return int(calls)


def hour(requests: Counter[str], *, repair: bool, move_to: datetime | None, platform: SandboxControl) -> None:
    """One hour: twelve times five minutes."""
    for five in range(12):
        nearer(5)
        if move_to:
            platform.world.set_clock(move_to + timedelta(minutes=5 * five))
        due = [("case", five % 3 == 0), ("process", five == 0), ("feedback", repair and five == 0)]
        for flow in (flow for flow, is_due in due if is_due):
            done = steps.collect(_QUERIES[flow], repair=flow == "feedback")
            requests[flow] += sum(counts["requests"] for counts in done.values())
        drained = steps.drain_feedback(_DRAINS, only_due=True)
        requests["fetches"] += sum(counts["fetches"] for counts in drained.values())


def main() -> None:
    """Run the hours and say what they took."""
    hours, platform = int(sys.argv[1]), SandboxControl(sys.argv[2])
    now = datetime.now(SHANGHAI)
    requests: Counter[str] = Counter()
    if hours:
        platform.world.set_clock(now - timedelta(hours=hours))
        steps.collect([*_QUERIES["case"], *_QUERIES["process"]])
        steps.drain_feedback(_DRAINS)
        steps.collect(_QUERIES["feedback"], repair=True)
    acknowledged = acknowledgements()
    for number in range(hours):
        hour(requests, repair=number % 24 == 23, move_to=now - timedelta(hours=hours - number), platform=platform)
    began = time.process_time()
    if not hours:
        hour(requests, repair=False, move_to=None, platform=platform)
    requests["acknowledgements"] = acknowledgements() - acknowledged
    found = {**requests, "requests": requests.total(), "cpu_s": time.process_time() - began}
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main()
