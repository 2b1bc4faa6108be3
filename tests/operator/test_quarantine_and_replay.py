"""Quarantine and replay by hand: what an operator sees is masked, what he does is audited, a dry run does nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import uvloop
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from hotline_bridge.cli.main import app
from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound.deliver import deliver
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.outbound.status import log_status
from hotline_bridge.store.database import connect
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.sessions import ask

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

CALLS = contract()["callinfo"]
MARK = "13977712345"
"""A caller's number, which must not be shown."""


def call(number: int, **changes: str | None) -> dict[str, str | None]:
    good: dict[str, str | None] = {
        "callid": f"440203{number:06}",
        "callno": MARK,
        "sourcearea": "440203",
        "calltime": "20261123080000",
        "calltype": "1",
    }
    return {**good, **changes}


class Bridge:
    """The two stores and the platform of one test, with the steps of a run."""

    def __init__(self, stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> None:
        self.stores, self.platform, self.sandbox = stores, platform, sandbox

    def write(self, *rows: dict[str, str | None]) -> None:
        with psycopg.connect(self.stores.docking) as docking:
            for row in rows:
                docking.execute(
                    "INSERT INTO docking.call_log (callid, callno, sourcearea, calltime, calltype)"
                    " VALUES (%(callid)s, %(callno)s, %(sourcearea)s, %(calltime)s, %(calltype)s)",
                    row,
                )

    def run(self) -> None:
        with connect(self.stores.docking) as docking, connect(self.stores.local) as local:
            take_in(docking, local, CALLS)
        uvloop.run(deliver([CALLS], self.stores.local, self.platform))

    def local(self, query: str, *values: object) -> list[Any]:
        return ask(self.stores.local, query, *values)

    def state(self, number: int) -> str:
        return str(self.local("SELECT state FROM hotline.delivery WHERE key = %s", f"440203{number:06}")[0][0])

    def quarantined(self) -> str:
        """The number of the one quarantined version."""
        ((row_id,),) = self.local("SELECT row_id FROM hotline.delivery WHERE state = 'quarantined'")
        return str(row_id)


@pytest.fixture
def bridge(
    monkeypatch: pytest.MonkeyPatch, stores: Stores, platform: PlatformSettings, sandbox: SandboxControl
) -> Bridge:
    for name, conninfo in (("DOCKING_DB", stores.docking), ("LOCAL_DB", stores.local)):
        parts = conninfo_to_dict(conninfo)
        fields = {"host": "host", "port": "port", "login": "user", "password": "password", "schema": "dbname"}
        value = {"conn_type": "postgres", **{field: parts[ours] for field, ours in fields.items()}}
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(value))
    monkeypatch.setenv(
        "AIRFLOW_CONN_PLATFORM_12315", platform_connection(sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN)
    )
    return Bridge(stores, platform, sandbox)


def hotline(*arguments: str, answer: str | None = None) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments, input=answer, catch_exceptions=False, env={"COLUMNS": "200"})
    return done.exit_code, done.output


def test_quarantine_is_listed_with_reasons_in_chinese_and_without_personal_data(bridge: Bridge) -> None:
    bridge.write(call(1), call(2, calltype="9"), call(3, calltime="20260230000000", callno=None))
    bridge.run()
    code, output = hotline("quarantine", "list")
    assert code == 0
    assert "隔离 2 行" in output
    assert "440203000002" in output
    assert "calltype（呼叫类型）不在规定的代码之内" in output
    assert "callno（来电号码）必填项为空" in output
    assert MARK not in output
    assert "440203000003" not in hotline("quarantine", "list", "--rule", "calltype:code")[1]
    assert "隔离 0 行" in hotline("quarantine", "list", "--interface", "recordinfo")[1]

    bridge.local("DELETE FROM hotline.delivery WHERE key = '440203000003'")
    row_id = bridge.quarantined()
    output = hotline("quarantine", "show", row_id)[1]
    assert "*** (11 字)" in output
    assert "20261123080000" in output
    assert MARK not in output


def test_release_judges_by_the_rules_of_today(bridge: Bridge) -> None:
    bridge.write(call(1), call(2, calltype="9"))
    bridge.run()
    # As if yesterday's rules had been stricter: a good version lies in quarantine, and is in no typed table.
    bridge.local("UPDATE hotline.delivery SET state = 'quarantined', reasons = '{callno:length}' WHERE key LIKE '%01'")
    bridge.local("DELETE FROM hotline.call_log")
    bridge.sandbox.reset()

    assert (
        "2 versions would be judged again; nothing was done"
        in hotline("quarantine", "release", "--all", "--dry-run")[1]
    )
    assert bridge.state(1) == "quarantined"
    assert "1 of 2 versions pass today's rules" in hotline("quarantine", "release", "--all", "--reason", "规则放宽")[1]
    assert (bridge.state(1), bridge.state(2)) == ("waiting", "quarantined")
    assert bridge.local("SELECT callid FROM hotline.call_log") == [("440203000001",)]
    bridge.run()
    assert bridge.state(1) == "delivered"
    assert [record["key"] for record in bridge.sandbox.history()] == ["440203000001"]
    actions = bridge.local("SELECT action, key, state_after, reason FROM hotline.operator_action ORDER BY key")
    assert actions == [
        ("release", "440203000001", "waiting", "规则放宽"),
        ("release", "440203000002", "quarantined", "规则放宽"),
    ]


