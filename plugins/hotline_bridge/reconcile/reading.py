"""Finds out once how the platform reads a window's ends: three counts around a second that is known to hold orders."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.reconcile.days import Reading, reading_of
from hotline_bridge.reconcile.kinds import order_kinds
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from datetime import datetime

    from hotline_bridge.reconcile.counting import Counter
    from hotline_bridge.store.database import AnySession

log = logging.getLogger(__name__)


async def find_reading(local: AnySession, counter: Counter, before: datetime) -> Reading:
    """How the platform reads the ends: as kept, else found out now and kept; both inclusive while nothing tells.

    Args:
        local: Session on the local store, in autocommit.
        counter: Asks the platform.
        before: Only orders registered before this aware moment are asked about.
    """
    cursor = await local.execute(read_sql("reconcile/readings.sql"))
    [(begin, end)] = await cursor.fetchall()
    if begin is not None and end is not None:
        return Reading(begin, end)
    for kind in order_kinds():
        query = read_sql("reconcile/known_seconds.sql")
        case_table = sql.Identifier("hotline", str(kind.case.table))
        cursor = await local.execute(query.format(case_table=case_table), {"ends": before})
        for (moment,) in await cursor.fetchall():
            found = await _reading_at(counter, kind.name, moment)
            if found is not None:
                await local.execute(
                    read_sql("reconcile/keep_reading.sql"), {"is_begin": found.begin, "is_end": found.end}
                )
                log.info("the platform counts a window's begin: %s, its end: %s", found.begin, found.end)
                return found
    return Reading()


async def _reading_at(counter: Counter, kind: str, moment: int) -> Reading | None:
    """What three counts around a second say."""
    counts = [
        (await counter.ask(*window))[kind]
        for window in ((moment - 1, moment), (moment, moment + 1), (moment - 1, moment + 1))
    ]
    before, after, both = counts
    return None if before is None or after is None or both is None else reading_of(before, after, both)
