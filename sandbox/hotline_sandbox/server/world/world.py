"""The world: every order that the platform knows, its rows, and the clock by which they appear."""

from __future__ import annotations

import gzip
import json
import zlib
from array import array
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Final, Literal, NamedTuple

from pydantic import ValidationError

from hotline_sandbox.server.clock import SHANGHAI, Clock
from hotline_sandbox.server.explain import explain
from hotline_sandbox.server.world.feed import Feed
from hotline_sandbox.server.world.orders import Add, Order, Put, Remove, Replace, Shown
from hotline_sandbox.shown import REGISTERED, interfaces_showing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hotline_bridge.contract.model import Field, Interface

RegisTime = Literal["minutes", "seconds"]

_EVER: Final = 1
_MINUTES = len("2026-08-01 10:11")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Reported(NamedTuple):
    """An order that came by a put interface: where it is shown, and whether it was answered on site (现场答复)."""

    table: str
    is_answered: bool


class WorldFileError(ValueError):
    """A world file cannot be taken; the message says why."""


class World:
    """Orders by number. A number names one order, whatever its kind (protocol: drains).

    Args:
        clock: The platform's; the world follows it until it is given a moment of its own.
        registime: How `registime` is written in the fields that the specification makes too short for seconds.
    """

    def __init__(self, clock: Clock, registime: RegisTime) -> None:
        self._clock = clock
        self._registime = registime
        self.stands_at: int | None = None
        """The moment at which the world stands still, or None while it follows the clock."""
        self._clear()

    def _clear(self) -> None:
        self._numbers: dict[str, int] = {}
        self._registered = array("q")
        self.reported: dict[str, Reported] = {}
        """Orders that came by the put interfaces, by number."""
        self.dealt: set[str] = set()
        """Of these, the ones that the bureau has dealt with."""
        self.feeds: dict[str, Feed] = {
            table: Feed(drained=any(interface.kind == "drain" for interface in interfaces))
            for table, interfaces in interfaces_showing().items()
        }

    def __len__(self) -> int:
        """How many orders there are."""
        return len(self._numbers)

    def now(self) -> int:
        """The present moment of the world."""
        if self.stands_at is not None:
            return self.stands_at
        return int(f"{datetime.fromtimestamp(self._clock.now(), SHANGHAI):%Y%m%d%H%M%S}")

    def find(self, regino: str) -> tuple[int, int] | None:
        """The order of this number, as the feeds know it, and when it was registered; None if there is none."""
        order = self._numbers.get(regino)
        return None if order is None else (order, self._registered[order])

    def load(self, path: Path) -> int:
        """Be the world of a file, one order a line, gzipped where its name ends in .gz; gives how many orders it has.

        Raises:
            WorldFileError: It cannot be read, or a line is no order; the message says which.
        """
        self._clear()
        place = 0
        try:
            with _open_text(path) as lines:
                for line in lines:
                    order = json.loads(line)
                    place += 1
                    self.put(Order.model_validate(order))
        except (OSError, EOFError, zlib.error) as error:
            raise WorldFileError(f"the world {path} cannot be read: {error}") from None
        except ValidationError as error:
            raise WorldFileError(f"the world {path}, line {place}, is no order: {explain(error)}") from None
        except ValueError as error:
            raise WorldFileError(f"the world {path}, line {place + 1}, is no JSON: {error}") from None
        return len(self)

    def change(self, change: Put | Add | Replace | Remove) -> None:
        """Do one change.

        Raises:
            ValueError: There is no order of that number.
        """
        match change:
            case Put(orders=orders):
                for order in orders:
                    self.put(order)
            case Add(regino=regino, rows=rows):
                self._add(*self._known(regino), regino, rows)
            case Replace(regino=regino, table=table, rows=rows):
                if strange := {shown.table for shown in rows} - {table}:
                    raise ValueError(f"replaces rows of {table}, yet gives rows of {', '.join(sorted(strange))}")
                self._replace(*self._known(regino), regino, table, rows)
            case Remove(reginos=reginos):
                for regino in reginos:
                    self._remove(regino)

    def put(self, order: Order) -> None:
        """Add an order, or replace it whole; of its rows, those with the content of acknowledged ones stay so."""
        known = self.find(order.regino)
        before = {} if known is None else {table: feed.remove(*known) for table, feed in self.feeds.items()}
        self._add(*self._register(order.regino, int(order.registered)), order.regino, order.rows, before)

    def put_row(self, regino: str, registered: int, table: str, row: Mapping[str, object]) -> None:
        """Show what an order was reported with, at once, in the place of an earlier report of it."""
        order, registered = self._register(regino, registered)
        self._replace(order, registered, regino, table, (Shown.model_construct(table=table, row=row, begin=_EVER),))

    def written(self, moment: int, field: Field) -> str:
        """A moment as `field` writes it: the specification makes some too short for seconds (String 16)."""
        digits = f"{moment:014d}"
        day, clock = (digits[:4], digits[4:6], digits[6:8]), (digits[8:10], digits[10:12], digits[12:])
        text = f"{'-'.join(day)} {':'.join(clock)}"
        is_short = field.kind == "text" and self._registime == "minutes"
        return text[:_MINUTES] if is_short else text

    def _known(self, regino: str) -> tuple[int, int]:
        if (known := self.find(regino)) is None:
            raise ValueError("there is no order of that number: put it first")
        return known

    def _register(self, regino: str, registered: int) -> tuple[int, int]:
        order = self._numbers.setdefault(regino, len(self._registered))
        if order == len(self._registered):
            self._registered.append(registered)
        elif (before := self._registered[order]) != registered:
            for feed in self.feeds.values():
                feed.move(order, before, registered)
            self._registered[order] = registered
        return order, registered

    def _add(
        self,
        order: int,
        registered: int,
        regino: str,
        rows: Iterable[Shown],
        before: Mapping[str, Mapping[bytes, bool]] = MappingProxyType({}),
    ) -> None:
        for shown in rows:
            content = encode(self._filled(shown, regino, registered))
            acknowledged = before.get(shown.table, {}).get(content, False)
            begin = shown.begin or registered
            self.feeds[shown.table].add(order, registered, content, begin, shown.end, acknowledged=acknowledged)

    def _replace(self, order: int, registered: int, regino: str, table: str, rows: Iterable[Shown]) -> None:
        self._add(order, registered, regino, rows, {table: self.feeds[table].remove(order, registered)})

    def _remove(self, regino: str) -> None:
        known = self._known(regino)
        for feed in self.feeds.values():
            feed.remove(*known)
        del self._numbers[regino]

    def _filled(self, shown: Shown, regino: str, registered: int) -> Mapping[str, object]:
        key, field = _FILLED[shown.table]
        row = shown.row if key in shown.row else {key: regino, **shown.row}
        if field is None or field.name in row:
            return row
        return {**row, field.name: self.written(registered, field)}


def _own_fields(interface: Interface) -> tuple[str, Field | None]:
    return str(interface.key), next((field for field in interface.response if field.name == REGISTERED), None)


_FILLED: Final = {table: _own_fields(interfaces[0]) for table, interfaces in interfaces_showing().items()}


def encode(row: Mapping[str, object]) -> bytes:
    """A row as UTF-8 JSON; a lone surrogate is escaped, as JSON allows it and UTF-8 does not."""
    return _ENCODER.encode(row).encode("utf-8", errors="backslashreplace")


def _open_text(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")
