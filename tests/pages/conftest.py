"""The pages without Airflow: asked over ASGI as a browser asks, by a user with rights of the test's choice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
from psycopg.conninfo import make_conninfo

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.pages.app import make_pages
from hotline_bridge.pages.rights import NotSignedIn, Right, Runs, User
from hotline_bridge.store.database import connect
from tests.orders.order_bridge import OrderBridge

if TYPE_CHECKING:
    from starlette.requests import Request

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

HOST = "http://bureau.example:8080"


@dataclass(slots=True)
class Browser:
    """Asks for pages as one user."""

    store: str
    user: User | None = field(default_factory=lambda: User("wang", frozenset(Right)))
    runs: Runs = field(default_factory=Runs)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self._ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        more.setdefault("headers", {"origin": HOST})
        return self._ask("POST", path, **more)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def authorise(_request: Request) -> User:
            if self.user is None:
                raise NotSignedIn(401)
            return replace(self.user, runs=self.runs)

        as_pages = make_conninfo(self.store, options="-c role=hotline_pages")

        async def ask() -> httpx.Response:
            app = make_pages(authorise, lambda: connect(as_pages), sign_in="../login")
            transport = httpx.ASGITransport(app, root_path="/hotline")
            async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
                return await client.request(method, f"/hotline{path}", **more)

        return anyio.run(ask)


@pytest.fixture
def orders(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> OrderBridge:
    """Orders that come and go beside the browser, in the same store."""
    return OrderBridge(stores, platform, sandbox, interfaces_of("order"))


@pytest.fixture
def browser(local_store: str) -> Browser:
    return Browser(local_store)
