"""Every page in a browser: accessible (WCAG 2.2 AA), by keyboard, without script, on paper, in the UI's colours."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.chromium import chromium, needs_chromium, violations
from tests.orders.order_bridge import OrderBridge
from tests.pages.serving import BROKEN, SECRETS, TEXT, TWICE, addresses, fill, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [needs_chromium, pytest.mark.slow, pytest.mark.timeout(900)]

NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
"""What WCAG's 1.4.10 asks for, and a desk."""
MOST_STEPS = 40
"""Elements of a page that are gone through by keyboard; lists go on alike."""
LAYOUT = ("scrollable-region-focusable", "target-size", "color-contrast")
"""Rules of axe that depend on the width; the last two take long."""
HAVE_EVERY_COLOUR = ("/", "/orders", "a day of reconciliation", "a wrong question")
"""Pages that together use each colour of the style sheet."""
FEW = 5
"""Lists go on alike."""


@pytest.fixture
def filled(orders: OrderBridge) -> OrderBridge:
    with ThreadPoolExecutor(1) as thread:  # a browser that runs already has the event loop of this one
        thread.submit(fill, orders).result()
    return orders


@pytest.fixture(scope="module")
def browser_of_module() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser_of_module: Browser) -> Iterator[BrowserContext]:
    context = browser_of_module.new_context(viewport=WIDE, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(15_000)
    yield context
    context.close()


def look(page: Page, theme: str, size: dict[str, int]) -> None:
    page.set_viewport_size(size)
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)


@pytest.mark.parametrize("in_every_look", [False, pytest.param(True, marks=pytest.mark.long)])
def test_every_page_is_accessible_in_each_look_and_on_paper(
    context: BrowserContext, filled: OrderBridge, in_every_look: bool
) -> None:
    found: dict[str, list[str]] = {}
    page = context.new_page()
    troubles: list[str] = []
    page.on("dialog", lambda dialog: troubles.append(f"a dialog: {dialog.message}"))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None)
    with served(filled.stores.local) as root:
        page.on("request", lambda r: None if r.url.startswith(root) else troubles.append(f"asks for {r.url}"))
        for name, address in addresses(filled.stores.local).items():
            answer = page.goto(root + address)
            assert answer is not None
            assert answer.status in ({404} if name == "astray" else {200}), (name, answer.status)
            text = page.content()
            assert [secret for secret in SECRETS if secret in text and secret != TEXT] == [], name
            page.evaluate(f"document.querySelectorAll('tbody tr:nth-child(n+{FEW})').forEach(row => row.remove())")
            found[name] = violations(page)
            if in_every_look or name in HAVE_EVERY_COLOUR:
                look(page, "dark", WIDE)
                found[f"{name}, dark"] = violations(page, "color-contrast")
                page.emulate_media(media="print")
                found[f"{name}, printed from the dark"] = violations(page, "color-contrast")
                page.emulate_media(media="screen")
            look(page, "light", NARROW)
            found[f"{name}, narrow"] = violations(page, *(LAYOUT if in_every_look else LAYOUT[:1]))
            if page.evaluate("document.documentElement.scrollWidth") > NARROW["width"]:
                found[f"{name}, narrow"].append("wider than the screen")
    faults = [f"{where}: {one}" for where, what in found.items() for one in what]
    assert not faults, "\n".join(faults)
    assert troubles == []


SHOWN = "!!(element.offsetWidth || element.getClientRects().length)"
CAN_BE_REACHED = f"""[...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, [tabindex="0"]')]
    .filter(element => {SHOWN} && !element.disabled)"""
REACHED = f"""() => {{
    const element = document.activeElement, style = getComputedStyle(element);
    return {{at: {CAN_BE_REACHED}.indexOf(element),
             seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
             inside: element.getBoundingClientRect().bottom > 0}}
}}"""


def test_every_page_is_reached_by_keyboard_in_its_order_with_the_focus_seen(
    context: BrowserContext, filled: OrderBridge
) -> None:
    page = context.new_page()
    faults = []
    with served(filled.stores.local) as root:
        for name, address in addresses(filled.stores.local).items():
            page.goto(root + address)
            there = int(page.evaluate(f"{CAN_BE_REACHED}.length"))
            begins_with_what_is_wrong = page.locator("[data-focus]:focus").count()
            reached = []
            for _ in range(min(there, MOST_STEPS)):
                page.keyboard.press("Tab")
                now: dict[str, Any] = page.evaluate(REACHED)
                if now["at"] == -1:  # behind the last one
                    break
                if now["at"] in reached[-1:]:  # a date has parts of its own
                    continue
                reached.append(now["at"])
                if not now["seen"] or not now["inside"]:
                    faults.append(f"{name}: the focus is not seen at element {now['at']}")
            if begins_with_what_is_wrong:
                continue
            if reached != [*range(len(reached))] or not reached:
                faults.append(f"{name}: the order is {reached}")
            page.goto(root + address)
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            if page.evaluate("document.activeElement.id") not in {"main"}:
                faults.append(f"{name}: the first stop does not lead to the content")
    assert not faults, "\n".join(faults)


