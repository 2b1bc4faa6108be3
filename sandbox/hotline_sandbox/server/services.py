"""What each interface does with a row that came with the right signature. No input or output here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.answers import REPEATED, RULE_BROKEN, Answer, refusal, success
from hotline_sandbox.server.rules import Row, compile_rules
from hotline_sandbox.server.windows import read_window, refuse_window
from hotline_sandbox.server.world.reported import show_case

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.server.stored import StoredReports
    from hotline_sandbox.server.world.world import World

_DONE = {"issuc": "1"}
_NOT_DONE = {"issuc": "0"}


class Service(Protocol):
    """One interface of the platform."""

    interface: Interface

    def answer(self, row: Row, *, store: bool) -> Answer:
        """The honest answer to a row; with `store` False it is only said, not done."""


class ReportService:
    """Stores one log or one order (4.2.3, 4.8.2.1.4), if it keeps all printed rules; an order becomes a case."""

    def __init__(
        self, interface: Interface, stored: StoredReports, world: World, on_repeat: Literal["accept", "refuse"]
    ) -> None:
        if interface.key is None:
            raise ValueError(f"{interface.name} has no key: the sandbox cannot tell its reports apart")
        self.interface = interface
        self._name, self._key = interface.name, interface.key
        self._stored = stored
        self._world = world
        self._refuses_repeats = on_repeat == "refuse"
        self._broken_rules = compile_rules(interface)
        self._success = success(interface.success_code, _DONE, stored=True)

    def answer(self, row: Row, *, store: bool) -> Answer:
        """Success, or a refusal that names every broken rule (1001) or the repeated key (1003)."""
        if broken := self._broken_rules(row):
            return refusal(RULE_BROKEN, "；".join(map(str, broken)), _NOT_DONE)
        key = str(row[self._key])
        if self._refuses_repeats and self._stored.holds(self._name, key):
            return refusal(REPEATED, f"字段 {self._key}：该标识已经上报", _NOT_DONE)
        if store:
            self._stored.put(self._name, key)
            if self.interface.becomes is not None:
                show_case(self._world, self.interface, key, row)
        return self._success


class CountService:
    """Counts the orders that were registered in a window (对账接口, 4.8.2.1.5.5)."""

    def __init__(self, interface: Interface, world: World, *, end_is_outside: bool) -> None:
        self.interface = interface
        self._world = world
        self._end_is_outside = end_is_outside
        self._broken_rules = compile_rules(interface)
        self._begin, self._end = (field.name for field in interface.request)
        self._counted = tuple((name, str(contract()[counted].table)) for name, counted in interface.counts.items())

    def answer(self, row: Row, *, store: bool) -> Answer:  # noqa: ARG002  (counting stores nothing)
        """The counts as texts (String 50), or a refusal."""
        if broken := self._broken_rules(row):
            return refusal(RULE_BROKEN, "；".join(map(str, broken)))
        if refused := refuse_window(row, self._begin, self._end, self.interface.limits.max_window_days):
            return refused
        begin, end = read_window(row, self._begin, self._end, end_is_outside=self._end_is_outside)
        now = self._world.now()
        counts = {name: str(self._world.feeds[table].count_orders(begin, end, now)) for name, table in self._counted}
        return success(self.interface.success_code, counts, stored=False)
