"""Notes whose order never came are listed, and given up with a reason; what comes later counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge.by_hand import ByHand
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound.order_annotations import discard_annotations, find_waiting_annotations
from hotline_bridge.store.database import connect
from tests.orders.order_bridge import COMPLAINT, OrderBridge, order

if TYPE_CHECKING:
    from hotline_bridge.outbound.order_annotations import AnnotationKind

BY = ByHand("op", "12345 写错了工单编号")
AT = {"supplementtime": "20261124101112"}


def waiting(orders: OrderBridge) -> list[tuple[str, str, str]]:
    with connect(orders.stores.local) as local:
        return [(note.kind, note.note, note.regino) for note in find_waiting_annotations(local)]


def give_up(orders: OrderBridge, kind: AnnotationKind) -> int:
    with connect(orders.stores.local) as local:
        return discard_annotations(
            local, kind, [note.row_id for note in find_waiting_annotations(local) if note.kind == kind], BY
        )


def test_notes_without_an_order(orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, "G1"), interface=COMPLAINT)
    for number, regino in (("S1", "G1"), ("S2", "错号"), ("S3", "")):
        orders.note("order_supplement", supplementid=number, regino=regino, content="补", **AT)
    orders.note("order_urge", urgeid="U1", regino="错号", remark="催")
    orders.run()
    assert waiting(orders) == [("supplement", "S2", "错号"), ("supplement", "S3", ""), ("urge", "U1", "错号")]
    assert (give_up(orders, "supplement"), give_up(orders, "urge"), give_up(orders, "urge")) == (2, 1, 0)
    orders.run()
    assert waiting(orders) == []
    assert orders.local("SELECT interface, key, reason FROM hotline.operator_action ORDER BY interface, key DESC") == [
        ("order_supplement", "错号", BY.reason),
        ("order_supplement", "", BY.reason),
        ("order_urge", "错号", BY.reason),
    ]
    # The order comes after all: what was given up is not laid over it, and what is written anew is.
    orders.write(order(COMPLAINT, "错号", complacontent="原文"), interface=COMPLAINT)
    orders.run()
    assert orders.sent()[-1]["complacontent"] == "原文"
    orders.note("order_supplement", supplementid="S2", regino="错号", content="新补", **AT)
    orders.run()
    assert orders.sent()[-1]["complacontent"].endswith("新补")
    with connect(orders.stores.local) as local, pytest.raises(StopRun, match="needs a reason"):
        discard_annotations(local, "urge", [1], ByHand("op", ""))
