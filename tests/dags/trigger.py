"""Run in a process of its own: starts a run of each DAG that is named."""

from __future__ import annotations

import sys

from airflow.api.common.trigger_dag import trigger_dag
from airflow.utils.types import DagRunTriggeredByType

if __name__ == "__main__":
    for dag_id in sys.argv[1:]:
        trigger_dag(dag_id, triggered_by=DagRunTriggeredByType.CLI)
