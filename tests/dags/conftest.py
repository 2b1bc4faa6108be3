"""An Airflow of its own for the tests that look at DAG files: it has no database."""

from __future__ import annotations

import pytest

from hotline_sandbox.demo.airflow import AirflowHome


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> AirflowHome:
    return AirflowHome(tmp_path_factory.mktemp("airflow"), {})
