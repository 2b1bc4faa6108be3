"""The pages inside a real API server of Airflow, behind a path prefix: in its frame, beside its API, in what it writes.

A browser of its own, people who sign in with the roles of SimpleAuthManager, and a store that hangs.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

import httpx
import psycopg
import pytest
from playwright.sync_api import expect

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.pages.app import AT_A_TIME
from hotline_sandbox.demo.airflow import AirflowHome, postgres_connection
from hotline_sandbox.demo.pinned import free_port
from tests.chromium import chromium, needs_chromium
from tests.fixtures import Stores, platform_at
from tests.orders.order_bridge import COMPLAINT, OrderBridge
from tests.pages.serving import BROKEN, SECRETS, TWICE, addresses, fill
from tests.warm_airflow import migrated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROLES = ("viewer", "user", "op", "admin")
PREFIX, HOST = "/city", "bureau.example"
PASSWORD = "of this test alone"
_PATIENCE_S = 120


@dataclass(frozen=True)
class Running:
    """An API server, the store of its pages, and what it wrote."""

    address: str
    origin: str
    """Where a browser finds it: under a name, as in a city's network."""
    store: str
    log: Path
    database: Path

    @property
    def in_browser(self) -> str:
        return f"{self.origin}{PREFIX}"

    def token(self, user: str) -> str:
        answer = httpx.post(f"{self.address}/auth/token", json={"username": user, "password": PASSWORD}, timeout=60)
        return str(answer.raise_for_status().json()["access_token"])

    def client(self, user: str) -> httpx.Client:
        """Asks for pages, as a browser that somebody has signed in with."""
        headers = {"origin": self.address.removesuffix(PREFIX)}
        limits = httpx.Limits(max_connections=None)
        return httpx.Client(
            base_url=f"{self.address}/hotline",
            cookies={"_token": self.token(user)},
            headers=headers,
            timeout=60,
            limits=limits,
        )


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, postgres: Server, templates: Stores, sandbox_process: SandboxControl
) -> Iterator[Running]:
    stores = Stores(*(postgres.conninfo(name) for name in ("pages_docking", "pages_local")))
    postgres.create_database("pages_docking", template=templates.docking)
    postgres.create_database("pages_local", template=templates.local)
    sandbox_process.reset()
    fill(OrderBridge(stores, platform_at(sandbox_process), sandbox_process, interfaces_of("order")))
    postgres.create_role("pages_ui", PASSWORD)
    with psycopg.connect(stores.local, autocommit=True) as local:
        local.execute("GRANT hotline_pages TO pages_ui")
    folder = tmp_path_factory.mktemp("pages")
    passwords = folder / "passwords.json"
    passwords.write_text(json.dumps(dict.fromkeys(ROLES, PASSWORD)), encoding="utf-8")
    port = free_port(0)
    home = AirflowHome(
        folder,
        {"pages_db": postgres_connection(postgres, "pages_local", "pages_ui", PASSWORD)},
        {
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}{PREFIX}",
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of this test alone, long enough",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{role}:{role}" for role in ROLES),
        },
    )
    shutil.copy(migrated(), folder / "airflow.db")
    log = folder / "api-server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "airflow", "api-server"], env=home.environment, stdout=output, stderr=output
        )
    up = Running(f"http://127.0.0.1:{port}{PREFIX}", f"http://{HOST}:{port}", stores.local, log, folder / "airflow.db")
    try:
        wait_until_healthy(up, server)
        yield up
    finally:
        server.kill()
        server.wait(_PATIENCE_S)


def wait_until_healthy(up: Running, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        assert server.poll() is None, up.log.read_text(encoding="utf-8")[-3000:]
        assert time.monotonic() < deadline
        try:
            if httpx.get(f"{up.address}/api/v2/monitor/health", timeout=60).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)


@pytest.fixture(scope="module")
def browser(running: Running) -> Iterator[Browser]:
    with chromium(HOST) as browser:
        yield browser


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
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("heading", name="工单查询")).to_be_visible()
    return page


