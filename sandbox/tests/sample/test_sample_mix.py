"""Exact shares, and fates that agree with what the printed rules make of the rows alone."""

from __future__ import annotations

import random
import tracemalloc
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline_bridge.contract.reader import contract
from hotline_sandbox.sample.dirt import dirt_of
from hotline_sandbox.sample.mix import SampleRow, _corrected, sample_rows
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.sample.world import LOGS
from hotline_sandbox.server.rules import compile_rules
from tests.examples import examples

if TYPE_CHECKING:
    from hotline_sandbox.sample.world import Row

pytestmark = pytest.mark.slow

END = datetime(2026, 11, 24, 13, 20, tzinfo=SHANGHAI)
CHECKS = {name: compile_rules(contract()[name]) for name in LOGS}

SHARES = st.floats(0, 0.25)


def key_of(row: SampleRow) -> tuple[str, str | None]:
    return row.interface, row.row[contract()[row.interface].key_column]


def content_of(row: SampleRow) -> tuple[str, ...]:
    return (row.interface, *(value or "" for value in row.row.values()))


def judge(rows: list[SampleRow]) -> Counter[str]:
    """What becomes of rows by the printed rules alone, all of them known at once."""
    fates: Counter[str] = Counter()
    versions: dict[tuple[str, ...], SampleRow] = {}
    for row in rows:
        fates["copy"] += content_of(row) in versions
        versions.setdefault(content_of(row), row)
    good: defaultdict[tuple[str, str | None], list[SampleRow]] = defaultdict(list)
    for row in versions.values():
        hold = contract()[row.interface].hold
        waits = hold is not None and not row.row[hold.lower()]
        broken = sorted(f"{found.field}:{found.rule}" for found in CHECKS[row.interface](row.row))
        if broken and broken != [f"{hold}:required"]:
            assert row.reasons == tuple(broken)
            fates["quarantined"] += 1
        else:
            assert row.reasons == ()
            assert bool(broken) == waits
            good[key_of(row)].append(row)
    for same_key in good.values():
        newest = max(same_key, key=lambda row: row.written_at)
        hold = contract()[newest.interface].hold
        fates["held" if hold and not newest.row[hold.lower()] else "delivered"] += 1
        fates["superseded"] += len(same_key) - 1
    return +fates


@given(rows=st.integers(0, 500), seed=st.integers(0, 2**40), dirty=SHARES, corrections=SHARES, copies=SHARES)
@settings(max_examples=examples(60), deadline=None)
def test_shares_are_exact_and_fates_are_what_the_rules_make(
    rows: int, seed: int, dirty: float, corrections: float, copies: float
) -> None:
    shares = {"dirty": dirty, "corrections": corrections, "copies": copies}
    wanted = {name: round(rows * share) for name, share in shares.items()}
    if wanted["dirty"] + 2 * (wanted["corrections"] + wanted["copies"]) > rows:
        with pytest.raises(ValueError, match="too large"):
            sample_rows(rows, seed=seed, end=END, **shares)
        return
    sample = list(sample_rows(rows, seed=seed, end=END, **shares))
    fates = Counter(row.fate for row in sample)
    assert len(sample) == rows
    assert fates["quarantined"] == wanted["dirty"]
    assert fates["superseded"] == wanted["corrections"]
    assert fates["copy"] == wanted["copies"]
    assert fates == judge(sample)
    assert all(row.written_at <= END for row in sample)


def test_same_arguments_same_rows_and_another_seed_others() -> None:
    first, again, other = (list(sample_rows(2_000, seed=seed, end=END)) for seed in (3, 3, 4))
    assert first == again
    assert not {key_of(row) for row in first} & {key_of(row) for row in other if row.fate != "quarantined"}


def test_the_end_can_be_given_in_any_zone() -> None:
    moved = END.astimezone(tz=None)
    assert list(sample_rows(300, seed=3, end=END)) == list(sample_rows(300, seed=3, end=moved))


def test_copies_and_corrections_follow_what_they_repeat() -> None:
    sample = list(sample_rows(5_000, seed=1, end=END))
    for before, after in pairwise(sample):
        if after.fate == "copy":
            assert after.row == before.row
            assert before.fate in {"delivered", "held"}
        if before.fate == "superseded":
            assert key_of(after) == key_of(before)
            assert after.row != before.row
        if after.fate == "copy" or before.fate == "superseded":
            assert timedelta(0) < after.written_at - before.written_at <= timedelta(minutes=10)


def test_some_corrections_are_sign_outs() -> None:
    sample = sample_rows(4_000, seed=2, end=END, corrections=0.4, dirty=0, copies=0)
    assert any(row.fate == "superseded" and row.interface == "seatsignin" and not row.row["endtime"] for row in sample)


def test_dirt_is_spread_over_logs_and_takes_turns() -> None:
    sample = [row for row in sample_rows(40_000, seed=1, end=END) if row.fate == "quarantined"]
    by_log = Counter(row.interface for row in sample)
    assert by_log.keys() == {*LOGS}
    for name, count in by_log.items():
        seen = {reason for row in sample if row.interface == name for reason in row.reasons}
        possible = {reason for change in dirt_of(name) for reason in change.reasons}
        assert seen == possible or count < len(dirt_of(name))


def test_flagged_rows_are_those_whose_times_run_backwards() -> None:
    sample = list(sample_rows(5_000, seed=1, end=END))
    flagged = [row for row in sample if row.flagged]
    assert flagged
    assert {row.fate for row in flagged} == {"delivered"}
    for row in sample:
        times = [row.row[name] or "" for name in contract()[row.interface].in_order]
        filled = [time for time in times if time]
        if row.fate == "delivered":
            assert row.flagged == (filled != sorted(filled))


def test_odd_texts_are_among_the_rows_to_deliver() -> None:
    texts = {
        text for row in sample_rows(20_000, seed=1, end=END) if row.fate == "delivered" for text in _texts(row.row)
    }
    assert {r"\N", "NULL", "{{ 7*7 }}{% raw %}", "=cmd|' /C calc'!A0", "\t13800138000\r\n", "𠮷𬱖"} <= texts


def _texts(row: Row) -> list[str]:
    return [value for value in row.values() if value]


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        for _ in sample_rows(rows, seed=1, end=END):
            pass
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(100)  # the contract and Faker's lists are loaded once
    assert peak(12_000) < 1.5 * peak(3_000)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"rows": -1}, "negative"),
        ({"rows": 10, "dirty": -0.1}, "negative"),
        ({"rows": 10, "dirty": 1.2}, "too large"),
        ({"rows": 10, "end": END.replace(tzinfo=None)}, "time zone"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        sample_rows(**{"end": END, **arguments})  # type: ignore[arg-type]  # wrong values are the point


@pytest.mark.parametrize(("callno", "is_open"), [("未知", False), ("", False), ("13800138000", True)])
def test_a_correction_leaves_something_that_names_its_record(callno: str, is_open: bool) -> None:
    call = {"callid": "440200000001", "callno": callno, "sourcearea": "440200", "calltime": "20261123080000"}
    call |= {"skilltime": "", "seattime": "", "ringtime": "20261123080001", "calltype": "1"}
    made = [_corrected(contract()["callinfo"], dict(call), END, random.Random(seed)) for seed in range(50)]  # noqa: S311  (repeatable, no secret)
    assert any(row["calltime"] != call["calltime"] for row in made) is is_open
    assert all(row != call for row in made)
