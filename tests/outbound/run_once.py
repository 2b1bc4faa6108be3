"""A run in a process of its own, for tests that kill it: intake and delivery of the telephony logs, without Airflow."""

from __future__ import annotations

import os

import uvloop

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.outbound.deliver import deliver
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.store.database import connect
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN

if __name__ == "__main__":
    logs = interfaces_of("telephony")
    local_conninfo = os.environ["LOCAL"]
    with connect(os.environ["DOCKING"]) as docking, connect(local_conninfo) as local:
        for interface in logs:
            take_in(docking, local, interface)
    settings = PlatformSettings(os.environ["PLATFORM"], DEFAULT_APP_ID, DEFAULT_TOKEN, max_concurrency=8)
    uvloop.run(deliver(logs, local_conninfo, settings))
