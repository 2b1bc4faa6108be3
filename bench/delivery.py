"""Delivery beside its limit and beside what one would write first; intake before it. Every try has fresh stores."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]  # psutil ships no types

from bench.findings import Finding, at_least, at_most, rate, ratio
from bench.harness import PLATFORM_CORE, run
from hotline_sandbox.server.control import SandboxControl, running_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.harness import Harness

CONCURRENCY = 64
RIVAL_ROWS = 2_000
"""Rows of the `requests` loop, which takes a row at the same speed however many there are."""


@dataclass(slots=True)
class Tries:
    """Rates by contestant, try by try, and how busy each kept the sandbox's core."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    busy: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, rows: int, seconds: float, platform_s: float = 0.0) -> None:
        """Note one try; `platform_s` is the CPU time that the sandbox took for it."""
        self.rates.setdefault(name, []).append(rows / seconds)
        self.busy.setdefault(name, []).append(platform_s / seconds)

    def ratios(self, name: str, other: str) -> list[float]:
        """Round by round, how many times as fast one was as another."""
        return [one / two for one, two in zip(self.rates[name], self.rates[other], strict=True)]

    def line(self, label: str, name: str, note: str = "") -> Finding:
        """Its line of the table."""
        busy = max(self.busy[name])
        parts = [note, f"sandbox's core {busy:.0%} busy" if busy else ""]
        return rate(label, self.rates[name], note="; ".join(filter(None, parts)))


class _Platform:
    """A sandbox on its own core, and the CPU time that it takes."""

    def __init__(self, control: SandboxControl) -> None:
        self.control = control
        self.url = control.base_url
        port = int(self.url.rpartition(":")[2])
        self._process = next(
            child
            for child in psutil.Process().children()
            if any(found.laddr.port == port for found in child.net_connections("tcp"))
        )

    def cpu_s(self) -> float:
        """CPU seconds so far."""
        times = self._process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def _platform(latency_ms: float = 0.0) -> Iterator[_Platform]:
    with running_sandbox(cpu=PLATFORM_CORE, latency_ms=latency_ms) as control:
        yield _Platform(control)


def measure_delivery(harness: Harness, *, rows: int, tries: int) -> list[Finding]:
    """Intake and delivery of this many rows by the bridge, and delivery by the others, in turns."""
    filled = harness.fill(rows)
    found = Tries()
    airflow_s = []
    with _platform() as platform:
        environment = harness.environment(platform.url, CONCURRENCY)
        for _ in range(tries):
            harness.renew(filled)
            taken_in = run("bench.step", "take_in", environment=environment)
            waiting = sum(counts["waiting"] for counts in taken_in["counts"].values())
            found.add("intake", rows, taken_in["call_s"])
            for name, count in (("raw", waiting), ("bare", waiting), ("requests", RIVAL_ROWS)):
                platform.control.reset()
                before = platform.cpu_s()
                loop = run("bench.baselines", name, str(count), str(CONCURRENCY), environment=environment)
                found.add(name, loop["rows"], loop["seconds"], platform.cpu_s() - before)
            platform.control.reset()
            before = platform.cpu_s()
            sent = run("bench.step", "deliver", environment=environment)
            delivered = sum(counts.get("delivered", 0) for counts in sent["counts"].values())
            assert delivered == waiting, "not everything was delivered: see the counts"
            assert sum(counts["accepted"] for counts in platform.control.counts().values()) == delivered
            found.add("bridge", delivered, sent["call_s"], platform.cpu_s() - before)
            found.add("both", rows, taken_in["call_s"] + sent["call_s"])
            airflow_s.append(sent["airflow_s"])
    return [
        found.line("sandbox's own limit", "raw", "whole requests on bare sockets"),
        found.line("bare loop", "bare", "aiohttp, uvloop, prepared bytes"),
        found.line("requests loop", "requests", f"SELECT, POST, UPDATE a row; {RIVAL_ROWS} rows"),
        found.line(
            "bridge: deliver", "bridge", f"{waiting} rows; besides, `import airflow.sdk` {min(airflow_s):.1f} s"
        ),
        found.line("bridge: intake", "intake", f"{rows} docking rows"),
        found.line("bridge: intake and deliver", "both", "without Airflow's own import"),
        ratio("deliver / bare loop", found.ratios("bridge", "bare"), 0.6),
        ratio("deliver / requests loop", found.ratios("bridge", "requests"), 10),
    ]


def measure_latency(harness: Harness, *, rows: int, latency_ms: float = 50.0) -> list[Finding]:
    """Delivery to a platform that thinks: how much of what the concurrency allows is achieved."""
    with _platform(latency_ms) as platform:
        environment = harness.environment(platform.url, CONCURRENCY)
        harness.renew(harness.fill(rows))
        run("bench.step", "take_in", environment=environment)
        sent = run("bench.step", "deliver", environment=environment)
    delivered = sum(counts.get("delivered", 0) for counts in sent["counts"].values())
    allowed = CONCURRENCY / (latency_ms / 1000)
    achieved = delivered / sent["call_s"]
    note = f"{achieved:,.0f}/s of {allowed:,.0f}/s, {CONCURRENCY} in flight, {delivered} rows"
    return [at_least(f"deliver at {latency_ms:g} ms / allowed", achieved / allowed, 0.9, note=note)]


def measure_memory(harness: Harness, *, small: int, large: int) -> list[Finding]:
    """How memory and time of taking in and of delivering grow from few to many waiting rows."""
    done: dict[str, list[dict[str, Any]]] = {"take_in": [], "deliver": []}
    with _platform() as platform:
        environment = harness.environment(platform.url, CONCURRENCY)
        for rows in (small, large):
            harness.renew(harness.fill(rows))
            for step, runs in done.items():
                runs.append(run("bench.step", step, environment=environment))
    findings = []
    for step, (few, many) in done.items():
        times = many["call_s"] / few["call_s"]
        findings += [
            at_most(
                f"peak memory of {step}, {large} / {small} rows",
                many["peak_mib"] / few["peak_mib"],
                1.1,
                note=f"{few['peak_mib']:.0f} MiB, {many['peak_mib']:.0f} MiB",
            ),
            at_most(
                f"time of {step} grows with rows to the power of",
                log(times) / log(large / small),
                1.05,
                note=f"{few['call_s']:.1f} s, {many['call_s']:.1f} s",
            ),
        ]
    return findings
