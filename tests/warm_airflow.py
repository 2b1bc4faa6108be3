"""The Airflow of a test process: `airflow ARGUMENTS` in a forked process, on a database migrated once."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from hotline_sandbox.demo.airflow import AirflowHome
from tests import warm

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(os.environ["AIRFLOW_HOME"])
"""`tests.fixtures` makes it: Airflow has looked at it when the processes here are forked."""
_MIGRATED = FOLDER / "migrated.db"


class WarmAirflow(AirflowHome):
    """Airflow as after its installation. One at a time: the next takes its place."""

    def __init__(self, connections: Mapping[str, str], settings: Mapping[str, str] | None = None) -> None:
        super().__init__(FOLDER, connections, settings or {})
        shutil.rmtree(FOLDER / "reports", ignore_errors=True)
        for left in FOLDER.glob("airflow.db*"):  # also a journal, which SQLite would play back into the new one
            left.unlink()
        shutil.copy(migrated(), FOLDER / "airflow.db")

    def _code(self, module: str, *arguments: str, log: Path) -> int:
        return warm.run(module, *arguments, environment=self.environment, output=log, timeout=250)


def migrated() -> Path:
    """An Airflow database as `airflow db migrate` leaves it."""
    if not _MIGRATED.exists():
        home = AirflowHome(FOLDER, {})
        code = warm.run("airflow", "db", "migrate", environment=home.environment, output=FOLDER / "migrate.log")
        assert code == 0, (FOLDER / "migrate.log").read_text(encoding="utf-8")
        with closing(sqlite3.connect(FOLDER / "airflow.db")) as database:
            database.execute("VACUUM INTO ?", [str(_MIGRATED)])  # with what its journal still holds
    return _MIGRATED
