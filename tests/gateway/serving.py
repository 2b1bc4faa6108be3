"""The gateway and 12345's page over HTTP for a real browser: two origins, and the form of one inside the other."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
from psycopg.conninfo import make_conninfo

from hotline_bridge.gateway.app import make_gateway
from hotline_bridge.gateway.clients import add_client
from hotline_bridge.gateway.form_pages import FormStores
from hotline_bridge.gateway.settings import GatewaySettings
from hotline_bridge.store.database import connect, connect_async
from hotline_sandbox.city.orders import City, CityOrder
from hotline_sandbox.city.server import make_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.fixtures import Stores


@contextmanager
def listening(app: Any, host: str, listener: socket.socket) -> Iterator[str]:
    """The origin of an application while the block runs."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def city_and_gateway(stores: Stores, orders: Sequence[CityOrder], **settings: Any) -> Iterator[tuple[City, str]]:
    """12345 with these orders, and the origin of its page."""
    page, gateway = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    origin = f"http://localhost:{page.getsockname()[1]}"
    with connect(stores.local) as local:
        client = add_client(local, "市 12345", ["440200"], area_at=1, origins=[origin])
    as_gateway = make_conninfo(stores.local, options="-c role=hotline_gateway")
    forms = FormStores(partial(connect, as_gateway), partial(connect, stores.docking))
    app = make_gateway(GatewaySettings(**settings), partial(connect_async, as_gateway), forms)
    with listening(app, "127.0.0.1", gateway) as base:
        city = City(orders, base, client.app_id, client.token, partial(connect, stores.docking))
        with listening(make_page(city), "localhost", page) as here:
            yield city, here
