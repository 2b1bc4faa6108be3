"""对账 on pages: a month by state, a day with all that explains it, and a repair that a run answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.pages.rights import Right, Runs, User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.pages.conftest import Browser


@dataclass
class Started(Runs):
    """Notes what was started."""

    started: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def start(self, dag: str, params: Mapping[str, str]) -> bool:
        self.started.append((dag, params))
        return True


@pytest.fixture
def judged(browser: Browser) -> Browser:
    """A month with a day that differs, one that agrees, and an older one without a count of the platform."""
    with psycopg.connect(browser.store, autocommit=True) as local:
        local.execute(
            """
            INSERT INTO hotline.count_reconciliation (
                checked_at, day, kind, docking_count, delivered_count, platform_count, local_count, explained,
                unexplained, state, repair
            ) VALUES
            ('2026-11-04', '2026-11-03', 'complaint', 5, 5, 9, 7, '{"network": 2, "gap": 2}', 2, 'incomplete', NULL),
            ('2026-11-05', '2026-11-03', 'complaint', 5, 5, 9, 7, '{"network": 2, "gap": 2}', 2, 'incomplete',
                '{"collected": 3}'),
            ('2026-11-05', '2026-11-04', 'complaint', 5, 5, 5, 5, '{}', 0, 'agreed', NULL),
            ('2026-11-05', '2026-10-30', 'report', 1, 1, NULL, 1, '{}', NULL, 'unknown', NULL)
            """
        )
        local.execute(
            "INSERT INTO hotline.count_location (checked_at, kind, begins, ends, platform_count, local_count)"
            " VALUES ('2026-11-05', 'complaint', '2026-11-03 09:15+08', '2026-11-03 09:16+08', 4, 2)"
        )
    return browser


def test_a_month_shows_its_days_and_a_day_why_its_counts_differ(judged: Browser) -> None:
    month = " ".join(judged.get("/reconciliation?month=2026-11").text.split())
    assert 'day=2026-11-03">3</a> 收集不完整<br>投诉' in month
    assert 'day=2026-11-04">4</a> 相符' in month
    assert "<td> 30</td>" in month, "never judged"
    assert "2026-10-30</a> 举报 没有得到平台数量" in month
    day = judged.get("/reconciliation?day=2026-11-03").text
    for words in ("平台自行登记（网络件） 2", "2026-11-03 09:15:00 – 2026-11-03 09:16:00", "历次核对"):
        assert words in day
    assert day.count("<td>2026-11-0") == 2, "both checks"
    assert "2026-10-30" not in day
    assert judged.get("/reconciliation?day=2026-11-05").status_code == 404


def test_a_repair_is_asked_for_once_and_started_where_that_can_be(judged: Browser) -> None:
    data = {"day": "2026-11-03", "reason": "平台已恢复"}
    assert judged.post("/reconciliation", data={**data, "reason": " "}).status_code == 422
    judged.runs = Started()
    answer = judged.post("/reconciliation", data=data)
    assert answer.headers["location"] == "/hotline/reconciliation?day=2026-11-03&repair=started"
    window = {"begin": "2026-11-03T00:00:00+08:00", "end": "2026-11-04T00:00:00+08:00"}
    assert judged.runs.started == [("count_reconciliation", window)]
    assert judged.post("/reconciliation", data=data).headers["location"].endswith("repair=again")
    assert len(judged.runs.started) == 1
    day = judged.get("/reconciliation?day=2026-11-03&repair=started").text
    for words in ("已开始核对和修复这一天", "等待修复", "平台已恢复", "airflow:wang"):
        assert words in day
    assert "再核对并修复这一天" not in day


def test_without_a_scheduler_the_repair_waits_for_the_next_run(judged: Browser) -> None:
    answer = judged.post("/reconciliation", data={"day": "2026-11-04", "reason": "再核对"})
    assert answer.headers["location"].endswith("repair=asked")


@pytest.mark.parametrize("day", ["", "gestern", "2026-13-40", "2026-11-09"])
def test_a_day_that_nobody_judged_is_not_repaired(judged: Browser, day: str) -> None:
    judged.runs = Started()
    answer = judged.post("/reconciliation", data={"day": day, "reason": "x"})
    assert answer.status_code == 404 or answer.headers["location"].endswith("repair=again")
    assert judged.runs.started == []


def test_a_repair_needs_the_right_to_send_again(judged: Browser) -> None:
    judged.user = User("li", frozenset({Right.LOOK, Right.DECIDE}))
    assert judged.post("/reconciliation", data={"day": "2026-11-03", "reason": "x"}).status_code == 403
    assert "再核对并修复这一天" not in judged.get("/reconciliation?day=2026-11-03").text
