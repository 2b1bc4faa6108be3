"""Replay (重发): versions that the platform refused, or that wait, become due now (architecture: success is strict).

The next delivery sends them byte for byte as they are stored. Refused ones are tried again once a day for a week by
themselves; this is for what cannot wait, or came back after that week.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline_bridge.errors import StopRun
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand
    from hotline_bridge.contract.model import Interface

LIMIT = 10_000
"""Versions that one command handles; more need a second one."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What an operator names; a filter that is None does not count."""

    interfaces: Sequence[Interface]
    keys: Sequence[str] | None = None
    code: str | None = None
    """Answer code of the platform."""
    message: str | None = None
    """A part of the platform's message."""
    day: date | None = None
    """Day of `written_at`, Asia/Shanghai."""
    delivered: bool = False
    """Also what the platform has already: only by key, for content that returned (`reverted` in the status)."""


@dataclass(frozen=True, slots=True)
class Replayable:
    """One version that a replay would send."""

    row_id: int
    interface: str
    key: str
    state: str
    code: str | None
    message: str | None
    body: bytes = field(repr=False)


def find(local: Connection, selection: Selection) -> list[Replayable]:
    """What a replay of this selection would send, oldest first, at most `LIMIT`.

    Raises:
        StopRun: Delivered versions are asked for without a key.
    """
    if selection.delivered and not selection.keys:
        raise StopRun("delivered versions are sent again by key only", remedy="name them with --key")
    rows = local.execute(
        read_sql("outbound/find_replayable.sql"),
        {
            "interfaces": [interface.name for interface in selection.interfaces],
            "keys": list(selection.keys) if selection.keys else None,
            "code": selection.code,
            "message": selection.message,
            "day": selection.day,
            "delivered": selection.delivered,
            "limit": LIMIT,
        },
    ).fetchall()
    return [Replayable(*row) for row in rows]


def find_due(local: Connection, interfaces: Sequence[Interface]) -> list[Replayable]:
    """What the next delivery would send: never tried or due again; oldest first, at most `LIMIT`."""
    rows = local.execute(
        read_sql("outbound/find_due.sql"),
        {"interfaces": [interface.name for interface in interfaces], "limit": LIMIT},
    ).fetchall()
    return [Replayable(*row) for row in rows]


def replay(local: Connection, versions: Sequence[Replayable], by: ByHand) -> int:
    """Make versions due now; what was claimed meanwhile is left to its run. Returns how many.

    Args:
        local: Session on the local store.
        versions: From `find`.
        by: Who, and why.
    """
    return len(
        local.execute(
            read_sql("outbound/replay.sql"),
            {"row_ids": [version.row_id for version in versions], "actor": by.actor, "reason": by.reason},
        ).fetchall()
    )
