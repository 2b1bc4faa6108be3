"""What the steps of a run write into a task's log: sentences with counts, never the types that hold them."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.names import told
from hotline_bridge.tasks.maintenance import tidy
from hotline_bridge.tasks.outbound import deliver, take_in
from hotline_bridge.tasks.publish import publish_tables
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.sample.load import load_sample
from hotline_sandbox.sample.orders import load_orders
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.outbound.test_leaks import postgres_connection

if TYPE_CHECKING:
    import pytest

    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores


def test_counts_are_told_without_zeros() -> None:
    assert told({"rows": 3, "without_number": 2, "copies": 0}) == "3 rows, 2 without number"
    assert told({"rows": 0}) == told({}) == "nothing"


def test_a_run_logs_sentences(
    stores: Stores, sandbox: SandboxControl, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", postgres_connection(stores.docking))
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", postgres_connection(stores.local))
    monkeypatch.setenv(
        "AIRFLOW_CONN_PLATFORM_12315", platform_connection(sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN)
    )
    load_sample(stores.docking, rows=40, seed=2)
    load_orders(stores.docking, orders=40, seed=2)
    names = [interface.name for flow in ("telephony", "order") for interface in interfaces_of(flow)]
    # Not by the root: Airflow, once it is loaded, takes that for itself.
    ours = logging.getLogger("hotline_bridge")
    monkeypatch.setattr(ours, "handlers", [caplog.handler])
    with caplog.at_level(logging.INFO, ours.name):
        take_in(names)
        deliver(names)
        publish_tables()
        tidy()
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("hotline_bridge")]
    assert [line for line in lines if re.search(r"\w\(\w+=|[{}]", line)] == []
    assert any(re.fullmatch(r"话务日志 callinfo: took in \d+ rows, \d+ waiting.*", line) for line in lines), lines
    assert any(re.fullmatch(r"投诉工单 putTsBusiRegInfoData: settled \d+ delivered.*", line) for line in lines), lines
    assert any(re.fullmatch(r"docking\.order_status: \d+ rows written, 0 removed", line) for line in lines), lines
