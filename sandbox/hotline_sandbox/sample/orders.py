"""Writes invented orders into the docking store, with seats, urges, deadlines, supplements; says what becomes of each.

A wrong check character in a number is no dirt: such an order must be sent, with a flag.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from psycopg import sql

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.store.database import connect
from hotline_sandbox.sample import case_texts as texts
from hotline_sandbox.sample.case_dirt import DIRT_OF_DAYS
from hotline_sandbox.sample.dirt import DIRT, Kind, laid_over
from hotline_sandbox.sample.load import SampleCounts, copy_rows, table_counts
from hotline_sandbox.sample.mix import Quota, SampleRow, Turns
from hotline_sandbox.sample.moments import wall_seconds
from hotline_sandbox.sample.order_rows import OrderWriter
from hotline_sandbox.sample.traffic import SHANGHAI, WORKING_WEEK, Traffic, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import psycopg
    from psycopg.rows import TupleRow

SUPPLEMENTED, URGED = 0.03, 0.04
"""Of the good orders: a supplement follows, an urge follows. Assumed."""
HURRIED = timedelta(days=5)
"""12345 sets a deadline so long after it urges. Assumed."""
SPAN = timedelta(days=3)
"""Over which the orders are spread."""
SEATS = range(801, 869)
"""Seats of the invented hotline; the orders name them as `workerno`."""
UNKNOWN_ORDER = "440200202601010000000000"
"""An order that never comes: an urge and a supplement name it."""


def _misnumbered(name: str, text: str) -> Kind:
    return Kind(name, ("type",), lambda _, field: field.kind == "number", lambda _value, _field: text)


DIRT_OF_NUMBERS: tuple[Kind, ...] = (
    _misnumbered("a thousands separator", "1,000.00"),
    _misnumbered("a currency sign", "￥168"),
    _misnumbered("a unit", "168元"),
    _misnumbered("full-width digits of a sum", "１６８"),
    _misnumbered("seven decimals", "0.1234567"),
)


class Note(NamedTuple):
    """A row of a table of notes: its columns, and when 12345 wrote it."""

    table: str
    row: dict[str, str]
    written_at: datetime


def order_rows(
    orders: int, *, dirty: float = 0.03, corrections: float = 0.01, copies: float = 0.023, seed: int = 1, end: datetime
) -> Iterator[tuple[SampleRow, list[Note]]]:
    """The docking rows of a sample of orders, and the notes that follow each; a correction or a copy follows its row.

    `flagged` of a row says that one of its numbers was made with a wrong check character. A row that a supplement
    follows is superseded by what the bridge composes of the two.

    Args:
        orders: Rows over the three kinds, everything included.
        dirty: Share of the rows that break a printed rule.
        corrections: Share of the rows that give an order other content.
        copies: Share of the rows that repeat a row.
        seed: Same seed, shares and end: same rows.
        end: No row is written later. Aware.

    Raises:
        ValueError: The shares leave no row to copy and correct; `end` has no zone.
    """
    if end.tzinfo is None:
        raise ValueError("end has no time zone: give it one, such as Asia/Shanghai")
    again = round(orders * copies) + round(orders * corrections)
    quota = Quota(orders - again, round(orders * dirty), round(orders * copies), round(orders * corrections))
    if min(dirty, corrections, copies) < 0 or quota.dirty + again > quota.rows:
        raise ValueError("the shares are out of range: dirty + 2 x (copies + corrections) must stay within 1")
    return _mixed(quota, seed, end.astimezone(SHANGHAI))


def _mixed(quota: Quota, seed: int, end: datetime) -> Iterator[tuple[SampleRow, list[Note]]]:
    rng = random.Random(f"orders {seed}")  # noqa: S311  (a repeatable sample, no secret)
    writer = OrderWriter(rng, seed)
    kinds = (*DIRT, *DIRT_OF_DAYS, *DIRT_OF_NUMBERS)
    dirt = {interface.name: Turns(laid_over(interface, kinds), rng) for interface in interfaces_of("order")}
    last = end - timedelta(minutes=40)
    traffic, rows = Traffic(last - SPAN, last, WORKING_WEEK), quota.rows
    for place in range(rows):
        registered = traffic.at((place + 1) / rows)
        interface, row, doubts = writer.order(wall_seconds(registered))
        written_at = registered + timedelta(seconds=rng.randint(5, 600))
        later = written_at + timedelta(seconds=rng.randint(1, 600))
        name, flagged = interface.name, bool(doubts)
        part = quota.draw(rng)
        if part == "dirty":
            change, wrong = dirt[name].change(row)
            yield SampleRow(name, wrong, written_at, "quarantined", change.reasons, flagged=False), []
        elif part == "corrected":
            yield SampleRow(name, row, written_at, "superseded", (), flagged=False), []
            corrected = {**row, "complacontent": f"{row['complacontent']}"[:3_990] + "（12345更正）"}
            yield SampleRow(name, corrected, later, "delivered", (), flagged=flagged), []
        elif part == "copied":
            yield SampleRow(name, row, written_at, "delivered", (), flagged=flagged), []
            yield SampleRow(name, row, later, "copy", (), flagged=False), []
        else:
            notes = list(_notes(rng, row["regino"] or "", later)) if len(row["complacontent"] or "") < 3_000 else []
            if any(note.table == "order_supplement" for note in notes):
                yield SampleRow(name, row, written_at, "superseded", (), flagged=False), notes
            else:
                yield SampleRow(name, row, written_at, "delivered", (), flagged=flagged), notes


def _notes(rng: random.Random, regino: str, at: datetime) -> Iterator[Note]:
    if rng.random() < SUPPLEMENTED:
        yield _supplement(rng, regino, at)
    if rng.random() < URGED:
        yield _urge(rng, regino, at)
        yield Note("order_deadline", {"regino": regino, "deadline": stamp(at + HURRIED)}, at)


def _supplement(rng: random.Random, regino: str, at: datetime) -> Note:
    words = {"supplementid": f"B{regino}", "regino": regino, "supplementtime": stamp(at)}
    return Note("order_supplement", {**words, "content": rng.choice(texts.COMPLAINTS)}, at)


def _urge(rng: random.Random, regino: str, at: datetime) -> Note:
    words = {"urgeid": f"C{regino}", "regino": regino, "urgetime": stamp(at), "urger": "督办组"}
    return Note("order_urge", {**words, "remark": rng.choice(texts.URGES)}, at)


def load_orders(
    conninfo: str,
    *,
    orders: int,
    dirty: float = 0.03,
    corrections: float = 0.01,
    copies: float = 0.023,
    seed: int = 1,
    end: datetime | None = None,
) -> SampleCounts:
    """Adds orders, their notes and the seats to the docking store, all of it or nothing; see `order_rows`.

    Args:
        conninfo: libpq connection string of the docking store.
        orders: Rows over the three kinds, exactly.
        dirty: Share of the rows that must end in quarantine.
        corrections: Share of the rows that give an order other content.
        copies: Share of the rows that repeat a row.
        seed: Same seed and end: same rows. Another seed makes other numbers too (seeds that differ by less than 100).
        end: No row is written later; aware; the present by default.

    Raises:
        ValueError: The shares do not fit, or `end` has no zone.
        StopRun: The docking store is not marked for trial, or the account is refused.
        TryAgainLater: The server cannot be reached.
    """
    end = end or datetime.now(SHANGHAI)
    made = list(order_rows(orders, dirty=dirty, corrections=corrections, copies=copies, seed=seed, end=end))
    tally: Counter[tuple[str, str]] = Counter((row.interface, row.fate) for row, _ in made)
    tally.update((row.interface, "flagged") for row, _ in made if row.flagged)
    reasons = Counter((row.interface, row.reasons) for row, _ in made if row.reasons)
    rng = random.Random(f"notes {seed}")  # noqa: S311  (as above)
    notes = [note for _, following in made for note in following]
    notes += [_supplement(rng, UNKNOWN_ORDER, end), _urge(rng, UNKNOWN_ORDER, end)]
    with connect(conninfo) as connection, connection.transaction():
        for interface in interfaces_of("order"):
            own = ((row.row, row.written_at) for row, _ in made if row.interface == interface.name)
            copy_rows(connection, interface, own)
        write_notes(connection, [*_seats(connection, end - SPAN), *notes])
    return SampleCounts(
        {str(interface.table): table_counts(interface, tally) for interface in interfaces_of("order")}, dict(reasons)
    )


def _seats(connection: psycopg.Connection[TupleRow], at: datetime) -> Iterator[Note]:
    """The seats that are not there yet: a second sample finds those of the first."""
    there = {seatno for (seatno,) in connection.execute("SELECT seatno FROM docking.seat").fetchall()}
    for number in SEATS:
        if str(number) not in there:
            row = {"seatno": f"{number}", "seatname": f"话务员{number}", "sourcearea": "440200", "enabled": "1"}
            yield Note("seat", row, at)


def write_notes(connection: psycopg.Connection[TupleRow], notes: Iterable[Note]) -> None:
    """Adds notes to their docking tables."""
    for table, row, written_at in notes:
        statement = sql.SQL("INSERT INTO {} ({}, written_at) VALUES ({}, {})").format(
            sql.Identifier("docking", table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
            written_at,
        )
        connection.execute(statement, row)
