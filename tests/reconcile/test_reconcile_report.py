"""The report of reconciliation, from real rows: it says all that there is to do, loads nothing, and names no order."""

from __future__ import annotations

import csv
import re
from datetime import datetime, time, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.reconcile import chart, words
from hotline_bridge.reconcile.days import order_kinds
from hotline_bridge.reconcile.evaluate import LATE
from hotline_bridge.reconcile.report import csv_text, report, spans
from hotline_bridge.reconcile.state import LatestCheck, Reconciliation, read_state
from hotline_bridge.reports.files import RECONCILIATION_PAGE, RECONCILIATION_ROWS
from hotline_bridge.store.database import connect
from tests.fixtures import Stores
from tests.reconcile.kept_checks import NOW, days_ago, keep, keep_location

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from psycopg import Connection

VOID = {"meta", "br"}


class Page(HTMLParser):
    """The text of a page, its tags and attributes, and whether they are balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.text += " "

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data

    def values(self, name: str) -> list[str | None]:
        return [value for attribute, value in self.attributes if attribute == name]


@pytest.fixture
def local(stores: Stores) -> Iterator[Connection]:
    with connect(stores.local) as session:
        yield session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "reports"


def page_of(folder: Path) -> Page:
    return Page((folder / RECONCILIATION_PAGE).read_text(encoding="utf-8"))


def lines_of(folder: Path) -> list[dict[str, str]]:
    with (folder / RECONCILIATION_ROWS).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def keep_every_kind_of_trouble(local: Connection) -> None:
    for day in range(1, 11):
        keep(local, days_ago(day), "consultation", (50, 50, 60, 60), explained={"network": 10})
    day = days_ago(3)
    keep(
        local, day, "complaint", (120, 118, 131, 120), state="open", unexplained=11, checked_at=NOW - timedelta(days=2)
    )
    keep(
        local,
        day,
        "complaint",
        (120, 118, 131, 125),
        state="incomplete",
        unexplained=6,
        explained={"waiting": 2, "network": 7, "gap": 6, "incomplete_windows": 1},
        repair={"tries": 1, "collected": 9, "came": 5},
    )
    four = datetime.combine(day, time(4), SHANGHAI)
    keep_location(local, "complaint", four, four + timedelta(minutes=1), (9, 1), NOW - timedelta(days=1))
    keep_location(local, "complaint", four, four + timedelta(minutes=1), (508, 502))
    keep(
        local,
        days_ago(2),
        "complaint",
        (40, 40, 39, 39),
        state="open",
        unexplained=1,
        explained={"lost_upstream": 1},
        repair={"tries": 1, "collected": 1, "sent_again": 1},
    )
    keep(local, days_ago(2), "report", (9, 9, None, 9), state="unknown", unexplained=None)
    keep(
        local,
        days_ago(1),
        "call_log",
        (1000, 980, None, 998),
        state="open",
        unexplained=2,
        explained={"delivered": 980, "copies": 18, "lost": 2},
    )


def test_it_says_what_differs_why_since_when_and_what_to_do(local: Connection, folder: Path) -> None:
    keep_every_kind_of_trouble(local)
    assert report(local, folder, NOW) == {"open": 2, "incomplete": 1, "unknown": 1, "agreed": 10}
    text = page_of(folder).text
    assert "有 3 项数量不符，需要处理；另有 1 项没有得到平台数量" in text
    assert "最近核对 2026-11-24 09:30" in text
    assert "2026-11-21 投诉 收集不完整 120 118 131 125 6 2026-11-22 09:30" in text
    assert "未解释的部分 未能全部取得的时段 1、平台数量与本地不符 6" in text
    assert "可以解释 待上报 2、平台自行登记（网络件） 7" in text
    assert "所在时段 04:00（平台 508，本地 502）" in text
    assert "平台 9，" not in text, "only where it was found last"
    assert "已修复 重新收集的请求 9、重新收集到的工单 5、修复轮数 1" in text
    assert "2026-11-22 投诉 有差异 40 40 39 39 1 2026-11-24 09:30" in text
    assert "2026-11-23 话务日志 有差异 1,000 980 — 998 2" in text
    assert "举报：2026-11-22" in text
    for situation in ("incomplete", "lost_upstream", "sent_again", "lost", "unknown"):
        assert words.REMEDY_ZH[situation] in text
    for situation in ("gap", "surplus", "other", "missing"):
        assert words.REMEDY_ZH[situation] not in text


def test_it_loads_nothing_and_runs_nothing(local: Connection, folder: Path) -> None:
    keep_every_kind_of_trouble(local)
    report(local, folder, NOW)
    html = (folder / RECONCILIATION_PAGE).read_text(encoding="utf-8")
    page = Page(html)
    assert page.open == []
    assert {"script", "link", "img", "iframe", "form", "object", "base", "use", "image"}.isdisjoint(page.tags)
    assert not any(name.startswith("on") or name in {"src", "srcset", "action", "style"} for name, _ in page.attributes)
    assert page.values("href") == [RECONCILIATION_ROWS]
    assert re.search(r"https?:|//|url\(|@import", html) is None
    assert page.values("content")[-1] == "default-src 'none'; style-src 'unsafe-inline'"
    assert '<html lang="zh-CN">' in html
    ids = page.values("id")
    assert len(ids) == len(set(ids))


def test_each_chart_is_told_to_who_cannot_see_it(local: Connection, folder: Path) -> None:
    keep_every_kind_of_trouble(local)
    report(local, folder, NOW)
    page = page_of(folder)
    assert page.values("role") == ["img"] * 3
    [told] = [value for value in page.values("aria-label") if value and value.startswith("投诉：每天的四个数量。")]
    assert "投诉，2026-11-21 至 2026-11-22：有差异 1 天、收集不完整 1 天。" in told
    assert "2026-11-22（没有得到平台数量）：12345 受理 9，已上报 9，平台 无，本地 9" in page.text
    # The same numbers as text.
    assert "2026-11-20 相符 50 50 60 60 0" in page.text


def test_it_opens_in_a_spreadsheet_as_chinese_with_every_check(local: Connection, folder: Path) -> None:
    keep_every_kind_of_trouble(local)
    report(local, folder, NOW)
    assert (folder / RECONCILIATION_ROWS).read_bytes().startswith(b"\xef\xbb\xbf")
    lines = lines_of(folder)
    assert len(lines) == 14
    [incomplete] = [line for line in lines if line["状态"] == "收集不完整"]
    assert incomplete["日期"] == "2026-11-21"
    assert incomplete["类别"] == "投诉"
    assert [incomplete[name] for name in ("12345 受理", "已上报", "平台", "本地", "未解释")] == [
        "120",
        "118",
        "131",
        "125",
        "6",
    ]
    assert incomplete["平台数量与本地不符"] == "6"
    assert incomplete["始于"] == "2026-11-22 09:30"
    assert incomplete["修复"] == "重新收集的请求 9；重新收集到的工单 5；修复轮数 1"
    [unknown] = [line for line in lines if line["状态"] == words.STATE_ZH["unknown"]]
    assert unknown["平台"] == unknown["未解释"] == ""


def test_no_two_columns_of_the_spreadsheet_have_one_name(local: Connection, folder: Path) -> None:
    keep(local, days_ago(1), "report", (1, 1, 1, 1), explained=dict.fromkeys(words.EXPLAINED_ZH, 1))
    report(local, folder, NOW)
    header = (folder / RECONCILIATION_ROWS).read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert sorted(set(header)) == sorted(header)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"])
def test_a_text_is_never_a_formula_and_a_number_stays_one(local: Connection, folder: Path, name: str) -> None:
    keep(local, days_ago(1), "report", (1, 1, 5, 8), state="open", unexplained=3, explained={name: 4, "gap": -3})
    report(local, folder, NOW)
    [line] = lines_of(folder)
    assert line[f"'{name}"] == "4"
    assert line["平台数量与本地不符"] == "-3"
    assert words.REMEDY_ZH["surplus"] in line["处理"]


def test_what_nobody_described_is_escaped_and_shown(local: Connection, folder: Path) -> None:
    keep(local, days_ago(1), "<b>kind", (1, 1, 1, 0), state="open", unexplained=1, explained={"<script>": 1})
    report(local, folder, NOW)
    page = page_of(folder)
    assert "script" not in page.tags
    assert "<b>kind" in page.text
    assert "<script> 1" in page.text
    assert words.REMEDY_ZH["other"] in page.text


def test_open_days_before_the_range_stay_and_agreed_ones_go(local: Connection, folder: Path) -> None:
    keep(local, days_ago(100), "report", (5, 5, 6, 5), state="open", unexplained=1, explained={"gap": 1})
    keep(local, days_ago(101), "report", (5, 5, 5, 5))
    keep(local, days_ago(45), "report", (5, 5, 5, 5))
    assert report(local, folder, NOW) == {"open": 1, "incomplete": 0, "unknown": 0, "agreed": 1}
    text = page_of(folder).text
    assert "2026-08-16 举报 有差异" in text
    assert "2026-08-15" not in text


def test_a_difference_is_open_since_the_first_check_after_all_agreed(local: Connection) -> None:
    day = days_ago(9)

    def check(hours_ago: int, *, is_open: bool) -> None:
        keep(
            local,
            day,
            "report",
            (1, 1, 1, 0 if is_open else 1),
            state="open" if is_open else "agreed",
            unexplained=int(is_open),
            repair={"tries": hours_ago},
            checked_at=NOW - timedelta(hours=hours_ago),
        )

    check(9, is_open=True)
    check(8, is_open=False)
    [found] = read_state(local, day).checks
    assert (found.since, found.repair, found.situations) == (None, {}, [])
    check(7, is_open=True)
    check(6, is_open=True)
    state = read_state(local, day)
    assert [check.since for check in state.checks] == [NOW - timedelta(hours=7)]
    assert state.checks[0].repair == {"tries": 6}
    assert [repair.counts["tries"] for repair in state.repairs] == [6, 7, 8, 9]


def test_the_headline_of_a_good_night_and_of_days_that_nobody_reconciled(local: Connection, folder: Path) -> None:
    report(local, folder, NOW)
    assert "尚未核对" in page_of(folder).text
    keep(local, days_ago(2), "call_log", (5, 5, None, 5))
    report(local, folder, NOW)
    assert "话务日志全部相符：1 项；工单尚未收集" in page_of(folder).text
    assert "verdict wait" in page_of(folder).values("class")
    keep(local, days_ago(2), "report", (5, 5, 5, 5))
    report(local, folder, NOW)
    text = page_of(folder).text
    assert "没有发现差异；2 项没有判定" in text, "the other kinds of that day"
    assert "投诉：2026-11-22" in text
    assert words.REMEDY_ZH["unjudged"] in text
    keep(local, days_ago(2), "complaint", (0, 0, 0, 0))
    keep(local, days_ago(2), "consultation", (0, 0, 0, 0))
    report(local, folder, NOW)
    assert "全部相符：4 项" in page_of(folder).text
    assert "verdict good" in page_of(folder).values("class")
    local.execute(
        """
        INSERT INTO hotline.collection_window (interface, begins, ends, state, due_because)
        VALUES ('getTsBusiCaseInfoData', now() - interval '3 days', now(), 'open', 'new')
        """
    )
    report(local, folder, NOW)
    text = page_of(folder).text
    assert "没有发现差异；" in text
    assert "天从未核对，正在首次收集" in text
    assert "verdict wait" in page_of(folder).values("class")
    assert words.REMEDY_ZH["uncollected"] in text
    local.execute("UPDATE hotline.collection_window SET visited_at = now(), state = 'settled'")
    report(local, folder, NOW)
    text = page_of(folder).text
    assert "天从未核对" in text
    assert "verdict warn" in page_of(folder).values("class")
    assert words.REMEDY_ZH["missing"] in text


def test_days_without_any_order_prove_nothing(local: Connection, folder: Path) -> None:
    for kind in words.ORDER_KINDS_ZH:
        keep(local, days_ago(1), kind, (0, 0, 0, 0))
    report(local, folder, NOW)
    assert "没有工单可以核对：3 项的四个数量都是 0" in page_of(folder).text
    assert "verdict wait" in page_of(folder).values("class")


def test_why_counts_differ_stands_beside_them_also_where_they_agree(local: Connection, folder: Path) -> None:
    keep(
        local,
        days_ago(1),
        "complaint",
        (88, 86, 93, 92),
        explained={"quarantined": 1, "held": 1, "network": 7, "returned": 1, "answer_quarantined": 1},
    )
    report(local, folder, NOW)
    said = (
        "受理与已上报：暂存 1、已隔离 1；已上报与本地：平台自行登记（网络件） 7、平台审核退回 1；"
        "本地与平台：平台应答违反规定，在隔离区 1"
    )
    assert f"2026-11-23 相符 88 86 93 92 0 {said}" in page_of(folder).text
    assert lines_of(folder)[0]["差异的原因"] == said


def test_every_part_of_a_difference_stands_between_two_counts() -> None:
    logs_alone = {"delivered", "superseded", "copies", "lost"}
    assert words.EXPLAINED_ZH.keys() - frozenset().union(*words.BETWEEN_ZH.values()) == logs_alone
    assert words.reasons("complaint", {"strange": 1}) == "其他：strange 1"


def test_repairs_that_made_a_day_agree_are_told(local: Connection, folder: Path) -> None:
    keep(local, days_ago(2), "report", (5, 5, 5, 4), state="open", unexplained=1, explained={"gap": 1})
    keep(local, days_ago(2), "report", (5, 5, 5, 5), repair={"tries": 1, "collected": 2, "came": 1})
    assert report(local, folder, NOW) == {"open": 0, "incomplete": 0, "unknown": 0, "agreed": 1}
    text = page_of(folder).text
    assert "未解决的差异" not in text
    assert "2026-11-22 举报 重新收集的请求 2、重新收集到的工单 1、修复轮数 1 相符" in text


def test_kinds_are_those_of_the_contract() -> None:
    assert list(words.ORDER_KINDS_ZH) == [kind.name for kind in order_kinds()]
    assert list(words.LOG_KINDS_ZH) == [log.table for log in interfaces_of("telephony")]
    assert words.LOG_KINDS_ZH["call_log"] == "话务日志"
    assert len(set(words.KIND_ZH.values())) == len(words.KIND_ZH)


def test_every_situation_has_a_remedy_and_every_remedy_a_situation() -> None:
    def situations(**changes: object) -> list[str]:
        fields = {"explained": {}, "unexplained": 1, "state": "open", "repair": {}, "platform_count": 1} | changes
        return LatestCheck(
            day=days_ago(1),
            kind="report",
            docking_count=1,
            delivered_count=1,
            local_count=1,
            checked_at=NOW,
            **fields,  # type: ignore[arg-type]  # of mixed types
        ).situations

    told = {
        *situations(),
        *situations(platform_count=None, state="unknown"),
        *situations(state="incomplete", explained={"gap": 2, "incomplete_windows": 1}),
        *situations(explained={"lost_upstream": 1, "lost_on_intake": 1, "lost": 1, "shared_number": 1, "gap": 1}),
        *situations(explained={"gap": -1}),
        *situations(repair={"sent_again": 1, "not_sent_again": 1, "not_accepted": 1}),
        *situations(explained=dict.fromkeys(LATE, 1)),
    }
    assert told | {"missing", "uncollected", "unjudged"} == set(words.REMEDY_ZH)
    assert situations(state="agreed", unexplained=0, explained={"network": 3}) == []


def test_each_day_of_a_chart_is_marked_where_it_does_not_agree() -> None:
    def check(day: int, platform: int | None) -> LatestCheck:
        return LatestCheck(days_ago(day), "report", 0, 0, platform, 0, {}, 0, "agreed", NOW)

    drawn = chart.chart_of("举报", [check(3, 1), check(1, 3)])
    assert [drawn.count(f"{days_ago(day)}（相符）") for day in (3, 2, 1)] == [1, 0, 1]
    assert drawn.count(f"{days_ago(2)}：未核对") == drawn.count(">?<") == 1


def test_days_in_a_row_are_told_as_one_stretch() -> None:
    days = [days_ago(number) for number in (9, 5, 4, 3, 1)]
    assert spans(days) == ["2026-11-15", "2026-11-19 至 2026-11-21（3 天）", "2026-11-23"]
    assert spans([]) == []


def test_nothing_kept_is_a_spreadsheet_with_a_header_alone() -> None:
    assert len(csv_text(Reconciliation(days_ago(45))).splitlines()) == 1
