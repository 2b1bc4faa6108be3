"""编码 on pages: a delivered list is judged, shown with what it changes, confirmed with a reason, and taken back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from hotline_bridge.pages.rights import Right, User
from hotline_bridge.standard_data.delivered_file import LARGEST_FILE
from hotline_bridge.standard_data.lists import load_standard_data

if TYPE_CHECKING:
    import httpx

    from tests.pages.conftest import Browser

LIST = "代码,名称\n01,餐饮<script>alert(1)</script>\n02,住宿\n"
SAID: dict[str, str] = {"list": "unit", "source": "总局来文〔2026〕1号", "source_date": "2026-11-30"}


def deliver(browser: Browser, text: str = LIST, *, name: str = "单位.csv", **said: str) -> httpx.Response:
    return browser.post("/codes", data={**SAID, **said}, files={"file": (name, text.encode())})


def preview(browser: Browser, answer: httpx.Response) -> tuple[str, dict[str, str]]:
    """The page that shows what would change, and the form on it."""
    text = browser.get(answer.headers["location"].removeprefix("/hotline")).text
    return text, dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))


def stored(browser: Browser) -> list[tuple[Any, ...]]:
    with psycopg.connect(browser.store, autocommit=True) as local:
        return local.execute(
            "SELECT code, name, valid_from::text, valid_to::text FROM hotline.standard_data WHERE category = 'unit'"
            " ORDER BY code, valid_from NULLS FIRST"
        ).fetchall()


def test_a_delivered_list_counts_from_when_somebody_confirmed_what_it_changes(browser: Browser) -> None:
    with psycopg.connect(browser.store, autocommit=True) as local:
        load_standard_data(local)
        local.execute(
            "INSERT INTO hotline.unknown_code (interface, field, category, code, row_count)"
            " VALUES ('callinfo', 'unit', 'unit', '02', 12)"
        )
    lists = browser.get("/codes").text
    assert "尚未交付：请总局提供后导入" in lists
    assert "440203" in browser.get("/codes?list=area&text=武江").text
    shown, form = preview(browser, deliver(browser))
    assert "<script>alert" not in shown
    assert re.findall(r'class="name">([^<]+)</span> <strong>(\d+)<', shown) == [
        ("新增", "2"), ("名称有变化", "0"), ("不再使用", "0"), ("不变", "0"), ("未知代码中将有名称的", "1"),
    ]  # fmt: skip
    assert stored(browser) == []
    assert browser.post("/codes", data={**form, "reason": " "}).status_code == 422
    done = browser.post("/codes", data={**form, "reason": "按来文更新"})
    assert done.headers["location"] == "/hotline/codes?list=unit&delivered=1"
    assert [row[0] for row in stored(browser)] == ["01", "02"]
    assert browser.post("/codes", data={**form, "reason": "按来文更新"}).status_code == 404
    assert "请填写启用日期" in deliver(browser, "代码,名称\n02,旅馆\n").text
    shown, form = preview(browser, deliver(browser, "代码,名称\n02,旅馆\n", holds_from="2026-12-01"))
    assert "住宿</td><td>旅馆" in shown
    assert browser.post("/codes", data={**form, "reason": "更名"}).status_code == 303
    assert stored(browser)[1:] == [("02", "住宿", None, "2026-11-30"), ("02", "旅馆", "2026-12-01", None)]
    assert "使用中" in browser.get("/codes?list=unit").text
    back = {"list": "unit", "withdraw": "on", "reason": "来文有误"}
    assert browser.post("/codes", data={**back, "reason": ""}).status_code == 422
    assert browser.post("/codes", data=back).headers["location"].endswith("withdrawn=1")
    assert browser.post("/codes", data=back).headers["location"].endswith("withdrawn=0")
    assert stored(browser) == []


def test_what_changed_meanwhile_is_shown_again(browser: Browser) -> None:
    _, form = preview(browser, deliver(browser))
    with psycopg.connect(browser.store, autocommit=True) as local:
        local.execute(
            "INSERT INTO hotline.standard_data (category, category_zh, code, name, source, source_date)"
            " VALUES ('unit', '单位', '01', '别的', '来文', now())"
        )
    answer = browser.post("/codes", data={**form, "reason": "按来文更新"})
    assert answer.status_code == 422
    assert "打开之后代码表已有变化" in answer.text
    assert "别的</td>" in answer.text
    assert len(stored(browser)) == 1


@pytest.mark.parametrize(
    ("name", "text", "said", "words"),
    [
        ("单位.csv", "姓名,电话\n", {}, "第一行须为表头"),
        ("单位.csv", LIST + "=1,2\n", {}, "第 4 行：代码像是公式"),
        ("单位.csv", LIST, {"source": ""}, "请写明来源"),
        ("单位.csv", LIST, {"source_date": "昨天"}, "请按 2026-11-30 的格式填写日期"),
        ("单位.exe", LIST, {}, "只接受 CSV 文件和 XLSX 工作簿"),
    ],
)
def test_what_is_no_list_changes_nothing_and_says_why(
    browser: Browser, name: str, text: str, said: dict[str, str], words: str
) -> None:
    answer = deliver(browser, text, name=name, **said)
    assert answer.status_code == 422
    assert words in answer.text
    assert stored(browser) == []


def test_a_form_without_a_file_a_list_or_the_right_does_nothing(browser: Browser) -> None:
    assert "请选择文件" in browser.post("/codes", data=SAID).text
    assert deliver(browser, list="nothing").status_code == 404
    assert browser.post("/codes", data={"delivery": "1", "reason": "x"}).status_code == 404
    assert browser.get("/codes?delivery=x").status_code == 404
    assert deliver(browser, "x" * (LARGEST_FILE + 100_000)).status_code == 413
    two = [("file", ("a.csv", LIST.encode())), ("file", ("b.csv", LIST.encode()))]
    assert browser.post("/codes", data=SAID, files=two).status_code == 400
    assert browser.post("/quarantine", data={}, files={"file": ("a.csv", b"x")}).status_code == 400
    browser.user = User("li", frozenset({Right.LOOK}))
    assert deliver(browser).status_code == 403
    assert "导入代码表" not in browser.get("/codes?list=unit").text
