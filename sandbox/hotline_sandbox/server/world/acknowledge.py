"""The interfaces by which a client says that it has stored feedback (待获取反馈接口回写, 4.2.5(2), 4.8.2.1.7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.answers import RULE_BROKEN, TOO_MANY, Answer, refusal, success
from hotline_sandbox.server.rules import compile_rules
from hotline_sandbox.server.world.rows import split_numbers

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.server.rules import Row
    from hotline_sandbox.server.world.world import World

_DONE: Final = {"issuc": "1"}
_NOT_DONE: Final = {"issuc": "0"}


class AcknowledgeService:
    """Hides all feedback of the named orders that is shown at that moment, fetched or not; passes unknown numbers over.

    Args:
        interface: Of kind `acknowledge`.
        world: Holds the feedback.
        most: How many numbers one call may carry, or 0 for any number; the specification gives no limit.
    """

    def __init__(self, interface: Interface, world: World, most: int) -> None:
        self.interface = interface
        self._world = world
        self._most = most
        self._key = str(interface.key)
        self._broken_rules = compile_rules(interface)
        self._success = success(interface.success_code, _DONE, stored=True)
        self._tables = {str(drain.table) for drain in contract().values() if drain.acknowledged_by == interface.name}

    def answer(self, row: Row, *, store: bool) -> Answer:
        """Success, or a refusal of the whole call (1001, or 1005 where it carries too many numbers)."""
        if broken := self._broken_rules(row):
            return refusal(RULE_BROKEN, "；".join(map(str, broken)), _NOT_DONE)
        numbers = split_numbers(row[self._key])
        if self._most and len(numbers) > self._most:
            return refusal(TOO_MANY, f"字段 {self._key}：一次最多 {self._most} 个编号", _NOT_DONE)
        if store:
            now = self._world.now()
            for order, registered in filter(None, map(self._world.find, numbers)):
                for table in self._tables:
                    self._world.feeds[table].acknowledge(order, registered, now)
        return self._success