def test_without_script_people_find_decide_and_correct_in_the_ui_s_language(
    browser_of_module: Browser, filled: OrderBridge
) -> None:
    context = browser_of_module.new_context(java_script_enabled=False, locale="zh-CN", viewport=NARROW)
    page = context.new_page()
    with served(filled.stores.local) as root:
        page.goto(root + "/orders")
        page.get_by_label("来电号码").fill(SECRETS[1])
        page.get_by_role("button", name="按号码或姓名查询").click()
        expect(page.get_by_role("link", name=TWICE)).to_be_visible()
        assert SECRETS[1] not in page.url

        page.goto(root + addresses(filled.stores.local)["/audit/{row_id:int}"])
        page.get_by_role("button", name="通过").click()
        expect(page.get_by_role("status")).to_contain_text("已通过")
        page.go_back()
        expect(page.get_by_text("已通过：")).to_be_visible()  # nothing is kept that could be sent once more

        page.goto(f"{root}/completion/{BROKEN}")
        page.get_by_label("提供方姓名").fill("某人")
        page.get_by_role("button", name="只检查").click()
        expect(page.get_by_role("status")).to_contain_text("符合规则")
    context.close()


def test_the_audit_is_gone_through_by_keys(context: BrowserContext, filled: OrderBridge) -> None:
    page = context.new_page()
    with served(filled.stores.local) as root:
        page.goto(root + "/audit")
        table = page.get_by_role("region", name="待审核")
        table.focus()
        page.keyboard.press("j")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        boxes = table.get_by_role("checkbox")
        assert [box.is_checked() for box in boxes.all()] == [False, True, False]
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        page.wait_for_url("**/audit/*")
        first = page.url
        expect(page.get_by_role("region", name="内容")).to_be_focused()
        page.keyboard.press("j")
        page.wait_for_url(lambda url: url != first)
        expect(page.get_by_role("region", name="内容")).to_be_focused()
        page.keyboard.press("k")
        page.wait_for_url(first)
        page.get_by_label("原因").press_sequentially("jk")
        assert page.url == first, "letters that are typed go nowhere"
        page.get_by_role("button", name="通过").press("Enter")
        page.wait_for_url("**passed=1&left=0")
        expect(page.get_by_role("region", name="内容")).to_be_focused()


def test_a_number_of_a_person_goes_into_no_address(context: BrowserContext, filled: OrderBridge) -> None:
    page = context.new_page()
    with served(filled.stores.local) as root:
        page.goto(root + "/orders")
        box = page.get_by_label("工单编号")
        for number in ("13800000000", "44020219900101001X", " +86 138-0000 0000 ", "440202 19900101 0011"):
            box.fill(number)
            box.press("Enter")
            assert box.evaluate("box => box.validity.patternMismatch"), number
            assert page.url == root + "/orders"
        page.get_by_label("企业").fill("138 0000 0000")
        box.press("Enter")
        assert page.url == root + "/orders"
        page.get_by_label("企业").fill("1号店 2026")
        box.fill("44020020261201000001")
        box.press("Enter")
        page.wait_for_url("**/orders/44020020261201000001")


def test_colours_and_language_follow_the_ui_also_while_a_page_is_open(
    context: BrowserContext, local_store: str
) -> None:
    page = context.new_page()
    with served(local_store) as root:
        page.goto(root + "/")
        page.emulate_media(color_scheme="dark")
        ground = "getComputedStyle(document.body).backgroundColor"
        expect_soon(page, ground, "rgb(18, 21, 25)")  # as the system says, until the UI says otherwise
        ui = context.new_page()
        ui.goto(root + "/")
        ui.evaluate("localStorage.setItem('theme', 'light')")
        expect_soon(page, ground, "rgb(244, 246, 248)")
        ui.evaluate("localStorage.setItem('theme', 'dark'), localStorage.setItem('i18nextLng', 'en')")
        expect_soon(page, ground, "rgb(18, 21, 25)")
        page.reload()
        expect(page.get_by_role("link", name="Overview")).to_be_visible()
        assert page.evaluate("document.documentElement.lang") == "en"
        ui.evaluate("localStorage.setItem('i18nextLng', 'zh-CN')")
        page.reload()
        expect(page.get_by_role("link", name="总览")).to_be_visible()


def expect_soon(page: Page, expression: str, value: str) -> None:
    page.wait_for_function(f"value => {expression} === value", arg=value)
