"""`hotline restore`: the local store is restored from a real dump in the middle of every flow."""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.alerts.conditions import find_alerts
from hotline_bridge.alerts.limits import Limits
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.errors import StopRun
from hotline_bridge.failpoints import RESTORE_FAILPOINTS
from hotline_bridge.reconcile.days import order_kinds
from hotline_bridge.restore.mark import doubt_of, none_under_way
from hotline_bridge.restore.shown import Comparison, Unsettled, judge
from hotline_bridge.store.database import connect
from hotline_bridge.tasks.outbound import deliver
from hotline_bridge.tasks.publish import publish_tables
from hotline_bridge.tasks.reconcile import reconcile
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests import warm
from tests.outbound.bridge import call
from tests.outbound.test_leaks import postgres_connection
from tests.reconcile.city import DAYS
from tests.restore.restored_city import DAY, REPORTS, Backup, Restored, hotline, write_after, write_before

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

SCRIPT = Path(__file__).with_name("restore_once.py")


def connect_platform(monkeypatch: pytest.MonkeyPatch, base_url: str, **extras: object) -> None:
    """The platform's connection; cases are collected from shortly before the first order."""
    extras |= {"collect_from": f"{DAYS[0] - timedelta(days=1)}"}
    connection = platform_connection(base_url, DEFAULT_APP_ID, DEFAULT_TOKEN, **extras)
    monkeypatch.setenv("AIRFLOW_CONN_PLATFORM_12315", connection)


@pytest.fixture
def city(
    monkeypatch: pytest.MonkeyPatch, stores: Stores, platform: PlatformSettings, sandbox: SandboxControl
) -> Restored:
    """Connections in the environment, as the commands find them."""
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", postgres_connection(stores.local))
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", postgres_connection(stores.docking))
    connect_platform(monkeypatch, sandbox.base_url)
    return Restored(stores, platform, sandbox, interfaces_of("order"))


def received(regino: str) -> tuple[dict[str, object]]:
    """What 12345 reads of an order that the platform has."""
    return ({"regino": regino, "state": "received", "message": None},)


def restore(backup: Backup, code: int = 0) -> str:
    return hotline("restore", "--since", backup.begun, "--reason", "磁盘损坏", code=code)


def test_nothing_is_lost_nothing_repeated_in_vain_and_nothing_old_follows_new(city: Restored, tmp_path: Path) -> None:
    write_before(city)
    backup = Backup(city, tmp_path)
    write_after(city)
    held, published, heard = city.state(), city.published(), city.heard()
    assert all(held.values())
    assert all(published.values()), published
    calls = len(city.sandbox.history())
    backup.restore()

    # Nobody said so: check and the first run see it, and nothing is sent.
    with connect(city.stores.docking) as docking, connect(city.stores.local) as local:
        assert doubt_of(docking, local)
    for flow in (city.run_intake, city.everything, publish_tables, reconcile, partial(deliver, ["callinfo"])):
        with pytest.raises(StopRun, match=r"looks restored from a backup.*hotline restore --since"):
            flow()
    assert len(city.sandbox.history()) == calls
    assert "nothing was done" in hotline("restore", "--since", backup.begun, "--dry-run")

    said = restore(backup)
    assert not city.heard(calls), "a restore sends nothing"
    city.everything()
    with connect(city.stores.docking) as docking, connect(city.stores.local) as local:
        assert doubt_of(docking, local) is None
    every_flow = replace(city, interfaces=tuple(contract()[name] for name in sorted(REPORTS)))
    assert every_flow.add_up()

    repeated = city.heard(calls)
    logs = {str(call(number)["callid"]) for number in (6, 7, 10, 11, 12)}
    assert repeated.keys() == {"A5", "A6"} | logs, "orders are asked for; of logs nobody knows"
    assert all(repeated[key] == heard[key][-1:] for key in logs), "byte for byte, the newest alone"
    for key, contents in city.heard().items():
        runs = [content for content, _ in groupby(contents)]
        assert len(runs) == len(set(runs)), f"{key}: an old content followed a new one"

    # What a person had filled in is lost with the store, and never overwritten without one.
    assert "1 orders are held" in said
    assert city.versions("A4")[0][0] == "held"
    found, now = city.state(), city.published()
    assert {table: held[table] - found[table] for table in held if held[table] != found[table]} == {
        "complaint_order": held["complaint_order"] - found["complaint_order"],
        "complaint_case": Counter(),
    }
    assert (held["complaint_order"] - found["complaint_order"]).total() == 1, "what was filled in"
    new = {"order_status": ["A5", "A6"]}
    for table, rows in published.items():
        assert [row for row in now[table] if row not in rows] == [received(number) for number in new.get(table, [])]
    assert [row for row in published["order_status"] if row not in now["order_status"]] == [received("A4")]

    [(since, ended, counts)] = city.local("SELECT since < found_at, ended_at >= asked_at, counts FROM hotline.restore")
    assert (since, ended) == (True, True)
    assert {what: counts[what] for what in ("delivered", "unsent", "held", "logs")} == {
        **{"delivered": 4, "unsent": 2, "held": 1, "logs": len(logs)}
    }
    decided = dict(city.local("SELECT key, state_after FROM hotline.operator_action WHERE action = 'restore'"))
    assert decided == {**dict.fromkeys(("A1", "A2", "A3", "A8"), "delivered"), "A4": "held"}


