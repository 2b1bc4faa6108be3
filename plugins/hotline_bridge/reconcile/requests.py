"""Repairs that a person asks for (修复申请): taken up and answered by the next run that repairs, with what it found.

The pages have no way to the platform. Request and answer are rows of `hotline.operator_action`: what is asked for is
what has no answer behind it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hotline_bridge.reconcile.sides import ACTOR
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand
    from hotline_bridge.reconcile.evaluate import Check

WORST = ("incomplete", "open", "unknown", "agreed")
"""States of a day's kinds, the worst first: that of the day."""


def ask(local: Connection, day: date, by: ByHand) -> bool:
    """Ask for the repair of a day that was judged; False where somebody did already, or no check of it is known.

    Args:
        local: Session on the local store, in autocommit.
        day: Of registration.
        by: Who, and why.
    """
    parameters = {"day": day, "actor": by.actor, "reason": by.reason, "worst": list(WORST)}
    [(asked,)] = local.execute(read_sql("reconcile/requests.sql", "ask"), parameters).fetchall()
    return bool(asked)


def asked_days(local: Connection) -> list[date]:
    """The days whose repair somebody asked for and no run has answered, in order."""
    return sorted(date.fromisoformat(day) for (day,) in local.execute(read_sql("reconcile/requests.sql", "asked")))


def answer(local: Connection, checks: Iterable[Check]) -> int:
    """Answer what was asked for of the days that a run judged and repaired; gives how many.

    Args:
        local: Session on the local store.
        checks: The last of each day and kind.
    """
    states: dict[date, set[str]] = {}
    for check in checks:
        states.setdefault(check.day, set()).add(check.state)
    days = [day for day in asked_days(local) if day in states]
    for day in days:
        local.execute(
            read_sql("reconcile/requests.sql", "answer"),
            {"day": day, "actor": ACTOR, "state": next(state for state in WORST if state in states[day])},
        )
    return len(days)
