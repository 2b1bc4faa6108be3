"""One bad row never stops the rest: what a database refuses for its content is halved until the row stands alone.

The one mechanism of intake, of storing answers and of publishing. Whoever uses it says what becomes of a row that
stands alone: it is put aside with a reason.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

import psycopg

from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Item = TypeVar("Item")

REFUSED = "row:refused"
"""Reason of a row that our own store cannot take for its content."""

_OF_CONTENT = ("22", "23", "44", "54", "P0", "53200", "XX000")
"""SQLSTATE by class or whole: texts that cannot be converted or cast, constraints, checks of views, limits of size,
triggers; and no memory or too large a request, which a smaller batch may not need."""
_SHORT_OF_MEMORY = "53200"
"""Of one row alone it says nothing: its server has none left for anybody, and the next run may find more."""
_CHANCE = 10
"""So many rows are not all bad: where every one of more is refused, something else is wrong than a row."""


def is_of_content(error: psycopg.Error) -> bool:
    """Whether other rows may do better than those of the statement that failed."""
    return isinstance(error, psycopg.DataError) or (error.sqlstate or "").startswith(_OF_CONTENT)


class Halves(Generic[Item]):
    """The parts in which rows are tried: all at once, and a part that is refused in halves.

    ```
    parts = Halves(rows)
    for part in parts:
        try:
            with connection.transaction():
                store(part)
        except psycopg.Error as error:
            parts.refused(error)
    for row, error in parts.alone:
        put_aside(row)
    ```

    Large parts come first, so the order of the rows is not kept where one is refused.

    Args:
        items: Rows, or what names them.
        of: What they are, where it is an error that all of many are refused.
    """

    def __init__(self, items: Sequence[Item], of: str | None = None) -> None:
        self._parts = deque([items] if items else [])
        self._tried: Sequence[Item] = ()
        self._count, self._of = len(items), of
        self.alone: list[tuple[Item, psycopg.Error]] = []
        """Items that are refused also by themselves, and why."""

    def __iter__(self) -> Iterator[Sequence[Item]]:
        """Each part, until all are stored or stand alone."""
        while self._parts:
            self._tried = self._parts.popleft()
            yield self._tried

    def refused(self, error: psycopg.Error) -> None:
        """Say that the part that came last was refused.

        Raises:
            psycopg.Error: The error itself, where it is not about content.
            StopRun: All of many items are refused, and that is an error.
        """
        if not is_of_content(error):
            raise error
        if len(self._tried) > 1:
            half = len(self._tried) // 2
            self._parts += [self._tried[:half], self._tried[half:]]
            return
        if error.sqlstate == _SHORT_OF_MEMORY:
            raise error
        self.alone.append((self._tried[0], error))
        if self._of and len(self.alone) == self._count > _CHANCE:
            raise StopRun(
                f"every one of {self._count} {self._of} is refused ({type(error).__name__}, SQLSTATE {error.sqlstate})",
                remedy="something else is wrong than a row: an encoding, a constraint; see the server's log",
            )
