"""Each change of a row against the printed rules, as the sandbox checks them: written apart from the sample."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import get_args

import pytest

from hotline_bridge.contract.model import Rule
from hotline_bridge.contract.reader import contract
from hotline_sandbox.sample.dirt import DIRT, ODDITIES, Change, dirt_of, oddities_of
from hotline_sandbox.sample.odd_texts import ODD_TEXTS
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.sample.world import LOGS, Row, world
from hotline_sandbox.server.rules import compile_rules

CHECKS = {name: compile_rules(contract()[name]) for name in LOGS}
END = datetime(2026, 11, 24, 12, 0, tzinfo=SHANGHAI)


def broken(interface: str, row: Row) -> list[str]:
    wire = {field.name: row[field.column] for field in contract()[interface].request}
    return sorted(f"{found.field}:{found.rule}" for found in CHECKS[interface](wire))


@cache
def clean_rows(interface: str) -> tuple[Row, ...]:
    hold = contract()[interface].hold
    rows = (event.row for event in world(800, seed=5, end=END) if event.interface == interface)
    return tuple(row for row in rows if hold is None or row[hold.lower()])


def changed(change: Change) -> tuple[Row, Row]:
    """The first row that the change fits, before and after it."""
    for row in clean_rows(change.interface.name):
        if (after := change.apply(row)) is not None:
            return row, after
    raise AssertionError(f"{change.name} fits no row of the sample")


@pytest.mark.parametrize("change", [c for name in LOGS for c in dirt_of(name)], ids=lambda change: change.name)
def test_dirt_breaks_exactly_what_it_names(change: Change) -> None:
    before, after = changed(change)
    assert broken(change.interface.name, before) == []
    assert broken(change.interface.name, after) == list(change.reasons) != []


@pytest.mark.parametrize("change", [c for name in LOGS for c in oddities_of(name)], ids=lambda change: change.name)
def test_an_oddity_breaks_no_rule(change: Change) -> None:
    before, after = changed(change)
    assert after != before
    assert broken(change.interface.name, after) == []
    assert change.reasons == ()


def test_every_rule_is_broken_somewhere() -> None:
    of_one_row = set(get_args(Rule)) - {"shared"}  # that takes two
    assert {rule for kind in DIRT for rule in kind.breaks} == of_one_row
    reasons = {reason for name in LOGS for change in dirt_of(name) for reason in change.reasons}
    assert {reason.split(":")[1] for reason in reasons} == of_one_row


@pytest.mark.parametrize("kind", [*DIRT, *ODDITIES], ids=lambda kind: kind.name)
def test_every_kind_has_a_place(kind: object) -> None:
    assert any(change.kind is kind for name in LOGS for change in (*dirt_of(name), *oddities_of(name)))


def test_no_two_kinds_share_a_name() -> None:
    names = [kind.name for kind in (*DIRT, *ODDITIES)]
    assert len(names) == len(set(names))


def test_a_change_leaves_the_row_that_it_got_alone() -> None:
    row = clean_rows("recordinfo")[0]
    copy = dict(row)
    for change in (*dirt_of("recordinfo"), *oddities_of("recordinfo")):
        change.apply(row)
    assert row == copy


def test_a_time_that_no_condition_demands_is_not_missed() -> None:
    left = next(row for row in clean_rows("callinfo") if not row["seattime"] and row["skilltime"])
    assert all(c.apply(left) is None for c in dirt_of("callinfo") if "condition" in c.kind.breaks)


def test_what_is_composed_of_a_changed_field_follows_it() -> None:
    row = clean_rows("satisfaction")[0]
    twelve = next(c for c in dirt_of("satisfaction") if c.kind.name == "twelve digits")
    after = twelve.apply(row)
    assert after is not None
    assert after["sourcearea"] == f"{row['sourcearea']}000000"
    assert after["callid"] == f"{after['sourcearea']}{(row['callid'] or '')[6:]}"
    assert after["id"] == f"{after['sourcearea']}{after['callid']}"


def test_odd_texts_are_texts_that_postgresql_can_hold() -> None:
    for text in ODD_TEXTS.values():
        assert text.strip()
        assert "\x00" not in text
        text.encode("utf-8")
