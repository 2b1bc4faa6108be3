"""What is blank in a table cannot be computed from what is shown of it and of its sums."""

from __future__ import annotations

from itertools import product
from math import inf
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline_bridge.analytics.small_cells import ALL, SMALLEST, to_hide
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    Key = tuple[Hashable, ...]

counts = st.one_of(st.integers(0, 6), st.integers(7, 30))


@st.composite
def tables(draw: st.DrawFn, sides: tuple[int, ...]) -> dict[Key, tuple[int]]:
    keys = product(*map(range, sides))
    return {key: (count,) for key in keys if (count := draw(counts))}


def sums(cells: Mapping[Key, tuple[int, ...]]) -> dict[Key, int]:
    """Every cell and every sum, by plain addition."""
    found: dict[Key, int] = {}
    for key, (count, *_) in cells.items():
        for place in product(*((value, ALL) for value in key)):
            found[place] = found.get(place, 0) + count
    return found


def has_another_value(
    cells: Mapping[Key, tuple[int, ...]],
    hidden: frozenset[Key],
    key: Key,
    at_most: Mapping[Key, int] | None = None,
) -> bool:
    """Whether some other table fits all that is shown, and differs in this blank cell or sum.

    Tried are all tables whose blank cells differ by one at the most; as the reader knows, each holds one at the least,
    unless it is part of a count that is shown and is the most that it can be.
    """
    least, most = (1, {}) if at_most is None else (0, at_most)
    sums_shown = [place for place in sums(cells) if place not in hidden and ALL in place]
    blank = sorted((cell for cell in cells if cell in hidden), key=lambda cell: (not covers(key, cell), repr(cell)))
    later = [
        [sum(covers(place, cell) for cell in blank[done:]) for place in sums_shown] for done in range(len(blank) + 1)
    ]

    def fits(done: int, change: int, changes: list[int]) -> bool:
        if any(abs(change) > rest for change, rest in zip(changes, later[done], strict=True)):
            return False
        if done == len(blank):
            return change != 0
        cell = blank[done]
        return any(
            fits(
                done + 1,
                change + step * covers(key, cell),
                [old + step * covers(place, cell) for place, old in zip(sums_shown, changes, strict=True)],
            )
            for step in (1, -1, 0)
            if step == 0 or least <= cells[cell][0] + step <= most.get(cell, inf)
        )

    return fits(0, 0, [0] * len(sums_shown))


def covers(place: Key, key: Key) -> bool:
    """Whether a cell is part of a sum, or is that cell."""
    return all(value is ALL or value == own for value, own in zip(place, key, strict=True))


def assert_not_computable(cells: Mapping[Key, tuple[int, ...]]) -> None:
    true, hidden = sums(cells), to_hide(cells)
    assert {key for key, value in true.items() if 0 < value < SMALLEST} <= hidden <= set(true)
    for key in hidden:
        assert has_another_value(cells, hidden, key), f"{key} can be computed"


@settings(max_examples=examples(60), deadline=None)
@given(tables((3, 3)))
def test_no_blank_cell_of_rows_and_columns_can_be_computed(cells: dict[Key, tuple[int]]) -> None:
    assert_not_computable(cells)


@settings(max_examples=examples(40), deadline=None)
@given(tables((2, 3, 2)))
def test_nor_in_three_dimensions(cells: dict[Key, tuple[int]]) -> None:
    assert_not_computable(cells)


@settings(max_examples=examples(20), deadline=None)
@given(tables((5,)))
def test_nor_in_one(cells: dict[Key, tuple[int]]) -> None:
    assert_not_computable(cells)


@settings(max_examples=examples(20), deadline=None)
@given(tables((2, 2)), tables((2, 2)))
def test_of_counts_that_are_blank_together_none_is_small(
    some: dict[Key, tuple[int]], others: dict[Key, tuple[int]]
) -> None:
    pairs = {key: (*some.get(key, (0,)), *others.get(key, (0,))) for key in {*some, *others}}
    hidden = to_hide(pairs)
    for part in (some, others):
        assert {key for key, value in sums(part).items() if 0 < value < SMALLEST} <= hidden


@settings(max_examples=examples(40), deadline=None)
@given(tables((2, 3)), tables((2, 3)), tables((2, 3)))
def test_no_count_of_several_that_are_blank_together_can_be_computed(
    first: dict[Key, tuple[int]], second: dict[Key, tuple[int]], third: dict[Key, tuple[int]]
) -> None:
    parts = (first, second, third)
    keys = sorted({key for part in parts for key in part})
    hidden = to_hide({key: tuple(part.get(key, (0,))[0] for part in parts) for key in keys})
    for part in parts:
        alone = {key: part.get(key, (0,)) for key in keys}
        for key in hidden:
            if sums(alone)[key]:
                assert has_another_value(alone, hidden, key), f"{key} can be computed"


@settings(max_examples=examples(60), deadline=None)
@given(tables((3, 3)), st.data())
def test_nor_a_count_that_is_part_of_one_that_is_shown(cells: dict[Key, tuple[int]], data: st.DataObject) -> None:
    """Whoever sees that there were seven orders knows that no more than seven were late."""
    late = {key: (data.draw(st.sampled_from((0, 1, count // 2, count))),) for key, (count,) in cells.items()}
    small = to_hide(cells)
    shown = {key: count for key, count in sums(cells).items() if key not in small}
    hidden = to_hide(late, blank={key for key in small if ALL not in key}, at_most=shown)
    for key in hidden:
        if sums(late)[key]:
            assert has_another_value(late, hidden, key, shown), f"{key} can be computed"


def test_the_cheapest_cells_are_given_up() -> None:
    cells = {("A", 1): (3,), ("A", 2): (20,), ("A", 3): (100,), ("B", 1): (10,), ("B", 2): (9,), ("B", 3): (8,)}
    assert to_hide(cells) == {("A", 1), ("A", 2), ("B", 1), ("B", 2)}


def test_where_no_cell_can_stand_in_a_sum_does() -> None:
    assert to_hide({("A", 1): (3,), ("B", 1): (10,), ("A", 2): (20,)}) == {
        *[("A", 1), ("B", 1)],
        *[("A", ALL), ("B", ALL)],
    }
    assert to_hide({(): (3,)}) == {()}
    assert to_hide({}) == frozenset()


def test_a_table_without_small_cells_is_shown_whole_and_zeros_always_are() -> None:
    assert not to_hide({(row, column): (5 * (row + column),) for row in range(3) for column in range(3)})
