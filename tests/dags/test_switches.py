"""A paused DAG is seen at once: by the task that watches, through the API of Airflow, and by `hotline check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests import warm
from tests.cli.conftest import connection
from tests.warm_airflow import WarmAirflow

if TYPE_CHECKING:
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

KNOWN = """
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.utils.session import create_session
with create_session() as session:
    session.merge(DagBundleModel(name="dags-folder"))
    session.flush()
    for dag, is_paused in {"telephony_report": True, "order_report": False}.items():
        session.merge(DagModel(dag_id=dag, bundle_name="dags-folder", is_paused=is_paused, is_stale=False))
"""


@pytest.mark.timeout(900)
def test_a_paused_dag_is_an_alert_and_a_finding(stores: Stores, sandbox: SandboxControl, tmp_path: Path) -> None:
    connections = {
        "local_db": connection(stores.local),
        "docking_db": connection(stores.docking),
        "platform_12315": platform_connection(sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN),
    }
    mine = WarmAirflow(connections)
    script = tmp_path / "known.py"
    script.write_text(KNOWN, encoding="utf-8")
    assert warm.run(script, environment=mine.environment) == 0

    mine.test_dags("alert_watch", log=tmp_path / "watch.log")
    with psycopg.connect(stores.local) as local:
        told = local.execute("SELECT subject FROM hotline.alert WHERE cause = 'paused'").fetchall()
    assert ("telephony_report",) in told, (tmp_path / "watch.log").read_text()[-3000:]
    assert ("order_report",) not in told

    code, said = warm.heard("hotline_bridge.cli.main", "check", environment=mine.environment)
    assert code == 1
    (line,) = [line for line in said.splitlines() if line.startswith("bad  paused, so nothing of it runs: ")]
    assert "telephony_report; run `airflow dags unpause --yes --treat-dag-id-as-regex '^(" in line
    assert "order_report" not in line
