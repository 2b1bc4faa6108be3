"""Delivery by one, two and four processes on one queue, to a platform that thinks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg

from bench.findings import Finding, at_least
from bench.harness import run
from hotline_sandbox.server.control import running_sandbox

if TYPE_CHECKING:
    from bench.harness import Harness

LATENCY_MS = 50.0
CONCURRENCY = 8
"""Of each process: so little that the platform's time decides, and not the machine."""
ROWS = 1_500
"""For each process."""


def measure_workers(harness: Harness) -> list[Finding]:
    """Records a second while all processes are at work, each beside so many times what one alone does."""
    findings, alone = [], 0.0
    for workers in (1, 2, 4):
        rate, busy = _rate(harness, workers)
        alone = alone or rate
        note = (
            f"{rate:,.0f}/s; {CONCURRENCY} in flight each, {LATENCY_MS:g} ms; the processes kept {busy:.1f} cores busy"
        )
        findings.append(at_least(f"deliver by {workers} / {workers} x by 1", rate / (workers * alone), 0.8, note=note))
    return findings


def _rate(harness: Harness, workers: int) -> tuple[float, float]:
    """Records a second, and cores that the processes kept busy."""
    harness.renew(harness.fill(workers * ROWS))
    with running_sandbox(latency_ms=LATENCY_MS) as platform:
        environment = harness.environment(platform.base_url, CONCURRENCY)
        run("bench.step", "take_in", environment=environment, core=None)

        def deliver(_number: int) -> dict[str, float]:
            return run("bench.step", "deliver", environment=environment, core=None)

        with ThreadPoolExecutor(workers) as pool:
            done = list(pool.map(deliver, range(workers)))
        counts = platform.counts().values()
        assert sum(count["accepted"] for count in counts) == sum(count["distinct"] for count in counts), "sent twice"
    began, ended = max(one["began_at"] for one in done) + 1.0, min(one["ended_at"] for one in done) - 0.5
    with psycopg.connect(harness.server.conninfo("local_try")) as local:
        [(sent,)] = local.execute(
            "SELECT count(*) FROM hotline.interaction_log"
            " WHERE started_at BETWEEN to_timestamp(%s) AND to_timestamp(%s)",
            [began, ended],
        ).fetchall()
    return sent / (ended - began), sum(one["cpu_s"] / (one["ended_at"] - one["began_at"]) for one in done)
