"""Publishing beside a row-by-row loop, and what a run costs that finds nothing changed in a million local rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.delivery import Tries
from bench.findings import Finding, at_most, ratio
from bench.harness import run
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from typing import Any

    from bench.harness import Harness

_LOOP = "docking_loop"
_ORDER = "'B' || lpad(n::text, 9, '0')"
_WHEN = "now() - interval '1 hour' - n * interval '2 minutes'"
"""When something was last heard of order n: one order every two minutes, until an hour ago."""
_KEPT = f"sha256(convert_to(n::text, 'UTF8')), 'bench', {_WHEN}, {_WHEN}"
_FILL = {
    "delivery (interface, key, content_hash, state, written_at, body_sha256, settled_at, taken_in_at)": (
        f"'putTsBusiRegInfoData', {_ORDER}, sha256(convert_to(n::text, 'UTF8')), 'delivered', {_WHEN}, '',"
        f" {_WHEN}, {_WHEN}"
    ),
    "complaint_case (regino, salesway, goodsname, invopart, applcontent, {kept})": (
        f"{_ORDER}, '1', '', '', '', {_KEPT}"
    ),
    "case_routing (bh, id, jsdept, {kept})": f"{_ORDER}, '1', '', {_KEPT}",
    "complaint_handling (bh, id, slflag, remark, {kept})": f"{_ORDER}, '1', '1', '', {_KEPT}",
    "complaint_feedback (odrno, agent, agenttel, dealresult, {kept})": f"{_ORDER}, '', '', '', {_KEPT}",
    "case_feedback (region, feetime, feedbackcontent, {kept})": f"{_ORDER}, {_WHEN}, '', {_KEPT}",
}
"""Rows of an order as the other steps leave them, by table and columns."""
_CHANGES = {
    "complaint_feedback": "dealresult = %(word)s",
    "case_feedback": "feedbackcontent = %(word)s",
    "complaint_case": "invopart = %(word)s, goodsname = %(word)s, applcontent = %(word)s",
}
"""What changes when an order is finished, by local table."""
_ROWS_AN_ORDER = 5
"""So many rows of the docking store it changes: two of feedback, one each of subject, object and content."""


def measure_publish(harness: Harness, *, orders: int, results: int, tries: int) -> list[Finding]:
    """Changed rows a second, by the bridge and row by row; a run with nothing changed, and a whole one."""
    found = Tries()
    environment = harness.environment("http://platform.invalid", 1)
    harness.renew("docking")
    rows = _fill(harness, orders)
    first = run("bench.step", "publish", "whole", environment=environment)
    for number in range(tries):
        since = _change(harness, results // _ROWS_AN_ORDER, *_CHANGES, word=str(number))
        _copy_docking(harness)
        done = run("bench.step", "publish", environment=environment)
        found.add("bridge", _written(done), done["call_s"])
        loop = run("bench.upserts", _LOOP, since, environment=environment)
        assert loop["written"] == _written(done) == results, "both were to write just what changed"
        found.add("loop", results, loop["call_s"])
    _change(harness, results, "complaint_feedback", word="alone")
    alone = run("bench.step", "publish", environment=environment)
    assert _written(alone) == results, "the bridge was to write just what changed"
    found.add("alone", results, alone["call_s"])
    idle = [run("bench.step", "publish", environment=environment) for _ in range(3)]
    whole = run("bench.step", "publish", "whole", environment=environment)
    assert not any(map(_written, (*idle, whole))), "a run with nothing changed wrote something"
    slowest = max(idle, key=lambda step: float(step["call_s"]))
    return [
        found.line("bridge: publish", "bridge", f"{results:,} changed rows of {results // _ROWS_AN_ORDER:,} orders"),
        found.line("row by row", "loop", "the same rows: SELECT, compare, UPSERT, commit"),
        ratio("publish / row by row", found.ratios("bridge", "loop"), 10),
        found.line("bridge: publish, one row an order", "alone", f"{results:,} orders; all tables compared"),
        at_most(
            *("publish, nothing changed", slowest["call_s"], 1, " s"),
            note=f"{rows:,} local rows of {orders:,} orders; slowest of {len(idle)}, CPU {slowest['cpu_s']:.2f} s",
        ),
        Finding(
            "publish, whole", f"{whole['call_s']:.1f} s", note=f"once a day; the very first {first['call_s']:.1f} s"
        ),
    ]


def _fill(harness: Harness, orders: int) -> int:
    """Put this many orders into the local store. Returns the number of its rows."""
    kept = "content_hash, source, requested_at, loaded_at"
    with connect(harness.server.conninfo("local_try")) as local:
        for into, values in _FILL.items():
            target = into.format(kept=kept)
            query = f"INSERT INTO hotline.{target} SELECT {values} FROM generate_series(1, {orders}) AS n"  # noqa: S608  (ours)
            local.execute(query.encode())
        local.execute("VACUUM ANALYZE")
    return orders * len(_FILL)


def _change(harness: Harness, orders: int, *tables: str, word: str) -> str:
    """Change these tables for so many orders, as if it had just come. Returns the moment, in ISO form."""
    with connect(harness.server.conninfo("local_try")) as local:
        [(now,)] = local.execute("SELECT now()").fetchall()
        for table in tables:
            query = f"UPDATE hotline.{table} SET {_CHANGES[table]}, loaded_at = now() WHERE row_id <= %(orders)s"  # noqa: S608  (ours)
            local.execute(query.encode(), {"orders": orders, "word": word})
    return str(now.isoformat())


def _copy_docking(harness: Harness) -> None:
    """Keep the docking store as it stands, for the loop to publish to."""
    harness.server.drop_database(_LOOP)
    harness.server.create_database(_LOOP, template="docking_try")


def _written(done: dict[str, Any]) -> int:
    return sum(int(counts["written"] + counts["removed"]) for counts in done["counts"].values())
