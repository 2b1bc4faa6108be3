"""What becomes of an invented order: when it is routed, handled, extended, urged, answered, and answered again.

The time to the answer follows 2,815 measured replies of a city: median 11 days, 95 % within 67, the longest 1,160. All
other shares and times are assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hotline_sandbox.sample.case_kinds import CONSULTATION
from hotline_sandbox.sample.moments import DAY_S

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from hotline_sandbox.sample.case_rows import CaseRow, Party, RowWriter

REPLY_MEDIAN_DAYS = 11.0
REPLY_SPREAD = 1.098
"""Deviation of the logarithm of the time to a reply: 95 % within 67 days."""
LONGEST_DAYS = 1_160

ANSWERED_AT_ONCE = 0.6
"""Of consultations (现场答复): nothing further happens."""
LATE = 0.01
"""Of orders: the platform shows them only hours or days after their registration."""
RETURNED = 0.015
ROUTED_AGAIN = 0.25
CORRECTED = 0.02
WITHDRAWN = 0.001
EXTENDED = 0.12
URGED = 0.2
"""Of orders that wait longer than a week, for each of up to three times."""
ANSWERED_AGAIN = 0.12
"""Of answers: another follows."""
AFTERWARDS = 0.03
"""Of answered orders: an urge or an extension comes after the answer."""

_LIMIT_DAYS = 60
NEVER = 1 << 40


class Happening(NamedTuple):
    """A row of a table, shown from one wall-clock second until another (or `NEVER`)."""

    table: str
    row: CaseRow
    begin: int
    end: int = NEVER


def reply_seconds(rng: random.Random, day_s: float = DAY_S) -> int:
    """How long an order waits for its answer, where a day takes so many seconds."""
    days = min(LONGEST_DAYS, REPLY_MEDIAN_DAYS * rng.lognormvariate(0, REPLY_SPREAD))
    return max(int(day_s / 24), int(days * day_s))


def life(rng: random.Random, writer: RowWriter, party: Party) -> list[Happening]:
    """Everything that the platform ever shows about an order, past and to come."""
    begin = party.registered
    if rng.random() < LATE:
        begin += int(rng.lognormvariate(10, 1.5))
    rows = list(_happenings(rng, writer, party, begin))
    if rng.random() < WITHDRAWN:
        end = begin + int(rng.expovariate(1 / (20 * DAY_S))) + 3_600
        return [row._replace(end=min(row.end, end)) for row in rows if row.begin < end]
    return rows


def _happenings(rng: random.Random, writer: RowWriter, party: Party, begin: int) -> Iterator[Happening]:
    on_site = party.kind is CONSULTATION and rng.random() < ANSWERED_AT_ONCE
    case = writer.consultation(party, on_site=on_site) if party.kind is CONSULTATION else writer.order(party)
    if rng.random() < CORRECTED:
        at = begin + int(rng.expovariate(1 / (4 * DAY_S))) + 600
        yield Happening(party.kind.case, case, begin, at)
        yield Happening(party.kind.case, writer.corrected(case), at)
    else:
        yield Happening(party.kind.case, case, begin)
    if not on_site:
        yield from treatment(rng, writer, party, begin)


def treatment(
    rng: random.Random, writer: RowWriter, party: Party, begin: int, day_s: float = DAY_S
) -> Iterator[Happening]:
    """What the bureau does with an order, its case aside; deadlines are of the calendar, whatever a day takes.

    Args:
        rng: The source of all chance.
        writer: Of the rows.
        party: The order.
        begin: When the bureau has it, as a wall-clock second.
        day_s: Seconds that a day of the bureau takes.
    """
    if rng.random() < RETURNED:
        at = begin + int(rng.uniform(0.1, 3) * day_s)
        yield Happening("returned_case", writer.returned(party, at), at)
        return
    answered = begin + reply_seconds(rng, day_s)
    extended = begin + int((answered - begin) * rng.uniform(0.3, 0.95)) if rng.random() < EXTENDED else None
    if extended is None and rng.random() < AFTERWARDS:
        extended = answered + int(rng.expovariate(1 / (10 * day_s))) + int(day_s / 24)
    deadline = begin + _LIMIT_DAYS * DAY_S
    yield from _routing(rng, writer, party, begin, deadline, extended, day_s)
    if extended is not None:
        row = writer.extension(party, extended, deadline, deadline + 30 * DAY_S)
        yield Happening("case_extension", row, extended)
    yield from _steps(rng, writer, party, begin, answered)
    yield from _urges(rng, writer, party, begin, answered, day_s)
    yield from _answers(rng, writer, party, answered, day_s)


def _routing(
    rng: random.Random, writer: RowWriter, party: Party, begin: int, deadline: int, extended: int | None, day_s: float
) -> Iterator[Happening]:
    at = begin + int(rng.uniform(0.1, 1.5) * day_s)
    hour_s = int(day_s / 24)
    for _ in range(1 + (rng.random() < ROUTED_AGAIN)):
        row = writer.routing(party, at, deadline, hour_s)
        if extended is not None and extended > at:
            yield Happening("case_routing", row, at, extended)
            moved = writer.routing(party, at, deadline + 30 * DAY_S, hour_s)
            yield Happening("case_routing", {**row, "deadline": moved["deadline"]}, extended)
        else:
            yield Happening("case_routing", row, at)
        at += int(rng.uniform(0.5, 6) * day_s)


def _steps(rng: random.Random, writer: RowWriter, party: Party, begin: int, answered: int) -> Iterator[Happening]:
    if party.kind.handling is None:
        return
    shares = sorted(rng.random() for _ in range(1 + int(rng.expovariate(1.0))))
    for number, share in enumerate(shares):
        at = begin + int((answered - begin) * share)
        yield Happening(party.kind.handling, writer.step(party, final=False, number=number), at)
    yield Happening(party.kind.handling, writer.step(party, final=True, number=len(shares)), answered)


def _urges(
    rng: random.Random, writer: RowWriter, party: Party, begin: int, answered: int, day_s: float
) -> Iterator[Happening]:
    if answered - begin > 7 * day_s:
        for _ in range(3):
            if rng.random() < URGED:
                at = begin + int(rng.uniform(2 * day_s, answered - begin))
                yield Happening("case_urge", writer.urge(party, at), at)
    if rng.random() < AFTERWARDS:
        at = answered + int(rng.expovariate(1 / (15 * day_s))) + int(day_s / 24)
        yield Happening("case_urge", writer.urge(party, at), at)


def _answers(rng: random.Random, writer: RowWriter, party: Party, at: int, day_s: float) -> Iterator[Happening]:
    while True:
        result = writer.result(party)
        yield Happening(party.kind.feedback, writer.feedback(party, result), at)
        yield Happening("case_feedback", writer.case_feedback(party, result, at), at)
        if rng.random() >= ANSWERED_AGAIN:
            return
        at += int(rng.expovariate(1 / (12 * day_s))) + int(day_s / 1_440)
