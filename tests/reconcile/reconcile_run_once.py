"""A reconciliation in a process of its own, for tests that kill it."""

from __future__ import annotations

import os
from datetime import date, timedelta

import uvloop

from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.reconcile.run import Limits, reconcile
from hotline_bridge.store.database import connect
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN

if __name__ == "__main__":
    settings = PlatformSettings(os.environ["PLATFORM"], DEFAULT_APP_ID, DEFAULT_TOKEN)
    days = [date.fromisoformat(day) for day in os.environ["DAYS"].split()]
    with connect(os.environ["DOCKING"]) as docking, connect(os.environ["LOCAL"]) as local:
        limits = Limits(patience=timedelta(0))
        uvloop.run(reconcile(docking, local, os.environ["LOCAL"], settings, days, repair=True, limits=limits))
