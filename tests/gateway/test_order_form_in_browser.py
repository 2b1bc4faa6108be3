"""The order form as an agent uses it: inside 12345's page, of another origin, by keyboard, with and without script."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from hotline_bridge.publish import publish
from hotline_bridge.store.database import connect
from hotline_bridge.time_limits.load import load_reference
from hotline_sandbox.city.orders import CityOrder
from hotline_sandbox.server.clock import SHANGHAI
from tests.chromium import chromium, needs_chromium, violations
from tests.gateway.serving import city_and_gateway
from tests.orders.order_bridge import COMPLAINT, OrderBridge, order
from tests.orders.test_timeline import collect_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Frame, Route

    from tests.fixtures import Stores

pytestmark = [pytest.mark.slow, needs_chromium]

NUMBER = "440203202612010000001"
SECRET = "隐私姓名"
HOSTILE = "</textarea><script>parent.document.title='own'</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 900}, locale="zh-CN")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def known(**changes: str | None) -> CityOrder:
    """What the agent who took the call wrote: two required fields are missing."""
    now = f"{datetime.now(SHANGHAI) - timedelta(hours=1):%Y-%m-%d %H:%M:%S}"
    fields = order(COMPLAINT, NUMBER, registime=now, reginfotype="1", proname=SECRET, invopart=None, proaddr=None)
    return CityOrder(COMPLAINT, {name: value for name, value in {**fields, **changes}.items() if value is not None})


def sign_for(page: Page, origin: str) -> Frame:
    """Assign the order, press 签收, and give the form that opens."""
    page.goto(origin)
    row = page.locator(f"id={NUMBER}")
    for state in ("已登记", "已分派到区县"):
        expect(row).to_contain_text(state)
        row.get_by_role("button", name="分派").click()
    expect(row).to_contain_text("已分派到市场监管局")
    return press(page)


def press(page: Page) -> Frame:
    with page.expect_event("frameattached") as attached:
        page.locator(f"id={NUMBER}").get_by_role("button", name="签收").click()
    form: Frame = attached.value
    form.locator("h1").wait_for()
    return form


def test_the_eight_steps_of_an_order(page: Page, orders: OrderBridge, stores: Stores) -> None:
    with city_and_gateway(stores, [known(goodsname=HOSTILE)]) as (_, origin):
        form = sign_for(page, origin)
        expect(form.locator("#field-proname")).to_have_value(SECRET)
        expect(form.locator("#field-goodsname")).to_have_value(HOSTILE)
        expect(form.locator("#missing")).to_have_text("还缺 2 项")
        assert SECRET not in form.url
        assert NUMBER not in form.url
        assert violations(form) == []
        assert form.evaluate("document.documentElement.scrollWidth <= innerWidth"), "fits a frame of 1,000 pixels"
        # Closed without submitting: nothing is anywhere.
        page.get_by_role("button", name="关闭受理页").click()
        assert orders.docking("SELECT count(*) FROM docking.complaint_order") == [(0,)]
        assert orders.local("SELECT count(*) FROM hotline.form_launch WHERE prefill IS NOT NULL") == [(0,)]

        form = press(page)
        expect(form.locator("#field-invopart")).to_be_focused()
        page.keyboard.type("某某超市")
        expect(form.locator("#missing")).to_have_text("还缺 1 项")
        page.keyboard.press("Alt+n")
        expect(form.locator("#field-proaddr")).to_be_focused()
        page.keyboard.press("Control+Enter")
        expect(form.locator(".errors")).to_contain_text("没有提交，请更正 1 项")
        expect(form.locator("#field-proaddr")).to_be_focused()
        assert violations(form) == []
        page.keyboard.type("武江区新华路 1 号")
        page.keyboard.press("Enter")  # never submits
        page.keyboard.press("Control+Enter")
        expect(page.locator("#told")).to_have_text(f"工单 {NUMBER} 已在受理页提交")
        expect(form.locator("h1")).to_contain_text("已提交")
        assert violations(form) == []
        assert page.title() != "own"
        assert page.context.storage_state() == {"cookies": [], "origins": []}
        assert orders.docking("SELECT invopart, proaddr FROM docking.complaint_order") == [
            ("某某超市", "武江区新华路 1 号")
        ]

        apart(orders.take_in, orders.deliver, lambda: write_back(stores))
        row = page.locator(f"id={NUMBER}")
        expect(row).to_contain_text("已签收")
        assert orders.sandbox.world.deal(seed=3, day_s=0.1) == 1
        orders.sandbox.world.set_clock(datetime.now(UTC) + timedelta(minutes=10))
        apart(lambda: collect_all(orders), lambda: write_back(stores))
        expect(row).to_contain_text("已回单")


def apart(*steps: Callable[[], object]) -> None:
    """Run what needs an event loop of its own: this thread has the browser's."""
    with ThreadPoolExecutor(1) as thread:
        for step in steps:
            thread.submit(step).result()


