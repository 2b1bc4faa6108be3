"""Orders as 12345 puts them (工单): the texts of the invented cases, in the fields of the three requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stdnum.cn import ric, uscc

from hotline_bridge.contract.reader import contract
from hotline_sandbox.sample import case_texts as texts
from hotline_sandbox.sample.areas import AREAS
from hotline_sandbox.sample.case_kinds import KINDS
from hotline_sandbox.sample.case_rows import RowWriter
from hotline_sandbox.sample.moments import as_date, as_timestamp

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.sample.case_kinds import Kind
    from hotline_sandbox.sample.world import Row

INTERFACES: Mapping[str, str] = {
    "1": "putTsBusiRegInfoData",
    "2": "putJbBusiRegInfoData",
    "3": "putZxBusiRegInfoData",
}
"""Which interface puts an order, by its kind (`reginfotype`)."""

NUMBERED = 0.3
"""Of the orders: hold an identity number; as many a credit code. Assumed."""
BADLY_WRITTEN = 0.05
"""Of these numbers: with a wrong check character. Assumed."""
FULL = 0.01
"""Of the orders: their words fill the field to the last character."""
CONSULTED = (("01", "登记注册"), ("02", "消费维权"), ("03", "食品药品"), ("99", "其他"))
"""consulrange, consulrangename. Invented: the codes are not printed."""


class MadeOrder(NamedTuple):
    """One order, by column, and the doubts (`field:doubt`) about its numbers that it was made with."""

    interface: Interface
    row: Row
    doubts: tuple[str, ...]


class OrderWriter:
    """Writes good orders; `rng` is the source of all chance."""

    def __init__(self, rng: random.Random, seed: int) -> None:
        self._rng = rng
        self._seed = seed
        self._rows = RowWriter(rng, seed)
        self._number = 0

    def order(self, registered: int) -> MadeOrder:
        """The next order, registered at a wall-clock second."""
        rng = self._rng
        kind = rng.choices(KINDS, [kind.share for kind in KINDS])[0]
        party = self._rows.party(lambda area: self._regino(area, registered), kind, registered)
        interface = contract()[INTERFACES[kind.code]]
        case = (
            self._rows.consultation(party, on_site=rng.random() < 0.6) if kind.code == "3" else self._rows.order(party)
        )
        made = {name.lower(): str(value or "") for name, value in case.items()}
        doubts: list[str] = []
        made |= {
            "regino": party.regino,
            "registime": as_timestamp(registered),
            "receivemode": "1",
            "regunitcode": f"1{party.area}00",
            "telnumber": made["protel"],
            "recordname": f"{party.regino}.wav",
            "procerno": self._number_or_not(self._identity, "procerno:odd_identity", doubts),
            **self._own(kind, party.area, made, doubts),
        }
        if made["procerno"]:
            made["procertype"] = "10"
        if rng.random() < FULL:
            made["complacontent"] = (made["complacontent"] * 4_000)[:4_000]
        row: Row = {field.column: made.get(field.column, "") for field in interface.request}
        return MadeOrder(interface, row, tuple(sorted(doubts)))

    def _own(self, kind: Kind, area: str, made: Mapping[str, str], doubts: list[str]) -> dict[str, str]:
        """Fields that only some kinds have."""
        if kind.code == "3":
            code, name = self._rng.choice(CONSULTED)
            return {"consulrange": code, "consulrangename": name, "proaddr": f"{AREAS['440200']}{AREAS[area]}"}
        names = {goods: name for goods, name, _, _ in texts.GOODS}
        own = {
            "creditcode": self._number_or_not(self._credit_code, "creditcode:odd_credit_code", doubts),
            "goodsobtypename": names[made["goodsobtype"]],
        }
        # The cases tell the time of the dispute to the minute, the request of a complaint to the second.
        return {**own, "disputetime": f"{made['disputetime']}:00"} if kind.code == "1" else own

    def _regino(self, area: str, registered: int) -> str:
        self._number += 1
        return f"{area}{as_date(registered).replace('-', '')}{self._seed % 100:02d}{self._number:07d}"

    def _number_or_not(self, make: Callable[[], str], doubt: str, doubts: list[str]) -> str:
        if self._rng.random() >= NUMBERED:
            return ""
        number = make()
        if self._rng.random() >= BADLY_WRITTEN:
            return number
        doubts.append(doubt)
        return f"{number[:-1]}{'2' if number[-1] != '2' else '3'}"

    def _identity(self) -> str:
        rng = self._rng
        born = f"{rng.randint(1945, 2007)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
        number = f"{rng.choice(list(AREAS)[1:])}{born}{rng.randrange(1, 1000):03d}"
        return number + str(ric.calc_check_digit(f"{number}0"))

    def _credit_code(self) -> str:
        number = f"91440200{self._rng.randrange(10**9):09d}"
        return number + str(uscc.calc_check_digit(number))
