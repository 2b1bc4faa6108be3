"""The gateway over real HTTP in the test's own process, on a real store, and calls signed as 12345 signs them."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
import uvloop
from psycopg.conninfo import make_conninfo

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.gateway.app import make_gateway
from hotline_bridge.gateway.clients import add_client
from hotline_bridge.gateway.serve import server
from hotline_bridge.gateway.settings import GatewaySettings
from hotline_bridge.platform_client.request import sign
from hotline_bridge.store.database import connect, connect_async
from tests.gateway.form_agent import Agent
from tests.orders.order_bridge import OrderBridge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.gateway.clients import Given
    from hotline_bridge.gateway.form_pages import FormStores
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

AREA = "440200"
ROOMY = GatewaySettings(calls_per_s=1e6, calls_burst=10**6, failed_per_minute=1e6, calls_at_once=64)


@dataclass(slots=True)
class Caller:
    """12345, with an AppId and a Token."""

    address: str
    given: Given
    http: httpx.Client

    def ask(self, path: str, body: bytes = b"", *, header: str | None = None, **more: Any) -> httpx.Response:
        header = sign(self.given.app_id, self.given.token, body, datetime.now(UTC)) if header is None else header
        headers = {"authorization": header, **more.pop("headers", {})}
        return self.http.post(f"{self.address}/api/case/{path}", content=body, headers=headers, **more)

    def fetch(self) -> list[dict[str, str]]:
        return self._rows(self.ask("todocasefeedback"))

    def acknowledge(self, *numbers: str) -> dict[str, Any]:
        answer = self.ask("callbackcasefeedback", json.dumps({"regino": ",".join(numbers)}).encode())
        assert (answer.status_code, answer.json()["data"]) == (200, {"issuc": "1"}), answer.text
        return answer.json()

    def query(self, **values: str) -> list[dict[str, str]]:
        return self._rows(self.ask("casefeedback", json.dumps(values).encode() if values else b""))

    def _rows(self, answer: httpx.Response) -> list[dict[str, str]]:
        assert (answer.status_code, answer.json()["code"]) == (200, 0), answer.text
        return answer.json()["data"]


@contextmanager
def running_gateway(
    store: str, settings: GatewaySettings = ROOMY, form_stores: FormStores | None = None, *, send_buffer: int = 0
) -> Iterator[str]:
    """The gateway as the role `hotline_gateway`, in a thread; yields its address.

    Args:
        store: The local store.
        settings: Of the gateway.
        form_stores: For the order form.
        send_buffer: Bytes that the kernel takes of an answer that nobody reads; its default where it is 0.
    """
    as_gateway = make_conninfo(store, options="-c role=hotline_gateway -c statement_timeout=10s")
    app = make_gateway(settings, partial(connect_async, as_gateway), form_stores)
    listening = socket.create_server(("127.0.0.1", 0))
    if send_buffer:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    serving = server(app, settings)
    thread = threading.Thread(target=uvloop.run, args=[serving.serve([listening])])
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        serving.should_exit = True
        thread.join(30)
        listening.close()
        assert not thread.is_alive()


@pytest.fixture
def gateway(local_store: str) -> Iterator[str]:
    with running_gateway(local_store) as address:
        yield address


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def caller(gateway: str, local_store: str, http: httpx.Client) -> Caller:
    return Caller(gateway, new_client(local_store, "12345"), http)


@pytest.fixture
def orders(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> OrderBridge:
    return OrderBridge(stores, platform, sandbox, interfaces_of("order"))


@pytest.fixture
def agent(stores: Stores) -> Agent:
    return Agent(stores, lambda: connect(stores.docking))


def new_client(store: str, name: str, *areas: str) -> Given:
    with connect(store) as local:
        return add_client(local, name, areas or [AREA])


def feed_back(store: str, *orders: str, content: str = "已调解", table: str = "case_feedback") -> None:
    """Feedback on these orders arrives from the platform, one each."""
    with psycopg.connect(store, autocommit=True) as session:
        add_feedback(session, orders, content, table)


def add_feedback(session: psycopg.Connection, orders: tuple[str, ...], content: str, table: str) -> None:
    number, text = ("region", "feedbackcontent") if table == "case_feedback" else ("odrno", "dealresult")
    session.execute(
        f"INSERT INTO hotline.{table} ({number}, {text}, content_hash, source, requested_at)"  # noqa: S608
        " SELECT o, %(text)s, sha256(convert_to(concat(o, gen_random_uuid()), 'UTF8')), 'test', now()"
        " FROM unnest(%(orders)s::text[]) WITH ORDINALITY AS n (o, place) ORDER BY place",
        {"text": content, "orders": [*orders]},
    )
