"""What holds for every page: who sees it, from where a form may come, what is said when it cannot be shown."""

from __future__ import annotations

import ast
import re
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import httpx
import pytest
import yaml

import hotline_bridge.pages.app as pages
from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import TryAgainLater
from hotline_bridge.names import ORDER_KINDS_ZH
from hotline_bridge.pages.exchanges import OUTCOMES
from hotline_bridge.pages.order import ACTIONS
from hotline_bridge.pages.orders import CHANNELS, LISTS, ORDER_STATES, SORTS, STAGES
from hotline_bridge.pages.rights import Right, User
from hotline_bridge.pages.same_origin import is_same_origin
from hotline_bridge.store.database import connect
from tests.pages.conftest import HOST, Browser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.applications import Starlette
    from starlette.requests import Request

    from hotline_bridge.store.database import Session

FOLDER = Path(pages.__file__).parent
GET_PATHS = ["/", "/orders", "/orders/123", "/exchanges", "/static/hotline.css", "/nothing", "/orders/../secret"]


@pytest.mark.parametrize("path", GET_PATHS)
def test_without_a_user_there_is_nothing_but_the_way_to_sign_in(browser: Browser, path: str) -> None:
    browser.user = None
    answer = browser.get(path)
    assert answer.status_code == 401
    assert "请先登录" in answer.text
    assert 'href="/hotline/../login?next=%2Fhotline' in answer.text
    assert "nav" not in answer.text


def test_a_user_without_the_right_is_told_which_one(browser: Browser) -> None:
    browser.user = User("li", frozenset())
    answer = browser.get("/")
    assert answer.status_code == 403
    assert f"“{Right.LOOK.value}”" in answer.text


def test_pages_load_nothing_from_elsewhere_and_are_not_kept(browser: Browser) -> None:
    answer = browser.get("/")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert re.findall(r"https?://", answer.text) == []
    assert "<script>" not in answer.text
    for asset in re.findall(r'(?:src|href)="/hotline(/static/[^"]+)"', answer.text):
        got = browser.get(asset)
        assert got.status_code == 200
        assert "immutable" in got.headers["cache-control"]


@pytest.mark.parametrize("headers", [{}, {"origin": "http://bureau.example:9090"}, {"origin": "null"}])
def test_a_form_of_another_site_or_port_does_nothing(browser: Browser, headers: dict[str, str]) -> None:
    answer = browser.post("/orders", data={"phone": "13800138000"}, headers=headers)
    assert answer.status_code == 403
    assert "没有执行" in answer.text


def test_what_a_browser_says_of_itself_decides_before_origin() -> None:
    assert is_same_origin("POST", {"sec-fetch-site": "same-origin"})
    assert not is_same_origin("POST", {"sec-fetch-site": "same-site", "origin": HOST, "host": "bureau.example:8080"})
    assert is_same_origin("POST", {"origin": "https://city.example", "host": "inner:8080"}, "city.example")
    assert not is_same_origin("POST", {"origin": "http://[", "host": "["})
    assert not is_same_origin("POST", {"origin": "", "host": ""})


def test_a_store_that_is_down_is_told_in_words(browser: Browser) -> None:
    browser.store = "host=127.0.0.1 port=1 dbname=none user=nobody connect_timeout=3"
    answer = browser.get("/")
    assert answer.status_code == 503
    assert "本地库现在不能使用" in answer.text
    assert "127.0.0.1" not in answer.text


def test_where_the_store_is_silent_who_waited_behind_others_is_told_with_them() -> None:
    tried, silent = [], threading.Event()

    def open_session() -> Session:
        tried.append(1)
        silent.wait(60)
        raise TryAgainLater("the store does not answer")

    async def authorise(_request: Request) -> User:
        return User("wang", frozenset(Right))

    async def ask() -> list[int]:
        statuses = []
        app = pages.make_pages(authorise, open_session)
        transport = httpx.ASGITransport(app, root_path="/hotline")

        async def one(client: httpx.AsyncClient) -> None:
            answer = await client.get("/hotline/")
            assert "本地库现在不能使用" in answer.text
            statuses.append(answer.status_code)

        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client, anyio.create_task_group() as group:
            for _ in range(4 * pages.AT_A_TIME):
                group.start_soon(one, client)
            await anyio.wait_all_tasks_blocked()
            silent.set()
        return statuses

    assert anyio.run(ask) == [503] * 4 * pages.AT_A_TIME
    assert len(tried) == pages.AT_A_TIME, "nobody else waited for the store once more"


