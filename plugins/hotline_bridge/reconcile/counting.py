"""Asks the platform for its counts (对账接口, specification 4.8.2.1.5.5), and makes sense of what it says.

How it reads a window's ends is found out once, by three counts around a second that is known to hold orders.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.inbound.fetch import log_tries
from hotline_bridge.inbound.moments import digits
from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.platform_client.request import build_request
from hotline_bridge.reconcile.days import WindowBounds, count_interface, order_kinds, window_bounds_of
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from datetime import datetime

    from hotline_bridge.inbound.fetch import InboundRun
    from hotline_bridge.platform_client.client import PlatformClient
    from hotline_bridge.store.database import AnySession

Counts = Mapping[str, int | None]
"""Orders by kind; None where the platform gave no number that can be meant."""

_WHOLE = re.compile(r"\s*[0-9]{1,9}\s*", re.ASCII)


def read_counts(data: object) -> Counts:
    """The counts of an answer: numbers, or texts as printed (String 50), in an object or in an array of one.

    A count that is absent, empty, negative, broken or a fraction is None.
    """
    if isinstance(data, list) and len(data) == 1:
        [data] = data
    values = {str(name).lower(): value for name, value in data.items()} if isinstance(data, dict) else {}
    return {kind.name: _count(values.get(kind.counted_in.lower())) for kind in order_kinds()}


def _count(value: object) -> int | None:
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    return value if type(value) is int and 0 <= value < 1_000_000_000 else None


@dataclass(slots=True)
class Counter:
    """Counts over stretches of seconds; the session on the local store is for the interaction log."""

    run: InboundRun
    client: PlatformClient
    local: AnySession
    window_bounds: WindowBounds = field(default_factory=WindowBounds)

    async def count(self, begin: int, end: int) -> Counts:
        """Orders registered from `begin` until before `end`, in seconds since 1970."""
        return await self.ask(*self.window_bounds.window(begin, end))

    async def ask(self, begin: int, end: int) -> Counts:
        """The platform's counts of a window as it reads it; none where it refuses, or gives no usable answer."""
        if self.run.ending():
            return read_counts(None)
        interface = count_interface()
        first, last = (printed.name for printed in interface.request)
        body = build_request(interface, {first: digits(begin), last: digits(end)})
        run = self.run
        tries = await self.client.deliver(interface, body, stop=run.ending, seen=run.note, deadline=run.deadline)
        await log_tries(self.local, f"{digits(begin)}-{digits(end)}", body, tries)
        return read_counts(tries[-1].data if tries[-1].outcome is Outcome.DELIVERED else None)


log = logging.getLogger(__name__)


async def find_window_bounds(local: AnySession, counter: Counter, before: datetime) -> WindowBounds:
    """How the platform reads the ends: as kept, else found out now and kept; both inclusive while nothing tells.

    Args:
        local: Session on the local store, in autocommit.
        counter: Asks the platform.
        before: Only orders registered before this aware moment are asked about.
    """
    cursor = await local.execute(read_sql("reconcile/counting.sql", "window_bounds"))
    [(begin, end)] = await cursor.fetchall()
    if begin is not None and end is not None:
        return WindowBounds(begin, end)
    for kind in order_kinds():
        query = read_sql("reconcile/counting.sql", "known_seconds")
        case_table = sql.Identifier("hotline", str(kind.case.table))
        cursor = await local.execute(query.format(case_table=case_table), {"ends": before})
        for (moment,) in await cursor.fetchall():
            found = await _window_bounds_at(counter, kind.name, moment)
            if found is not None:
                await local.execute(
                    read_sql("reconcile/counting.sql", "keep_window_bounds"),
                    {"is_begin": found.begin, "is_end": found.end},
                )
                log.info("the platform counts a window's begin: %s, its end: %s", found.begin, found.end)
                return found
    return WindowBounds()


async def _window_bounds_at(counter: Counter, kind: str, moment: int) -> WindowBounds | None:
    """What three counts around a second say."""
    counts = [
        (await counter.ask(*window))[kind]
        for window in ((moment - 1, moment), (moment, moment + 1), (moment - 1, moment + 1))
    ]
    before, after, both = counts
    return None if before is None or after is None or both is None else window_bounds_of(before, after, both)
