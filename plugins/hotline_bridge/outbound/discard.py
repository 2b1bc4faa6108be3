"""Giving versions up (作废): whatever has not been accepted by the platform can be ended by a person, with a reason.

A mark, never a deletion (architecture: every state has a way out): the version keeps its state and stays in the counts;
it is not sent, not tried again and not alerted, however often 12345 writes that content again. What waited is held from
then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.outbound.replay import LIMIT, Replayable
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand
    from hotline_bridge.outbound.replay import Selection

UNSENT = ("rejected", "waiting", "held")
"""States that `find` looks at; what is quarantined has commands of its own (`outbound.quarantine`)."""


def find(local: Connection, selection: Selection, states: Collection[str] = UNSENT) -> list[Replayable]:
    """The versions of a selection that can be given up, oldest first, at most `LIMIT`; none that is in flight.

    Args:
        local: Session on the local store.
        selection: Which.
        states: Of these alone.
    """
    rows = local.execute(
        read_sql("outbound/find_discardable.sql"),
        {
            "interfaces": [interface.name for interface in selection.interfaces],
            "states": list(states),
            "keys": list(selection.keys) if selection.keys else None,
            "code": selection.code,
            "message": selection.message,
            "day": selection.day,
            "limit": LIMIT,
        },
    ).fetchall()
    return [Replayable(*row) for row in rows]


def discard(local: Connection, row_ids: Sequence[int], by: ByHand) -> int:
    """Give versions up; what is in flight, accepted, or given up already is left alone. Returns how many.

    Args:
        local: Session on the local store.
        row_ids: `hotline.delivery.row_id`, quarantined ones as well.
        by: Who, and why.
    """
    return len(
        local.execute(
            read_sql("outbound/discard.sql"),
            {"row_ids": list(row_ids), "actor": by.actor, "reason": by.reason},
        ).fetchall()
    )
