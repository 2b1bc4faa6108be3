"""Acceptance (认可): what cannot be fixed and a person has looked at is kept as it is, but neither red nor alerted.

For two states that nothing else may end (architecture: every state has a way out): seconds of registration that hold
more rows than an answer can (architecture: a full answer is suspect), and days whose counts differ for good. A complete
answer, equal counts and another number end it by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from datetime import date, datetime

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand


@dataclass(frozen=True, slots=True)
class Lasting:
    """A stretch that stays as it is until somebody accepts it."""

    subject: str
    """Interface of incomplete seconds; kind of a day whose counts differ."""
    begins: datetime
    ends: datetime
    unexplained: int | None
    """The difference of a day; None of incomplete seconds."""


def find(local: Connection) -> list[Lasting]:
    """All that nobody has accepted, by subject and time."""
    query = b"SELECT subject, begins, ends, unexplained FROM hotline.unaccepted ORDER BY subject, begins"
    return [Lasting(*row) for row in local.execute(query).fetchall()]


def accept_windows(local: Connection, interface: str, begin: datetime, end: datetime, by: ByHand) -> int:
    """Accept the incomplete seconds of an interface within a stretch. Returns how many there were.

    Args:
        local: Session on the local store.
        interface: Wire name of a query.
        begin: Aware.
        end: Aware.
        by: Who, and why.
    """
    parameters = {"interface": interface, "begins": begin, "ends": end, "actor": by.actor, "reason": by.reason}
    return local.execute(read_sql("reconcile/acceptance.sql", "accept_windows"), parameters).rowcount


def accept_day(local: Connection, kind: str, day: date, by: ByHand) -> int:
    """Accept the difference that the latest check of a day left. Returns 1, or 0 where that check left none.

    Args:
        local: Session on the local store.
        kind: `complaint`, `report`, `consultation`, or the table of a log.
        day: The day.
        by: Who, and why.
    """
    parameters = {"kind": kind, "day": day, "actor": by.actor, "reason": by.reason}
    return local.execute(read_sql("reconcile/acceptance.sql", "accept_day"), parameters).rowcount
