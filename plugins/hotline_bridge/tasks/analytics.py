"""What keeps the analysts' layer true, and the report of the month: DAGs and the command line call the same functions.

Heavy imports stand inside the functions, so that a DAG file that names them stays light to parse.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, TypedDict

from hotline_bridge.names import told

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)


def refresh_rollups(budget_s: float = math.inf) -> dict[str, int]:
    """Compute facts and rollups again where something changed. Safe at any time, also twice at once.

    Args:
        budget_s: Seconds after which no further piece is begun: the next run goes on.

    Returns:
        What was computed, by rollup, as `refresh` tells it.

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


class Written(TypedDict):
    """What a report of a month holds, and where it lies."""

    month: str
    tables: int
    rows: int
    page: str


def month_report(month: str | None = None, folder: Path | None = None) -> Written:
    """Write the report of a month (`analytics.month_report`), after what it is made of was computed again.

    Args:
        month: `YYYY-MM`; by default the last that is over in Asia/Shanghai.
        folder: By default the folder of reports (`reports.files.report_folder`).

    Raises:
        StopRun: It is no month, the connection is missing, or a file cannot be written.
        TryAgainLater: The local store cannot be reached.
    """
    from datetime import UTC, datetime

    from hotline_bridge.analytics.month_report import month_of, write_report
    from hotline_bridge.analytics.rollups import refresh
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.reports.files import MONTH_PAGE, report_folder
    from hotline_bridge.store.database import connect

    now = datetime.now(UTC)
    first, place = month_of(month, now), folder or report_folder()
    with connect(conninfo("local_db")) as local:
        refresh(local)
        counts = write_report(local, place, first, now)
    return Written(month=f"{first:%Y-%m}", tables=counts["tables"], rows=counts["rows"], page=str(place / MONTH_PAGE))