def test_discard_asks_for_a_reason_and_is_a_mark(bridge: Bridge) -> None:
    bridge.write(call(2, calltype="9"))
    bridge.run()
    row_id = bridge.quarantined()
    assert hotline("quarantine", "discard", row_id, "--reason", "测试电话", answer="n\n")[0] == 1
    with pytest.raises(Exception, match="needs a reason"):
        hotline("quarantine", "discard", row_id, "--reason", " ", "--yes")
    assert "隔离 1 行" in hotline("quarantine", "list")[1]

    assert "1 versions discarded" in hotline("quarantine", "discard", row_id, answer="测试电话\ny\n")[1]
    assert "隔离 0 行" in hotline("quarantine", "list")[1]
    assert "（已作废）" in hotline("quarantine", "list", "--all")[1]
    actor, reason = bridge.local("SELECT actor, reason FROM hotline.operator_action WHERE action = 'discard'")[0]
    assert actor
    assert reason == "测试电话"
    with pytest.raises(Exception, match="not in quarantine"):
        hotline("quarantine", "discard", row_id, "--reason", "再一次", "--yes")
    # It stays in the store, in its state, and in the counts; and no release brings it back.
    assert "0 of 0 versions" in hotline("quarantine", "release", "--all", "--reason", "再试")[1]
    with connect(bridge.stores.docking) as docking, connect(bridge.stores.local) as local:
        status = log_status(docking, local, CALLS)
    assert status.adds_up
    assert (status.versions["quarantined"], status.discarded) == (1, {"quarantined": 1})


@pytest.mark.edge
def test_a_fixed_docking_row_releases_its_quarantined_version(bridge: Bridge) -> None:
    bridge.write(call(2, calltype="9"))
    bridge.run()
    with psycopg.connect(bridge.stores.docking) as docking:
        docking.execute("UPDATE docking.call_log SET calltype = '2'")
    bridge.run()
    assert bridge.local("SELECT state FROM hotline.delivery ORDER BY row_id") == [("superseded",), ("delivered",)]
    assert "隔离 0 行" in hotline("quarantine", "list")[1]


@pytest.fixture
def refused(bridge: Bridge) -> Bridge:
    """Three calls that the platform refused, with two codes, and one that it took."""
    fault = {"kind": "code", "interface": "callinfo", "msg": "区划未开通"}
    bridge.sandbox.set_faults(
        [
            {**fault, "code": "7001", "key": "440203000001"},
            {**fault, "code": "7001", "key": "440203000002"},
            {**fault, "code": "7002", "key": "440203000003", "msg": "系统维护"},
        ]
    )
    bridge.write(call(1), call(2), call(3), call(4))
    bridge.run()
    assert [bridge.state(number) for number in (1, 2, 3, 4)] == ["rejected", "rejected", "rejected", "delivered"]
    bridge.sandbox.clear_faults()
    bridge.sandbox.reset()
    return bridge


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        ([], {1, 2, 3}),
        (["--code", "7001"], {1, 2}),
        (["--message", "维护"], {3}),
        (["--key", "440203000002"], {2}),
        (["--key", "440203000004"], set()),
        (["--interface", "recordinfo"], set()),
        (["--day", "2001-01-01"], set()),
    ],
)
def test_replay_makes_due_what_is_named(refused: Bridge, filters: list[str], keys: set[int]) -> None:
    output = hotline("replay", "--dry-run", *filters)[1]
    assert f"{len(keys)} versions would be due; nothing was changed or sent" in output
    assert MARK not in output
    refused.run()
    assert refused.sandbox.history() == [], "a dry run sends nothing, nor does a run after it"

    assert f"{len(keys)} versions are due now" in hotline("replay", "--reason", "已开通", *filters)[1]
    refused.run()
    assert {record["key"] for record in refused.sandbox.history()} == {f"440203{number:06}" for number in keys}
    assert all(refused.state(number) == "delivered" for number in keys)
    assert len(refused.local("SELECT 1 FROM hotline.operator_action WHERE action = 'replay'")) == len(keys)


def test_what_the_platform_has_is_sent_again_by_key_alone(refused: Bridge) -> None:
    with pytest.raises(Exception, match="by key only"):
        hotline("replay", "--delivered")
    assert "1 versions are due now" in hotline("replay", "--delivered", "--key", "440203000004", answer="退回原值\n")[1]
    refused.run()
    assert [record["key"] for record in refused.sandbox.history()] == ["440203000004"]


def test_a_refused_version_that_was_corrected_is_not_replayed(refused: Bridge) -> None:
    with psycopg.connect(refused.stores.docking) as docking:
        docking.execute("UPDATE docking.call_log SET callno = '075112345' WHERE callid = '440203000001'")
    refused.run()
    assert "2 versions are due now" in hotline("replay", answer="已开通\n")[1]


def test_a_dry_run_of_a_report_shows_what_would_be_sent_and_does_nothing(refused: Bridge) -> None:
    refused.write(call(5))
    hotline("replay", "--key", "440203000001", "--reason", "试")
    output = hotline("report", "--dry-run")[1]
    assert "1 docking rows would be taken in" in output
    assert "1 versions would be sent" in output
    assert "440203000001" in output
    assert MARK not in output
    assert refused.sandbox.history() == []
    assert refused.local("SELECT count(*) FROM hotline.delivery") == [(4,)]
