"""What is kept how long (保留期限), and the nightly job that drops what is older: nothing else grows without end.

What is the only copy of something is not listed here, so it is never dropped. Kept without end: versions with their
hash and state, bodies of all that is not delivered or superseded, the typed tables and their histories, what operators
did by hand, and the checks of counts (some 115,000 small rows a year).
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hotline_bridge.sentences import told

if TYPE_CHECKING:
    from psycopg import Connection

log = logging.getLogger(__name__)

BATCH = 10_000
"""Rows of one transaction: no lock is held for long."""


@dataclass(frozen=True, slots=True)
class Retention:
    """One thing that grows, and how long it is kept; `include/sql/retention/<what>.sql` drops a batch of it."""

    what: str
    keep: timedelta
    why: str


RETENTIONS: tuple[Retention, ...] = (
    Retention("bodies", timedelta(days=7), "of delivered and superseded versions: the typed tables hold the content"),
    Retention("interaction_log", timedelta(days=184), "audit logs are kept half a year (GB/T 22239); by whole months"),
    Retention("run_log", timedelta(days=35), "alerts look two weeks back"),
    Retention("quality_result", timedelta(days=184), "findings of half a year, to compare with"),
    Retention("landing", timedelta(days=30), "answers as they came; their rows are in the typed tables or quarantined"),
    Retention("alert", timedelta(days=730), "what was wrong when, over two years"),
)


def drop_outlived(local: Connection, retention: Retention, until: float = math.inf) -> int:
    """Drop everything that has outlived this retention, batch by batch. Returns how many rows, bodies or months.

    Args:
        local: Session on the local store, in autocommit.
        retention: What to drop.
        until: Moment of `time.monotonic` from which no further batch is begun.
    """
    from hotline_bridge.store.sql import read_sql

    statement = read_sql(f"retention/{retention.what}.sql")
    dropped = 0
    while time.monotonic() < until and (
        batch := local.execute(statement, {"keep": retention.keep, "batch": BATCH}).rowcount
    ):
        dropped += batch
    return dropped


def tidy(budget_s: float = 600.0) -> dict[str, int]:
    """Make months ahead for what comes, and drop what is older than its retention.

    Args:
        budget_s: Seconds after which no further batch is dropped: the next night goes on.

    Returns:
        Rows, bodies or months dropped, by what.

    Raises:
        StopRun: Connection `local_db` is missing or refused.
        TryAgainLater: The local store cannot be reached.
    """
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect
    from hotline_bridge.store.sql import read_sql

    until = time.monotonic() + budget_s
    with connect(conninfo("local_db")) as local:
        local.execute(read_sql("store/make_months.sql"))
        counts = {retention.what: drop_outlived(local, retention, until) for retention in RETENTIONS}
    if time.monotonic() >= until:
        log.warning("not all was dropped within %.0f s: the next run goes on", budget_s)
    log.info("dropped after their retention: %s", told(counts))
    return counts
