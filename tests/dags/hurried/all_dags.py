"""The project's DAGs as an Airflow of a test loads them: no schedule, no retry, timeouts that a test can wait for."""

from __future__ import annotations

import os
import runpy
from datetime import timedelta
from pathlib import Path

from airflow.sdk import DAG

from hotline_bridge.dags import policy

policy.DAG = lambda *names, **options: DAG(*names, **{**options, "schedule": None})  # noqa: AIR002  (it has)
for file in sorted(Path(os.environ["HURRIED_DAGS"]).glob("*.py")):
    for dag in runpy.run_path(str(file)).get("dags", ()):
        for task in dag.tasks:
            task.retries, task.execution_timeout = 0, timedelta(seconds=float(os.environ["HURRIED_TIMEOUT_S"]))
        globals()[dag.dag_id] = dag
