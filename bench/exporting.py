"""Exports beside a bare COPY of the same rows: time and memory, each in a process of its own.

    python -m bench.exporting CONNINFO HOW FILE ROWS

writes ROWS rows as `csv`, `parquet` or `xlsx`, or as `copy` with COPY alone, or moves the interaction log into the
folder FILE as `archive`; prints seconds and megabytes.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.findings import Finding, at_most
from bench.harness import run
from bench.step import peak_mib
from hotline_bridge.analytics.archive import move_months
from hotline_bridge.analytics.export import export
from hotline_bridge.analytics.selection import select
from hotline_bridge.clock import SHANGHAI
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
_TRIES = """
TRUNCATE hotline.interaction_log;
INSERT INTO hotline.interaction_log (started_at, interface, key, attempt, outcome, elapsed_ms, body_sha256)
SELECT '2026-01-01 00:00+08'::timestamptz + n * interval '1 second', 'callinfo', n::text, 1, 'delivered', 1.5,
    sha256(n::text::bytea)
FROM generate_series(1, {rows}) AS n
"""
"""Of one month, up to 2.6 million."""
_NEXT_YEAR = datetime(2027, 1, 1, tzinfo=SHANGHAI)


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
        few, many = (found[how, count][0]["megabytes"] for count in (rows // 10, rows))
        note = f"{few:.0f} MB, {many:.0f} MB"
        findings.append(at_most(f"memory for ten times the rows as {how}", many - few, 20, " MB", note=note))
    findings.append(_archived(harness, conninfo, rows))
    xlsx = found["xlsx", rows // 10][0]
    findings.append(
        Finding(
            f"export of {rows // 10:,} rows as xlsx", f"{xlsx['seconds']:.1f} s", note=f"{xlsx['megabytes']:.0f} MB"
        )
    )
    return findings


def _archived(harness: Harness, conninfo: str, rows: int) -> Finding:
    """The same of a month that moves to the archive."""
    peaks = []
    for count in (rows // 10, rows):
        with connect(conninfo) as session:
            session.execute(_TRIES.format(rows=count).encode())
        folder = harness.folder / "archive"
        done = run("bench.exporting", conninfo, "archive", str(folder), str(count), environment={}, core=None)
        peaks.append(done["megabytes"])
        shutil.rmtree(folder)
    note = f"{peaks[0]:.0f} MB, {peaks[1]:.0f} MB"
    return at_most("memory for ten times the rows archived", peaks[1] - peaks[0], 20, " MB", note=note)


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
        elif how == "archive":
            move_months(session, file, "interaction_log", "started_at", _NEXT_YEAR)
        else:
            chosen = select(session, {"bench_call": _VIEW}, "bench_call", None, [f"n <= {rows}"])
            export(session, chosen, file, how, "bench")
        seconds = time.perf_counter() - began
    sys.stdout.write(f"{json.dumps({'seconds': seconds, 'megabytes': peak_mib()})}\n")


if __name__ == "__main__":
    main()
