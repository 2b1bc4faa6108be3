"""Run in a process of its own: one step of a DAG, through the function that the DAG's task calls.

    python -m bench.step take_in|deliver             of `telephony_report`
    python -m bench.step collect [INTERFACE ...]     of `case_collect`, or of these queries
    python -m bench.step publish [whole]             of `docking_publish`
    python -m bench.step reconcile BEGIN END         of `count_reconciliation`

Connections come from AIRFLOW_CONN_*. Prints one JSON object: seconds of `import airflow.sdk` (which Airflow has done
before it calls a task), seconds and CPU seconds of the call (with all that it imports, except for `collect` and
`publish`), when it began and ended, its counts, and the greatest resident memory.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path


def peak_mib() -> float:
    """Greatest resident memory of this process so far; `getrusage` would still count the parent's after `exec`."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def main() -> None:
    """Run the step and say what it took."""
    began = time.perf_counter()
    import airflow.sdk

    airflow_s = time.perf_counter() - began
    from hotline_bridge.contract.reader import interfaces_of
    from hotline_bridge.tasks import inbound, outbound, publish, reconcile

    step, *names = sys.argv[1:]
    steps: dict[str, tuple[str, Callable[[list[str]], object]]] = {
        "take_in": ("telephony", outbound.take_in),
        "deliver": ("telephony", outbound.deliver),
        "collect": ("case", inbound.collect),
        "publish": ("order", lambda names: publish.publish_tables(whole=names == ["whole"])),
        "reconcile": ("order", lambda window: reconcile.counts_of(reconcile.reconcile(*window))),
    }
    flow, carry_out = steps[step]
    # What these are measured beside has imported its own before the clock runs. The supervisor forks a task's process.
    if step == "collect":
        import airflow.sdk.execution_time.supervisor  # noqa: F401
        import uvloop  # noqa: F401

        import hotline_bridge.hooks.platform
        import hotline_bridge.inbound.collect
        import hotline_bridge.inbound.schedule
    if step == "publish":
        import hotline_bridge.hooks.postgres
        import hotline_bridge.publish
        import hotline_bridge.time_limits.deadlines  # noqa: F401

        names = names or [""]
    began_at = time.time()
    began, cpu_began_s = time.perf_counter(), time.process_time()
    counts = carry_out(names or [interface.name for interface in interfaces_of(flow)])
    call_s = time.perf_counter() - began
    found = {
        "airflow_s": airflow_s,
        "call_s": call_s,
        "cpu_s": time.process_time() - cpu_began_s,
        "began_at": began_at,
        "ended_at": time.time(),
        "counts": counts,
        "peak_mib": peak_mib(),
    }
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main()
