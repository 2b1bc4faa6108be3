"""An API server with the pages, over a filled store: behind a path prefix, by a name, with users of four roles."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import psycopg
from playwright.sync_api import expect
from psycopg import sql

from hotline_bridge.contract.reader import interfaces_of
from hotline_sandbox.demo.airflow import AirflowHome, postgres_connection
from hotline_sandbox.demo.pinned import free_port
from tests.fixtures import Stores, platform_at
from tests.orders.order_bridge import COMPLAINT, OrderBridge
from tests.pages.serving import TWICE, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl

ROLES = ("viewer", "user", "op", "admin")
"""Of Airflow; each has one user of its name."""
PREFIX, HOST = "/city", "bureau.example"
PASSWORD = "of this test alone"
_PATIENCE_S = 120


@dataclass(frozen=True)
class Running:
    """The API server, the store of its pages, and what it wrote."""

    address: str
    origin: str
    """Where a browser finds it: under a name, as in a city's network."""
    store: str
    log: Path
    database: Path

    @property
    def in_browser(self) -> str:
        return f"{self.origin}{PREFIX}"

    def client(self, user: str) -> httpx.Client:
        """Asks for pages, as a browser that somebody has signed in with."""
        given = httpx.post(f"{self.address}/auth/token", json={"username": user, "password": PASSWORD}, timeout=60)
        return httpx.Client(
            base_url=f"{self.address}/hotline",
            cookies={"_token": given.raise_for_status().json()["access_token"]},
            headers={"origin": self.address.removesuffix(PREFIX)},
            timeout=60,
            limits=httpx.Limits(max_connections=None),
        )


@contextmanager
def running_pages(
    folder: Path,
    postgres: Server,
    templates: Stores,
    sandbox: SandboxControl,
    settings: Mapping[str, str],
    prepare: Callable[[AirflowHome], None],
) -> Iterator[Running]:
    """Running until the end of the block.

    Args:
        folder: For the Airflow; new.
        postgres: Of the stores, which are made here.
        templates: Empty stores.
        sandbox: What the orders in the stores were sent to.
        settings: Further variables of the Airflow.
        prepare: Makes its database, and its users.
    """
    names = [f"{folder.name.replace('-', '_')}_{kind}" for kind in ("docking", "local")]
    for name, template in zip(names, (templates.docking, templates.local), strict=True):
        postgres.create_database(name, template=template)
    stores = Stores(*map(postgres.conninfo, names))
    sandbox.reset()
    fill(OrderBridge(stores, platform_at(sandbox), sandbox, interfaces_of("order")))
    account = f"{names[1]}_pages"
    postgres.create_role(account, PASSWORD)
    with psycopg.connect(stores.local, autocommit=True) as local:
        local.execute(sql.SQL("GRANT hotline_pages TO {}").format(sql.Identifier(account)))
    port = free_port(0)
    home = AirflowHome(
        folder,
        {"pages_db": postgres_connection(postgres, names[1], account, PASSWORD)},
        {
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}{PREFIX}",
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__SECRET_KEY": "a key of this test alone",
            "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of this test alone, long enough",
            **settings,
        },
    )
    prepare(home)
    log = folder / "api-server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "airflow", "api-server"], env=home.environment, stdout=output, stderr=output
        )
    running = Running(
        f"http://127.0.0.1:{port}{PREFIX}", f"http://{HOST}:{port}", stores.local, log, folder / "airflow.db"
    )
    try:
        _wait_until_healthy(running, server)
        yield running
    finally:
        server.kill()
        server.wait(_PATIENCE_S)


def _wait_until_healthy(running: Running, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        assert server.poll() is None, running.log.read_text(encoding="utf-8")[-3000:]
        assert time.monotonic() < deadline
        try:
            if httpx.get(f"{running.address}/api/v2/monitor/health", timeout=60).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)


def signed_in(browser: Browser, running: Running, user: str) -> Page:
    """A page of who came through the UI's own form, by way of the notice that stands where nobody is signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    context.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    page = context.new_page()
    page.goto(f"{running.in_browser}/hotline/orders")
    page.get_by_role("link", name="登录 Airflow").click()
    page.locator("input[name=username]").fill(user)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("[type=submit]").click()
    expect(page.get_by_role("heading", name="工单查询")).to_be_visible()
    return page


def statuses_of(running: Running, users: Sequence[str] = ROLES) -> dict[str, dict[str, int]]:
    """By user: what is answered to who looks, decides, gives up, and sends again. Nothing is changed by it."""
    group = {"pile": "versions", "interface": COMPLAINT, "cause": "proname:required", "everything": "on"}
    refused = {"pile": "refused", "interface": COMPLAINT, "cause": "7", "everything": "on"}
    answered = {}
    for user in users:
        with running.client(user) as client:
            answered[user] = {
                "look": client.get("/orders").status_code,
                "decide": client.post("/audit", data={}).status_code,  # nothing was chosen
                "give up": client.post("/quarantine", data={**group, "action": "discard"}).status_code,  # to confirm
                "unmask": client.post(f"/orders/{TWICE}", data={"reason": ""}).status_code,  # and no reason was given
                "send again": client.post("/quarantine", data={**refused, "action": "replay"}).status_code,
            }
    return answered


LOOKS: Mapping[str, int] = {"look": 200, "decide": 403, "give up": 404, "unmask": 403, "send again": 404}
DECIDES: Mapping[str, int] = {"look": 200, "decide": 422, "give up": 200, "unmask": 403, "send again": 200}
UNMASKS: Mapping[str, int] = {**DECIDES, "unmask": 422}
