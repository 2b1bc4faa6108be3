"""What parsing a DAG file costs beyond `import airflow.sdk`, and what it loads."""

from __future__ import annotations

import json
import runpy
import sys
import tempfile
import time

from bench.findings import Finding, at_most
from bench.harness import run
from hotline_sandbox.demo.airflow import PROJECT

LONGEST_S = 0.3
_TRIES = 3


def measure_parse() -> list[Finding]:
    """Each DAG file, in a fresh process each time; the best of three."""
    findings = []
    with tempfile.TemporaryDirectory() as home:
        for file in sorted((PROJECT / "dags").glob("*.py")):
            tries = [run("bench.parse", str(file), environment={"AIRFLOW_HOME": home}) for _ in range(_TRIES)]
            strange = ", ".join(tries[0]["strange"]) or "only airflow, hotline_bridge and the standard library"
            seconds = [found["seconds"] for found in tries]
            note = f"{min(seconds):.3f} to {max(seconds):.3f} s; loads {strange}"
            findings.append(at_most(f"parse of {file.name}", min(seconds), LONGEST_S, " s", note=note))
    return findings


def main() -> None:
    """Parse one file; print seconds and the packages that it loaded from elsewhere."""
    import airflow.sdk  # noqa: F401  (every process of Airflow has it already)

    before = set(sys.modules)
    began = time.perf_counter()
    runpy.run_path(sys.argv[1])
    seconds = time.perf_counter() - began
    packages = {name.partition(".")[0] for name in set(sys.modules) - before}
    strange = sorted(packages - sys.stdlib_module_names - {"airflow", "hotline_bridge"})
    sys.stdout.write(f"{json.dumps({'seconds': seconds, 'strange': strange})}\n")


if __name__ == "__main__":
    main()
