"""The step of `docking_publish`, with its connections resolved: the DAG and the command line call the same one.

Heavy imports stand inside the functions, so that a DAG file that names them stays light to parse.
"""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


def publish_tables(*, whole: bool = False) -> dict[str, dict[str, int]]:
    """Take over the deadlines that 12345 set (4.6), and write results back to it where they differ.

    Args:
        whole: Compare every order, changed or not.

    Returns:
        Counts by table of the docking store.

    Raises:
        StopRun: A connection, table, column or right is missing.
        TryAgainLater: A database cannot be reached.
    """
    import psycopg

    from hotline_bridge.errors import StopRun, TryAgainLater
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.publish.publish import publish
    from hotline_bridge.store.database import TEMPORARY, connect
    from hotline_bridge.time_limits.hotline_deadlines import take_in_deadlines

    try:
        with connect(conninfo("docking_db")) as docking, connect(conninfo("local_db")) as local:
            log.info("deadlines of 12345: %s", take_in_deadlines(docking, local))
            counts = publish(docking, local, whole=whole)
    except psycopg.Error as error:
        # Without the server's own words: they can repeat values of a row.
        what = f"a database refuses ({type(error).__name__}, SQLSTATE {error.sqlstate or 'none'})"
        if isinstance(error, TEMPORARY):
            raise TryAgainLater(what, remedy="no table is half written; the next run goes on") from None
        raise StopRun(what, remedy="run `hotline check`, which names a missing table, column or right") from None
    for table, done in counts.items():
        if done.written or done.removed:
            log.info("docking.%s: %s", table, done.as_dict())
    return {table: done.as_dict() for table, done in counts.items()}


def publish() -> dict[str, int]:
    """The same as the job of a DAG: rows written or removed, by table."""
    return {table: done["written"] + done["removed"] for table, done in publish_tables().items()}
