"""What the bridge asks of Airflow itself, for its city: which of its DAGs are paused, and one cleaning a night."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.cities import ENVIRONMENT, acting_for, find_city
from hotline_bridge.hooks import airflow_admin

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "shaoguan=韶关, guangzhou=广州")


def test_a_city_s_own_dags_are_asked_for_and_told_by_their_fixed_names(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []

    def answer(dags: Sequence[str]) -> dict[str, bool]:
        asked.append(dags)
        return {dag: dag.startswith("order") for dag in dags}

    monkeypatch.setattr(airflow_admin, "_ask_database", answer)
    with acting_for(find_city("guangzhou")):
        found = airflow_admin.paused(["order_report", "maintenance"])
    assert asked == [["order_report__guangzhou", "maintenance__guangzhou"]]
    assert found == {"order_report": True, "maintenance": False}


def test_airflow_s_database_is_cleaned_once_a_night_however_many_cities_keep_house(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cleaned = Event()
    monkeypatch.setattr(airflow_admin, "clean_airflow", cleaned.set)
    for dag in ("maintenance__guangzhou", "maintenance", "maintenance_of_others"):
        airflow_admin.start_cleaning(dag)
        assert not cleaned.wait(0.05), dag
    airflow_admin.start_cleaning("maintenance__shaoguan")
    assert cleaned.wait(10)
