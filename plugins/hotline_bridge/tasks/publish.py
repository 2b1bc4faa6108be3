"""The step of `docking_publish`, with its connections resolved: the DAG and the command line call the same one.

Heavy imports stand inside the functions, so that a DAG file that names them stays light to parse.
"""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import closing

from hotline_bridge.names import told
from hotline_bridge.tasks.runs import record_run, unless_restoring
from hotline_bridge.tasks.watching import looks

log = logging.getLogger(__name__)


@unless_restoring
def publish_tables(*, whole: bool = False) -> dict[str, dict[str, int]]:
    """Take over the deadlines that 12345 set (4.6), and write results back to it where they differ.

    Args:
        whole: Compare every order, changed or not, however long it takes.

    Returns:
        Counts by table of the docking store.

    Raises:
        StopRun: A connection, table, column or right is missing, or a table refuses a row; all others are written.
        TryAgainLater: A database cannot be reached, or a table is locked.
    """
    from hotline_bridge.errors import Failures
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.publish import TIME_LIMIT, publish
    from hotline_bridge.restore.mark import stop_if_restored
    from hotline_bridge.store.database import connect
    from hotline_bridge.time_limits.deadlines import take_in_deadlines

    with Failures() as failures:
        with connect(conninfo("docking_db")) as docking, connect(conninfo("local_db")) as local:
            # A table that is locked or slow must not hold up the others: all end before the task's timeout.
            docking.set(lock_timeout="5s", statement_timeout="60s")
            stop_if_restored(docking, local, "publish")
            with failures.apart():
                log.info("deadlines of 12345: took in %s", told(take_in_deadlines(docking, local).as_dict()))
            done = publish(docking, local, whole=whole, time_limit=None if whole else TIME_LIMIT)
        log.info("%d orders looked at", done.orders)
        for table, counts in done.counts.items():
            if counts.written or counts.removed:
                log.info("docking.%s: %d rows written, %d removed", table, counts.written, counts.removed)
        for problem in done.problems:
            failures.add(problem)
    return {table: counts.as_dict() for table, counts in done.counts.items()}


def publish(dag: str, look_s: float = 0.0) -> dict[str, int]:
    """The same as the job of a DAG: rows written or removed, by table. What fails ends it at once.

    Args:
        dag: Fixed name of the DAG, under which the run is noted once what there was is written.
        look_s: Seconds from one look for further changes to the next; 0 to end with the work.
    """
    from hotline_bridge.store.sql import read_sql

    done = _changed()
    record_run(dag)
    if look_s:
        with closing(looks(dag, "local_db", read_sql("publish/look.sql"), look_s)) as looking:
            for _ in looking:
                done.update(_changed())
    return dict(done)


def _changed() -> Counter[str]:
    return Counter({table: done["written"] + done["removed"] for table, done in publish_tables().items()})
