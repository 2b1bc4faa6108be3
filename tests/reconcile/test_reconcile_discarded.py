"""What a person gave up is named as such by the proof: it is no loss, and no longer a refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hotline_bridge.by_hand import ByHand
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.outbound import decisions
from hotline_bridge.outbound.decisions import VersionFilter
from hotline_bridge.reconcile.sides import ages_of
from hotline_bridge.reconcile.telephony import check_log
from hotline_bridge.store.database import connect
from tests.orders.order_bridge import COMPLAINT
from tests.outbound.bridge import Bridge, call
from tests.reconcile.city import DAYS

if TYPE_CHECKING:
    from tests.reconcile.city import City

DAY = DAYS[0]
BY = ByHand("op", "重复的工单")


def give_up(bridge: Bridge) -> int:
    with connect(bridge.stores.local) as local:
        found = decisions.find_discardable(local, VersionFilter(bridge.interfaces), ["rejected"])
        return decisions.discard(local, [version.row_id for version in found], BY)


def test_an_order(city: City) -> None:
    city.sandbox.set_faults([{"kind": "issuc", "interface": COMPLAINT}])
    city.take("G1", DAY)
    city.run()
    city.sandbox.clear_faults()
    city.take("G2", DAY)
    city.carry()
    assert city.reconcile(DAY)[DAY, "complaint"].explained == {"rejected": 1}
    assert give_up(city) == 1
    check = city.reconcile(DAY)[DAY, "complaint"]
    assert (check.state, check.explained, check.docking_count) == ("agreed", {"discarded": 1}, 2)


def test_a_row_of_a_log(city: City) -> None:
    (log, *_) = interfaces_of("telephony")
    bridge = Bridge(city.stores, city.platform, city.sandbox, (log,))
    city.sandbox.set_faults([{"kind": "code", "interface": log.name, "code": "7001"}])
    bridge.write(call(1))
    bridge.run()
    city.sandbox.clear_faults()
    bridge.write(call(2))
    bridge.run()
    assert give_up(bridge) == 1
    today = datetime.now(UTC).astimezone(SHANGHAI).date()
    with connect(city.stores.docking) as docking, connect(city.stores.local) as local:
        (check,) = check_log(docking, local, log, [today], ages_of(city.platform))
    assert (check.state, check.explained, check.local_count) == ("agreed", {"discarded": 1, "delivered": 1}, 2)
