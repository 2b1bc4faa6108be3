"""Checks as the core keeps them in `hotline.count_reconciliation`, and places in `hotline.count_location`."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=SHANGHAI)
TODAY = NOW.date()


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def keep(
    local: Connection,
    day: date,
    kind: str,
    counts: tuple[int | None, int | None, int | None, int | None],
    *,
    state: str = "agreed",
    unexplained: int | None = 0,
    explained: Mapping[str, int] | None = None,
    repair: Mapping[str, int] | None = None,
    checked_at: datetime = NOW,
) -> None:
    """Adds one check; `counts` are docking, delivered, platform, local."""
    names = ("docking_count", "delivered_count", "platform_count", "local_count")
    check = {
        "day": day.isoformat(),
        "kind": kind,
        **dict(zip(names, counts, strict=True)),
        "explained": dict(explained or {}),
        "unexplained": unexplained,
        "state": state,
        "repair": None if repair is None else dict(repair),
    }
    local.execute(read_sql("reconcile/state.sql", "record"), {"checked_at": checked_at, "checks": json.dumps([check])})


def keep_location(
    local: Connection, kind: str, begins: datetime, ends: datetime, counts: tuple[int, int], checked_at: datetime = NOW
) -> None:
    """Adds one place; `counts` are platform, local."""
    place = {
        "begins": begins.isoformat(),
        "ends": ends.isoformat(),
        "platform_count": counts[0],
        "local_count": counts[1],
    }
    local.execute(
        read_sql("reconcile/repair.sql", "locate"),
        {"checked_at": checked_at, "kind": kind, "places": json.dumps([place])},
    )
