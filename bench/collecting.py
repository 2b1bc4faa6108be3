"""Collecting beside its limit and beside dlt, and what it costs in requests and memory: worlds of invented orders."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench.delivery import Tries
from bench.fewest import fewest_requests
from bench.findings import Finding, at_most, ratio
from bench.harness import PLATFORM_CORE, new_harness, run
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.inbound.moments import digits
from hotline_bridge.inbound.windows import LONGEST_S
from hotline_bridge.platform_client.request import build_request, sign
from hotline_bridge.store.database import connect
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.sample.world_file import write_world
from hotline_sandbox.server.control import running_sandbox
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.harness import Harness
    from bench.pulls import Request
    from hotline_sandbox.server.control import SandboxControl

DAYS = 120
IN_FLIGHT = 8
_DLT = "dlt[postgres]==1.31.0"
_CASES = [interface.name for interface in interfaces_of("case")]
_QUERIES = [name for name, interface in contract().items() if interface.kind == "query"]


@contextmanager
def world_of(
    harness: Harness, cases: int, core: int | None = PLATFORM_CORE
) -> Iterator[tuple[SandboxControl, Path, datetime]]:
    """A sandbox, on this core alone or on any, whose world stands still; its file, and a moment before it begins."""
    file, now = harness.folder / f"world-{cases}.jsonl", datetime.now(SHANGHAI)
    write_world(file, cases=cases, days=DAYS, end=now)
    with running_sandbox(cpu=core, world=str(file)) as platform:
        platform.world.set_clock(now)
        yield platform, file, now - timedelta(days=DAYS + 1)


def measure_collect(*, cases: int, tries: int) -> list[Finding]:
    """Rows a second from request to current table, of cases and returned orders, by the bridge and by the others.

    None of the programs is tied to a core: a database works beside its client, for whoever leaves it something to do.
    """
    found, dlt_counts = Tries(), dict[str, int]()
    with new_harness(core=None) as harness, world_of(harness, cases, core=None) as (platform, _, begin):
        others = _dlt_python(harness)
        shown = {name: platform.world.counts()[name] for name in _CASES}
        environment = harness.environment(platform.base_url, IN_FLIGHT, collect_from=begin.isoformat())
        for number in range(tries):
            _empty(harness)
            done = run("bench.step", "collect", environment=environment, core=None)
            rows = sum(_rows(harness, name) for name in _CASES)
            assert rows == sum(shown.values()), "not every row was collected"
            found.add("bridge", rows, done["call_s"])
            known = _file(harness, _requests(platform.base_url, _windows(harness)))
            bare = run("bench.pulls", known, str(IN_FLIGHT), environment=environment, core=None)
            found.add("bare", rows, bare["seconds"])
            if others:
                weeks = _requests(platform.base_url, [(name, *week) for name in _CASES for week in _weeks(begin)])
                _empty(harness)
                pulled = run(
                    "bench.dlt_pull",
                    _file(harness, weeks),
                    str(harness.folder / f"dlt-{number}"),
                    environment=environment,
                    python=others,
                    core=None,
                )
                dlt_counts = pulled["counts"]
                found.add("dlt", sum(dlt_counts.values()), pulled["seconds"])
    lines = [
        found.line(
            "bare limit of collecting",
            "bare",
            f"known windows, {IN_FLIGHT} in flight, bytes by COPY into a plain table",
        ),
        found.line("bridge: collect", "bridge", f"{sum(shown.values())} rows, all of them"),
    ]
    if not others:
        return [
            *lines,
            ratio("collect / bare limit", found.ratios("bridge", "bare"), 0.4),
            Finding("collect / dlt", "", ">= 5", note=f"{_DLT} cannot be installed here"),
        ]
    lost = sum(shown.values()) - sum(dlt_counts.values())
    return [
        *lines,
        found.line(_DLT, "dlt", f"merge on the key, 7-day windows; {lost} of {sum(shown.values())} rows lost, green"),
        ratio("collect / bare limit", found.ratios("bridge", "bare"), 0.4),
        ratio("collect / dlt", found.ratios("bridge", "dlt"), 5),
    ]


def measure_requests(harness: Harness, *, cases: int) -> list[Finding]:
    """Requests of all queries on a first walk and on a second whole one, beside the fewest that any client needs."""
    with world_of(harness, cases) as (platform, file, begin):
        fewest = fewest_requests(file, [contract()[name] for name in _QUERIES], begin, datetime.now(UTC))
        environment = harness.environment(platform.base_url, IN_FLIGHT, collect_from=begin.isoformat())
        _empty(harness)
        asked = []
        for _ in range(2):
            # Orders first: what is known of them is what the other windows are planned by, as in service.
            done: dict[str, dict[str, int]] = {}
            for names in (_CASES, [name for name in _QUERIES if name not in _CASES]):
                done |= run("bench.step", "collect", *names, environment=environment)["counts"]
            asked.append(sum(counts["requests"] for counts in done.values()))
            with connect(harness.server.conninfo("local_try")) as local:
                local.execute("UPDATE hotline.collection_window SET due_at = now(), retry_at = NULL")
    note = f"of {sum(fewest.values())}, all {len(_QUERIES)} queries, {cases} cases"
    return [
        at_most("requests of a first walk / fewest", asked[0] / sum(fewest.values()), 2, note=f"{asked[0]} {note}"),
        at_most("requests of a later walk / fewest", asked[1] / sum(fewest.values()), 1.5, note=f"{asked[1]} {note}"),
    ]


def measure_collect_memory(harness: Harness, *, small: int, large: int) -> list[Finding]:
    """Greatest resident memory of the process that collects a small and a large world of cases."""
    peaks = []
    for cases in (small, large):
        with world_of(harness, cases) as (platform, _, begin):
            _empty(harness)
            environment = harness.environment(platform.base_url, IN_FLIGHT, collect_from=begin.isoformat())
            peaks.append(run("bench.step", "collect", environment=environment)["peak_mib"])
            assert sum(_rows(harness, name) for name in _CASES) == sum(platform.world.counts()[name] for name in _CASES)
    note = f"{peaks[0]:.0f} MiB, {peaks[1]:.0f} MiB"
    return [at_most(f"peak memory of collect, {large} / {small} cases", peaks[1] / peaks[0], 1.3, note=note)]


def measure_city(harness: Harness, *, hours: int) -> list[Finding]:
    """Requests and CPU of an hour in a city with 250 new cases a day and 120 days of orders."""
    with world_of(harness, 250 * DAYS) as (platform, _, begin):
        _empty(harness)
        environment = harness.environment(platform.base_url, IN_FLIGHT, collect_from=begin.isoformat())
        day = run("bench.city", str(hours), platform.base_url, environment=environment)
        before = harness.cpu_s()
        still = run("bench.city", "0", platform.base_url, environment=environment)
        cpu_s = still["cpu_s"] + harness.cpu_s() - before
    parts = {"case": "case", "process": "process", "feedback": "repair", "fetches": "drains"}
    parts["acknowledgements"] = "acknowledgements"
    note = f"{hours} hours, all calls: " + ", ".join(f"{word} {day[part] / hours:.0f}" for part, word in parts.items())
    return [
        at_most("requests an hour, 250 new cases a day", day["requests"] / hours, 100, note=note),
        at_most("CPU of an hour without changes", cpu_s, 10, " s", note=f"{still['requests']} requests; Airflow apart"),
    ]


def _empty(harness: Harness) -> None:
    harness.renew("docking")


def _rows(harness: Harness, name: str) -> int:
    with connect(harness.server.conninfo("local_try")) as local:
        row = local.execute(f"SELECT count(*) FROM hotline.{contract()[name].table}").fetchone()  # noqa: S608  (ours)
    assert row
    return int(row[0])


def _windows(harness: Harness) -> list[tuple[str, int, int]]:
    with connect(harness.server.conninfo("local_try")) as local:
        return local.execute(
            "SELECT interface, extract(EPOCH FROM begins)::bigint, extract(EPOCH FROM ends)::bigint"
            " FROM hotline.collection_window ORDER BY interface, begins"
        ).fetchall()


def _weeks(begin: datetime) -> Iterator[tuple[int, int]]:
    """The same weeks that a plain client would ask for, up to now."""
    first, now = int(begin.timestamp()), int(datetime.now(UTC).timestamp())
    for at in range(first, now, LONGEST_S):
        yield at, min(at + LONGEST_S - 1, now)


def _requests(base_url: str, windows: Iterable[tuple[str, int, int]]) -> list[Request]:
    requests: list[Request] = []
    for name, begin, end in windows:
        interface = contract()[name]
        first, last = (
            next(field.name for field in interface.request if field.name.startswith(part)) for part in ("begin", "end")
        )
        body = build_request(interface, {first: digits(begin), last: digits(end)})
        headers = {
            "Authorization": sign(DEFAULT_APP_ID, DEFAULT_TOKEN, body, datetime.now(UTC)),
            "Content-Type": "application/json; charset=utf-8",
        }
        requests.append(
            {
                "interface": name,
                "key": str(interface.key),
                "url": base_url + interface.path,
                "headers": headers,
                "body": body.decode(),
            }
        )
    return requests


def _file(harness: Harness, requests: list[Request]) -> str:
    file = harness.folder / "requests.json"
    file.write_text(json.dumps(requests), encoding="utf-8")
    return str(file)


def _dlt_python(harness: Harness) -> str | None:
    """An interpreter that has dlt, in an environment that goes with the harness; None where it cannot be installed."""
    folder = harness.folder / "dlt"
    uv = str(Path(sys.executable).with_name("uv"))
    python = folder / "bin" / "python"
    try:
        for command in ([uv, "venv", str(folder)], [uv, "pip", "install", "--python", str(python), _DLT, "requests"]):
            subprocess.run(command, check=True, capture_output=True)
    except (subprocess.CalledProcessError, FileNotFoundError):
        return None
    return str(python)
