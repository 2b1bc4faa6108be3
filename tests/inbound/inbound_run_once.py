"""An inbound run in a process of its own, for tests that kill it: a drain, then complaints, steps and feedback."""

from __future__ import annotations

import os
from datetime import datetime

import uvloop

from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.collect import collect
from hotline_bridge.inbound.feedback import drain
from hotline_bridge.inbound.schedule import REFRESH_POLICY
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN

if __name__ == "__main__":
    local = os.environ["LOCAL"]
    settings = PlatformSettings(os.environ["PLATFORM"], DEFAULT_APP_ID, DEFAULT_TOKEN)
    uvloop.run(drain([contract()["getTodoCaseFeedbackTs"]], local, settings))
    queries = [contract()[name] for name in ("getTsBusiCaseInfoData", "getTsCaseLzmx", "getCaseFeedbackTs")]
    begin = datetime.fromisoformat(os.environ["COLLECT_FROM"])
    uvloop.run(collect(queries, local, settings, policy=REFRESH_POLICY, collect_from=begin))
