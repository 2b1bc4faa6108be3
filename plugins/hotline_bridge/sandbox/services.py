"""What each interface does with a row that came with the right signature. No input or output here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.sandbox.answers import NOT_OFFERED, REPEATED, RULE_BROKEN, WINDOW, Answer, refusal, success
from hotline_bridge.sandbox.rules import Row, compile_rules

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface
    from hotline_bridge.sandbox.stored import StoredReports

_DONE = {"issuc": "1"}
_NOT_DONE = {"issuc": "0"}

_REGISTERED = "registime"
"""登记时间: the field of the orders that `numcaseinfo` counts by (4.8.2.1.5.5)."""


class Service(Protocol):
    """One interface of the platform."""

    interface: Interface

    def answer(self, row: Row, *, store: bool) -> Answer:
        """The honest answer to a row; with `store` False it is only said, not done."""


class ReportService:
    """Stores one log or one order (4.2.3, 4.8.2.1.4), if it keeps all printed rules."""

    def __init__(self, interface: Interface, stored: StoredReports, on_repeat: Literal["accept", "refuse"]) -> None:
        if interface.key is None:
            raise ValueError(f"{interface.name} has no key: the sandbox cannot tell its reports apart")
        self.interface = interface
        self._name, self._key = interface.name, interface.key
        self._stored = stored
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
            registered = "".join(filter(str.isdigit, str(row.get(_REGISTERED, ""))))
            self._stored.put(self._name, key, registered)
        return self._success


class CountService:
    """Counts the stored orders of a window of registration time, both ends included (对账接口, 4.8.2.1.5.5).

    The print does not say whether the ends belong to the window, nor what a window that is too long or runs backwards
    gets: this platform includes both ends and refuses such windows (1004).
    """

    def __init__(self, interface: Interface, stored: StoredReports) -> None:
        self.interface = interface
        self._stored = stored
        self._broken_rules = compile_rules(interface)
        self._begin, self._end = (field.name for field in interface.request)
        self._longest = timedelta(days=interface.limits.max_window_days or timedelta.max.days)
        # Both stand in the order of the print: complaints, reports, consultations.
        self._counted = tuple(
            (answer.name, order.name) for answer, order in zip(interface.response, interfaces_of("order"), strict=True)
        )

    def answer(self, row: Row, *, store: bool) -> Answer:  # noqa: ARG002  (counting stores nothing)
        """The counts as texts (String 50), or a refusal."""
        if broken := self._broken_rules(row):
            return refusal(RULE_BROKEN, "；".join(map(str, broken)))
        begin, end = str(row[self._begin]), str(row[self._end])
        if not timedelta(0) <= _moment(end) - _moment(begin) <= self._longest:
            return refusal(WINDOW, f"查询时间范围不能超过 {self._longest.days} 天，且结束不得早于开始")
        counts = {name: str(self._stored.registered_between(order, begin, end)) for name, order in self._counted}
        return success(self.interface.success_code, counts, stored=False)


class UnofferedService:
    """An interface of the contract that the sandbox does not play yet."""

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        self._refusal = refusal(NOT_OFFERED, "not offered by the sandbox yet")

    def answer(self, row: Row, *, store: bool) -> Answer:  # noqa: ARG002  (the same answer to everything)
        """Always the refusal 1009."""
        return self._refusal


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007  (two wall-clock times of one zone, compared)