def write_back(stores: Stores) -> None:
    with connect(stores.docking) as docking, connect(stores.local) as local:
        publish(docking, local)


def test_nothing_that_was_typed_is_lost_with_the_connection(page: Page, orders: OrderBridge, stores: Stores) -> None:
    with city_and_gateway(stores, [known(proaddr="某处")]) as (_, origin):
        form = sign_for(page, origin)
        page.keyboard.type("某某超市")
        page.route("**/embed/form", lambda route: route.abort())
        page.keyboard.press("Control+Enter")
        expect(form.locator(".errors")).to_contain_text("没有连上系统")
        expect(form.locator("#field-invopart")).to_have_value("某某超市")
        # What was sent and not answered is not sent twice.
        page.unroute("**/embed/form")
        page.route("**/embed/form", lambda route: (route.fetch(), route.abort()))
        with page.expect_event("requestfailed"):
            page.keyboard.press("Control+Enter")
        expect(form.locator(".bar button").last).to_be_enabled()
        page.unroute("**/embed/form")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#told")).to_contain_text("已在受理页提交")
        assert orders.docking("SELECT invopart FROM docking.complaint_order") == [("某某超市",)]
        form = press(page)
        expect(form.locator(".state")).to_contain_text("等待 12315 接收")
        expect(form.locator("#field-invopart")).to_have_value("某某超市")


def test_an_answer_that_comes_too_late_is_not_waited_for(page: Page, orders: OrderBridge, stores: Stores) -> None:
    page.clock.install()
    with city_and_gateway(stores, [known(proaddr="某处")]) as (_, origin):
        form = sign_for(page, origin)
        page.keyboard.type("某某超市")
        late: list[Route] = []
        page.route("**/embed/form", lambda route: late.append(route), times=1)  # noqa: PLW0108  (Playwright marks it)
        with page.expect_request("**/embed/form"):
            page.keyboard.press("Control+Enter")
        expect(form.locator(".bar button").last).to_be_disabled()
        page.clock.fast_forward(20_000)
        expect(form.locator(".errors")).to_contain_text("不知道是否已提交。内容还在本页")
        expect(form.locator("#field-invopart")).to_have_value("某某超市")
        assert orders.docking("SELECT count(*) FROM docking.complaint_order") == [(0,)]
        with page.expect_response("**/embed/form"):
            late[0].continue_()  # it is written all the same, and nobody is told
        expect(form.locator("#order")).to_be_visible()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#told")).to_contain_text("已在受理页提交")
        assert orders.docking("SELECT invopart FROM docking.complaint_order") == [("某某超市",)]


