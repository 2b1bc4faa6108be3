"""What a reconciliation costs: the database's time over a million cases, and requests to find and repair losses."""

from __future__ import annotations

import json
import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.findings import Finding, at_most
from bench.harness import PLATFORM_CORE, run
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract
from hotline_bridge.reconcile.days import bounds, last_settled, order_kinds
from hotline_bridge.store.database import connect
from hotline_sandbox.server.control import running_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.harness import Harness
    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.server.control import SandboxControl

DAYS = 45
CITY_A_DAY = 250
_TELEPHONE = 30
"""Every so manieth order came by telephone."""
_CASES = """
INSERT INTO hotline.{table} (regino, registime, content_hash, source, requested_at, window_begin, window_end)
SELECT 'B' || n, %(begin)s + n * %(pause)s, sha256(convert_to(n::text, 'UTF8')), 'bench', now(), %(begin)s, now()
FROM generate_series(0, %(cases)s - 1) AS n WHERE n %% 3 = %(place)s
"""
_ORDERS = """
INSERT INTO hotline.{table} (row_id, regino, registime, written_at)
SELECT n, 'B' || n, %(begin)s + n * %(pause)s, now()
FROM generate_series(0, %(cases)s - 1) AS n WHERE n %% 3 = %(place)s AND n %% %(telephone)s < 3
"""
_VERSIONS = """
INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body_sha256, settled_at)
SELECT %(interface)s, 'B' || n, sha256(convert_to(n::text, 'UTF8')), 'delivered', now(), '', now() - interval '3 days'
FROM generate_series(0, %(cases)s - 1) AS n WHERE n %% 3 = %(place)s AND n %% %(telephone)s < 3
"""
_TAKEN = """
INSERT INTO docking.{table} (regino, registime, collected_at)
SELECT 'B' || n, to_char(%(begin)s + n * %(pause)s, 'YYYY-MM-DD HH24:MI:SS'), now()
FROM generate_series(0, %(cases)s - 1) AS n WHERE n %% 3 = %(place)s AND n %% %(telephone)s < 3
"""
_WINDOW = """
INSERT INTO hotline.collection_window (interface, begins, ends, state, row_count, visited_at, due_at, due_because)
VALUES (%(interface)s, %(begin)s, now(), 'settled', 400, now(), now() + interval '1 day', 'age')
"""


def measure_reconcile(harness: Harness, *, cases: int, losses: int) -> list[Finding]:
    """The database's seconds of a run that finds nothing, and the requests of one that finds scattered losses."""
    with _city(harness, cases) as (platform, window):
        environment = harness.environment(platform.base_url, 8)
        run("bench.step", "reconcile", *window, environment=environment)
        before = harness.cpu_s()
        quiet = run("bench.step", "reconcile", *window, environment=environment)
        database_s = harness.cpu_s() - before
        assert quiet["counts"]["agreed"] == DAYS * 7, "a run without losses found a difference"
    with _city(harness, CITY_A_DAY * DAYS) as (platform, window):
        environment = harness.environment(platform.base_url, 8)
        run("bench.step", "reconcile", *window, environment=environment)
        requests = len(platform.history())
        lost = _lose(harness, CITY_A_DAY * DAYS, losses)
        done = run("bench.step", "reconcile", *window, environment=environment)
        assert done["counts"]["agreed"] == DAYS * 7, "not every loss was repaired"
        beyond = len(platform.history()) - requests - DAYS
    note = f"{cases:,} cases in {DAYS} days, every {_TELEPHONE // 3}th by telephone; wall {quiet['call_s']:.1f} s"
    return [
        at_most("database time of a reconciliation without differences", database_s, 2, " s", note=note),
        at_most(
            "requests to find and repair, by differing day and kind",
            beyond / lost,
            3,
            note=f"{beyond} beyond the {DAYS} daily counts, {losses} losses on {lost} days and kinds",
        ),
    ]


@contextmanager
def _city(harness: Harness, cases: int) -> Iterator[tuple[SandboxControl, tuple[str, str]]]:
    """A platform and two stores that hold the same orders, evenly over the days; and the window of these days."""
    last = last_settled(datetime.now(UTC))
    begin = bounds(last - timedelta(days=DAYS - 1))[0]
    pause = timedelta(days=DAYS) / cases
    file = harness.folder / f"even-{cases}.jsonl"
    kinds = order_kinds()
    rows = [[{"table": kind.case.table, "row": required_row(kind.case)}] for kind in kinds]
    with file.open("w", encoding="utf-8") as orders:
        for number in range(cases):
            registered = (begin + number * pause).astimezone(SHANGHAI)
            order = {"regino": f"B{number}", "registered": f"{registered:%Y%m%d%H%M%S}", "rows": rows[number % 3]}
            orders.write(json.dumps(order) + "\n")
    harness.renew("docking")
    for place, kind in enumerate(kinds):
        values: dict[str, Any] = {
            "begin": begin,
            "pause": pause,
            "cases": cases,
            "place": place,
            "telephone": _TELEPHONE,
            "interface": kind.put.name,
        }
        with connect(harness.server.conninfo("local_try")) as local:
            local.execute(_CASES.format(table=kind.case.table).encode(), values)
            local.execute(_ORDERS.format(table=kind.put.table).encode(), values)
            local.execute(_VERSIONS.encode(), values)
        with connect(harness.server.conninfo("docking_try")) as docking:
            docking.execute(_TAKEN.format(table=kind.put.table).encode(), values)
    with connect(harness.server.conninfo("local_try")) as local:
        for interface in contract().values():
            if interface.flow == "case":
                local.execute(_WINDOW.encode(), {"interface": interface.name, "begin": begin - timedelta(seconds=1)})
        local.execute("VACUUM ANALYZE")
    with running_sandbox(cpu=PLATFORM_CORE, world=str(file), registime="seconds") as platform:
        yield platform, (f"{begin:%Y-%m-%dT%H:%M:%S}", f"{bounds(last)[1]:%Y-%m-%dT%H:%M:%S}")


def required_row(case: Interface) -> dict[str, str]:
    """A row that keeps the printed rules, without what the platform fills in."""
    texts = {"time": "20261101101112", "timestamp": "2026-11-01 10:11:12", "date": "2026-11-01", "number": "1"}
    return {
        field.name: next(iter(field.codes)) if field.codes else texts.get(field.kind, "文")
        for field in case.response
        if field.required is True and field.name not in {case.key, "registime"}
    }


def _lose(harness: Harness, cases: int, losses: int) -> int:
    """Delete so many collected orders here and there; gives the days and kinds on which some were."""
    source = random.Random(1)  # noqa: S311  (a sample)
    numbers = source.sample(range(cases), losses)
    kinds = order_kinds()
    with connect(harness.server.conninfo("local_try")) as local:
        for number in numbers:
            query = f"DELETE FROM hotline.{kinds[number % 3].case.table} WHERE regino = %s"  # noqa: S608  (ours)
            local.execute(query.encode(), [f"B{number}"])
    return len({(number * DAYS // cases, number % 3) for number in numbers})
