"""Breaks printed rules of the platform's answers in a share of the invented rows, and says which.

The changes are those of `dirt` where they fit the fields of an answer, and a few for its own types and its numbers.
"""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

from hotline_sandbox.sample.dirt import DIRT, Kind
from hotline_sandbox.shown import interfaces_showing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hotline_bridge.contract.model import Field, Interface
    from hotline_sandbox.sample.case_rows import CaseRow


def _of_kind(kind: str) -> Callable[[Interface, Field], bool]:
    return lambda _, field: field.kind == kind


DIRT_OF_DAYS: tuple[Kind, ...] = (
    Kind("a day only", ("type",), _of_kind("timestamp"), lambda value, _: value[:10]),
    Kind("a minute of 60", ("type",), _of_kind("timestamp"), lambda value, _: f"{value[:14]}60{value[16:]}"),
    Kind("slashes", ("type",), _of_kind("timestamp"), lambda value, _: value.replace("-", "/")),
    Kind("no such day", ("type",), _of_kind("date"), lambda value, _: f"{value[:4]}-02-30"),
    Kind("a Chinese day", ("type",), _of_kind("date"), lambda value, _: f"{value[:4]}年{value[5:7]}月{value[8:]}日"),
)


class _Change(NamedTuple):
    field: str
    kind: Kind
    limit: Field

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(f"{self.field}:{rule}" for rule in sorted(self.kind.breaks))


@cache
def changes_of(table: str) -> tuple[_Change, ...]:
    """The changes at the fields of a table, as its first interface prints them."""
    interface = interfaces_showing()[table][0]
    return tuple(
        _Change(field.name, kind, field)
        for kind in (*DIRT, *DIRT_OF_DAYS)
        for field in interface.response
        if kind.fits(interface, field)
    )


class Dirtier:
    """Changes a share of the rows, with each change in turn.

    Args:
        share: Of all rows, from 0 to 1.
        seed: Same seed and same rows: same changes.
    """

    def __init__(self, share: float, seed: int) -> None:
        self._share = share
        self._rng = random.Random(f"case dirt {seed}")  # noqa: S311  (a repeatable sample, no secret)
        self._turns: dict[str, cycle[_Change]] = {}
        self.done: Counter[tuple[str, tuple[str, ...]]] = Counter()
        """Rows changed so far, by table and broken rules."""

    def change(self, table: str, row: CaseRow, filled_in: Mapping[str, str]) -> tuple[CaseRow, tuple[str, ...]]:
        """The row, or a changed one with the rules that it breaks ("field:rule").

        Args:
            table: That it is of.
            row: As it goes into the world.
            filled_in: What the platform will add to it, by field.
        """
        if not self._share or self._rng.random() >= self._share:
            return row, ()
        if table not in self._turns:
            changes = changes_of(table)
            self._turns[table] = cycle(self._rng.sample(changes, len(changes)))
        whole = {**filled_in, **row}
        while True:
            change = next(self._turns[table])
            before = whole.get(change.field)
            if isinstance(before, str) and before and (after := change.kind.change(before, change.limit)) != before:
                self.done[table, change.reasons] += 1
                return {**row, change.field: after}, change.reasons
