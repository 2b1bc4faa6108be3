"""What happens in `make up` from its first minutes, apart from Airflow: on real stores and a platform."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.store.database import connect
from hotline_sandbox.demo.first_runs import DAGS, first_runs
from hotline_sandbox.demo.remembered import put_again
from hotline_sandbox.demo.staff import KEPT, Staff
from hotline_sandbox.demo.trickle import ORDERS, Trickle
from hotline_sandbox.sample.orders import load_orders
from tests.orders.order_bridge import AUDITED, OrderBridge

if TYPE_CHECKING:
    import pytest

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores


def test_orders_are_audited_sent_and_dealt_with(
    stores: Stores, platform: PlatformSettings, sandbox: SandboxControl
) -> None:
    orders = OrderBridge(stores, platform, sandbox, interfaces_of("order"), policy=AUDITED)
    load_orders(stores.docking, orders=60, dirty=0.05, seed=4)

    def states() -> dict[str, int]:
        return dict(orders.local("SELECT state, count(*) FROM hotline.delivery GROUP BY state"))

    orders.take_in()
    held = states()["held"]
    assert held > KEPT + 1
    with connect(stores.local) as local:
        staff = Staff(local, sandbox)
        staff.act()
        assert states()["waiting"] == held - KEPT - 1
        orders.deliver()
        staff.act()
        assert states()["held"] == KEPT + 1, "the newest stay for whoever tries it, and one is returned to 12345"
    assert orders.local("SELECT decision, count(*) FROM hotline.order_audit GROUP BY 1 ORDER BY 1") == [
        ("pass", held - KEPT - 1),
        ("return", 1),
    ]
    [(delivered,)] = orders.local("SELECT count(DISTINCT key) FROM hotline.delivery WHERE state = 'delivered'")
    assert sandbox.world.deal() == 0, "the bureau has dealt with all"

    sandbox.reset()
    assert sandbox.world.deal() == 0
    assert put_again(stores.local, sandbox.base_url) >= delivered > 0
    assert sandbox.world.deal() == delivered, "the next sandbox knows the orders of the one before"


def test_logs_orders_and_what_follows_orders_trickle_in(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((0.0, 60.0, 600.0))
    monkeypatch.setattr("hotline_sandbox.demo.trickle.time", SimpleNamespace(monotonic=clock.__next__, time=lambda: 4))
    with closing(Trickle(stores.docking, rate=3.0)) as trickle:
        for logs in (180, 1_800):
            trickle.write_due()
            assert (trickle.logs, trickle.orders) == (logs, logs * ORDERS)
        written = trickle.orders
    with connect(stores.docking) as docking:
        found = docking.execute(
            "SELECT (SELECT count(*) FROM docking.complaint_order) + (SELECT count(*) FROM docking.report_order)"
            " + (SELECT count(*) FROM docking.consultation_order), (SELECT count(*) FROM docking.order_urge) > 0,"
            " (SELECT count(*) FROM docking.order_supplement) > 0"
        ).fetchall()
    assert found == [(written, True, True)]


class Clockwork:
    """An Airflow whose API is too busy at times, which learns of a DAG late, and whose runs take two looks."""

    def __init__(self) -> None:
        self.looks: list[str] = []

    def start(self, dag_id: str) -> str | None:
        self.looks.append(dag_id)
        if self.looks.count(dag_id) == 1:
            raise TimeoutError
        return f"run of {dag_id}" if self.looks.count(dag_id) > 2 else None

    def state(self, dag_id: str, run_id: str) -> str:
        assert run_id == f"run of {dag_id}"
        self.looks.append(run_id)
        if self.looks.count(run_id) == 1:
            return "running"
        return "failed" if dag_id == "process_collect" else "success"


def test_what_waits_for_its_hour_runs_once_one_after_another() -> None:
    airflow, said = Clockwork(), list[str]()
    for _ in first_runs(airflow, said.append):
        assert len(said) <= len(DAGS)
    assert [look for look in airflow.looks if look.startswith("run of")] == [
        f"run of {dag_id}" for dag_id in DAGS for _ in range(2)
    ]
    assert [line.partition(" (")[0] for line in said if "done" in line] == [
        "工单收集 case_collect: first run done 完成",
        "反馈收集 feedback_collect: first run done 完成",
        "反馈补漏 feedback_repair: first run done 完成",
        "结果回写 docking_publish: first run done 完成",
        "对账 count_reconciliation: first run done 完成",
    ]
    assert any(line.startswith("办理过程收集 process_collect: first run failed") for line in said)


def test_a_pipe_gets_each_line_as_it_is_said() -> None:
    told = subprocess.Popen(
        [sys.executable, "-c", "from hotline_sandbox.demo.stage import step\nwith step('world'):\n    input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert told.stdout
    assert told.stdout.readline() == "… world\n"
    rest, _ = told.communicate("\n", timeout=60)
    assert rest.startswith("✓ world")
