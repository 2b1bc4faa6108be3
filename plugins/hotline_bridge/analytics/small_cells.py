"""Small cells (小格): which counts of a table must stay blank, so that no small group of persons shows in it.

Blank are the counts below five, and as many others as it takes that no blank one can be computed from what is shown and
from the sums of the table. This is the hypercube method (Repsilber; Giessing in τ-ARGUS): each blank cell is a corner
of a box whose corners are all blank. One more at a corner, one less at each of its neighbours and so on makes another
table with the very same sums, so nobody can tell which of the two is true.
"""

from __future__ import annotations

import math
from enum import Enum
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence

    Key = tuple[Hashable, ...]

SMALLEST = 5
"""Counts from here on may be shown; a zero may too, since nobody is in it."""
_WIDTH = 3
"""Neighbours tried on each line of a cell: those of the smallest counts, and those that are blank already."""


class _Sum(Enum):
    ALL = "ALL"

    def __repr__(self) -> str:
        return self.value


ALL = _Sum.ALL
"""In the place of a dimension that is summed over."""


def to_hide(
    cells: Mapping[Key, Sequence[int]],
    smallest: int = SMALLEST,
    blank: Collection[Key] = (),
    at_most: Mapping[Key, int] | None = None,
) -> frozenset[Key]:
    """The cells and sums that must stay blank.

    Every key of the result has at least two values that fit all that is shown, for a reader who knows which cells there
    are, that none is empty, and all sums (over any dimensions) which are not in the result. Such a reader may guess
    that a blank count is small, and may find more in another table of the same things.

    Args:
        cells: By one value for each dimension (None is a value), the counts that are blank together, not negative. What
            is not there counts as zero.
        smallest: Smallest count above zero that may be shown.
        blank: Cells that are blank for another reason.
        at_most: What is shown beside cells and sums and is never less than a count of theirs: of how many it is a part.
            A count that exceeds it anywhere is not bound by it. None of the parts may be there, for all that the reader
            knows.

    Returns:
        Keys of cells, and of sums: those have `ALL` in the place of each dimension that is summed over.
    """
    table = _Table(cells, at_most)
    blank = frozenset(blank)
    waiting = sorted((key for key in table.counts if key in blank or table.is_small(key, smallest)), key=table.size)
    for key in waiting:
        table.hide(key)
    # A list that grows while it is walked: whatever becomes blank must not be computable either.
    for key in waiting:
        for measure, count in enumerate(table.counts[key]):
            if count and (key, measure) not in table.safe:
                waiting.extend(table.protect(key, measure))
    return frozenset(table.hidden)


def sums(cells: Mapping[Key, Sequence[int]]) -> dict[Key, tuple[int, ...]]:
    """The counts of all cells that are not empty, and of all sums over any dimensions (`ALL`)."""
    found: dict[Key, tuple[int, ...]] = {}
    for key, counts in cells.items():
        if any(counts):
            for place in product(*((value, ALL) for value in key)):
                known = found.get(place)
                found[place] = tuple(map(sum, zip(known, counts, strict=True))) if known else tuple(counts)
    return found


