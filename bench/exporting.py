"""Exports beside a bare COPY of the same rows: time and memory, each in a process of its own.

    python -m bench.exporting CONNINFO HOW FILE ROWS

writes ROWS rows as `csv`, `parquet` or `xlsx`, or as `copy` with COPY alone, and prints seconds and megabytes.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.findings import Finding, at_most
from bench.harness import run
from hotline_bridge.analytics.export import export
from hotline_bridge.analytics.selection import select
from hotline_bridge.contract.register import View
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.harness import Harness

SLOWEST = 2.0
_VIEW = View(name="bench_call", right="analyst", grain="one call", classes={"none": ["n"]})
# The columns of a call, with the kinds of values that cost most: numbers of things as text, names, times.
_ROWS = """
CREATE TABLE analytics.bench_rows AS
SELECT
    n, '440300' || lpad(n::text, 12, '0') AS callid, '440300' AS area_code, '深圳市福田区' AS area_name, '1' AS kind,
    now() - n * interval '1 minute' AS called_at, (now() - n * interval '1 minute')::date AS day, n % 24 AS hour,
    (n % 60)::bigint AS waiting_seconds, n % 2 = 0 AS is_answered, '投诉' AS kind_name,
    '某某食品有限公司' || n % 1000 AS company_name, md5(n::text) AS person_key,
    '138****' || lpad((n % 10000)::text, 4, '0') AS caller_phone_masked, (n % 1000)::numeric(18, 6) AS amount
FROM generate_series(1, {rows}) AS n;
CREATE VIEW analytics.bench_call AS SELECT * FROM analytics.bench_rows;
"""


def measure_export(harness: Harness, *, rows: int, tries: int) -> list[Finding]:
    """Each way in turn, several times: the best try of each is put beside the best COPY."""
    harness.server.create_database("export", template="local")
    conninfo = harness.server.conninfo("export")
    with connect(conninfo) as session:
        session.execute(_ROWS.format(rows=rows).encode())
        session.execute("VACUUM ANALYZE analytics.bench_rows")
    found: dict[tuple[str, int], list[dict[str, float]]] = {}
    asked = [(how, rows) for _ in range(tries) for how in ("copy", "csv", "parquet")]
    for how, count in [*asked, *((how, rows // 10) for how in ("csv", "parquet", "xlsx"))]:
        file = harness.folder / f"export.{how}"
        done = run("bench.exporting", conninfo, how, str(file), str(count), environment={}, core=None)
        found.setdefault((how, count), []).append(done)
        file.unlink()
    bare = _best(found["copy", rows])
    findings = []
    for how, target in (("csv", SLOWEST), ("parquet", None)):
        seconds, note = _best(found[how, rows]), f"{_tries(found[how, rows])}; COPY {_tries(found['copy', rows])}"
        name = f"export of {rows:,} rows as {how} / bare COPY"
        ratio = seconds / bare
        findings.append(at_most(name, ratio, target, note=note) if target else Finding(name, f"{ratio:.2f}", note=note))
        grown = found[how, rows][0]["megabytes"] - found[how, rows // 10][0]["megabytes"]
        findings.append(at_most(f"memory for ten times the rows as {how}", grown, 20, " MB"))
    xlsx = found["xlsx", rows // 10][0]
    findings.append(
        Finding(
            f"export of {rows // 10:,} rows as xlsx", f"{xlsx['seconds']:.1f} s", note=f"{xlsx['megabytes']:.0f} MB"
        )
    )
    return findings


def _best(tries: Sequence[dict[str, float]]) -> float:
    return min(found["seconds"] for found in tries)


def _tries(tries: Sequence[dict[str, float]]) -> str:
    return " ".join(f"{found['seconds']:.2f}" for found in tries) + f" s, {tries[0]['megabytes']:.0f} MB"


def main() -> None:
    """Write one file; print seconds and the most memory that was held."""
    conninfo, how, name, rows = sys.argv[1:]
    file = Path(name)
    with connect(conninfo) as session:
        began = time.perf_counter()
        if how == "copy":
            statement = (
                f"COPY (SELECT * FROM analytics.bench_call WHERE n <= {int(rows)}) TO STDOUT (FORMAT csv, HEADER)"  # noqa: S608  (a number of ours)
            )
            with file.open("wb") as target, session.cursor().copy(statement.encode()) as copy:
                for block in copy:
                    target.write(block)
        else:
            chosen = select(session, {"bench_call": _VIEW}, "bench_call", None, [f"n <= {rows}"])
            export(session, chosen, file, how, "bench")
        seconds = time.perf_counter() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{json.dumps({'seconds': seconds, 'megabytes': megabytes})}\n")


if __name__ == "__main__":
    main()
