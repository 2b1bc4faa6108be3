"""Each DAG file makes a DAG a city; a wrong entry of the list stops none of them and shows in the UI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.cities import ENVIRONMENT
from hotline_bridge.names import DAG_ZH
from hotline_sandbox.demo.airflow import PROJECT

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag


@pytest.fixture(scope="module")
def bag() -> DagBag:
    from airflow.dag_processing.dagbag import DagBag

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENVIRONMENT, "shaoguan=韶关, guangzhou=广州, Foshan=佛山")
        return DagBag(str(PROJECT / "dags"))


def test_a_family_a_city_and_a_wrong_entry_is_an_import_error_of_its_own(bag: DagBag) -> None:
    assert set(bag.dags) == {f"{dag}__{city}" for dag in DAG_ZH for city in ("shaoguan", "guangzhou")}
    [(file, words)] = bag.import_errors.items()
    assert Path(file).name == "cities.py"
    assert "HOTLINE_CITIES: 'Foshan=佛山' is no city" in words


def test_names_tags_and_pools_tell_cities_apart(bag: DagBag) -> None:
    dag = bag.dags["order_report__shaoguan"]
    assert dag.dag_display_name == "韶关 工单上报 order_report__shaoguan"
    assert {"report", "order", "shaoguan"} == dag.tags
    pools = {(one.dag_id.partition("__")[2], task.pool) for one in bag.dags.values() for task in one.tasks}
    assert pools == {
        (city, pool) for city in ("shaoguan", "guangzhou") for pool in ("default_pool", f"platform_12315__{city}")
    }
