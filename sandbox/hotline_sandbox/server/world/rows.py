"""The interfaces that answer rows: queries by registration time or number, and drains.

See protocol: amounts and windows.
"""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.answers import RULE_BROKEN, SUCCESS_ZH, Answer, refusal
from hotline_sandbox.server.rules import compile_rules, is_empty
from hotline_sandbox.server.windows import Window, read_window, refuse_window
from hotline_sandbox.server.world.feed import take
from hotline_sandbox.server.world.world import encode
from hotline_sandbox.shown import interfaces_showing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.server.faults import Fault
    from hotline_sandbox.server.rules import Row
    from hotline_sandbox.server.settings import SandboxSettings
    from hotline_sandbox.server.world.feed import Feed
    from hotline_sandbox.server.world.world import World

_CAP: Final = max(interface.limits.max_rows or 0 for interface in contract().values())
"""Where no cap is printed (4.8.2.1.6), the one that is printed everywhere else holds."""


class RowService(ABC):
    """Answers rows of one table, so many as one answer holds, in the order that the settings say."""

    def __init__(self, interface: Interface, world: World, settings: SandboxSettings) -> None:
        self.interface = interface
        self._world = world
        self._table = str(interface.table)
        self._most = interface.limits.max_rows or _CAP
        self._row_order = settings.row_order
        self._seed = f"{settings.seed}/{interface.name}"
        self._answers = 0
        self._respelled = _respelled(interface)
        self._head = f'{{"code":{json.dumps(interface.success_code)},"msg":"{SUCCESS_ZH}","data":'.encode()
        self._none = self._head + (b"[]" if settings.empty == "list" else b"null") + b"}"

    @property
    def _feed(self) -> Feed:
        return self._world.feeds[self._table]

    def answer(self, row: Row, *, store: bool) -> Answer:  # noqa: ARG002  (reading stores nothing)
        """The rows that the platform gives, or a refusal."""
        return self._refuse(row) or self._answer(self._found(row, self._most))

    def twisted(self, row: Row, fault: Fault, source: random.Random) -> Answer:
        """The answer with too many rows, with one twice, with some from outside the window, or some without number."""
        if refused := self._refuse(row):
            return refused
        rows = self._found(row, fault.rows if fault.kind == "overfull" else self._most)
        blanked: set[int] = set()
        if fault.kind == "repeated_row" and rows:
            rows.insert(source.randint(0, len(rows)), source.choice(rows))
        elif fault.kind == "outside":
            rows += islice(self._strangers(row), fault.rows)
        elif fault.kind == "numberless":
            blanked.update(source.sample(range(len(rows)), min(fault.rows, len(rows))))
        return self._answer(rows, blanked)

    def dump(self, after: int, limit: int) -> tuple[bytes, int]:
        """Encoded rows that the platform shows now whatever was asked for, past the first `after`; and how many."""
        rows = list(islice(self._everything(), after, after + limit))
        return self._joined(rows), len(rows)

    def count(self) -> int:
        """How many rows the platform shows now, whatever was asked for."""
        return sum(1 for _ in self._everything())

    @abstractmethod
    def _refuse(self, row: Row) -> Answer | None:
        """What refuses the request, if anything does."""

    @abstractmethod
    def _candidates(self, row: Row) -> Iterator[int]:
        """The rows that are asked for."""

    @abstractmethod
    def _strangers(self, row: Row) -> Iterator[int]:
        """Rows that are not asked for."""

    @abstractmethod
    def _everything(self) -> Iterator[int]:
        """The rows that some request could get now."""

    def _found(self, row: Row, most: int) -> list[int]:
        self._answers += 1
        source = random.Random(f"{self._seed}/{self._answers}")  # noqa: S311  (repeatable, no secret)
        return take(self._candidates(row), most, self._row_order, source)

    def _answer(self, rows: list[int], blanked: set[int] | frozenset[int] = frozenset()) -> Answer:
        body = self._head + b"[" + self._joined(rows, blanked) + b"]}" if rows else self._none
        return Answer(200, self.interface.success_code, body, rows=len(rows))

    def _joined(self, rows: list[int], blanked: set[int] | frozenset[int] = frozenset()) -> bytes:
        if blanked:
            parts = [self._feed.joined((number,)) for number in rows]
            for place in blanked:
                parts[place] = encode({**json.loads(parts[place]), str(self.interface.key): ""})
            joined = b",".join(parts)
        else:
            joined = self._feed.joined(rows)
        for ours, theirs in self._respelled:
            joined = joined.replace(ours, theirs)
        return joined


