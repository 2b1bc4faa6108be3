"""Random histories of an order: in the end the newest content with all that lies over it has arrived."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound.overlays import complete
from hotline_bridge.store.database import connect
from tests.examples import examples
from tests.orders.order_bridge import COMPLAINT, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.orders.order_bridge import OrderBridge

NUMBER = "G2026112400000001"
FIELDS = ("invoptaddr", "proaddr")
FAULTS = ("reset_after", "issuc", "status", "html")


class History:
    """What happens to one order, and what the platform must know of it in the end."""

    def __init__(self, bridge: OrderBridge, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311  (repeatable, no secret)
        self.bridge = bridge
        self.written: dict[str, str | None] = {}
        self.completed: dict[str, str] = {}
        self.supplements: dict[int, str] = {}
        self.taken_in = False
        self.write()

    def write(self) -> None:
        """12345 writes the order, with few different values, so that contents come back."""
        values = {name: self.rng.choice(["甲", "乙", "丙", ""]) for name in FIELDS}
        self.written = order(COMPLAINT, complacontent="原文", **values)
        self.bridge.write(self.written, interface=COMPLAINT)

    def supplement(self) -> None:
        number = self.rng.randrange(3)
        self.supplements[number] = self.rng.choice(["一", "二"])
        note = {"supplementid": f"S{number}", "regino": NUMBER, "supplementtime": f"2026112409000{number}"}
        self.bridge.note("order_supplement", **note, content=self.supplements[number])

    def complete(self) -> None:
        if self.taken_in:
            name = self.rng.choice(FIELDS)
            self.completed[name] = self.rng.choice(["甲", "乙", "丁"])
            self._lay({name: self.completed[name]})

    def withdraw(self) -> None:
        if self.completed:
            name = self.rng.choice([*self.completed])
            del self.completed[name]
            self._lay({}, name)

    def _lay(self, values: dict[str, str], *withdraw: str) -> None:
        with connect(self.bridge.stores.local) as local:
            complete(local, contract()[COMPLAINT], NUMBER, values=values, withdraw=withdraw, actor="clerk")

    def take_in(self) -> None:
        self.bridge.take_in()
        self.taken_in = True

    def deliver(self) -> None:
        if self.rng.random() < 0.5:
            kind = self.rng.choice(FAULTS)
            fault: dict[str, object] = {"kind": kind, "count": self.rng.randint(1, 3)}
            self.bridge.sandbox.set_faults([{**fault, "status": 500} if kind == "status" else fault])
        self.bridge.deliver()
        self.bridge.sandbox.clear_faults()
        if self.rng.random() < 0.5:
            self.bridge.time_passes()

    def expected(self) -> dict[str, str]:
        body = {name: value or "" for name, value in {**self.written, **self.completed}.items()}
        added = "".join(
            f"【12345补单 2026-11-24 09:00:0{number}】{words}" for number, words in sorted(self.supplements.items())
        )
        return {"method": COMPLAINT, **body, "complacontent": f"原文{added}"}


@pytest.mark.hypothesis
@pytest.mark.parametrize("seed", range(examples(40)))
def test_what_is_newest_arrives_with_all_that_lies_over_it(orders: OrderBridge, seed: int) -> None:
    bridge = replace(orders, interfaces=(contract()[COMPLAINT],)).with_settings(timeout_s=2.0, tries=1)
    history = History(bridge, seed)
    happenings: list[Callable[[], None]] = [
        *(history.write, history.supplement, history.complete, history.withdraw),
        *(history.take_in, history.take_in, history.deliver),
    ]
    for _ in range(25):
        history.rng.choice(happenings)()
        if history.taken_in:
            assert all(log.adds_up for log in bridge.status())
    bridge.take_in()
    for _ in range(6):
        bridge.time_passes()
        bridge.deliver()
    wanted = history.expected()
    [(state, reasons)] = bridge.local(
        "SELECT state, reasons FROM hotline.delivery ORDER BY written_at DESC, row_id DESC LIMIT 1"
    )
    blank = sorted(f"{name}:required" for name in FIELDS if not wanted[name])
    assert reasons == blank, "the newest version is the composed one, and is judged"
    assert state == ("quarantined" if blank else "delivered")
    if not blank:
        assert wanted in bridge.sent()
        [(content,)] = bridge.local("SELECT complacontent FROM hotline.complaint_order")
        assert content == wanted["complacontent"]
    assert all(log.adds_up for log in bridge.status())
    assert bridge.local("SELECT count(*) FROM hotline.delivery WHERE state = 'waiting'") == [(0,)]
