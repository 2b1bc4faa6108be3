"""The pages inside a real API server of Airflow, behind a path prefix: in its frame, beside its API, in what it writes.

A browser of its own, people who sign in with the roles of SimpleAuthManager, and a store that hangs.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

import httpx
import psycopg
import pytest
from playwright.sync_api import expect

from hotline_bridge.pages.app import AT_A_TIME
from tests.chromium import chromium, needs_chromium
from tests.pages.serving import BROKEN, SECRETS, TWICE, addresses
from tests.ui.running_pages import (
    DECIDES,
    HOST,
    LOOKS,
    PASSWORD,
    PREFIX,
    ROLES,
    UNMASKS,
    Running,
    running_pages,
    signed_in,
    statuses_of,
)
from tests.warm_airflow import migrated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from hotline_sandbox.demo.airflow import AirflowHome
    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, postgres: Server, templates: Stores, sandbox_process: SandboxControl
) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("pages")
    passwords = folder / "passwords.json"
    passwords.write_text(json.dumps(dict.fromkeys(ROLES, PASSWORD)), encoding="utf-8")
    settings = {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{role}:{role}" for role in ROLES),
    }

    def prepare(home: AirflowHome) -> None:
        shutil.copy(migrated(), home.folder / "airflow.db")

    with running_pages(folder, postgres, templates, sandbox_process, settings, prepare) as up:
        yield up


@pytest.fixture(scope="module")
def browser(running: Running) -> Iterator[Browser]:
    with chromium(HOST) as browser:
        yield browser


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
        frame.get_by_role("button", name="按号码或姓名查询").click()
    # On plain HTTP a browser says only Origin, and says it in the sandbox of the frame too.
    headers = posted.value.all_headers()
    assert (headers.get("origin"), headers.get("sec-fetch-site")) == (running.origin, None)
    expect(frame.get_by_text("以下为该号码或姓名")).to_be_visible()
    expect(frame.get_by_role("link", name=TWICE)).to_be_visible()
    assert SECRETS[1] not in page.url

    inside = page.frames[-1]
    for theme, colour in (("dark", "rgb(18, 21, 25)"), ("light", "rgb(244, 246, 248)")):
        page.evaluate("theme => localStorage.setItem('theme', theme)", theme)  # as the switch of the UI does
        inside.wait_for_function(f"getComputedStyle(document.body).backgroundColor === '{colour}'")
    page.context.close()


def test_each_role_may_do_what_the_page_on_rights_says(running: Running) -> None:
    assert statuses_of(running) == {"viewer": LOOKS, "user": DECIDES, "op": UNMASKS, "admin": UNMASKS}


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
