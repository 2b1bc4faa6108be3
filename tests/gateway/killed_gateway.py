"""The gateway as a process of its own, killed by the first call that comes to a step; none: it lives on."""

from __future__ import annotations

import asyncio
import socket
import sys
from functools import partial

from hotline_bridge.gateway.app import make_gateway
from hotline_bridge.gateway.serve import end_well, server
from hotline_bridge.gateway.settings import GatewaySettings
from hotline_bridge.store.database import connect_async
from tests.die_at import die_at

if __name__ == "__main__":
    step, dsn, descriptor = sys.argv[1:]
    if step != "none":
        die_at(step)
    end_well()
    settings = GatewaySettings()
    app = make_gateway(settings, partial(connect_async, dsn))
    asyncio.run(server(app, settings).serve([socket.socket(fileno=int(descriptor))]))
