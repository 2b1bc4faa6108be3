"""What `hotline check` names is what the tasks need: with its remedies, an account that owns nothing does all of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.cli import check
from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import contract
from hotline_bridge.tasks import outbound
from hotline_bridge.tasks.publish import publish_tables
from tests.docking.test_poison_rows import call

if TYPE_CHECKING:
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores


def executed(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as database:
        database.execute(statement.encode())


@pytest.fixture
def runner(stores: Stores, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """Both stores as a DBA migrated them, for an account of the loader's role on hardened servers."""
    with psycopg.connect(stores.local, autocommit=True) as local:
        if not local.execute("SELECT FROM pg_roles WHERE rolname = 'runner'").rowcount:
            postgres.create_role("runner", "runner-password")
    for conninfo, name in ((stores.docking, "docking_db"), (stores.local, "local_db")):
        parts = psycopg.conninfo.conninfo_to_dict(conninfo)
        executed(conninfo, f"REVOKE TEMPORARY ON DATABASE {parts['dbname']} FROM PUBLIC")
        uri = f"postgres://runner:runner-password@{parts['host']}:{parts['port']}/{parts['dbname']}"
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", uri)
    monkeypatch.setenv("AIRFLOW_CONN_PLATFORM_12315", "http://a:b@127.0.0.1:1/")
    return stores


def found() -> list[str]:
    looked_at = [*check._guarded(check._docking), *check._guarded(check._local)]
    return [finding.text for finding in looked_at if finding.level == "bad"]


def test_after_every_grant_that_check_names_all_tasks_run(runner: Stores) -> None:
    for _ in range(6 + len(docking_tables())):
        remedies = [
            (conninfo, grant)
            for text in found()
            for grant in re.findall(r"has to run (GRANT .*)", text)
            for conninfo in ((runner.local,) if text.startswith("the local store") else (runner.docking,))
        ]
        if not remedies:
            break
        for conninfo, grant in remedies:
            executed(conninfo, grant)
    assert found() == []
    executed(runner.docking, call(1))
    executed(runner.docking, "INSERT INTO docking.order_urge (urgeid, regino) VALUES ('U', 'R')")
    orders = [interface.name for interface in contract().values() if interface.supplemented]
    counts = outbound.take_in(["callinfo", *orders])
    assert counts["callinfo"]["collected"] == 1
    executed(
        runner.local,
        "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body, body_sha256)"
        " VALUES ('putTsBusiRegInfoData', 'R', 'x', 'delivered', now(), '{}', '')",
    )
    assert publish_tables()["order_status"]["written"] == 1


def test_a_store_that_takes_no_writes_is_named(runner: Stores) -> None:
    with psycopg.connect(runner.docking) as docking:
        docking.read_only = True
        [finding] = check._takes_writes("docking store", docking)
    assert finding.level == "bad"
    assert finding.text.startswith("the docking store takes no writes: a standby")
