"""Repairs (修复) of days that differ: collect again; send again, once, what the platform lost for certain.

Where a day could not be collected whole, counts halve it down to the minutes in which orders are missing (`locate`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from hotline_bridge.failpoints import reached
from hotline_bridge.inbound.collect import collect
from hotline_bridge.inbound.schedule import REFRESH_POLICY
from hotline_bridge.outbound.deliver import deliver
from hotline_bridge.reconcile.days import bounds, returned_interface
from hotline_bridge.reconcile.sides import ACTOR
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import date, datetime

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.inbound.fetch import InboundRun
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_bridge.reconcile.days import OrderKind
    from hotline_bridge.reconcile.evaluate import Absent
    from hotline_bridge.store.database import AnySession

_LONGEST_COLLECTION_S = 600.0
_WHY = "count reconciliation: accepted by the platform, and not among its cases"
# Times may lack their seconds, and the specification does not say that a window's ends belong to it.
_BEFORE, _BEHIND = timedelta(seconds=1), timedelta(minutes=1)


class Repairs:
    """The repairs of one run, bounded together.

    Args:
        run: When to stop asking.
        settings: The platform.
        local: Session on the local store, in autocommit.
        local_conninfo: Its connection string, for the sessions of collecting and delivering.
        collections: Days that may be collected again, times kinds.
        sendings: Orders that may be sent again.
    """

    def __init__(
        self,
        run: InboundRun,
        settings: PlatformSettings,
        local: AnySession,
        local_conninfo: str,
        *,
        collections: int,
        sendings: int,
    ) -> None:
        self._run = run
        self._settings = settings
        self._local = local
        self._conninfo = local_conninfo
        self._collections = collections
        self._sendings = sendings

    async def collect_day(self, interface: Interface, day: date) -> Counter[str]:
        """Collect one day again: requests, and rows that came. Nothing where this run has done enough of it."""
        if not self._collections or self._run.ending():
            return Counter()
        self._collections -= 1
        begin, end = bounds(day)
        counts = await collect(
            [interface],
            self._conninfo,
            self._settings,
            policy=REFRESH_POLICY,
            collect_from=begin,
            within=(begin - _BEFORE, end + _BEHIND),
            budget_s=min(_LONGEST_COLLECTION_S, self._run.left_s),
        )
        reached("collected-again")
        return Counter(collected=counts[interface.name].requests, came=counts[interface.name].added)

    async def send_again(self, kind: OrderKind, day: date, lost: Sequence[Absent], since: datetime) -> Counter[str]:
        """Send those of the lost orders once more that the platform lacks for certain.

        An order is sent again where its day was collected whole since `since`, returned orders too; where nothing
        newer of it waits, its bytes are still to be had, and no reconciliation ever sent it before.
        """
        wanted = [order.delivery_id for order in lost if order.sent_again_at is None]
        if not wanted or not await self._is_whole(kind.case, day, since):
            return Counter()
        done = Counter[str]()
        if not await self._is_whole(returned_interface(), day, since):
            done["collected"] = (await self.collect_day(returned_interface(), day))["collected"]
            if not await self._is_whole(returned_interface(), day, since):
                return done
        marked = [] if self._run.ending() else await self._mark(wanted)
        if marked:
            reached("marked-to-send-again")
            await deliver([kind.put], self._conninfo, self._settings, budget_s=self._run.left_s, again_only=True)
            reached("sent-again")
        cursor = await self._local.execute(read_sql("reconcile/repair.sql", "sent_again"), {"row_ids": marked})
        became: dict[str, int] = dict(await cursor.fetchall())
        done["sent_again"], done["not_accepted"] = became.get("accepted", 0), became.get("not_accepted", 0)
        done["not_sent_again"] = len(wanted) - done["sent_again"] - done["not_accepted"]
        return done

    async def _mark(self, wanted: Sequence[int]) -> list[int]:
        """Mark those of these versions that may be sent again: from here on any delivery of their interface does it."""
        cursor = await self._local.execute(
            read_sql("reconcile/repair.sql", "mark_to_send_again"),
            {"row_ids": wanted, "actor": ACTOR, "reason": _WHY, "most": self._sendings},
        )
        marked = [row_id for (row_id,) in await cursor.fetchall()]
        self._sendings -= len(marked)
        return marked

    async def _is_whole(self, interface: Interface, day: date, since: datetime) -> bool:
        """Whether every second of the day was answered whole since then."""
        begin, end = bounds(day)
        cursor = await self._local.execute(
            read_sql("reconcile/repair.sql", "not_collected_again"),
            {"interface": interface.name, "begins": begin, "ends": end, "since": since},
        )
        [(windows,)] = await cursor.fetchall()
        return not windows


MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Place:
    """Minutes of a day, from `begin` until before `end`, counted from midnight."""

    begin: int
    end: int
    platform_count: int
    local_count: int


async def locate(
    count: Callable[[int, int], Awaitable[int | None]],
    local: Mapping[int, int],
    whole: int,
    *,
    most_requests: int = 60,
) -> list[Place]:
    """The minutes in which the platform counts more orders than were collected; larger parts where requests run out.

    Args:
        count: Asks the platform for a part of the day, in minutes; None where it gives no number.
        local: Collected orders by minute, those in quarantine among them.
        whole: The platform's count of the day.
        most_requests: How often it may ask.
    """
    before = [0, *accumulate(local.get(minute, 0) for minute in range(MINUTES))]
    parts, found = [Place(0, MINUTES, whole, before[MINUTES])], []
    while parts:
        part = parts.pop()
        if part.platform_count <= part.local_count:
            continue
        middle = (part.begin + part.end) // 2
        first = await count(part.begin, middle) if part.end - part.begin > 1 and most_requests > 0 else None
        most_requests -= 1
        if first is None:
            found.append(part)
            continue
        parts += [
            Place(middle, part.end, part.platform_count - first, before[part.end] - before[middle]),
            Place(part.begin, middle, first, before[middle] - before[part.begin]),
        ]
    return found
