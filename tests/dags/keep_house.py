"""Run in a process of its own, as Airflow's scheduler is: prints what became of pool and old records, as JSON."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from airflow.jobs.job import Job
from airflow.listeners.listener import get_listener_manager
from airflow.models.log import Log
from airflow.models.pool import Pool
from airflow.sdk.execution_time.task_runner import TaskRunnerMarker
from airflow.utils.session import create_session


def pool(name: str) -> tuple[int, str] | None:
    with create_session() as session:
        found = session.query(Pool).filter_by(pool=name).one_or_none()
        return found and (found.slots, found.description)


def logged(*, days_ago: int) -> None:
    with create_session() as session:
        entry = Log("kept")
        entry.dttm = datetime.now(UTC) - timedelta(days=days_ago)
        session.add(entry)


def entries() -> int:
    with create_session() as session:
        return int(session.query(Log).filter_by(event="kept").count())


def main() -> dict[str, object]:
    name = sys.argv[1]
    seen: dict[str, object] = {"before": pool(name)}
    get_listener_manager().hook.on_starting(component=TaskRunnerMarker())
    seen["after_a_task"] = pool(name)
    Job()
    seen["after_a_job"] = pool(name)
    with create_session() as session:
        session.query(Pool).filter_by(pool=name).update({"slots": 2})
    Job()
    seen["after_it_was_set"] = pool(name)
    for days_ago in (0, 9, 11, 400):
        logged(days_ago=days_ago)
    hook = get_listener_manager().hook
    hook.on_dag_run_running(dag_run=SimpleNamespace(dag_id="telephony_report"), msg="")
    seen["entries"] = entries()
    hook.on_dag_run_running(dag_run=SimpleNamespace(dag_id="maintenance"), msg="")
    until = time.monotonic() + 100
    while entries() == seen["entries"] and time.monotonic() < until:
        time.sleep(0.1)
    seen["entries_after_cleaning"] = entries()
    return seen


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()) + "\n")