def test_no_form_of_any_page_is_taken_from_another_site_or_after_signing_out(browser: Browser) -> None:
    browser.store = "host=127.0.0.1 port=1"  # whatever reached the store would be told of it
    forms = [re.sub("{[^}]+}", "1", page.path) for page in pages.PAGES if page.method == "POST"]
    assert len(forms) > 5
    foreign = [{"origin": "http://evil.example"}, {"origin": HOST, "sec-fetch-site": "cross-site"}, {}]
    assert {browser.post(path, headers=headers).status_code for path in forms for headers in foreign} == {403}
    browser.user = None
    assert {browser.post(path, data={"reason": "x"}).status_code for path in forms} == {401}


def test_too_large_a_form_is_refused(browser: Browser) -> None:
    assert browser.post("/orders", data={"phone": "1" * 300_000}).status_code == 413


@pytest.mark.parametrize("length", ["", "-1", "x", "1e3"])
def test_a_form_that_does_not_say_its_length_is_refused(browser: Browser, length: str) -> None:
    sent = browser.post("/orders", content=b"", headers={"origin": HOST, "content-length": length})
    assert sent.status_code == 413


def test_files_are_brought_one_after_another_and_pages_go_on_meanwhile(browser: Browser) -> None:
    at_once, counted = [], []

    async def bring(app: Starlette) -> None:
        hold = anyio.Event()

        async def content() -> AsyncIterator[bytes]:
            at_once.append("file")
            counted.append(len(at_once))
            yield b'--b\r\ncontent-disposition: form-data; name="list"\r\n\r\nunit\r\n'
            await hold.wait()
            yield b"--b--\r\n"
            at_once.pop()

        transport = httpx.ASGITransport(app, root_path="/hotline")
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client, anyio.create_task_group() as group:
            sent = {"content-type": "multipart/form-data; boundary=b", "content-length": "99", "origin": HOST}
            for _ in range(3):
                group.start_soon(partial(client.post, "/hotline/codes", content=content(), headers=sent))
            await anyio.wait_all_tasks_blocked()
            assert (await client.get("/hotline/codes")).status_code == 200
            hold.set()

    async def authorise(_request: Request) -> User:
        return User("wang", frozenset(Right))

    anyio.run(bring, pages.make_pages(authorise, lambda: connect(browser.store)))
    assert counted == [1, 1, 1]


@pytest.mark.parametrize(("path", "method"), [("/nothing", "GET"), ("/exchanges", "POST")])
def test_what_no_page_is_at_is_told(browser: Browser, path: str, method: str) -> None:
    answer = browser.get(path) if method == "GET" else browser.post(path)
    assert answer.status_code == 404
    assert "没有这一页" in answer.text


def test_the_language_is_that_of_the_ui(browser: Browser) -> None:
    english = browser.get("/exchanges", headers={"cookie": "hotline_language=en"}).text
    assert '<html lang="en">' in english
    assert "Exchange log" in english
    assert (
        "交互日志" in browser.get("/exchanges", headers={"accept-language": "en", "cookie": "hotline_language=zh"}).text
    )


def test_every_text_has_its_english() -> None:
    english = yaml.safe_load((FOLDER / "en.yaml").read_text(encoding="utf-8"))
    used = {
        *pages.TABS.values(),
        *OUTCOMES.values(),
        *CHANNELS.values(),
        *ORDER_STATES.values(),
        *STAGES.values(),
        *SORTS.values(),
        *ACTIONS.values(),
        *(word for one in LISTS.values() for word in (one.name, one.moment_name)),
        *ORDER_KINDS_ZH.values(),
    }
    for template in (FOLDER / "templates").glob("*.j2"):
        used |= {
            text
            for pair in re.findall(r"""_\("([^"]+)"\)|_\('([^']+)'\)""", template.read_text("utf-8"))
            for text in pair
        }
    for module in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_Turned", "NoSuchThing"}:
                used |= {one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    assert sorted(used - english.keys() - {""}) == []
    assert [interface.name for interface in contract().values() if interface.name_en is None] == []
