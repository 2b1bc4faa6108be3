"""A bare installation: Airflow's own processes make the pool that the DAGs need, and clean Airflow's database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hotline_bridge.hooks.airflow_admin import AIRFLOW_DAYS, POOL, SLOTS, clean_airflow
from tests import warm
from tests.warm_airflow import WarmAirflow

SCRIPT = Path(__file__).with_name("keep_house.py")


@pytest.mark.slow
def test_a_starting_scheduler_makes_the_pool_and_a_nightly_run_cleans() -> None:
    code, said = warm.heard(SCRIPT, POOL, environment={**WarmAirflow({}).environment, AIRFLOW_DAYS: "10"})
    assert code == 0, said[-3000:]
    seen = json.loads(said.splitlines()[-1])
    assert (seen["before"], seen["after_a_task"]) == (None, None)
    slots, words = seen["after_a_job"]
    assert slots == SLOTS
    assert "docs/delivery.md" in words
    assert seen["after_it_was_set"][0] == 2, "what somebody set stays"
    assert (seen["entries"], seen["entries_after_cleaning"]) == (4, 2)


@pytest.mark.parametrize(("days", "said"), [("0", ""), ("a week", f"{AIRFLOW_DAYS} must be a whole number of days")])
def test_it_can_be_turned_off_and_a_wrong_value_cleans_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, days: str, said: str
) -> None:
    monkeypatch.setenv(AIRFLOW_DAYS, days)
    assert not clean_airflow()
    assert said in caplog.text
