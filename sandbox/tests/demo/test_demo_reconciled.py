"""The demo's own judgement of its reconciliation: it is content with what it must be, and with nothing else."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.store.database import connect
from hotline_sandbox.demo.reconciled import Losses, _an_order, _day_without_blank_times, not_as_expected

if TYPE_CHECKING:
    from tests.fixtures import Stores

LOSSES = Losses("UP", date(2026, 11, 20), "HERE", date(2026, 11, 19), date(2026, 11, 12))
GOOD = {
    "crowd": "INSERT INTO hotline.count_reconciliation (checked_at, day, kind, platform_count, unexplained, state)"
    " VALUES (now(), '2026-11-12', 'complaint', 600, 100, 'incomplete')",
    "others": "INSERT INTO hotline.count_reconciliation (checked_at, day, kind, platform_count, unexplained, state)"
    " VALUES (now(), '2026-11-20', 'complaint', 1, 0, 'agreed')",
    "here": "INSERT INTO hotline.complaint_case (regino, content_hash, source, requested_at)"
    " VALUES ('HERE', '', 'getTsBusiCaseInfoData', now())",
    "place": "INSERT INTO hotline.count_location (checked_at, kind, begins, ends, platform_count, local_count)"
    " VALUES (now(), 'complaint', '2026-11-12 12:34+08', '2026-11-12 12:35+08', 600, 500)",
}


def judged(stores: Stores, *statements: str) -> list[str]:
    with connect(stores.local) as local:
        for statement in statements:
            local.execute(statement.encode())
        return [*not_as_expected(local, LOSSES)]


def test_what_must_be_found_and_repaired_is_enough(stores: Stores) -> None:
    assert judged(stores, *GOOD.values()) == []


@pytest.mark.parametrize(("left_out", "told"), [("crowd", "crowded"), ("here", "not collected"), ("place", "minute")])
def test_each_loss_that_was_missed_is_told(stores: Stores, left_out: str, told: str) -> None:
    [problem] = judged(stores, *(statement for name, statement in GOOD.items() if name != left_out))
    assert told in problem


def test_a_day_that_should_agree_is_told(stores: Stores) -> None:
    [problem] = judged(stores, *GOOD.values(), GOOD["crowd"].replace("2026-11-12", "2026-11-20"))
    assert "other days" in problem


def test_an_order_that_the_audit_returned_is_not_the_one_to_be_lost(stores: Stores) -> None:
    with connect(stores.local) as local:
        for number in range(7):
            local.execute(
                "INSERT INTO hotline.complaint_case (regino, registime, content_hash, source, requested_at)"
                " VALUES (%s, '2026-11-19 12:00+08', '', 'getTsBusiCaseInfoData', now())",
                [f"R{number}"],
            )
        assert [*_an_order(local, date(2026, 11, 20), delivered=False)] == [("R5", date(2026, 11, 19))]
        local.execute(
            "INSERT INTO hotline.returned_case (odrno, content_hash, source, requested_at)"
            " VALUES ('R5', '', 'getShBtgData', now())"
        )
        assert [*_an_order(local, date(2026, 11, 20), delivered=False)] == [("R6", date(2026, 11, 19))]


def test_the_crowd_comes_on_a_day_whose_minutes_are_all_known(stores: Stores) -> None:
    with connect(stores.local) as local:
        assert _day_without_blank_times(local, date(2026, 11, 12)) == date(2026, 11, 12)
        local.execute(
            "INSERT INTO hotline.quarantined_answer (interface, key, content_hash, reasons, raw, first_seen_at,"
            " last_seen_at, window_begin, window_end) VALUES ('getTsBusiCaseInfoData', 'R', '', '{registime:required}',"
            " '', now(), now(), '2026-11-11 22:00+08', '2026-11-12 02:00+08')"
        )
        assert _day_without_blank_times(local, date(2026, 11, 12)) == date(2026, 11, 10)
