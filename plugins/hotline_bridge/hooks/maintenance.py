"""Keeps the local store from growing without end: what has outlived its stated retention goes, nothing else."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


def tidy() -> dict[str, int]:
    """Drop what is older than its retention (`outbound.retention`). Returns rows or bodies dropped, by what.

    Raises:
        StopRun: Connection `local_db` is missing or refused.
        TryAgainLater: The local store cannot be reached.
    """
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.retention import RETENTIONS, drop_outlived
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        counts = {retention.what: drop_outlived(local, retention) for retention in RETENTIONS}
    log.info("dropped after their retention: %s", counts)
    return counts
