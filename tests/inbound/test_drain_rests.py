"""A scheduled run leaves a drain alone that was empty a short while ago; nobody else's run does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import uvloop

from hotline_bridge.dags import policy, shapes
from hotline_bridge.inbound.feedback import DrainCounts, drain
from hotline_bridge.tasks import inbound as steps
from tests.inbound.inbound_bridge import FEEDBACK, order, shown

if TYPE_CHECKING:
    from tests.inbound.inbound_bridge import Inbound


@pytest.fixture
def feedback(inbound: Inbound) -> Inbound:
    return inbound.of(FEEDBACK)


def scheduled(inbound: Inbound) -> DrainCounts:
    return uvloop.run(drain([FEEDBACK], inbound.stores.local, inbound.platform, only_due=True))[FEEDBACK.name]


def minutes_pass(inbound: Inbound, minutes: float) -> None:
    inbound.local("UPDATE hotline.drain_fetch SET fetched_at = fetched_at - %s * interval '1 minute'", minutes)


def test_an_empty_drain_is_asked_by_the_third_run_again(feedback: Inbound) -> None:
    asked = []
    for _ in range(7):
        asked.append(scheduled(feedback).fetches)
        minutes_pass(feedback, 5)
    assert asked == [1, 0, 0, 1, 0, 0, 1]
    assert len(feedback.sandbox.history(interface=FEEDBACK.name)) == 3


def test_a_drain_that_gave_rows_is_asked_by_the_next_run(feedback: Inbound) -> None:
    feedback.sandbox.world.put(order("R1", 1, shown(FEEDBACK)))
    found = [scheduled(feedback) for _ in range(3)]
    assert [(done.fetches, done.acknowledged, done.rested) for done in found] == [(1, 1, 0), (1, 0, 0), (0, 0, 1)]


def test_what_comes_meanwhile_waits_no_longer_than_the_pause(feedback: Inbound) -> None:
    scheduled(feedback)
    feedback.sandbox.world.put(order("R1", 1, shown(FEEDBACK)))
    assert scheduled(feedback).rested == 1
    minutes_pass(feedback, feedback.platform.empty_drain_pause_s / 60)
    assert scheduled(feedback).acknowledged == 1


def test_whoever_asks_by_hand_is_answered(feedback: Inbound) -> None:
    scheduled(feedback)
    feedback.sandbox.world.put(order("R1", 1, shown(FEEDBACK)))
    assert feedback.drain()[FEEDBACK.name].acknowledged == 1


def test_a_failed_fetch_says_nothing_about_the_drain(feedback: Inbound) -> None:
    feedback.sandbox.set_faults([{"kind": "html", "interface": FEEDBACK.name}])
    assert scheduled(feedback).failed == 1
    feedback.sandbox.clear_faults()
    assert scheduled(feedback).fetches == 1


def test_a_clock_that_was_set_back_puts_no_drain_to_sleep(feedback: Inbound) -> None:
    scheduled(feedback)
    minutes_pass(feedback, -600)
    assert scheduled(feedback).fetches == 1


def test_the_pause_is_a_setting(feedback: Inbound) -> None:
    brief = feedback.with_settings(empty_drain_pause_s=60)
    scheduled(brief)
    minutes_pass(brief, 2)
    assert scheduled(brief).fetches == 1


@pytest.mark.parametrize(("run_type", "only_due"), [("scheduled", True), ("manual", False), ("backfill", False)])
def test_only_the_schedule_lets_a_drain_rest(monkeypatch: pytest.MonkeyPatch, run_type: str, *, only_due: bool) -> None:
    from airflow.sdk.api.datamodels._generated import DagRunType

    asked = []

    def drain_feedback(_names: list[str], _budget_s: float, **how: bool) -> dict[str, dict[str, int]]:
        asked.append(how)
        return {}

    monkeypatch.setattr(steps, "drain_feedback", drain_feedback)
    monkeypatch.setattr(shapes, "record_run", lambda _dag: None)
    run = type("Run", (), {"run_type": DagRunType(run_type)})
    instance = type("Instance", (), {"xcom_push": staticmethod(lambda *_: None)})
    monkeypatch.setattr(shapes, "get_current_context", lambda: {"dag_run": run})
    [dag] = shapes.drain_dags("drains", flow="feedback", schedule="*/5 * * * *", description="", doc_md=None, tags=())
    monkeypatch.setattr(policy, "get_current_context", lambda: {"task": dag.get_task("drain"), "ti": instance})
    dag.get_task("drain").python_callable({"interfaces": [FEEDBACK.name]})
    assert asked == [{"only_due": only_due}]


def test_the_run_says_in_words_that_it_did_not_ask() -> None:
    assert steps.summary({FEEDBACK.name: {"rested": 1, "fetches": 0}}).endswith("不久前已取空而未查询 1")
