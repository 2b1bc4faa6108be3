"""What the bridge needs of Airflow itself: its pool, a database that does not grow, which DAGs are paused.

Pool and database are seen to by Airflow's own processes (the plugin calls it from a listener): in Airflow 3 tasks have
no access to Airflow's database.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from hotline_bridge.cities import cities, here
from hotline_bridge.ending import run_apart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)

POOL = "platform_12315"
"""Airflow pool of the tasks that ask the platform: its slots times `max_concurrency` bound the requests in flight."""
SLOTS = 8
"""For the five flows that collect and reconcile, both that report, and the next run that takes over from one."""

AIRFLOW_DAYS = "HOTLINE_AIRFLOW_DAYS"
"""Environment variable of the scheduler: days for which Airflow keeps its records of runs; 0: something else cleans."""
DEFAULT_DAYS = 35

ASK_S = 10.0
"""How long Airflow may take to say which DAGs are paused."""


def make_pools() -> None:
    """Make each city's pool where it is missing, or Airflow would never start its tasks. What somebody set stays."""
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session
    from sqlalchemy import select

    # A session of its own: the caller may be in the midst of another one.
    with create_session(scoped=False) as session:
        for city in cities():
            name = city.named(POOL)
            if session.scalar(select(Pool.pool).where(Pool.pool == name)) is None:
                words = "Tasks that ask the national 12315 platform; see docs/delivery.md. 访问平台的任务。"
                session.add(Pool(pool=name, slots=SLOTS, description=words, include_deferred=False))
                log.info("made pool %s of %d slots", name, SLOTS)


def start_cleaning(dag_id: str) -> None:
    """With a run of the nightly maintenance, of the first city, clean Airflow's database in a thread (`clean_airflow`).

    Args:
        dag_id: Whose run has begun.
    """
    if dag_id in {city.named("maintenance") for city in cities()[:1]}:
        Thread(target=clean_airflow, name="clean-airflow", daemon=True).start()


def clean_airflow() -> bool:
    """Delete Airflow's records of runs that are older than `HOTLINE_AIRFLOW_DAYS`, by Airflow's own command.

    Returns:
        Whether that was done; where it failed, the log of the scheduler says why.
    """
    said = os.environ.get(AIRFLOW_DAYS) or str(DEFAULT_DAYS)
    if not (said.isascii() and said.isdigit()):
        log.error("Airflow's database is not cleaned: %s must be a whole number of days", AIRFLOW_DAYS)
        return False
    if not int(said):
        return False
    before = datetime.now(UTC) - timedelta(days=int(said))
    command = ["db", "clean", "--yes", "--skip-archive", "--error-on-cleanup-failure", "--batch-size", "10000"]
    done = subprocess.run(  # noqa: S603  (our own interpreter and arguments)
        [sys.executable, "-m", "airflow", *command, "--clean-before-timestamp", before.isoformat()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        tail = done.stdout.decode(errors="replace").splitlines()[-5:]
        log.error("Airflow's database could not be cleaned: %s", " / ".join(tail))
    else:
        log.info("Airflow's records from before %s are deleted", before.date())
    return not done.returncode


def paused(dags: Sequence[str]) -> Mapping[str, bool] | None:
    """Whether each DAG that Airflow knows is paused; None where Airflow cannot be asked from here.

    In a task its API is asked; elsewhere its database, as far as this process is set up to reach it.

    Args:
        dags: Fixed names; of the DAGs of the city that this work is for.
    """
    fixed = {here().named(dag): dag for dag in dags}
    from airflow.sdk import get_current_context

    try:
        ti = get_current_context()["ti"]
    except RuntimeError:  # no task
        ask = _ask_database
    else:

        def ask(dags: Sequence[str]) -> dict[str, bool] | None:
            found = {}
            for dag in dags:
                with suppress(Exception):  # it knows no such DAG, which its API tells in several ways
                    found[dag] = ti.get_dag(dag).is_paused
            return found or None

    try:
        found = run_apart(lambda: ask([*fixed]), ASK_S)
    except Exception:
        return None
    return found and {fixed[dag]: is_paused for dag, is_paused in found.items()}


def _ask_database(dags: Sequence[str]) -> dict[str, bool] | None:
    from airflow.configuration import conf
    from sqlalchemy import make_url, select

    url = make_url(conf.get("database", "sql_alchemy_conn"))
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return None  # asking would make the file

    from airflow.models.dag import DagModel
    from airflow.utils.session import create_session

    known = select(DagModel.dag_id, DagModel.is_paused).where(DagModel.dag_id.in_(dags), ~DagModel.is_stale)
    with create_session(scoped=False) as session:
        return dict(session.execute(known).tuples().all())
