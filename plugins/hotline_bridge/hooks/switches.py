"""Which DAGs are switched off (暂停), as Airflow itself says; no table of ours shows it."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import get_current_context

from hotline_bridge.ending import run_apart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)

ASK_S = 10.0
"""How long Airflow may take to say it."""


def paused(dags: Sequence[str]) -> Mapping[str, bool] | None:
    """Whether each DAG that Airflow knows is paused; None where Airflow cannot be asked from here.

    In a task its API is asked; elsewhere its database, as far as this process is set up to reach it.
    """
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
        return run_apart(lambda: ask(dags), ASK_S)
    except Exception:
        return None


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
