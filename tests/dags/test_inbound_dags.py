"""`airflow dags test` of the four inbound DAGs, on real stores and a platform with a world."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.moments import readable
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.inbound.inbound_bridge import (
    COMPLAINTS,
    DRAINS,
    FEEDBACK,
    QUERIES,
    REPAIR,
    START,
    STEPS,
    Inbound,
    by_order,
    order,
    shown,
)
from tests.outbound.test_leaks import postgres_connection
from tests.warm_airflow import FOLDER, WarmAirflow

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

pytestmark = pytest.mark.slow

ROUTING, CASE_FEEDBACK = contract()["getCaseLzmx"], contract()["todocasefeedback"]
FLOWS = ("case_collect", "process_collect", "feedback_collect", "feedback_repair")
NAME, NUMBER = "甄隐名", "13800138000"


@pytest.fixture
def inbound(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> Inbound:
    return Inbound(stores, platform, sandbox, (COMPLAINTS, STEPS, FEEDBACK, REPAIR))


def airflow(inbound: Inbound, **extras: object) -> WarmAirflow:
    connection = platform_connection(
        inbound.sandbox.base_url,
        DEFAULT_APP_ID,
        DEFAULT_TOKEN,
        collect_from=readable(START).replace(" ", "T"),
        **extras,
    )
    return WarmAirflow({"local_db": postgres_connection(inbound.stores.local), "platform_12315": connection})


def test_dag(
    tmp_path: Path, inbound: Inbound, dag_id: str, conf: dict[str, object] | None = None, **extras: object
) -> str:
    """The log of a run; raises RuntimeError where it was red."""
    log = tmp_path / "run.log"
    more = ["--conf", json.dumps(conf)] if conf else []
    airflow(inbound, **extras).run("dags", "test", dag_id, *more, log=log)
    return log.read_text(encoding="utf-8")


test_dag.__test__ = False  # type: ignore[attr-defined]  # a step of tests, no test


def xcoms(dag_id: str) -> str:
    with sqlite3.connect(FOLDER / "airflow.db") as database:
        found = "SELECT task_id, key, value FROM xcom WHERE dag_id = ?"
        return json.dumps(
            {
                f"{task}.{key}": json.loads(value) if isinstance(value, str) else value
                for task, key, value in database.execute(found, [dag_id]).fetchall()
            },
            ensure_ascii=False,
        )


def test_the_four_flows_bring_everything_and_say_nothing_personal(tmp_path: Path, inbound: Inbound) -> None:
    personal = {"proname": NAME, "protel": NUMBER}
    inbound.sandbox.world.put(
        *(
            order(
                f"R{number:03}",
                number * 60,
                shown(COMPLAINTS, **personal),
                shown(STEPS, fqr=NAME),
                shown(FEEDBACK, agent=NAME),
            )
            for number in range(40)
        ),
        order("B", 5, shown(COMPLAINTS, proname=NAME * 30)),
    )
    airflow(inbound).test_dags(*FLOWS, log=tmp_path / "run.log")
    said = (tmp_path / "run.log").read_text(encoding="utf-8")
    for dag_id in FLOWS:
        counts = xcoms(dag_id)
        assert 100 < len(counts.encode()) < 6000, "XCom values are small counts"
        said += counts
    for interface, shown_by in ((COMPLAINTS, COMPLAINTS), (STEPS, STEPS), (FEEDBACK, REPAIR)):
        assert inbound.hashes(interface) == by_order(shown_by, inbound.sandbox.world.rows(shown_by.name))
    assert inbound.sandbox.world.rows(FEEDBACK.name) == []
    assert {str(call["interface"]) for call in inbound.sandbox.history()} >= {known.name for known in QUERIES + DRAINS}
    assert "运行小结" in said
    assert "隔离 1" in said
    for secret in (NAME, NUMBER, DEFAULT_TOKEN):
        assert secret not in said
    assert dict(inbound.local("SELECT dag, count(*) FROM hotline.run_log GROUP BY dag")).keys() >= {*FLOWS}


def test_params_visit_just_what_they_say(tmp_path: Path, inbound: Inbound) -> None:
    inbound.sandbox.world.put(order("IN", 100), order("OUT", 5000))
    conf = {"interfaces": [COMPLAINTS.name], "begin": readable(START), "end": readable(START + 200)}
    test_dag(tmp_path, inbound, "case_collect", conf)
    assert inbound.hashes(COMPLAINTS).keys() == {"IN"}
    assert len(inbound.sandbox.history()) == 1


def test_an_incomplete_second_is_red_after_the_rest_was_collected(tmp_path: Path, inbound: Inbound) -> None:
    inbound.sandbox.world.put(*(order(f"R{number}", 60) for number in range(600)), order("AFTER", 5000))
    with pytest.raises(RuntimeError, match=r"case_collect --conf .* failed"):
        test_dag(tmp_path, inbound, "case_collect", {"interfaces": [COMPLAINTS.name]})
    log = (tmp_path / "run.log").read_text(encoding="utf-8")
    assert contract()[COMPLAINTS.name].label_zh in log
    assert "未能全部取得" in log
    assert len(inbound.hashes(COMPLAINTS)) >= 501


def test_a_blocked_drain_is_red(tmp_path: Path, inbound: Inbound) -> None:
    rows = (shown(FEEDBACK, odrno="", agent=f"员{number}") for number in range(500))
    inbound.sandbox.world.put(order("N", 60, *rows))
    with pytest.raises(RuntimeError, match="feedback_collect failed"):
        test_dag(tmp_path, inbound, "feedback_collect")
    assert "无法回执" in (tmp_path / "run.log").read_text(encoding="utf-8")


def test_a_refused_authentication_and_a_dead_platform_are_red(tmp_path: Path, inbound: Inbound) -> None:
    inbound.sandbox.set_faults([{"kind": "unauthorized"}])
    with pytest.raises(RuntimeError, match="process_collect failed"):
        test_dag(tmp_path, inbound, "process_collect")
    assert "correct login, password or auth_header" in (tmp_path / "run.log").read_text(encoding="utf-8")
    inbound.sandbox.set_faults([{"kind": "reset_before"}])
    with pytest.raises(RuntimeError, match="process_collect failed"):
        test_dag(tmp_path, inbound, "process_collect")
    assert {state for (state,) in inbound.local("SELECT state FROM hotline.collection_window")} <= {"open", "failed"}


@pytest.mark.parametrize(("dag_id", "failing"), [("process_collect", STEPS), ("feedback_collect", FEEDBACK)])
def test_an_interface_that_fails_is_red_and_named_after_the_others_were_collected(
    tmp_path: Path, inbound: Inbound, dag_id: str, failing: Interface
) -> None:
    inbound.sandbox.world.put(order("R1", 60, shown(ROUTING), shown(STEPS), shown(CASE_FEEDBACK), shown(FEEDBACK)))
    inbound.sandbox.set_faults([{"kind": "status", "status": 502, "interface": failing.name}])
    with pytest.raises(RuntimeError, match=f"{dag_id} failed"):
        test_dag(tmp_path, inbound, dag_id, tries=1)
    assert f"{failing.label_zh}（{failing.name}）" in (tmp_path / "run.log").read_text(encoding="utf-8")
    assert inbound.hashes(ROUTING if failing is STEPS else CASE_FEEDBACK).keys() == {"R1"}
    inbound.sandbox.clear_faults()
    inbound.again()
    test_dag(tmp_path, inbound, dag_id)
