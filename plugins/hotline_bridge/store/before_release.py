"""Stores that were migrated in steps which became one revision when it was released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from psycopg import Connection

FIRST = "0001_initial"
"""The revision of release 0.1.0, with which migrations begin."""
_LAST_STEP = "0029_counted_days"
_SAME_SCHEMA = {_LAST_STEP: FIRST, "0017_lists_by_due": "0002_analysts_pages_gateway"}
"""Of each row of steps the last, and what the schema that it made is called since."""
_EARLIER_STEPS = {
    *("0001_outbound", "0002_telephony_tables", "0003_operation", "0004_quality", "0005_inbound_tables"),
    *("0006_collection", "0007_order_tables", "0008_orders", "0009_time_limits", "0010_standard_data"),
    *("0011_publication", "0012_reconciliation", "0013_drains", "0014_order_life", "0015_publish_changes"),
    *("0016_open_deadlines", "0018_one_row", "0019_alerts_told", "0020_resend", "0021_usable_times", "0022_ways_out"),
    *("0023_unpublished", "0024_growth", "0025_quarantined_notes", "0026_bounded_waits", "0027_restore"),
    "0028_table_names",
}


def adopt(local: Connection) -> list[str]:
    """Takes a store that went all the steps for what it is: one of a revision of today. Any other is left as it is.

    Args:
        local: Session on the local store, in autocommit.

    Returns:
        What was done, one sentence.

    Raises:
        StopRun: The store stands at an earlier step; only the versions that have the next ones can go on from there.
    """
    if local.execute("SELECT to_regclass('hotline.alembic_version')").fetchone() == (None,):
        return []
    stands = {str(revision) for (revision,) in local.execute("SELECT version_num FROM hotline.alembic_version")}
    for step in stands & _SAME_SCHEMA.keys():
        local.execute("UPDATE hotline.alembic_version SET version_num = %s", (_SAME_SCHEMA[step],))
        return [f"{step} is called {_SAME_SCHEMA[step]} from now on; the schema is the same"]
    if earlier := stands & _EARLIER_STEPS:
        raise StopRun(
            f"schema hotline stands at {earlier.pop()}, from before release 0.1.0",
            remedy=f"run `hotline migrate` of the last version before 0.1.0, whose newest revision is {_LAST_STEP}, and"
            " then that of this one",
        )
    return []
