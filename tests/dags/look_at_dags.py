"""Run in a process of its own: prints what a scheduler would see of the DAG files, as JSON.

Two looks: `parse` imports the files one by one after `airflow.sdk` and says what that loaded; `bag` fills Airflow's own
DagBag with every warning recorded.
"""

from __future__ import annotations

import json
import runpy
import sys
import warnings
from pathlib import Path

DAGS = Path(__file__).resolve().parents[2] / "dags"


def parse() -> dict[str, list[str]]:
    from airflow.sdk import DAG, Param, task

    with DAG("empty", schedule=None, params={"nothing": Param(None)}):

        @task
        def nothing() -> None: ...

        nothing()
    before = set(sys.modules)
    loaded = {}
    for file in sorted(DAGS.glob("*.py")):
        runpy.run_path(str(file))
        loaded[file.name] = sorted(set(sys.modules) - before)
    return loaded


def bag() -> dict[str, object]:
    from airflow.dag_processing.dagbag import DagBag

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        found = DagBag(str(DAGS))
    return {
        "errors": found.import_errors,
        "warnings": [str(warning.message) for warning in seen if "hotline_bridge" in warning.filename],
        "dags": {
            dag.dag_id: {
                "file": Path(dag.fileloc).name,
                "display_name": dag.dag_display_name,
                "doc_md": dag.doc_md,
                "description": dag.description,
                "tags": sorted(dag.tags),
                "schedule": dag.timetable.expression,
                "catchup": dag.catchup,
                "max_active_runs": dag.max_active_runs,
                "dagrun_timeout_s": dag.dagrun_timeout and dag.dagrun_timeout.total_seconds(),
                "params": dag.params.dump(),
                "choices": {
                    name: param.schema["values_display"]
                    for name, param in dag.params.items()
                    if "values_display" in param.schema
                },
                "tasks": {
                    task.task_id: {
                        "display_name": task.task_display_name,
                        "owner": task.owner,
                        "retries": task.retries,
                        "retry_delay_s": task.retry_delay.total_seconds(),
                        "retried_after_s": [delay.total_seconds() for delay in task.retry_policy.delays],
                        "called": Path(task.python_callable.__code__.co_filename).name,
                        "pool": task.pool,
                        "execution_timeout_s": task.execution_timeout and task.execution_timeout.total_seconds(),
                        "upstream": sorted(task.upstream_task_ids),
                        "trigger_rule": task.trigger_rule,
                    }
                    for task in dag.tasks
                },
            }
            for dag in found.dags.values()
        },
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"parse": parse, "bag": bag}[sys.argv[1]]()) + "\n")