def test_codes_are_found_by_keyboard_and_doubts_block_nothing(page: Page, orders: OrderBridge, stores: Stores) -> None:
    codes = {"20": "服务", "2010": "餐饮服务", "201010": "宾馆餐饮"} | {f"10{n:02}": f"商品{n}" for n in range(20)}
    with connect(stores.local) as local, local.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hotline.standard_data (category, category_zh, code, name, source, source_date)"
            " VALUES ('goods_service', '商品服务分类', %s, %s, '测试', '2026-01-01')",
            [*codes.items()],
        )
    with city_and_gateway(stores, [known(proaddr="某处", invopart="某某超市")]) as (_, origin):
        form = sign_for(page, origin)
        goods, listed = form.locator("#field-goodsobtype"), form.locator("#field-goodsobtype-list li")
        goods.fill("")
        goods.press("ArrowDown")
        expect(listed).to_have_count(21)
        for _ in range(21):
            goods.press("ArrowDown")
        expect(goods).to_have_attribute("aria-activedescendant", "field-goodsobtype-list-20")
        goods.press("ArrowRight")
        expect(listed).to_have_text(["2010 餐饮服务（服务） ›"])
        assert violations(form) == []
        goods.press("ArrowRight")
        expect(listed).to_have_text(["201010 宾馆餐饮（服务 › 餐饮服务）"])
        goods.press("ArrowLeft")
        expect(listed).to_have_text(["2010 餐饮服务（服务） ›"])
        goods.fill("bgcy")
        expect(listed).to_have_text(["201010 宾馆餐饮（服务 › 餐饮服务）"])
        goods.press("ArrowDown")
        goods.press("Enter")
        expect(goods).to_have_value("201010")
        expect(form.locator("#field-goodsobtypename")).to_have_value("宾馆餐饮")
        expect(form.locator("#field-goodsobtype-said")).to_have_text("宾馆餐饮")
        phone = form.locator("#field-protel")
        phone.fill("12")
        expect(form.locator("#field-protel-told")).to_have_text("存疑：不像电话号码")
        phone.press("Control+Enter")
        expect(page.locator("#told")).to_contain_text("已在受理页提交")
        assert orders.docking("SELECT goodsobtype, protel FROM docking.complaint_order") == [("201010", "12")]


def test_without_script_the_form_does_the_same(browser: Browser, orders: OrderBridge, stores: Stores) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1000, "height": 720})
    with city_and_gateway(stores, [known(proaddr="某处")]) as (city, origin):
        page = context.new_page()
        page.goto(city.sign_for(NUMBER, "李四", origin))
        page.locator("#field-protel").press("Enter")  # checks, and submits nothing
        expect(page.locator(".errors")).to_contain_text("涉及主体：必填项为空")
        page.locator("#field-invopart").fill("某某超市")
        page.locator(".bar").get_by_role("button", name="检查").click()
        expect(page.locator(".state")).to_contain_text("检查完毕")
        assert orders.docking("SELECT count(*) FROM docking.complaint_order") == [(0,)]
        page.locator(".bar").get_by_role("button", name="提交").click()
        expect(page.locator("h1")).to_contain_text("已提交")
        page.reload()  # which sends the form again
        expect(page.locator("main")).to_contain_text("只能提交一次")
        assert len(orders.docking("SELECT 1 FROM docking.complaint_order")) == 1
    context.close()


def test_a_page_of_another_origin_cannot_embed_a_form(page: Page, orders: OrderBridge, stores: Stores) -> None:
    with city_and_gateway(stores, [known()]) as (city, origin):
        address = city.sign_for(NUMBER, "李四", origin)
        page.goto(origin.replace("localhost", "127.0.0.1"))
        with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            page.evaluate(
                "url => { const f = document.createElement('iframe'); f.src = url; document.body.append(f); }", address
            )


def test_pictures_of_the_form(page: Page, orders: OrderBridge, stores: Stores, tmp_path: Path) -> None:
    """Written where HOTLINE_SCREENSHOTS says; the names are of the page that shows them."""
    folder = Path(os.environ.get("HOTLINE_SCREENSHOTS") or tmp_path)
    load_reference(stores.local)
    fields = dict.fromkeys(("appltype", "salesway", "goodsobtype", "induscatgri"), "")
    with city_and_gateway(stores, [known(protel="12", **fields)]) as (_, origin):
        page.set_viewport_size({"width": 1060, "height": 940})
        form = sign_for(page, origin)
        expect(form.locator("#field-invopart")).to_be_focused()
        page.screenshot(path=folder / "order-form.png")
        assert (folder / "order-form.png").stat().st_size < 200_000