class _Table:
    """A table with all its sums, and what of it is blank so far."""

    def __init__(self, cells: Mapping[Key, Sequence[int]], at_most: Mapping[Key, int] | None) -> None:
        self.counts = sums(cells)
        self.hidden: set[Key] = set()
        self.safe: set[tuple[Key, int]] = set()
        self._on: dict[tuple[int, Key], list[Hashable]] = {}
        self._hidden_on: dict[tuple[int, Key], list[Hashable]] = {}
        self.at_most = at_most or {}
        # Of parts of what is shown, none may be there at all.
        self.least = 1 if at_most is None else 0
        exceeded = (
            {measure for measure, count in enumerate(self.counts.get(key, ())) if count > most}
            for key, most in self.at_most.items()
        )
        self.is_unbound = set().union(*exceeded)
        for key in sorted(self.counts, key=self.size):
            for dimension, line in self._lines(key):
                if key[dimension] is not ALL:
                    self._on.setdefault(line, []).append(key[dimension])

    def size(self, key: Key) -> int:
        """What is lost where it is blank."""
        return sum(self.counts[key])

    def is_small(self, key: Key, smallest: int) -> bool:
        return any(0 < count < smallest for count in self.counts[key])

    def hide(self, key: Key) -> None:
        self.hidden.add(key)
        for dimension, line in self._lines(key):
            if key[dimension] is not ALL:
                self._hidden_on.setdefault(line, []).append(key[dimension])

    def protect(self, key: Key, measure: int) -> list[Key]:
        """Make what is missing of the cheapest box of a blank cell blank. Returns what was."""
        box = self._box(key, measure, self._others) or self._box(key, measure, self._all_others)
        self.safe.update((corner, measure) for corner in box)
        new = [corner for corner in box if corner not in self.hidden]
        for corner in new:
            self.hide(corner)
        return new

    def _box(self, key: Key, measure: int, others: Callable[[Key, int], Iterable[Hashable]]) -> tuple[Key, ...]:
        best: tuple[float, tuple[Key, ...]] = (float("inf"), ())
        # Corners with a sign, of the dimensions walked so far; a corner of these is a corner of the whole box.
        open_boxes: list[tuple[float, tuple[tuple[Key, int], ...]]] = [(0, ((key, 1),))]
        while open_boxes:
            lost, corners = open_boxes.pop()
            if lost >= best[0]:
                continue
            dimension = len(corners).bit_length() - 1
            if dimension == len(key):
                best = (lost, tuple(corner for corner, _ in corners))
                continue
            for other in others(key, dimension):
                # A cell and its sum rise together; two cells of one line in turn.
                sign = 1 if ALL in (other, key[dimension]) else -1
                opposite = tuple((_with(corner, dimension, other), sign * own) for corner, own in corners)
                if all(corner in self.counts for corner, _ in opposite):
                    box = (*corners, *opposite)
                    more = sum(self.size(corner) for corner, _ in opposite if corner not in self.hidden)
                    if lost + more < best[0] and self._can_move(box, measure):
                        open_boxes.append((lost + more, box))
        return best[1]

    def _can_move(self, box: Sequence[tuple[Key, int]], measure: int) -> bool:
        """Whether in one of both directions none falls below what it may be, or rises above what it is part of."""
        return any(
            all(
                self.counts[corner][measure] > self.least if own == sign else self._can_rise(corner, measure)
                for corner, own in box
            )
            for sign in (-1, 1)
        )

    def _can_rise(self, key: Key, measure: int) -> bool:
        return measure in self.is_unbound or self.counts[key][measure] < self.at_most.get(key, math.inf)

    def _others(self, key: Key, dimension: int) -> Iterator[Hashable]:
        """Candidates for the opposite side of a box, the best last."""
        line = (dimension, _with(key, dimension, ALL))
        found: dict[Hashable, None] = {}
        if key[dimension] is not ALL:
            found[ALL] = None
        found |= dict.fromkeys(reversed(self._on.get(line, ())[: _WIDTH + 1]))
        found |= dict.fromkeys(self._hidden_on.get(line, ())[-_WIDTH:])
        found.pop(key[dimension], None)
        yield from found

    def _all_others(self, key: Key, dimension: int) -> Iterator[Hashable]:
        """All that is on the line: where the best cannot move."""
        yield from (
            other for other in self._on.get((dimension, _with(key, dimension, ALL)), ()) if other != key[dimension]
        )
        if key[dimension] is not ALL:
            yield ALL

    @staticmethod
    def _lines(key: Key) -> Iterator[tuple[int, tuple[int, Key]]]:
        for dimension in range(len(key)):
            yield dimension, (dimension, _with(key, dimension, ALL))


def _with(key: Key, dimension: int, value: Hashable) -> Key:
    return (*key[:dimension], value, *key[dimension + 1 :])
