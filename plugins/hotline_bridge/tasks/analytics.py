"""What keeps the analysts' layer true, with its connection resolved: DAGs and the command line call the same functions.

Heavy imports stand inside the functions, so that a DAG file that names them stays light to parse.
"""

from __future__ import annotations

import logging
import math

from hotline_bridge.sentences import told

log = logging.getLogger(__name__)


def refresh_rollups(budget_s: float = math.inf) -> dict[str, int]:
    """Compute facts and rollups again where something changed. Safe at any time, also twice at once.

    Args:
        budget_s: Seconds after which no further piece is begun: the next run goes on.

    Returns:
        Orders (`order_fact`) and days or months computed, by rollup; only those that had any.

    Raises:
        StopRun: Connection `local_db` is missing or refused, or the store lacks its tables.
        TryAgainLater: The local store cannot be reached.
    """
    from hotline_bridge.analytics.rollups import refresh, waiting
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        done = refresh(local, budget_s)
        left = waiting(local)
    log.info("computed again: %s", told(done))
    if left:
        log.warning("not all was computed within %.0f s: the next run goes on; waiting: %s", budget_s, told(left))
    return done
