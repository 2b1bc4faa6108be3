"""Where within a day orders are missing (定位差异): counts halve the day down to minutes. No input or output here.

Only for days that could not be collected whole: elsewhere collecting again brings what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

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
