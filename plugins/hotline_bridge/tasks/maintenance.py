"""Keeps the local store from growing without end: what has outlived its stated retention goes, nothing else."""

from __future__ import annotations

import logging
import time

from hotline_bridge.sentences import told

log = logging.getLogger(__name__)


def tidy(budget_s: float = 600.0) -> dict[str, int]:
    """Drop what is older than its retention (`outbound.retention`). Returns rows or bodies dropped, by what.

    Args:
        budget_s: Seconds after which no further batch is dropped: the next night goes on.

    Raises:
        StopRun: Connection `local_db` is missing or refused.
        TryAgainLater: The local store cannot be reached.
    """
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.retention import RETENTIONS, drop_outlived
    from hotline_bridge.store.database import connect

    until = time.monotonic() + budget_s
    with connect(conninfo("local_db")) as local:
        counts = {retention.what: drop_outlived(local, retention, until) for retention in RETENTIONS}
    if time.monotonic() >= until:
        log.warning("not all was dropped within %.0f s: the next run goes on", budget_s)
    log.info("dropped after their retention: %s", told(counts))
    return counts
