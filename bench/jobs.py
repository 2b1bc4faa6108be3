"""Run in a process of its own: every scheduled job, one after the other, and what each asks of the two databases.

    python -m bench.jobs TRIES FOLDER [JOB ...]

Connections come from AIRFLOW_CONN_*, those of the stores of a superuser. Before each try a little comes in. Prints one
JSON object: by job the blocks that were touched, the rows that were read and the milliseconds that statements ran, of
the cheapest try each.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import airflow.sdk  # noqa: F401  (as in a task)

from hotline_bridge.cli.report import report as report_command
from hotline_bridge.cli.status import read_flows
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.store.database import connect
from hotline_bridge.tasks import alerts, analytics, inbound, maintenance, outbound, publish, quality, reconcile, runs

if TYPE_CHECKING:
    from collections.abc import Callable

NEW_CALLS = 20
"""Rows that 12345 writes before each try: of an hour in a city of this size, so that no job runs on nothing at all."""


def main() -> None:
    """Run the jobs and say what they asked for."""
    tries, folder = int(sys.argv[1]), Path(sys.argv[2])
    docking, local = stores = conninfo("docking_db"), conninfo("local_db")
    wanted = sys.argv[3:]
    asked: dict[str, list[tuple[int, int, float]]] = {}
    for number in range(tries + 1):
        for name, job in _jobs(folder, *stores).items():
            if wanted and name not in wanted:
                continue
            _a_little_comes(docking, local)
            before = _asked(docking, local)
            job()
            after = _asked(docking, local)
            # What is cold, and what is done once a day or at the very first, does not count.
            if number or name.endswith("whole"):
                done = tuple(now - then for now, then in zip(after, before, strict=True))
                asked.setdefault(name, []).append(done)  # type: ignore[arg-type]  # three counts, as `_asked` gives them
    found = {
        name: {"blocks": min(t[0] for t in times), "rows": min(t[1] for t in times), "ms": min(t[2] for t in times)}
        for name, times in asked.items()
    }
    sys.stdout.write(f"{json.dumps(found)}\n")


def _jobs(folder: Path, docking: str, local: str) -> dict[str, Callable[[], object]]:
    """By name, as the DAGs' tasks call them."""
    queries = {
        flow: [interface.name for interface in interfaces_of(flow) if interface.kind == "query"]
        for flow in ("case", "process", "feedback")
    }
    drains = [interface.name for interface in interfaces_of("feedback") if interface.kind == "drain"]
    return {
        "docking_publish, whole": lambda: publish.publish_tables(whole=True),
        "telephony_report": lambda: _report("telephony"),
        "order_report": lambda: _report("order"),
        "case_collect": lambda: _collect("case_collect", queries["case"]),
        "process_collect": lambda: _collect("process_collect", queries["process"]),
        "feedback_collect": lambda: (
            inbound.drain_feedback(drains, only_due=True),
            runs.record_run("feedback_collect"),
        ),
        "feedback_repair": lambda: _collect("feedback_repair", queries["feedback"], repair=True),
        "docking_publish": publish.publish_tables,
        "alert_watch": alerts.watch,
        "quality_check": lambda: quality.write_page(quality.check(), folder / "quality.html"),
        "count_reconciliation": lambda: _reconcile(folder),
        "maintenance": maintenance.tidy,
        "analytics_refresh": analytics.refresh_rollups,
        "hotline report --dry-run": lambda: report_command(dry_run=True),
        "hotline status": lambda: read_flows(["telephony"], docking, local),
    }


def _report(flow: str) -> None:
    names = [interface.name for interface in interfaces_of(flow)]
    taken_in = outbound.take_in(names)
    outbound.summarise(f"{flow}_report", taken_in, outbound.deliver(names))


def _collect(dag: str, queries: list[str], *, repair: bool = False) -> None:
    done = inbound.collect(queries, repair=repair)
    assert all(counts["requests"] for counts in done.values()), "the oldest window of each was to be due"
    inbound.incomplete(queries)
    runs.record_run(dag)


def _reconcile(folder: Path) -> None:
    counts = reconcile.counts_of(reconcile.reconcile())
    assert counts["agreed"] and not counts["open"] + counts["incomplete"] + counts["unknown"], f"differs: {counts}"
    reconcile.write_page(folder)
    reconcile.findings()


def _a_little_comes(docking: str, local: str) -> None:
    """New calls, and the oldest window of each query due again: it lies before the first order, so it stays empty."""
    with connect(docking) as session:
        session.execute(
            "INSERT INTO docking.call_log (callid, callno, sourcearea, calltime, calltype)"
            " SELECT '110000' || extract(EPOCH FROM clock_timestamp())::bigint || lpad(n::text, 9, '0'), '13800000000',"
            " '110000', to_char(now(), 'YYYYMMDDHH24MISS'), '2' FROM generate_series(1, %s) AS n",
            [NEW_CALLS],
        )
    with connect(local) as session:
        session.execute(
            "UPDATE hotline.collection_window SET due_at = now() - interval '1 second' WHERE begins ="
            " (SELECT min(begins) FROM hotline.collection_window)"
        )


def _asked(docking: str, local: str) -> tuple[int, int, float]:
    """Blocks, rows and milliseconds of both databases so far, once all sessions of the job have ended and told."""
    deadline = datetime.now(UTC) + timedelta(seconds=60)
    totals = [0, 0, 0.0]
    for store in (docking, local):
        with connect(store) as session:
            while session.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).rowcount:
                assert datetime.now(UTC) < deadline, "a session of a job is left"
                time.sleep(0.05)
            counts = session.execute(
                "SELECT blks_hit + blks_read, tup_returned + tup_fetched, active_time"
                " FROM pg_stat_database WHERE datname = current_database()"
            ).fetchone()
            assert counts
            totals = [total + count for total, count in zip(totals, counts, strict=True)]
    return int(totals[0]), int(totals[1]), float(totals[2])


if __name__ == "__main__":
    main()
