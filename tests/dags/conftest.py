"""One Airflow of its own for the tests that look at it and change nothing that another one sees."""

from __future__ import annotations

import shutil

import pytest

from hotline_sandbox.demo.airflow import AirflowHome
from tests.warm_airflow import migrated


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> AirflowHome:
    made = AirflowHome(tmp_path_factory.mktemp("airflow"), {})
    shutil.copy(migrated(), made.folder / "airflow.db")
    return made
