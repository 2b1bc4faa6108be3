"""Mixes a history with exact shares of dirty rows, copies and corrections, and says what must become of each row."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from hotline_bridge.contract.reader import contract
from hotline_sandbox.sample.dirt import dirt_of, oddities_of
from hotline_sandbox.sample.traffic import SHANGHAI, stamp
from hotline_sandbox.sample.world import LOGS, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.sample.dirt import Change
    from hotline_sandbox.sample.world import Row

Fate = Literal["delivered", "held", "quarantined", "superseded", "copy"]
"""Where a row must end when the whole sample is taken in before anything is sent.

A `copy` is counted with the row that it repeats; `superseded` is a row whose correction follows.
"""

ODD_SHARE = 0.02
"""Of the rows that are not dirty: changed in an odd but legal way."""

WRITTEN_AGAIN_WITHIN = timedelta(minutes=10)


class SampleRow(NamedTuple):
    """A docking row and what must become of it.

    `reasons` are those of its quarantine; `flagged` says that its times run backwards and that it is sent all the same.
    """

    interface: str
    row: Row
    written_at: datetime
    fate: Fate
    reasons: tuple[str, ...]
    flagged: bool


@dataclass(slots=True)
class Quota:
    """How many of the rows still to come are dirty, copied, corrected: drawn so that the totals are exact."""

    rows: int
    dirty: int
    copied: int
    corrected: int

    def draw(self, rng: random.Random) -> Literal["dirty", "copied", "corrected", "plain"]:
        """What the next row is to be."""
        place = rng.randrange(self.rows)
        self.rows -= 1
        if place < self.dirty:
            self.dirty -= 1
            return "dirty"
        if place < self.dirty + self.copied:
            self.copied -= 1
            return "copied"
        if place < self.dirty + self.copied + self.corrected:
            self.corrected -= 1
            return "corrected"
        return "plain"


def sample_rows(
    rows: int, *, dirty: float = 0.03, corrections: float = 0.01, copies: float = 0.023, seed: int = 1, end: datetime
) -> Iterator[SampleRow]:
    """The rows of a sample, made as they are asked for; a correction or a copy follows its row at once, written later.

    Args:
        rows: Rows over the four logs, everything included.
        dirty: Share of the rows that break a printed rule.
        corrections: Share of the rows that give a key other content.
        copies: Share of the rows that repeat a row; 2.3 % of the texts in the measured set of real messages did.
        seed: Same seed, shares and end: same rows.
        end: No row is written later. Aware.

    Raises:
        ValueError: A share is out of range, or the shares leave no row to copy and correct; `end` has no zone.
    """
    if end.tzinfo is None:
        raise ValueError("end has no time zone: give it one, such as Asia/Shanghai")
    if rows < 0 or min(dirty, corrections, copies) < 0:
        raise ValueError("rows and shares must not be negative")
    again = round(rows * copies) + round(rows * corrections)
    quota = Quota(rows - again, round(rows * dirty), round(rows * copies), round(rows * corrections))
    if quota.dirty + again > quota.rows:
        raise ValueError("the shares are too large: dirty + 2 x (copies + corrections) must stay within 1")
    return _mixed(quota, seed, end.astimezone(SHANGHAI))


def _mixed(quota: Quota, seed: int, end: datetime) -> Iterator[SampleRow]:
    rng = random.Random(f"mix {seed}")  # noqa: S311  (a repeatable sample, no secret)
    interfaces = {name: contract()[name] for name in LOGS}
    dirt = {name: Turns(dirt_of(name), rng) for name in interfaces}
    odd = {name: Turns(oddities_of(name), rng) for name in interfaces}
    for name, clean, known_at in world(quota.rows, seed=seed, end=end - WRITTEN_AGAIN_WITHIN - timedelta(seconds=5)):
        interface = interfaces[name]
        written_at = known_at + timedelta(microseconds=rng.randrange(5_000_000))
        part = quota.draw(rng)
        if part == "dirty":
            if interface.hold and not clean[interface.hold.lower()]:
                clean[interface.hold.lower()] = stamp(written_at)  # a complete row that is wrong, not one that waits
            change, wrong = dirt[name].change(clean)
            yield SampleRow(name, wrong, written_at, "quarantined", change.reasons, flagged=False)
            continue
        row = odd[name].change(clean)[1] if rng.random() < ODD_SHARE else clean
        later = written_at + timedelta(seconds=rng.randint(1, int(WRITTEN_AGAIN_WITHIN.total_seconds())))
        if part == "corrected":
            yield SampleRow(name, row, written_at, "superseded", (), flagged=False)
            corrected = _corrected(interface, row, later, rng)
            yield SampleRow(name, corrected, later, "delivered", (), flagged=_backwards(interface, corrected))
            continue
        held = interface.hold is not None and not row[interface.hold.lower()]
        flagged = not held and _backwards(interface, row)
        yield SampleRow(name, row, written_at, "held" if held else "delivered", (), flagged=flagged)
        if part == "copied":
            yield SampleRow(name, row, later, "copy", (), flagged=False)


class Turns:
    """Hands out changes in turn, so that even a small sample holds most of them."""

    def __init__(self, changes: tuple[Change, ...], rng: random.Random) -> None:
        self._turns = cycle(rng.sample(changes, len(changes)))

    def change(self, row: Row) -> tuple[Change, Row]:
        """The next change that this row offers something to, and the changed row."""
        while True:
            change = next(self._turns)
            if (changed := change.apply(row)) is not None:
                return change, changed


def _corrected(interface: Interface, row: Row, at: datetime, rng: random.Random) -> Row:
    """The same record with other content: a sign-out that was missing, or another time, or another code."""
    if interface.hold and not row[interface.hold.lower()]:
        return {**row, interface.hold.lower(): stamp(at)}
    parts = {part for field in interface.request for part in field.compose or ()}
    naming = [
        field.name
        for field in interface.request
        if field.name in interface.named_by and row[field.column] and row[field.column] not in field.says_nothing
    ]
    # What differs in all that names a record is another record, no correction of it.
    fixed = {*parts, *(naming if len(naming) == 1 else ())}
    open_to_change = [
        field
        for field in interface.request
        if field.name not in fixed and row[field.column] and (field.codes or field.kind == "time")
    ]
    field = rng.choice(open_to_change)
    before = row[field.column] or ""
    if field.codes:
        return {**row, field.column: rng.choice([code for code in field.codes if code != before])}
    minute = f"{(int(before[10:12]) + rng.randint(1, 59)) % 60:02d}"
    return {**row, field.column: before[:10] + minute + before[12:]}


def _backwards(interface: Interface, row: Row) -> bool:
    """Whether times that normally follow one another (`in_order`) do not; texts of 14 digits compare as times do."""
    times = [row[name.lower()] or "" for name in interface.in_order]
    return any(earlier and later and later < earlier for earlier, later in pairwise(times))
