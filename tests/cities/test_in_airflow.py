"""Airflow itself runs the DAGs of both cities: it finds them in one file, and gives each task its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge.cities import ENVIRONMENT
from tests.fixtures import platform_at
from tests.outbound.bridge import Bridge, call
from tests.warm_airflow import WarmAirflow

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cities.conftest import Served

pytestmark = pytest.mark.slow


def test_airflow_runs_a_dag_of_each_city_on_its_own_stores(two_cities: tuple[Served, Served], tmp_path: Path) -> None:
    for number, one in enumerate(two_cities, 1):
        Bridge(one.stores, platform_at(one.sandbox), one.sandbox).write(call(number))
    home = WarmAirflow(
        {one.city.named(name): value for one in two_cities for name, value in one.connections().items()},
        {ENVIRONMENT: "shaoguan=韶关,guangzhou=广州"},
    )
    home.test_dags(*(one.city.named("telephony_report") for one in two_cities), log=tmp_path / "run.log")
    for number, one in enumerate(two_cities, 1):
        assert one.local("SELECT key, state FROM hotline.delivery") == [(call(number)["callid"], "delivered")]
        assert one.local("SELECT dag FROM hotline.run_log WHERE subject = 'callinfo'") == [("telephony_report",)]
