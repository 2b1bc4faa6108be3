"""A run of `order_report` in a process of its own, for tests that kill it; without Airflow."""

from __future__ import annotations

import os

import uvloop

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.outbound.deliver import deliver
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.outbound.order_annotations import take_in_annotations
from hotline_bridge.outbound.overlays import apply_pending_overlays, supplemented_interfaces
from hotline_bridge.outbound.versions import PLAIN
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.store.database import connect
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN

if __name__ == "__main__":
    orders = interfaces_of("order")
    local_conninfo = os.environ["LOCAL"]
    with connect(os.environ["DOCKING"]) as docking, connect(local_conninfo) as local:
        for interface in orders:
            take_in(docking, local, interface)
        take_in_annotations(docking, local)
        apply_pending_overlays(local, supplemented_interfaces(), PLAIN)
    settings = PlatformSettings(os.environ["PLATFORM"], DEFAULT_APP_ID, DEFAULT_TOKEN, max_concurrency=8)
    uvloop.run(deliver(orders, local_conninfo, settings))
