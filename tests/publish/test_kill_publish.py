"""SIGKILL at each step of publishing and of taking in time limits: the next run ends as if nothing had happened."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.failpoints import DEADLINE_FAILPOINTS, PUBLISH_FAILPOINTS
from hotline_bridge.publish import OF_ORDERS
from hotline_bridge.store.database import connect
from hotline_bridge.tasks.publish import publish_tables
from hotline_sandbox import checker
from tests import warm
from tests.cli.test_commands import connection
from tests.publish.publish_bridge import PublishBridge, fill

if TYPE_CHECKING:
    from tests.fixtures import Stores

ORDERS = 3
SCRIPT = Path(__file__).with_name("publish_once.py")


@pytest.mark.parametrize("step", [*DEADLINE_FAILPOINTS, *PUBLISH_FAILPOINTS])
def test_killed_at_a_step_the_next_run_ends_as_if_nothing_had_happened(
    monkeypatch: pytest.MonkeyPatch, bridge: PublishBridge, stores: Stores, step: str
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", connection(stores.docking))
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(stores.local))
    for number in range(ORDERS):
        fill(bridge, f"R{number:02}")
    bridge.docking.execute("INSERT INTO docking.order_deadline (regino, deadline) VALUES ('R01', '2026-12-24')")
    bridge.local.execute("INSERT INTO hotline.publish_again (docking_table, regino) VALUES ('order_return', 'R01')")
    assert warm.run(SCRIPT, step=step) == -signal.SIGKILL
    publish_tables()
    for noted in ("order_change", "publish_again"):
        assert bridge.local.execute(f"SELECT FROM hotline.{noted}".encode()).rowcount == 0
    with connect(stores.local) as local, connect(stores.docking) as docking:
        assert [found for found in checker.check([], docking, local) if found.interface == "order_deadline"] == []
        after = checker.contents(docking, local)
        docking.execute(f"TRUNCATE {', '.join(f'docking.{table}' for table in OF_ORDERS)}".encode())
        bridge.run(whole=True)
        assert checker.contents(docking, local) == after
    assert len(bridge.rows("order_routing")) == 2 * ORDERS
    assert bridge.local.execute("SELECT regino FROM hotline.order_deadline").fetchall() == [("R01",)]
