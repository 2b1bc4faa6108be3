"""Drives the world of a running sandbox from tests, the demo and the benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import urlencode

from hotline_sandbox.server.clock import SHANGHAI
from hotline_sandbox.server.world.orders import Add, Put, Remove, Replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from hotline_sandbox.server.world.orders import Change, Order, Shown

_PAGE = 10_000
_LOADS_WITHIN_S = 900.0


class Ask(Protocol):
    """One request to the control API: verb, name, JSON value, seconds to wait for the answer."""

    def __call__(self, method: str, name: str, value: object = None, timeout_s: float = 30.0) -> object:
        """The answer's JSON value."""


class WorldControl:
    """The orders that a sandbox knows.

    Every method raises SandboxError when the sandbox refuses, and OSError when it is not there. A change takes effect
    with the next request; several in one call take effect together.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def load(self, path: Path | str) -> int:
        """Be the world of a file that the sandbox can read; gives how many orders it holds."""
        said = self._ask("POST", "world/load", {"path": str(Path(path).resolve())}, _LOADS_WITHIN_S)
        return cast("dict[str, int]", said)["orders"]

    def put(self, *orders: Order) -> None:
        """Add orders, or replace them whole; of their feedback, what is equal to acknowledged rows stays so."""
        self.change(Put(do="put", orders=orders))

    def add(self, regino: str, *rows: Shown) -> None:
        """Add rows to an order."""
        self.change(Add(do="add", regino=regino, rows=rows))

    def replace(self, regino: str, table: str, *rows: Shown) -> None:
        """Put these rows in the place of all that an order has in a table."""
        self.change(Replace(do="replace", regino=regino, table=table, rows=rows))

    def remove(self, *reginos: str) -> None:
        """Take orders away, with all their rows."""
        self.change(Remove(do="remove", reginos=reginos))

    def change(self, *changes: Change) -> None:
        """Do several changes."""
        self._ask("POST", "world/changes", [change.model_dump(exclude_defaults=True) for change in changes])

    def deal(self, *, seed: int = 1, day_s: float = 86_400.0) -> int:
        """Let the bureau deal with every reported order that it has not dealt with; gives how many these are.

        What it does appears as the world's clock passes: routing, steps, extensions, urges, feedback, returns.

        Args:
            seed: Same seed and number: the same is done, at the same distance from now.
            day_s: Seconds that a day of the bureau takes.
        """
        return cast("dict[str, int]", self._ask("POST", "world/bureau", {"seed": seed, "day_s": day_s}))["orders"]

    def set_clock(self, at: datetime | None) -> None:
        """Let the world stand still at a moment (aware), or follow the sandbox's clock again.

        The signature's day follows the sandbox's clock all the same.
        """
        text = None if at is None else f"{at.astimezone(SHANGHAI):%Y%m%d%H%M%S}"
        self._ask("POST", "world/clock", {"at": text})

    def rows(self, interface: str) -> list[dict[str, object]]:
        """All rows that an interface could give now, in order of registration; of a drain, those that wait."""
        return list(self._pages(interface))

    def counts(self) -> dict[str, int]:
        """How many rows each interface could give now."""
        return cast("dict[str, int]", self._ask("GET", "world/counts"))

    def _pages(self, interface: str) -> Iterator[dict[str, object]]:
        place: int | None = 0
        while place is not None:
            query = urlencode({"interface": interface, "after": place, "limit": _PAGE})
            page = cast("dict[str, object]", self._ask("GET", f"world/rows?{query}"))
            yield from cast("Sequence[dict[str, object]]", page["rows"])
            place = cast("int | None", page["next"])
