"""The checks as they are kept (`hotline.count_reconciliation`): added, never changed."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg import Connection

    from hotline_bridge.reconcile.verdict import Check


def keep(local: Connection, checks: Iterable[Check]) -> datetime:
    """Write checks down; gives the moment by which they are known."""
    checked_at = datetime.now(UTC)
    rows = [asdict(check) | {"day": check.day.isoformat(), "lost": None} for check in checks]
    local.execute(read_sql("reconcile/record.sql"), {"checked_at": checked_at, "checks": json.dumps(rows)})
    return checked_at
