"""The rows of one table: found by time of registration, and, where it is drained, by whether they wait."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from enum import IntEnum
from itertools import islice
from typing import TYPE_CHECKING, Literal

from hotline_sandbox.server.world.spool import Spool

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Sequence

RowOrder = Literal["registration", "reverse", "random"]

_COMPACT_FROM = 1024


class _State(IntEnum):
    WAITING = 0
    ACKNOWLEDGED = 1
    REMOVED = 2


class Feed:
    """Rows are known by their number, given in order of arrival; moments are as in `orders`.

    Args:
        drained: Whether an interface hands rows out until they are acknowledged.
    """

    def __init__(self, *, drained: bool) -> None:
        self._drained = drained
        self._spool = Spool()
        self._orders = array("I")
        self._begins = array("q")
        self._ends = array("q")
        self._states = bytearray()
        # Both are in order of registration, and within a moment in order of arrival.
        self._registered = array("q")
        self._rows = array("I")
        # Rows that may wait, in the order in which they appear once sorted; rows that do not are swept now and then.
        self._waiting: list[int] = []
        self._waiting_is_sorted = True
        self._waiting_from = 0
        self._swept = 0

    def add(self, order: int, registered: int, row: bytes, begin: int, end: int, *, acknowledged: bool = False) -> None:
        """Add one row of an order (by its number), encoded, shown from `begin` until `end`."""
        number = self._spool.append(row)
        self._orders.append(order)
        self._begins.append(begin)
        self._ends.append(end)
        self._states.append(_State.ACKNOWLEDGED if acknowledged else _State.WAITING)
        self._place(number, registered)
        if self._drained and not acknowledged:
            self._waiting.append(number)
            self._waiting_is_sorted = False

    def move(self, order: int, before: int, registered: int) -> None:
        """An order counts as registered at another moment from now on."""
        for number in self._taken_out(order, before):
            self._place(number, registered)

    def remove(self, order: int, registered: int) -> dict[bytes, bool]:
        """Take all rows of an order away: what they were, and whether all such were acknowledged."""
        removed: dict[bytes, bool] = {}
        for number in self._taken_out(order, registered):
            content = self._spool.joined((number,))
            removed[content] = removed.get(content, True) and self._states[number] == _State.ACKNOWLEDGED
            self._forget_waiting(number, _State.REMOVED)
        return removed

    def joined(self, numbers: Sequence[int]) -> bytes:
        """The encoded rows with a comma between each two."""
        return self._spool.joined(numbers)

    def registered_between(self, begin: int, end: int, now: int) -> Iterator[int]:
        """The rows that are shown now, of the orders registered in the closed window, by registration."""
        first, behind = self._span(begin, end)
        return self._shown(self._rows[first:behind], now)

    def registered_outside(self, begin: int, end: int, now: int) -> Iterator[int]:
        """The rows that are shown now, of orders registered after or before the window, the nearest first."""
        first, behind = self._span(begin, end)
        yield from self._shown(self._rows[behind:], now)
        yield from self._shown(reversed(self._rows[:first]), now)

    def of_order(self, order: int, registered: int, now: int) -> Iterator[int]:
        """The rows of one order that are shown now."""
        shown = self.registered_between(registered, registered, now)
        return (number for number in shown if self._orders[number] == order)

    def count_orders(self, begin: int, end: int, now: int) -> int:
        """How many orders of the closed window have a row that is shown now."""
        return len({self._orders[number] for number in self.registered_between(begin, end, now)})

    def waiting(self, now: int) -> Iterator[int]:
        """The rows that are shown now and not acknowledged yet, by when they appeared."""
        if not self._waiting_is_sorted:
            self._waiting.sort(key=self._begins.__getitem__)
            self._waiting_is_sorted = True
            self._waiting_from = 0
        waiting, states = self._waiting, self._states
        # Mostly it is the front that was acknowledged.
        while self._waiting_from < len(waiting) and states[waiting[self._waiting_from]]:
            self._waiting_from += 1
        behind = bisect_right(waiting, now, lo=self._waiting_from, key=self._begins.__getitem__)
        places = range(self._waiting_from, behind)
        return self._shown((waiting[place] for place in places if not states[waiting[place]]), now)

    def acknowledge(self, order: int, registered: int, now: int) -> None:
        """Hand out no row of this order again that is shown now."""
        for number in list(self.of_order(order, registered, now)):
            self._forget_waiting(number, _State.ACKNOWLEDGED)

    def _place(self, number: int, registered: int) -> None:
        place = len(self._registered)
        if place and registered < self._registered[-1]:
            place = bisect_right(self._registered, registered)
        self._registered.insert(place, registered)
        self._rows.insert(place, number)

    def _taken_out(self, order: int, registered: int) -> list[int]:
        span = range(*self._span(registered, registered))
        places = [place for place in span if self._orders[self._rows[place]] == order]
        numbers = [self._rows[place] for place in places]
        for place in reversed(places):
            del self._rows[place], self._registered[place]
        return numbers

    def _span(self, begin: int, end: int) -> tuple[int, int]:
        first = bisect_left(self._registered, begin)
        return first, bisect_right(self._registered, end, lo=first)

    def _shown(self, numbers: Iterable[int], now: int) -> Iterator[int]:
        begins, ends = self._begins, self._ends
        return (number for number in numbers if begins[number] <= now < ends[number])

    def _forget_waiting(self, number: int, state: _State) -> None:
        self._swept += self._drained and self._states[number] == _State.WAITING
        self._states[number] = state
        if self._swept > max(_COMPACT_FROM, len(self._waiting) // 2):
            self._waiting = [waiting for waiting in self._waiting if not self._states[waiting]]
            self._swept = self._waiting_from = 0


def take(rows: Iterator[int], most: int, order: RowOrder, source: random.Random) -> list[int]:
    """So many of the rows at most, from the end that the platform begins at, in its order."""
    if order == "registration":
        return list(islice(rows, most))
    found = list(rows)
    return found[: -most - 1 : -1] if order == "reverse" else source.sample(found, min(most, len(found)))