class QueryService(RowService):
    """Gives the rows of the orders that were registered in a window, or that are named (4.2.5(3), 4.8.2.1.5 to .7)."""

    def __init__(self, interface: Interface, world: World, settings: SandboxSettings) -> None:
        super().__init__(interface, world, settings)
        self._broken_rules = compile_rules(interface)
        self._end_is_outside = settings.window_end == "exclusive"
        *numbers, self._begin, self._end = (field.name for field in interface.request)
        self._numbers = numbers[0] if numbers else None

    def _refuse(self, row: Row) -> Answer | None:
        if self._is_for_today(row):
            return None
        if broken := self._broken_rules(row):
            return refusal(RULE_BROKEN, "；".join(map(str, broken)))
        return refuse_window(row, self._begin, self._end, self.interface.limits.max_window_days)

    def _is_for_today(self, row: Row) -> bool:
        """如不设置时间则获取当天所有数据 (4.8.2.1.5.1 to .3), although both times are marked as required."""
        is_timeless = is_empty(row.get(self._begin)) and is_empty(row.get(self._end))
        return is_timeless and self.interface.limits.default_window == "current_day"

    def _window(self, row: Row) -> Window:
        if self._is_for_today(row):
            day = self._world.now() // 1_00_00_00 * 1_00_00_00
            return Window(day, day + 23_59_59)
        return read_window(row, self._begin, self._end, end_is_outside=self._end_is_outside)

    def _candidates(self, row: Row) -> Iterator[int]:
        now, window = self._world.now(), self._window(row)
        if self._numbers is None or is_empty(row.get(self._numbers)):
            return self._feed.registered_between(window.begin, window.end, now)
        known = filter(None, map(self._world.find, split_numbers(row[self._numbers])))
        return chain.from_iterable(
            self._feed.of_order(order, registered, now)
            for order, registered in known
            if window.begin <= registered <= window.end
        )

    def _strangers(self, row: Row) -> Iterator[int]:
        window = self._window(row)
        return self._feed.registered_outside(window.begin, window.end, self._world.now())

    def _everything(self) -> Iterator[int]:
        return self._feed.registered_between(0, 9999_99_99_99_99_99, self._world.now())


class DrainService(RowService):
    """Gives the feedback that was not acknowledged yet (4.2.5(1), 4.8.2.1.7.1); it takes no condition."""

    def _refuse(self, row: Row) -> Answer | None:  # noqa: ARG002  (there is no condition)
        return None

    def _candidates(self, row: Row) -> Iterator[int]:  # noqa: ARG002  (there is no condition)
        return self._everything()

    def _strangers(self, row: Row) -> Iterator[int]:  # noqa: ARG002  (there is no condition)
        waiting = set(self._everything())
        shown = self._feed.registered_between(0, 9999_99_99_99_99_99, self._world.now())
        return (number for number in shown if number not in waiting)

    def _everything(self) -> Iterator[int]:
        return self._feed.waiting(self._world.now())


def split_numbers(text: object) -> list[str]:
    """The order numbers that a request names, joined with a comma (如需多个则用","间隔), each once."""
    return list(dict.fromkeys(filter(None, map(str.strip, str(text).split(",")))))


def _respelled(interface: Interface) -> list[tuple[bytes, bytes]]:
    """Field names of a row that this interface prints in another case. Inside a text a quote would be escaped."""
    spelled = {field.name.lower(): field.name for field in interface.response}
    first = interfaces_showing()[str(interface.table)][0]
    return [
        (f'"{field.name}":'.encode(), f'"{spelled[field.name.lower()]}":'.encode())
        for field in first.response
        if spelled.get(field.name.lower(), field.name) != field.name
    ]
