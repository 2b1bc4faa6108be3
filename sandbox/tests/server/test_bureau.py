"""The bureau's side of the sandbox: what it does with reported orders, when it shows, and that it is the same again."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.row_rules import broken_rules, rules_of
from hotline_sandbox.server.control import SandboxControl, SandboxError
from sandbox.tests.server.sandbox_client import Client, good_row
from sandbox.tests.server.world_client import QUERIES, TABLES

NOON = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
PUT = ("putTsBusiRegInfoData", "putJbBusiRegInfoData", "putZxBusiRegInfoData")
DONE = [name for name in QUERIES if not name.endswith("BusiCaseInfoData")]
"""Queries of what the bureau does."""


def report(client: Client, count: int = 40, **other: str) -> None:
    """Report so many orders, of the three kinds in turn."""
    for number in range(count):
        name = PUT[number % 3]
        sent = {**good_row(name), "regino": f"440203{number:06d}", "registime": "2026-11-24 10:11:12", **other}
        if name == "putZxBusiRegInfoData" and "replyonsite" not in other:
            sent |= {"replyonsite": "0", "replycontent": ""}
        assert client.call(name, sent).json["code"] == contract()[name].success_code


def done(sandbox: SandboxControl) -> dict[str, list[dict[str, Any]]]:
    """Everything that the bureau shows now, by query."""
    return {name: sorted(sandbox.world.rows(name), key=str) for name in DONE}


def test_it_deals_with_each_order_once_and_it_shows_as_the_clock_passes(
    client: Client, sandbox: SandboxControl
) -> None:
    report(client)
    sandbox.world.set_clock(NOON)
    assert sandbox.world.deal(seed=1) == 40
    assert sandbox.world.deal(seed=1) == 0
    assert not any(done(sandbox).values()), "nobody is that quick"
    seen = []
    for days in (1, 8, 90):
        sandbox.world.set_clock(NOON + timedelta(days=days))
        seen.append(sum(map(len, done(sandbox).values())))
    assert seen == sorted(set(seen)), "more and more"
    numbers = {row[contract()[name].key] for name, rows in done(sandbox).items() for row in rows}
    assert len(numbers) == 40, "each order was dealt with"
    assert {row["jsdept"][:3] for row in sandbox.world.rows("getCaseLzmx")} == {"武江区"}, "the place of the number"


def test_the_same_again_whatever_else_was_reported(client: Client, sandbox: SandboxControl) -> None:
    seen = []
    for count, seed in ((30, 1), (30, 1), (15, 1), (30, 2)):
        sandbox.reset()
        sandbox.set_clock_offset(NOON.timestamp() - time.time())
        sandbox.world.set_clock(NOON)
        report(client, count)
        sandbox.world.deal(seed=seed)
        sandbox.world.set_clock(NOON + timedelta(days=3_000))
        seen.append(done(sandbox))
    assert seen[0] == seen[1]
    assert seen[0] != seen[3]
    for name, rows in seen[2].items():
        assert all(row in seen[0][name] for row in rows)


def test_its_rows_keep_the_printed_rules(client: Client, sandbox: SandboxControl) -> None:
    report(client, 60)
    sandbox.world.set_clock(NOON)
    sandbox.world.deal(seed=3)
    sandbox.world.set_clock(NOON + timedelta(days=3_000))
    for name, rows in done(sandbox).items():
        for rules in map(rules_of, contract()[name].response):
            assert [broken for row in rows for broken in broken_rules(rules, row.get(rules.name))] == [], rules.name
    assert sum(bool(rows) for rows in done(sandbox).values()) >= len(DONE) - 1, "nearly every table is played"
    assert {TABLES[table][0].name for table in ("case_routing", "complaint_handling")} <= done(sandbox).keys()


def test_days_can_be_short(client: Client, sandbox: SandboxControl) -> None:
    report(client)
    sandbox.world.set_clock(NOON)
    sandbox.world.deal(seed=1, day_s=0.25)
    sandbox.world.set_clock(NOON + timedelta(minutes=10))
    rows = sandbox.world.rows("getCaseLzmx")
    assert {str(row["zcdate"])[:16] for row in rows} == {"2026-11-24 12:00"}
    assert min(str(row["deadline"]) for row in rows) > "2027-01-01", "a deadline is a day of the calendar"


def test_who_was_answered_on_site_waits_for_nothing(client: Client, sandbox: SandboxControl) -> None:
    sent = {**good_row(PUT[2]), "regino": "440203000001", "replyonsite": "1", "replycontent": "已答复"}
    client.call(PUT[2], sent)
    sandbox.world.set_clock(NOON)
    assert sandbox.world.deal() == 1
    sandbox.world.set_clock(NOON + timedelta(days=3_000))
    assert not any(done(sandbox).values())


def test_a_day_of_no_length_is_refused(sandbox: SandboxControl) -> None:
    with pytest.raises(SandboxError, match="day_s"):
        sandbox.world.deal(day_s=0)
