"""12345's page as a process of `make up`; what it needs stands in its environment."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from datetime import datetime
from functools import partial

import uvicorn

from hotline_bridge.store.database import connect
from hotline_sandbox.city.invented import invented_orders
from hotline_sandbox.city.orders import City, GatewayError
from hotline_sandbox.city.server import make_page
from hotline_sandbox.sample.traffic import SHANGHAI

GATEWAY, APP_ID, TOKEN, DOCKING, PORT = (
    f"HOTLINE_CITY_{name}" for name in ("GATEWAY", "APP_ID", "TOKEN", "DOCKING", "PORT")
)
_OF_EACH = 4
_FETCH_EVERY_S = 15.0


def main() -> None:
    """Serve until it is told to stop; fetch and acknowledge feedback meanwhile."""
    city = City(
        invented_orders(_OF_EACH, f"440203{datetime.now(SHANGHAI):%Y%m%d%H%M%S}"),
        os.environ[GATEWAY],
        os.environ[APP_ID],
        os.environ[TOKEN],
        partial(connect, os.environ[DOCKING]),
    )
    threading.Thread(target=_fetch, args=[city], daemon=True).start()
    uvicorn.run(make_page(city), host="127.0.0.1", port=int(os.environ[PORT]), log_level="warning", access_log=False)


def _fetch(city: City) -> None:
    while True:
        with suppress(OSError, GatewayError):
            while city.fetch():
                pass
        time.sleep(_FETCH_EVERY_S)


if __name__ == "__main__":
    main()
