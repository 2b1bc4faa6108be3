"""Run in a process of its own: DAGs of an Airflow home, one after another, each to its end.

    python -m hotline_sandbox.demo.dag_runs NAME ...

What `airflow dags test` does, which takes ten seconds to start for each DAG. Ends with 1 at the first that fails.
"""

from __future__ import annotations

import sys

from airflow.dag_processing.dagbag import DagBag


def main() -> None:
    """Run the DAGs that the command line names."""
    bag = DagBag()
    for name in sys.argv[1:]:
        dag = bag.get_dag(name)
        if dag is None:
            sys.exit(f"there is no DAG {name}: {bag.import_errors}")
        run = dag.test()
        if run.state != "success":
            sys.exit(f"{name}: {run.state}")


if __name__ == "__main__":
    main()
