"""`airflow dags test order_report`: orders with their notes, on real stores and a real platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.cli.status import read_status
from hotline_sandbox.sample.orders import load_orders
from tests.dags.test_run import airflow, xcoms

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

pytestmark = pytest.mark.slow


def test_the_dag_reports_orders_and_lays_supplements_over_them(
    tmp_path: Path, stores: Stores, sandbox: SandboxControl
) -> None:
    written = load_orders(stores.docking, orders=300, seed=7)
    home = airflow(stores, sandbox)
    home.run("dags", "test", "order_report", log=tmp_path / "run.log")
    for log in read_status("order", stores.docking, stores.local):
        assert log.adds_up
        assert log.versions["delivered"] == written.tables[str(log.interface.table)].delivered
    with psycopg.connect(stores.local) as local:
        [(laid,)] = local.execute("SELECT count(*) FROM hotline.order_supplement WHERE laid_at IS NOT NULL").fetchall()
        [(seats,)] = local.execute("SELECT count(*) FROM hotline.seat").fetchall()
    assert laid > 0
    assert seats > 0
    assert sum(count["accepted"] for count in sandbox.counts().values()) == written.total.delivered + laid
    counts = xcoms(home)
    assert set(counts) == {"intake", "deliver", "summary"}
    assert counts["intake"]["putTsBusiRegInfoData"]["rows"] == written.tables["complaint_order"].rows
    text = (tmp_path / "run.log").read_text()
    assert "投诉工单：取得" in text
    assert "【12345补单" not in text
