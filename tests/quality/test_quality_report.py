"""The report: Chinese, whole in itself, the same bytes for the same check, written in one step."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.quality import report
from hotline_bridge.quality.results import PastCheck, PastResult, evaluate
from hotline_bridge.quality.suites import suite_of
from hotline_bridge.quality.words import WORDS
from hotline_bridge.reports.files import report_folder
from tests.quality.typed_rows import END, WINDOW

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_bridge.quality.results import Result

CALLS = contract()["callinfo"]
VOID = {"meta", "br"}


def result(rule: str, failing: int = 0, checked: int = 2000, error_above: float | None = 0.0) -> Result:
    keys = [f"markedkey{number}" for number in range(failing)]
    return evaluate("call_log", rule, error_above=error_above, checked=checked, failing=failing, keys=keys)


def check(*results: Result) -> PastCheck:
    since = END - timedelta(hours=3)
    return PastCheck(END, WINDOW, tuple(PastResult(one, since if one.passed is False else None) for one in results))


EVERYTHING = check(
    result("columns"),
    result("calltype:code", failing=3),
    result("calltime:odd_time", failing=1, error_above=None),
    result("callid:unique"),
    result("freshness", failing=1, checked=1),
    result("volume", checked=0, error_above=None),
)


class Page(HTMLParser):
    """The text of a page, what it would load, and whether its tags are balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag != "b":
            self.text += " "

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


def test_it_says_what_is_wrong_how_much_since_when_and_what_to_do() -> None:
    text = Page(report.render(EVERYTHING)).text
    assert "发现 2 项错误、1 项提醒，需要处理" in text
    assert "检查时间 2026-11-23 12:00 · 检查范围 2026-11-16 12:00 至 2026-11-23 12:00" in text
    assert "错误 不在规定的代码之内 表：话务日志 call_log 字段：呼叫类型 calltype" in text
    assert "数量：3 / 2,000 行 占比：0.15% 始于：2026-11-23 09:00" in text
    for rule in ("calltype:code", "calltime:odd_time", "freshness"):
        assert WORDS[rule.rpartition(":")[2]].remedy in text
    assert "规则 6 通过 2 错误 2 提醒 1 未判断 1" in text
    assert text.count("历史不足四周") == 1


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ([result("columns")], "未发现问题"),
        ([result("calltime:odd_time", failing=2, error_above=None)], "没有错误；有 1 项提醒，请了解"),
        ([result("calltype:code", failing=2)], "发现 1 项错误，需要处理"),
    ],
)
def test_the_verdict_stands_on_top(results: list[Result], verdict: str) -> None:
    assert f'<p class="verdict {"good" if verdict == "未发现问题" else "bad" if "错误，" in verdict else "warn"}">' in (
        html := report.render(check(*results))
    )
    assert verdict in html


def test_it_loads_nothing_runs_nothing_and_shows_no_key() -> None:
    html = report.render(EVERYTHING)
    page = Page(html)
    assert page.open == []
    assert page.tags & {"script", "link", "img", "iframe", "a", "form", "object", "base"} == set()
    assert page.attributes & {"src", "href", "srcset", "action", "style"} == set()
    assert not any(name.startswith("on") for name in page.attributes)
    assert re.search(r"https?:|//|url\(|@import", html) is None
    assert "default-src 'none'" in html
    assert "markedkey" not in html
    assert '<html lang="zh-CN">' in html


def test_every_rule_of_a_table_is_shown_with_the_name_of_its_field() -> None:
    columns = {field.column for field in CALLS.request}
    rules = [rule.name for rule in suite_of(CALLS, columns, WINDOW).rules]
    text = Page(report.render(check(*map(result, rules)))).text
    assert f"{len(rules)} 条规则，0 条未通过" in text
    for field in CALLS.request:
        if any(rule.startswith(f"{field.column}:") for rule in rules):
            assert f"{report._name(field.zh or '')} {field.column}" in text


def test_the_same_check_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        report.write_report(EVERYTHING, tmp_path / name)
    one, two = ((tmp_path / name).read_bytes() for name in ("one.html", "two.html"))
    assert one == two == report.render(EVERYTHING).encode()


def test_a_report_that_fails_half_way_leaves_the_old_one_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "reports" / "quality.html"
    report.write_report(EVERYTHING, file)
    old = file.stat().st_ino, file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o644

    monkeypatch.setattr(report, "render", lambda _: "half\udcff")  # cannot be encoded: fails in the middle of writing
    with pytest.raises(UnicodeEncodeError):
        report.write_report(EVERYTHING, file)
    assert (file.stat().st_ino, file.read_bytes()) == old
    assert list(file.parent.iterdir()) == [file]

    monkeypatch.setattr(report, "render", lambda _: "new")
    report.write_report(EVERYTHING, file)
    assert file.read_text() == "new"
    assert file.stat().st_ino != old[0], "another file took its place: who has the old one open reads on in it"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StopRun, match=r"cannot be written: .*; set HOTLINE_REPORT_DIR to a folder"):
        report.write_report(EVERYTHING, tmp_path / "taken" / "quality.html")


def test_the_folder_is_set_or_in_airflows_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.delenv("HOTLINE_REPORT_DIR", raising=False)
    assert report_folder() == tmp_path / "reports"
    monkeypatch.setenv("HOTLINE_REPORT_DIR", str(tmp_path / "elsewhere"))
    assert report_folder() == tmp_path / "elsewhere"


@given(st.integers(1, 10**7).flatmap(lambda checked: st.tuples(st.integers(1, checked), st.just(checked))))
def test_a_share_is_never_rounded_to_nothing_or_to_all(counts: tuple[int, int]) -> None:
    failing, checked = counts
    share = report._share(failing, checked)
    assert (share == "100.0%") == (failing == checked)
    assert float(share.strip("<%")) > 0
    if not share.startswith("<"):
        assert float(share.strip("%")) == pytest.approx(100 * failing / checked, abs=0.1)
