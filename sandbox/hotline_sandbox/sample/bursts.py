"""Times at which very many orders are registered at once: what a cap of 500 rows without paging makes dangerous."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hotline_sandbox.sample.moments import DAY_S

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOUR_S, _MINUTE_S = 3_600, 60

BURSTS = ((499, _HOUR_S), (500, _HOUR_S), (501, _HOUR_S), (1_200, _MINUTE_S))
"""Orders, and the seconds within which they are registered: just below, at and above what one answer holds."""


class Burst(NamedTuple):
    """So many complaints registered in the closed window of two wall-clock seconds, and no other order in it."""

    begin: int
    end: int
    orders: int

    def times(self) -> Iterator[int]:
        """When they are registered, evenly."""
        length = self.end - self.begin + 1
        return (self.begin + number * length // self.orders for number in range(self.orders))


def plan_bursts(begin: int, end: int, most: int, second_burst: int) -> tuple[Burst, ...]:
    """Bursts in the small hours, each at an hour of its own, spread over a span of wall-clock seconds.

    Args:
        begin: First second of the span.
        end: Its last second.
        most: Orders in all; those of `BURSTS` that do not fit in are left out.
        second_burst: Orders of one more burst, in a single second; 0 for none. It comes first where room is short.
    """
    wanted = [*([(second_burst, 1)] if second_burst else []), *BURSTS]
    fitting: list[tuple[int, int]] = []
    for orders, length in wanted:
        if orders + sum(other for other, _ in fitting) <= most:
            fitting.append((orders, length))
    days = range(begin // DAY_S + 1, (end - len(wanted) * _HOUR_S - _HOUR_S) // DAY_S + 1)
    if not days:
        return ()
    at = [days[place * len(days) // len(fitting)] * DAY_S + (1 + place) * _HOUR_S for place in range(len(fitting))]
    return tuple(Burst(first, first + length - 1, orders) for first, (orders, length) in zip(at, fitting, strict=True))
