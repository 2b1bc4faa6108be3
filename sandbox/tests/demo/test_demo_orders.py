"""The orders of `make demo`: what it shows is consistent, and what is not is told, in words that say where."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import uvloop

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.inbound.collect import collect
from hotline_bridge.inbound.feedback import drain
from hotline_bridge.inbound.schedule import REFRESH_POLICY
from hotline_bridge.publish import publish
from hotline_bridge.store.database import connect
from hotline_sandbox.demo.orders import FEEDBACK, most_eventful, not_answered, not_received, not_whole
from hotline_sandbox.demo.reported import not_adding_up, not_as_sampled
from hotline_sandbox.sample.orders import load_orders
from hotline_sandbox.sample.traffic import SHANGHAI
from tests.orders.order_bridge import OrderBridge

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores


def test_reported_dealt_with_collected_published(
    stores: Stores, platform: PlatformSettings, sandbox: SandboxControl
) -> None:
    orders = OrderBridge(stores, platform, sandbox, interfaces_of("order"))
    written = load_orders(stores.docking, orders=200, dirty=0.05, seed=4)
    orders.run()
    logs = orders.status()
    assert [*not_adding_up(logs), *not_as_sampled(logs, written, Counter())] == []
    fewer = {name: replace(counts, delivered=counts.delivered - 1) for name, counts in written.tables.items()}
    assert len(list(not_as_sampled(logs, replace(written, tables=fewer), Counter()))) == len(logs)

    now = datetime.now(SHANGHAI)
    [(delivered,)] = orders.local("SELECT count(DISTINCT key) FROM hotline.delivery WHERE state = 'delivered'")
    time.sleep(1)  # the platform tells whole seconds
    assert sandbox.world.deal(seed=4, day_s=0.1) == delivered
    time.sleep(2.5)
    sandbox.world.set_clock(datetime.now(SHANGHAI))
    drains = [interface for interface in interfaces_of("feedback") if interface.kind == "drain"]
    queries = [interface for interface in contract().values() if interface.kind == "query"]
    uvloop.run(drain(drains, stores.local, platform))
    uvloop.run(collect(queries, stores.local, platform, policy=REFRESH_POLICY, collect_from=now - timedelta(days=5)))

    with connect(stores.docking) as docking, connect(stores.local) as local:
        assert len(list(not_received(docking, local))) == 2, "nothing was published yet"
        assert len(list(not_answered(docking, local, sandbox))) == len(FEEDBACK)
        publish(docking, local)
        assert [*not_received(docking, local), *not_answered(docking, local, sandbox)] == []
        regino, events = most_eventful(docking, local)
        assert list(not_whole(regino, events)) == []
        assert [sentence.split(": ", 1)[1] for sentence in not_whole(regino, events[1:])] == [
            f"its life lacks {events[0].event}"
        ]
        late = [replace(event, at=event.at + timedelta(hours=event.event == "delivered")) for event in events]
        assert "wrong order" in "".join(not_whole(regino, late))

        docking.execute("DELETE FROM docking.order_status WHERE regino = %s", [regino])
        (sentence,) = not_received(docking, local)
        assert sentence.startswith("order_status: 1 orders")
        docking.execute("DELETE FROM docking.report_case_feedback")
        (sentence,) = not_answered(docking, local, sandbox)
        assert sentence.startswith("report_case_feedback: ")


def test_a_platform_that_answers_nothing_shows_nothing(stores: Stores, sandbox: SandboxControl) -> None:
    with connect(stores.docking) as docking, connect(stores.local) as local:
        assert len(list(not_answered(docking, local, sandbox))) == len(FEEDBACK)
        with pytest.raises(LookupError, match="no order"):
            most_eventful(docking, local)
