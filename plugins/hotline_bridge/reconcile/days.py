"""What is counted: kinds of orders and days of Asia/Shanghai; and whether a window's ends belong to it. Pure.

A day begins at midnight and ends before the next. The specification does not say whether the ends of a window are
counted, so that is found out once (`window_bounds_of`); windows of collecting overlap, windows of counting must not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.inbound.moments import seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hotline_bridge.contract.model import Interface

SETTLED_AFTER = timedelta(minutes=30)
"""A day is counted when it has been over for so long: its last orders have been collected by then."""

AT_A_TIME = 15
"""Days that are read from the stores together."""


@dataclass(frozen=True, slots=True)
class WindowBounds:
    """Whether orders registered in the very second of a window's begin, and of its end, are counted."""

    begin: bool = True
    end: bool = True

    def window(self, begin: int, end: int) -> tuple[int, int]:
        """The bounds to ask for, so that exactly the seconds from `begin` until before `end` are counted."""
        return begin - (not self.begin), end - self.end


def window_bounds_of(before: int, after: int, both: int) -> WindowBounds | None:
    """How the platform reads the ends, from three counts around a second t that holds orders, as do not t-1 and t+1.

    Args:
        before: Orders counted from t-1 to t.
        after: From t to t+1.
        both: From t-1 to t+1.

    Returns:
        None where the counts do not tell: others were registered beside, or the count moved meanwhile.
    """
    if both <= 0 or max(before, after) > both:
        return None
    if before + after > both:
        return WindowBounds()
    if bool(before) != bool(after):
        return WindowBounds(begin=bool(after), end=bool(before))
    return None if before else WindowBounds(begin=False, end=False)


def bounds(day: date) -> tuple[datetime, datetime]:
    """The aware moments at which a day begins and the next one does."""
    begin = datetime.combine(day, time(), SHANGHAI)
    return begin, datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def bounds_s(day: date) -> tuple[int, int]:
    """The same in seconds since 1970."""
    begin, end = bounds(day)
    return seconds(begin), seconds(end)


def last_settled(now: datetime) -> date:
    """The last day that can be counted.

    Args:
        now: Aware.
    """
    return (now - SETTLED_AFTER).astimezone(SHANGHAI).date() - timedelta(days=1)


def days_of(begin: datetime, end: datetime) -> list[date]:
    """The days that a window touches, its end not in it."""
    first, last = (
        moment.astimezone(SHANGHAI).date() for moment in (begin, end.astimezone(UTC) - timedelta(microseconds=1))
    )
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def chosen(trailing: int, now: datetime, first: date, more: Iterable[date]) -> list[date]:
    """The days to reconcile without a window: the last ones, and others that are still to be settled, in order.

    Args:
        trailing: How many of the last days.
        now: Aware.
        first: No day before it.
        more: Days that were never reconciled, or did not agree.
    """
    last = last_settled(now)
    days = {last - timedelta(days=number) for number in range(trailing)} | set(more)
    return sorted(day for day in days if first <= day <= last)


def groups_of(days: Sequence[date]) -> list[list[date]]:
    """Days in the order in which they are reconciled: the newest first, those that follow each other together."""
    groups: list[list[date]] = []
    for day in sorted(days, reverse=True):
        if groups and len(groups[-1]) < AT_A_TIME and groups[-1][-1] - day == timedelta(days=1):
            groups[-1].append(day)
        else:
            groups.append([day])
    return groups


@dataclass(frozen=True, slots=True)
class OrderKind:
    """One kind of orders: how they go to the platform, how they come back, and where they are counted."""

    name: str
    """`complaint` 投诉, `report` 举报, `consultation` 咨询."""
    put: Interface
    case: Interface
    counted_in: str
    """Field of the platform's count."""


def count_interface() -> Interface:
    """The interface that counts (对账接口, 4.8.2.1.5.5)."""
    return next(interface for interface in contract().values() if interface.kind == "reconcile")


def returned_interface() -> Interface:
    """The query for orders that the platform's audit returned (4.8.2.1.5.4)."""
    return next(contract()[order.returned_by] for order in interfaces_of("order") if order.returned_by)


@cache
def order_kinds() -> tuple[OrderKind, ...]:
    """In the order of the specification."""
    counted_in = {case: field for field, case in count_interface().counts.items()}
    return tuple(
        OrderKind(
            str(put.table).removesuffix("_order"), put, contract()[str(put.becomes)], counted_in[str(put.becomes)]
        )
        for put in interfaces_of("order")
    )
