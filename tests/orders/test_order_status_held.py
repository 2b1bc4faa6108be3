"""`order_status` says nothing of an order while anything of it waits or is held, and never takes a success back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound.audit import find_audited, let_pass, send_back
from hotline_bridge.outbound.overlays import complete
from hotline_bridge.publish import publish
from hotline_bridge.store.database import connect
from hotline_sandbox.server.faults import Fault
from tests.orders.order_bridge import CLERK, COMPLAINT, KINDS, NUMBER, order

if TYPE_CHECKING:
    from tests.orders.order_bridge import OrderBridge


def status(bridge: OrderBridge) -> str | None:
    """What 12345 reads of the order after a run of `docking_publish`; None where there is no row."""
    with connect(bridge.stores.docking) as docking, connect(bridge.stores.local) as local:
        publish(docking, local)
        found = docking.execute("SELECT state FROM docking.order_status WHERE regino = %s", [NUMBER]).fetchall()
    return found[0][0] if found else None


def filled(bridge: OrderBridge, kind: str) -> None:
    """The bureau fills in what 12345 left out."""
    with connect(bridge.stores.local) as local:
        complete(local, contract()[kind], NUMBER, values={"proname": "补全"}, actor="clerk", policy=bridge.policy)


def decided(bridge: OrderBridge, *, back: bool = False) -> None:
    with connect(bridge.stores.local) as local:
        versions = find_audited(local, reginos=[NUMBER])
        if back:
            assert send_back(local, versions, CLERK, actor="clerk") == 1
        else:
            assert let_pass(local, versions, CLERK, actor="clerk", policy=bridge.policy) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_order_whose_completion_is_before_the_audit(audited: OrderBridge, kind: str) -> None:
    audited.write(order(kind, proname=None), interface=kind)
    audited.run()
    assert status(audited) == "failed"
    filled(audited, kind)
    assert [state for state, _ in audited.versions(NUMBER)] == ["quarantined", "held"]
    assert status(audited) is None
    decided(audited)
    assert status(audited) is None, "it waits to be sent"
    audited.deliver()
    assert status(audited) == "received"
    audited.write(order(kind, proname="名" * 3000), interface=kind)
    audited.run()
    assert status(audited) == "received", "what is broken later does not take it back"


def test_a_completion_that_waits_and_is_refused_in_the_end(orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, proname=None), interface=COMPLAINT)
    orders.run()
    filled(orders, COMPLAINT)
    assert status(orders) is None
    orders.sandbox.set_faults([Fault(kind="issuc", interface=COMPLAINT)])
    orders.deliver()
    assert status(orders) == "failed"
    orders.sandbox.clear_faults()
    orders.time_passes()
    orders.deliver()
    assert status(orders) == "received"


def test_a_broken_correction_says_nothing_while_the_order_itself_is_under_way(audited: OrderBridge) -> None:
    audited.write(order(COMPLAINT), interface=COMPLAINT)
    audited.take_in()
    audited.write(order(COMPLAINT, proname=None), interface=COMPLAINT)
    audited.take_in()
    assert [state for state, _ in audited.versions(NUMBER)] == ["held", "quarantined"]
    assert status(audited) is None
    decided(audited, back=True)
    assert status(audited) == "failed", "the order was returned: what is left of it is the broken correction"


def test_a_returned_completion_is_told_by_the_return_alone(audited: OrderBridge) -> None:
    audited.write(order(COMPLAINT, proname=None), interface=COMPLAINT)
    audited.take_in()
    filled(audited, COMPLAINT)
    decided(audited, back=True)
    assert status(audited) is None
    assert audited.docking("SELECT origin FROM docking.order_return") == [("bureau",)]
