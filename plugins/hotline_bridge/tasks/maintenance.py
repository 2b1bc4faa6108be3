"""What is kept how long (保留期限), and the nightly job that drops what is older: nothing else grows without end.

What is the only copy of something is not listed here, so it is never dropped. Kept without end: versions with their
hash and state, bodies of all that is not delivered or superseded, the typed tables and their histories, what operators
did by hand, and the checks of counts (some 115,000 small rows a year). Where a folder for an archive is set, whole
months of some of it move there instead (`analytics.archive`), those of old histories too.
"""

from __future__ import annotations

import logging
import math
import os
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hotline_bridge.cities import here
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.names import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from hotline_bridge.store.database import Session

log = logging.getLogger(__name__)

BATCH = 10_000
"""Rows of one transaction: no lock is held for long."""


@dataclass(frozen=True, slots=True)
class Retention:
    """One thing that grows, and how long it is kept; `include/sql/retention/<what>.sql` drops a batch of it."""

    what: str
    keep: timedelta
    why: str
    moment: str = ""
    """Where it goes to the archive by whole months: the column that says to which."""


RETENTIONS: tuple[Retention, ...] = (
    Retention("bodies", timedelta(days=7), "of delivered and superseded versions: the typed tables hold the content"),
    Retention(
        "interaction_log",
        timedelta(days=184),
        "audit logs are kept half a year (GB/T 22239); by whole months",
        "started_at",
    ),
    Retention("run_log", timedelta(days=35), "alerts look two weeks back"),
    Retention("quality_result", timedelta(days=184), "findings of half a year, to compare with"),
    Retention(
        "landing",
        timedelta(days=30),
        "answers as they came; their rows are in the typed tables or quarantined",
        "requested_at",
    ),
    Retention("form_prefill", timedelta(minutes=10), "what 12345 gave for an order form that nobody opened in time"),
    Retention("form_launch", timedelta(days=184), "who opened and submitted order forms: as audit logs"),
    Retention(
        "person_search", timedelta(days=1095), "who looked for a person: three years (personal information law, 56)"
    ),
    Retention("alert", timedelta(days=730), "what was wrong when, over two years"),
)


HISTORY = timedelta(days=1095)
"""How long replaced contents stay in the store where there is an archive."""
_READ = frozenset({"complaint_case", "report_case", "consultation_case", "complaint_handling", "report_handling"})
"""Whose histories say when an order or step was first seen: they stay."""


def archives() -> Iterator[tuple[str, str, timedelta]]:
    """What goes to the archive: the table, the column that says to which month a row belongs, and how long it stays."""
    from hotline_bridge.store.typed_tables import typed_interfaces

    for retention in RETENTIONS:
        if retention.moment:
            yield retention.what, retention.moment, retention.keep
    for interface in typed_interfaces():
        if interface.table not in _READ:
            yield f"{interface.table}_history", "replaced_at", HISTORY


def archive_folder() -> Path | None:
    """The folder of the archive, in HOTLINE_ARCHIVE_DIR that of the city; None where that variable is not set."""
    named = os.environ.get("HOTLINE_ARCHIVE_DIR")
    return here().folder(Path(named)) if named else None


def move_outlived(local: Session, folder: Path, until: float = math.inf) -> dict[str, int]:
    """Move what has outlived its time in the store to the archive, by whole months. Returns rows by table.

    Args:
        local: Session on the local store, in autocommit.
        folder: Of the archive.
        until: Moment of `time.monotonic` from which no further month is begun.

    Raises:
        StopRun: A file cannot be written; what was to go into it stays in the store.
    """
    from hotline_bridge.analytics.archive import move_months

    now = datetime.now(SHANGHAI)
    return {
        table: sum(move_months(local, folder, table, moment, now - keep, until).values())
        for table, moment, keep in archives()
    }


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
    """Make months ahead for what comes, move to the archive or drop what is older than its retention, count codes.

    Args:
        budget_s: Seconds after which no further batch is dropped: the next night goes on.

    Returns:
        Rows, bodies or months that left the store, by what; codes that no list knows (`unknown_codes`).

    Raises:
        StopRun: Connection `local_db` is missing or refused, or the archive cannot be written.
        TryAgainLater: The local store cannot be reached.
    """
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.standard_data.unknown import keep_unknown_codes
    from hotline_bridge.store.database import connect
    from hotline_bridge.store.sql import read_sql

    until = time.monotonic() + budget_s
    with connect(conninfo("local_db")) as local:
        local.execute(read_sql("store/make_months.sql"))
        folder = archive_folder()
        moved = move_outlived(local, folder, until) if folder else {}
        dropped = {
            retention.what: drop_outlived(local, retention, until)
            for retention in RETENTIONS
            if retention.what not in moved
        }
        unknown = keep_unknown_codes(local)
    if time.monotonic() >= until:
        log.warning("not all was moved or dropped within %.0f s: the next run goes on", budget_s)
    if folder:
        log.info("moved to the archive: %s", told(moved))
    log.info("dropped after their retention: %s", told(dropped))
    return moved | dropped | {"unknown_codes": unknown}