def test_killed_at_any_step_and_run_again_it_ends_as_if_nothing_had_happened(city: Restored, tmp_path: Path) -> None:
    city.take("K1", DAY, complacontent="第一次")
    city.run_intake()
    backup = Backup(city, tmp_path)
    city.report()
    city.docking("UPDATE docking.complaint_order SET complacontent = '更正'")
    city.take("K2", DAY)
    city.report()
    heard = city.heard()
    backup.restore()
    for step in RESTORE_FAILPOINTS:
        killed = warm.run(SCRIPT, environment={**os.environ, "SINCE": backup.begun}, step=step)
        assert killed == -signal.SIGKILL, step
        with pytest.raises(StopRun, match="has not ended"):
            city.run_intake()
    restore(backup)
    city.everything()
    assert city.heard() == heard
    assert city.add_up()


def test_what_the_bureau_decided_is_found_again_or_waits_again(
    city: Restored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_platform(monkeypatch, city.sandbox.base_url, audit_required=True)
    backup = Backup(city, tmp_path)
    for number in ("B1", "B2", "B3"):
        city.take(number, DAY)
    city.run_intake()
    hotline("audit", "pass", "B1", "--office", "某局")
    hotline("audit", "return", "B2", "--office", "某局", "--reason", "不属于市场监管")
    city.everything()
    told = city.docking("SELECT regino, dealresult, updatetime FROM docking.order_return")
    assert told[0][:2] == ("B2", "不属于市场监管")
    heard = city.heard()
    backup.restore()
    # Of a result that 12345 was told, and that the platform never gives again.
    city.docking("INSERT INTO docking.complaint_case_feedback (regino, handler) VALUES ('B9', '某')")
    assert "on 1 orders was acknowledged after the backup and is not given again: B9" in restore(backup, code=1)
    city.everything()
    assert city.heard() == heard
    assert city.docking("SELECT regino, dealresult, updatetime FROM docking.order_return") == told
    assert [city.versions(number)[0][0] for number in ("B1", "B2", "B3")] == ["delivered", "held", "held"]


def test_it_stays_stopped_until_the_platform_has_answered(city: Restored, tmp_path: Path) -> None:
    backup = Backup(city, tmp_path)
    city.take("P1", DAY)
    city.report()
    backup.restore()
    with connect(city.stores.local) as run, none_under_way(run):
        assert "a run of the bridge" in restore(backup, code=1)
    city.sandbox.set_faults([{"kind": "status", "status": 502, "interface": "getTsBusiCaseInfoData"}])
    assert "everything stays stopped" in restore(backup, code=1)
    with pytest.raises(StopRun, match="has not ended"):
        publish_tables()
    with connect(city.stores.local) as local:
        assert [case.subject for case in find_alerts(local, Limits(), ["restoring"])] == ["尚未结束"]
    city.sandbox.clear_faults()
    assert "1 orders were with the platform already" in restore(backup)
    city.everything()
    assert [len(contents) for contents in city.heard().values()] == [1]
    for wrong in ("yesterday", "2999-01-01"):
        assert "--since" in hotline("restore", "--since", wrong, "--dry-run", code=1)


COMPLAINT = order_kinds()[0]
OLD, NEW, OTHER = {"goodsname": "旧"}, {"goodsname": "新"}, {"goodsname": "别"}


@pytest.mark.parametrize(
    ("shown", "delivered", "is_passed", "verdict"),
    [
        ([], [], False, "unsent"),
        ([NEW], [], False, "delivered"),
        ([NEW], [OLD], False, "delivered"),
        ([OLD], [OLD], False, "unsent"),
        ([OTHER], [OLD], False, "held"),
        ([OTHER], [], True, "unsent"),
        ([None], [], False, "held"),
        ([NEW], [{**NEW, "telnumber": "1"}], False, "alike"),
        ([{"goodsname": "新 "}, None], [], False, "delivered"),
    ],
)
def test_a_version_is_judged_by_what_the_platform_shows(
    shown: list[dict[str, str] | None], delivered: list[dict[str, str]], is_passed: bool, verdict: str
) -> None:
    version = Unsettled(1, "G1", "waiting", NEW, is_passed)
    assert judge(version, shown, delivered, Comparison(COMPLAINT)) == verdict


def test_a_field_that_the_platform_gives_back_otherwise_says_nothing() -> None:
    comparison = Comparison(COMPLAINT, [({"goodsname": "01"}, {"goodsname": "家用电器"})] * 20)
    assert comparison.is_shown({"goodsname": "02", "brandname": "甲"}, {"goodsname": "食品", "brandname": "甲"})
    assert not comparison.is_shown({"brandname": "甲"}, {"brandname": "乙"})
