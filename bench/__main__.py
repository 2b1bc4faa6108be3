"""`make bench`: speed and memory of the bridge, as ratios measured in turns; writes docs/performance.md."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench import page
from bench.analysts import measure_analysts
from bench.collecting import measure_city, measure_collect, measure_collect_memory, measure_requests
from bench.delivery import measure_delivery, measure_latency, measure_memory
from bench.exporting import measure_export
from bench.filled import filled_store
from bench.findings import Finding, show, tell
from bench.form import measure_form
from bench.gateway import measure_gateway
from bench.growth import measure_growth
from bench.harness import new_harness
from bench.idle import measure_idle
from bench.pages import measure_pages
from bench.parse import measure_parse
from bench.personal import measure_personal, measure_rotation
from bench.publishing import measure_publish
from bench.realtime import measure_realtime
from bench.reconciling import measure_reconcile
from bench.workers import measure_workers
from hotline_sandbox.sample.traffic import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bench.harness import Harness

MEASURES = (
    "delivery",
    "latency",
    "memory",
    "collect",
    "requests",
    "collect-memory",
    "city",
    "publish",
    "personal",
    "reconcile",
    "export",
    "parse",
)
ONLY_WHEN_ASKED = ("growth", "pages", "analysts", "rotation", "gateway", "form", "workers", "realtime", "idle")
"""Each takes many minutes, but for the form and the workers."""


def main() -> None:
    """Measure what was asked for and print the table."""
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--only", nargs="*", choices=(*MEASURES, *ONLY_WHEN_ASKED), default=MEASURES, help="these measures alone"
    )
    parser.add_argument("--rows", type=int, default=20_000, help="docking rows of a try (default: %(default)s)")
    parser.add_argument("--cases", type=int, default=30_000, help="orders of a world (default: %(default)s)")
    parser.add_argument("--orders", type=int, default=200_000, help="orders that results are of (default: %(default)s)")
    parser.add_argument("--results", type=int, default=50_000, help="of which change at once (default: %(default)s)")
    parser.add_argument("--scale", type=int, default=10, help="growth: a so manieth of a city (default: %(default)s)")
    parser.add_argument(
        "--gateway-calls",
        type=int,
        default=100_000,
        help="gateway: calls of the memory measure (default: %(default)s)",
    )
    parser.add_argument("--calls", type=int, default=1_000_000, help="calls of a filled store (default: %(default)s)")
    parser.add_argument("--years-orders", type=int, default=100_000, help="and their orders (default: %(default)s)")
    parser.add_argument(
        "--filled",
        type=Path,
        metavar="FOLDER",
        help="analysts, pages, rotation: keep the filled store here, and use it again (default: it goes with the run)",
    )
    parser.add_argument("--tries", type=int, default=5, help="rounds, in turns (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=3, help="realtime, idle: of each part (default: %(default)s)")
    asked = parser.parse_args()
    findings: list[Finding] = []
    with ExitStack() as stack:
        if set(asked.only) - {"parse"}:
            harness = stack.enter_context(new_harness())
            stored: dict[str, Callable[[], Iterable[Finding]]] = {
                "delivery": lambda: measure_delivery(harness, rows=asked.rows, tries=asked.tries),
                "latency": lambda: measure_latency(harness, rows=asked.rows),
                "memory": lambda: measure_memory(harness, small=asked.rows, large=10 * asked.rows),
                "collect": lambda: measure_collect(cases=asked.cases, tries=asked.tries),
                "requests": lambda: measure_requests(harness, cases=asked.cases),
                "collect-memory": lambda: measure_collect_memory(harness, small=asked.cases, large=10 * asked.cases),
                "city": lambda: measure_city(harness, hours=24),
                "publish": lambda: measure_publish(
                    harness, orders=asked.orders, results=asked.results, tries=asked.tries
                ),
                "personal": lambda: measure_personal(harness, rows=asked.rows, tries=asked.tries),
                "reconcile": lambda: measure_reconcile(harness, cases=1_000_000, losses=20),
                "export": lambda: measure_export(harness, rows=1_000_000, tries=asked.tries),
                "gateway": lambda: measure_gateway(
                    harness.server, rows=asked.rows, calls=asked.gateway_calls, tries=asked.tries
                ),
                "form": lambda: measure_form(harness, forms=150),
                "workers": lambda: measure_workers(harness),
                "realtime": lambda: measure_realtime(harness, asked.minutes),
                "idle": lambda: measure_idle(harness, asked.minutes),
                "growth": lambda: measure_growth(harness, scale=asked.scale, tries=asked.tries),
                "pages": lambda: _over_years(harness, asked, measure_pages),
                "rotation": lambda: _over_years(harness, asked, measure_rotation),
                "analysts": lambda: _analysts(harness, asked),
            }
            for name in (name for name in asked.only if name in stored):
                began, found = page.begins(), list[Finding]()
                for finding in stored[name]():
                    found.append(finding)
                    tell(finding)
                findings += found
                page.write(name, began, found)
    if "parse" in asked.only:
        findings += measure_parse()
    show(findings, f"hotline-bridge, {datetime.now(SHANGHAI):%Y-%m-%d %H:%M} Asia/Shanghai")


def _analysts(harness: Harness, asked: argparse.Namespace) -> Iterator[Finding]:
    yield from _over_years(harness, asked, lambda local: measure_analysts(local, asked.tries))
    yield from measure_personal(harness, rows=asked.rows, tries=asked.tries)
    yield from measure_export(harness, rows=1_000_000, tries=asked.tries)


def _over_years(
    harness: Harness, asked: argparse.Namespace, measure: Callable[[str], Iterable[Finding]]
) -> Iterator[Finding]:
    folder = asked.filled or harness.folder / "filled"
    with filled_store(folder, calls=asked.calls, orders=asked.years_orders) as local:
        yield from measure(local)


if __name__ == "__main__":
    main()
