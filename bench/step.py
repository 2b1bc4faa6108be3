"""Run in a process of its own: one step of `telephony_report`, through the function that the DAG's task calls.

    python -m bench.step take_in|deliver

Connections come from AIRFLOW_CONN_*. Prints one JSON object: seconds of `import airflow.sdk` (which Airflow has done
before it calls a task), seconds of the call with all that it imports, its counts, and the greatest resident memory.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path


def peak_mib() -> float:
    """Greatest resident memory of this process so far; `getrusage` would still count the parent's after `exec`."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def main() -> None:
    """Run the step and say what it took."""
    began = time.perf_counter()
    import airflow.sdk  # noqa: F401  (timed)

    airflow_s = time.perf_counter() - began
    from hotline_bridge.contract.reader import interfaces_of
    from hotline_bridge.hooks import report

    names = [interface.name for interface in interfaces_of("telephony")]
    steps = {"take_in": report.take_in, "deliver": report.deliver}
    began = time.perf_counter()
    counts = steps[sys.argv[1]](names)
    call_s = time.perf_counter() - began
    found = {"airflow_s": airflow_s, "call_s": call_s, "counts": counts, "peak_mib": peak_mib()}
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main()
