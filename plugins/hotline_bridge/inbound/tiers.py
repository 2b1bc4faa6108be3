"""When a window is visited again (architecture: registration time): soon while it is young, seldom when it is old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.inbound.windows import Window

_SPREAD = 0.25
_OF_AGE = 1 / 20
"""What a pause beyond the last step is of the window's age, at least: so visits grow by less and less with the years,
though late replies keep some order of nearly every window open."""


@dataclass(frozen=True, slots=True)
class Tiers:
    """Up to each age of a window's end, how long until the next visit; beyond the last, only while an order is open."""

    steps: Sequence[tuple[timedelta, timedelta]]
    """Age and pause, youngest first."""
    beyond: timedelta
    """Shortest pause beyond the last step."""

    def pause(self, window: Window, now: int) -> tuple[timedelta, bool]:
        """How long after a visit the window is due again, and whether only for open orders.

        The pause is shortened by up to a quarter, differently for each window, so that what was visited together at
        first does not come back together for ever.

        Args:
            window: The window visited.
            now: Moment of the visit, seconds since 1970.
        """
        age = timedelta(seconds=max(0, now - window.end))
        old = (max(self.beyond, age * _OF_AGE), True)
        pause, only_open = next(((again, False) for until, again in self.steps if age <= until), old)
        share = (window.begin // 60 * 2_654_435_761 % 2**32) / 2**32
        return pause * (1 - _SPREAD * share), only_open


DEFAULT_TIERS = Tiers(
    steps=(
        (timedelta(days=7), timedelta(hours=1)),
        (timedelta(days=30), timedelta(hours=6)),
        (timedelta(days=120), timedelta(days=1)),
    ),
    beyond=timedelta(days=7),
)
"""Replies come late: 65 % after 7 days, 38 % after 15, 3 % after 90 (measured)."""

REPAIR_TIERS = Tiers(
    steps=((timedelta(days=30), timedelta(days=1)), (timedelta(days=120), timedelta(days=3))),
    beyond=timedelta(days=14),
)
"""For feedback queries, which only look for what an acknowledgement hid."""
