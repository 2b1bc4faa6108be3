"""How soon what 12345 writes is on the platform, and an order's status back: through a real Airflow, all DAGs on.

Rows are written at a steady rate, first that of a day and then that of an evening. A row's time ends when the platform
receives it, by the platform's own log of calls.
"""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import datetime
from statistics import median, quantiles
from typing import TYPE_CHECKING

from bench.findings import Finding, at_most
from bench.idle import airflow_of, unpause
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract
from hotline_bridge.docking.contract_sql import docking_table
from hotline_bridge.names import DAG_ZH
from hotline_bridge.store.database import connect
from hotline_bridge.store.sql import read_sql
from hotline_sandbox.demo.trickle import Trickle
from hotline_sandbox.server.control import running_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.harness import Harness
    from hotline_sandbox.server.control import SandboxControl

DAY, EVENING = 1.0, 5.0
"""Rows of the logs a second, with a tenth as many orders: of a city of 50,000 calls a day, and of its busiest hour."""
GOAL_S, BACK_GOAL_S, LOOKS_GOAL = 5.0, 5.0, 1.0
_FIRST_S = 100.0
"""Left out: until Airflow has begun all the runs that it begins when DAGs are turned on."""
_LAST_S = 20.0
"""So long after the last row, what is not on the platform yet counts as never."""


def measure_realtime(harness: Harness, minutes: float) -> Iterator[Finding]:
    """Seconds from written to received, and back, and what the watching asks of the docking store."""
    harness.server.create_database("airflow")
    harness.renew("docking")
    with running_sandbox() as platform, airflow_of(harness, platform.base_url) as home:
        unpause(home, *DAG_ZH)
        _write(harness, DAY, _FIRST_S)
        for name, rate in (("day", DAY), ("evening", EVENING)):
            since = datetime.now(SHANGHAI)
            _write(harness, rate, 60 * minutes)
            until = datetime.now(SHANGHAI)
            time.sleep(_LAST_S)
            there = _there(harness, platform, since, until)
            note = f"{len(there)} rows, {rate:g} a second and a tenth of it in orders"
            yield Finding(f"written to received, {name}: half", f"{median(there):.1f} s", note=note)
            yield at_most(f"written to received, {name}: 95 %", _p95(there), GOAL_S, " s", note="goal 3 s")
            back = _back(harness, since, until)
            yield at_most(
                f"answered to order_status, {name}: 95 %", _p95(back), BACK_GOAL_S, " s", note=f"{len(back)} orders"
            )
        before, began = _transactions(harness), time.monotonic()
        time.sleep(60 * minutes)
        asked = (_transactions(harness) - before) / (time.monotonic() - began)
        yield Finding("statements a second on the docking store, nothing comes", f"{asked:.2f}", note="all DAGs")


def _write(harness: Harness, rate: float, seconds: float) -> None:
    trickle = Trickle(harness.server.conninfo("docking_try"), rate)
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            trickle.write_due()
            time.sleep(0.1)
    finally:
        trickle.close()


def _there(harness: Harness, platform: SandboxControl, since: datetime, until: datetime) -> list[float]:
    """Seconds of each version whose docking row was written in this time and that the platform was to get."""
    received: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for call in platform.history():
        if call["key"]:
            received[call["interface"], call["key"]].append(datetime.fromisoformat(call["received_at"]))
    with connect(harness.server.conninfo("local_try")) as local:
        versions = local.execute(
            "SELECT interface, key, written_at FROM hotline.delivery WHERE written_at BETWEEN %s AND %s"
            " AND state IN ('waiting', 'delivered', 'rejected')",
            [since, until],
        ).fetchall()
    never = (until - since).total_seconds() + _LAST_S
    found = [
        min(((at - written).total_seconds() for at in received[name, key] if at >= written), default=never)
        for name, key, written in versions
    ]
    with connect(harness.server.conninfo("docking_try")) as docking:
        for interface in (known for known in contract().values() if known.kind == "report"):
            query = read_sql("outbound/status.sql", "count_uncollected").format(table=docking_table(interface))
            [(left,)] = docking.execute(query).fetchall()
            found += [never] * left
    return found


def _back(harness: Harness, since: datetime, until: datetime) -> list[float]:
    """Seconds from the platform's first answer on an order until 12345 can read its status."""
    orders = [name for name, known in contract().items() if known.kind == "report" and known.flow == "order"]
    with connect(harness.server.conninfo("local_try")) as local:
        settled = dict(
            local.execute(
                "SELECT key, max(settled_at) FROM hotline.delivery WHERE written_at BETWEEN %s AND %s"
                " AND state IN ('delivered', 'rejected') AND interface = ANY(%s) GROUP BY key HAVING count(*) = 1",
                [since, until, orders],
            ).fetchall()
        )
    with connect(harness.server.conninfo("docking_try")) as docking:
        told = dict(docking.execute("SELECT regino, updated_at FROM docking.order_status").fetchall())
    never = (until - since).total_seconds() + _LAST_S
    return [(told[key] - at).total_seconds() if key in told else never for key, at in settled.items()]


def _transactions(harness: Harness) -> int:
    with connect(harness.server.conninfo("postgres")) as session:
        [(count,)] = session.execute(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'docking_try'"
        ).fetchall()
    return int(count)


def _p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20)[-1]
