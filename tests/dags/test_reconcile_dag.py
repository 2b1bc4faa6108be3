"""`airflow dags test count_reconciliation` on real stores and a platform: red only for what is left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import interfaces_of
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.orders.order_bridge import COMPLAINT
from tests.outbound.test_leaks import postgres_connection
from tests.reconcile.city import DAYS, City
from tests.warm_airflow import WarmAirflow

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

pytestmark = pytest.mark.slow


def test_it_repairs_reports_and_is_red_only_for_what_is_left(
    tmp_path: Path, stores: Stores, platform: PlatformSettings, sandbox: SandboxControl
) -> None:
    city = City(stores, platform, sandbox, interfaces_of("order"))
    for place, day in enumerate(DAYS):
        city.take(f"G{place}", day, proname="甄隐名")
    city.carry()
    city.lose_locally("G1")
    home = WarmAirflow(
        {
            "docking_db": postgres_connection(stores.docking),
            "local_db": postgres_connection(stores.local),
            "platform_12315": platform_connection(sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN, resend_after_h=1e-6),
        },
    )
    home.run("dags", "test", "count_reconciliation", log=tmp_path / "green.log")
    report = home.folder / "reports" / "reconciliation.html"
    assert "相符" in report.read_text(encoding="utf-8")
    assert city.local("SELECT regino FROM hotline.complaint_case WHERE regino = 'G1'")
    assert city.local("SELECT count(*) FROM hotline.run_log WHERE dag = 'count_reconciliation'") == [(1,)]

    sandbox.world.remove("G2")
    sandbox.set_faults([{"kind": "issuc", "interface": COMPLAINT}])
    conf = json.dumps({"begin": f"{DAYS[0]}T00:00:00", "end": f"{DAYS[-1]}T23:59:59"})
    with pytest.raises(RuntimeError, match="count_reconciliation"):
        home.run("dags", "test", "count_reconciliation", "--conf", conf, log=tmp_path / "red.log")
    said = (tmp_path / "red.log").read_text(encoding="utf-8")
    assert f"投诉：有差异，共 1 天（{DAYS[2]} 至 {DAYS[2]}）" in said
    for secret in ("甄隐名", DEFAULT_TOKEN):
        assert secret not in said + report.read_text(encoding="utf-8")
