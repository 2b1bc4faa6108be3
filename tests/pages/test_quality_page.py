"""质量 on pages: what the last check found, by table and suite, what came before, and the keys of rows that failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.quality.results import Window, evaluate, write_results
from hotline_bridge.quality.words import ACROSS, WORDS
from hotline_bridge.reports.files import QUALITY_PAGE, RECONCILIATION_ROWS
from hotline_bridge.store.database import connect
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pages.conftest import Browser

NOW = datetime.now(SHANGHAI)
HOSTILE = "G1/<script>"


@pytest.fixture
def checked(browser: Browser) -> Browser:
    """Three checks: one of yesterday without an error, two of today with one."""
    with connect(browser.store) as local:
        for hours, failing in ((30, 0), (2, 1), (1, 3)):
            at = NOW - timedelta(hours=hours)
            write_results(
                local,
                at,
                Window(at - timedelta(days=7), at),
                [
                    evaluate(
                        *("complaint_order", "proname:required"),
                        error_above=0.0,
                        checked=10,
                        failing=failing,
                        keys=[HOSTILE, "G2"][:failing],
                    ),
                    evaluate(
                        "complaint_order", "volume", error_above=None, checked=5, failing=1, keys=["2026-11-30 09"]
                    ),
                    evaluate("call_log", "calltype:code", error_above=0.0, checked=0, failing=0),
                    evaluate("call_log", "sourcearea:area", error_above=0.0, checked=9, failing=9, keys=["C1"]),
                ],
            )
    return browser


def test_a_check_is_told_with_the_way_to_each_rule_and_its_rows(checked: Browser) -> None:
    text = " ".join(checked.get("/quality").text.split())
    assert '<span class="name">错误</span> <strong>2</strong>' in text
    assert '<span class="name">未判断</span> <strong>1</strong>' in text
    assert "3 / 10" in text
    assert "30.0%" in text
    assert "跨表与时间检查" in text
    assert "逐行规则" in text
    rule = checked.get("/quality?table=complaint_order&rule=proname%3Arequired").text
    assert 'href="/hotline/orders/G1%2F%3Cscript%3E"' in rule
    assert "<script>" not in rule
    assert rule.count('<th scope="row">') == 3, "all checks"
    assert "/hotline/exchanges?key=C1" in checked.get("/quality?table=call_log&rule=sourcearea%3Aarea").text
    assert ">2026-11-30 09</a>" not in checked.get("/quality?table=complaint_order&rule=volume").text


@pytest.mark.parametrize("query", ["rule=x", "table=x&rule=volume", "table=call_log&rule=volume", "rule=%00"])
def test_a_rule_that_is_none_is_told(checked: Browser, query: str) -> None:
    assert checked.get(f"/quality?{query}").status_code == 404


def test_before_the_first_check_the_page_says_so(browser: Browser) -> None:
    assert "还没有质量检查" in browser.get("/quality").text


def test_the_suite_of_a_rule_is_known_by_where_it_is_judged() -> None:
    across = {kind for kind in WORDS if _is_query(kind)}
    assert across == ACROSS


def _is_query(kind: str) -> bool:
    try:
        read_sql("quality/checks.sql", kind)
    except (KeyError, ValueError, LookupError):
        return False
    return True


def test_reports_are_pages_too(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_REPORT_DIR", str(tmp_path))
    (tmp_path / "secret.txt").write_text("SECRET")
    assert "尚未生成" in browser.get(f"/reports/{QUALITY_PAGE}").text
    (tmp_path / QUALITY_PAGE).write_text("<title>x</title>")
    (tmp_path / RECONCILIATION_ROWS).write_text("x")
    page = browser.get(f"/reports/{QUALITY_PAGE}")
    assert page.text == "<title>x</title>"
    assert "form-action 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert browser.get(f"/reports/{RECONCILIATION_ROWS}").headers["content-disposition"].startswith("attachment")
    for name in ("secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", ""):
        answer = browser.get(f"/reports/{name}")
        assert answer.status_code == 404
        assert "SECRET" not in answer.text
    (tmp_path / QUALITY_PAGE).unlink()
    (tmp_path / QUALITY_PAGE).mkdir()
    assert browser.get(f"/reports/{QUALITY_PAGE}").status_code == 503
    browser.user = None
    assert browser.get(f"/reports/{QUALITY_PAGE}").status_code == 401
