"""What is kept how long: a body is the only copy of a record until the platform has it, and of little use after."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from psycopg import Connection

KEEP_BODIES = timedelta(days=7)
"""Bodies of delivered and superseded versions; those of all other states are kept until they are delivered."""
KEEP_LOG = timedelta(days=184)
"""The interaction log (交互日志, 4.3): half a year, as China's rules for audit logs ask (GB/T 22239)."""


def tidy(local: Connection) -> tuple[int, int]:
    """Drop what is older than its retention, at most 10,000 of each kind a call. Returns bodies and tries dropped."""
    bodies, tries = local.execute(
        read_sql("outbound/tidy.sql").encode(), {"keep_bodies": KEEP_BODIES, "keep_log": KEEP_LOG}
    ).fetchone() or (0, 0)
    return bodies, tries