@needs_chromium
def test_the_frame_of_the_ui_takes_forms_deep_links_and_colours(browser: Browser, running: Running) -> None:
    page = signed_in(browser, running, "op")
    # As an alert's mail links to it: behind the route of the view stands the whole path of the page, with the prefix.
    page.goto(f"{running.in_browser}/plugin/hotline{PREFIX}/hotline/orders/{TWICE}")
    frame = page.frame_locator("iframe[title='热线对接']")
    expect(frame.get_by_role("heading", name=TWICE)).to_be_visible()
    frame.get_by_role("link", name="工单查询").click()
    expect(frame.get_by_role("heading", name="工单查询")).to_be_visible()
    page.wait_for_url(f"**/plugin/hotline{PREFIX}/hotline/orders")  # to be copied for a colleague
    frame.get_by_label("来电号码").fill(SECRETS[1])
    with page.expect_request(lambda asked: asked.method == "POST" and "/hotline/" in asked.url) as posted:
        frame.get_by_role("button", name="按号码查询").click()
    # On plain HTTP a browser says only Origin, and says it in the sandbox of the frame too.
    headers = posted.value.all_headers()
    assert (headers.get("origin"), headers.get("sec-fetch-site")) == (running.origin, None)
    expect(frame.get_by_text("该号码的工单")).to_be_visible()
    expect(frame.get_by_role("link", name=TWICE)).to_be_visible()
    assert SECRETS[1] not in page.url

    inside = page.frames[-1]
    for theme, colour in (("dark", "rgb(18, 21, 25)"), ("light", "rgb(244, 246, 248)")):
        page.evaluate("theme => localStorage.setItem('theme', theme)", theme)  # as the switch of the UI does
        inside.wait_for_function(f"getComputedStyle(document.body).backgroundColor === '{colour}'")
    page.context.close()


def test_each_role_may_do_what_the_page_on_rights_says(running: Running) -> None:
    with psycopg.connect(running.store) as local:
        [(broken,)] = local.execute(
            "SELECT row_id FROM hotline.delivery WHERE key = %s AND state = 'quarantined'", [BROKEN]
        ).fetchall()
    group = {"pile": "versions", "interface": COMPLAINT, "cause": "proname:required", f"row-{broken}": "on"}
    refused = {"pile": "refused", "interface": COMPLAINT, "cause": "7", "action": "replay", "everything": "on"}
    asked = {
        "look": lambda client: client.get("/orders"),
        "decide": lambda client: client.post("/audit", data={}),  # nothing chosen: told, and nothing done
        "discard": lambda client: client.post("/quarantine", data={**group, "action": "discard"}),
        "send again": lambda client: client.post("/quarantine", data=refused),
    }
    answered = {}
    for role in ROLES:
        with running.client(role) as client:
            answered[role] = {what: ask(client).status_code for what, ask in asked.items()}
    decides = {"look": 200, "decide": 422, "discard": 200, "send again": 200}
    looks = {"look": 200, "decide": 403, "discard": 404, "send again": 404}
    assert answered == {"viewer": looks, "user": decides, "op": decides, "admin": decides}


def test_nothing_of_persons_is_in_what_airflow_writes_nor_on_a_viewer_s_page(running: Running) -> None:
    viewer, op = running.client("viewer"), running.client("op")
    with viewer, op:
        shown = [viewer.get(address).text for address in addresses(running.store).values()]
        for client in (viewer, op):
            shown.append(viewer.post("/orders", data={"phone": SECRETS[1]}).text)
            client.post("/orders", data={"name": SECRETS[0]})
            client.post(f"/completion/{BROKEN}", data={"value-proname": SECRETS[0], "reason": SECRETS[2]})
            client.post("/audit", data={"reason": SECRETS[2], "decision": "return", "one": "1", "office": "x"})
    assert [(secret, text[:200]) for text in shown for secret in SECRETS if secret in text] == []
    with closing(sqlite3.connect(running.database)) as database:
        events = " ".join(map(str, database.execute("SELECT * FROM log")))
    log = running.log.read_text(encoding="utf-8", errors="replace")
    assert f"path={PREFIX}/hotline/orders" in log, "it writes every request"
    kept = {unquote_plus(log), unquote_plus(events)}
    assert [secret for secret in SECRETS for text in kept if secret in text or quote(secret) in text] == []


def test_fifty_pages_that_hang_keep_nobody_from_airflow_s_api(running: Running) -> None:
    health = f"{running.address}/api/v2/monitor/health"
    with psycopg.connect(running.store) as local, running.client("viewer") as client, ThreadPoolExecutor(50) as people:
        local.execute("LOCK hotline.run_log")  # the overview waits for it
        pages = [people.submit(client.get, "/") for _ in range(50)]
        wait(pages, return_when=FIRST_COMPLETED)  # who came when all places were taken
        answers = [httpx.get(health, timeout=60) for _ in range(10)]
        hanging = sum(not page.done() for page in pages)
        local.rollback()
        statuses = [page.result().status_code for page in pages]
    assert [answer.status_code for answer in answers] == [200] * 10
    assert hanging >= AT_A_TIME, "they were made meanwhile: nothing is proved"
    assert set(statuses) <= {200, 503}
    with running.client("viewer") as client:
        assert client.get("/").status_code == 200
