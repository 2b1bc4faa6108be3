"""Order facts and rollups: computes again what writers marked, and nothing else.

Each piece is one transaction: it takes marks, computes from what is committed then, and marks what follows from it. A
row that commits meanwhile brings a mark of its own, so nothing is missed; pieces of two runs come one after the other.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from psycopg import Connection
    from psycopg.abc import Params
    from psycopg.rows import TupleRow

ORDERS, CALLS = 1_000, 20_000
"""Of one piece."""
DAYS: Mapping[str, int] = {
    **{"call_hour": 1, "seat_hour": 10, "satisfaction_day": 10},
    **{"order_day": 10, "indicator_month": 1},
}
"""The rollups in the order in which they follow from each other, and how many days (months) of each make a piece."""
_BEFORE: Mapping[str, str] = {"indicator_month": "company_month"}
"""What is computed of the same days before, as it is read for the rollup."""
_OF_NO_MONTH = ("seat_hour", "indicator_month")
"""Rollups of which no indicator is made."""


def refresh(local: Connection, budget_s: float = math.inf) -> dict[str, int]:
    """Compute again what changed: facts of orders, then days, then months.

    Args:
        local: Session on the local store, in autocommit.
        budget_s: Seconds after which no further piece is begun; the next call goes on.

    Returns:
        Orders (`order_fact`), calls whose recordings changed (`call_mark`), and days or months computed, by rollup.
        Only those that had any: empty when nothing waits.
    """
    until = time.monotonic() + budget_s
    done: Counter[str] = Counter()
    pieces: list[tuple[str, Callable[[Connection], int]]] = [
        ("order_mark", _merge_marks),
        ("order_fact", _orders),
        ("order_fact", _walk),
        ("call_mark", _calls),
        *((rollup, partial(_days, rollup=rollup)) for rollup in DAYS),
    ]
    for what, piece in pieces:
        while time.monotonic() < until:
            with local.transaction():
                _run(local, "lock")
                computed = piece(local)
            if not computed:
                break
            done[what] += computed
    return dict(done)


def waiting(local: Connection) -> dict[str, int]:
    """How many marks wait to be computed, by rollup; only those that have any."""
    return dict(_run(local, "waiting"))


def _run(local: Connection, name: str, params: Params | None = None) -> list[TupleRow]:
    cursor = local.execute(read_sql("analytics/rollups.sql", name), params)
    return cursor.fetchall() if cursor.description else []


def _merge_marks(local: Connection) -> int:
    _run(local, "merge_marks")
    return 0


def _orders(local: Connection) -> int:
    taken = [regino for (regino,) in _run(local, "take_orders", {"most": ORDERS})]
    if "" in taken:
        _run(local, "begin_walk")
    _compute(local, [regino for regino in taken if regino])
    return len(taken)


def _walk(local: Connection) -> int:
    taken = [regino for (regino,) in _run(local, "take_walk", {"most": ORDERS})]
    _compute(local, taken)
    _run(local, "walked", {"reached": taken[-1] if taken else None})
    return len(taken)


def _compute(local: Connection, reginos: list[str]) -> None:
    orders = {"reginos": reginos}
    if not reginos:
        return
    _run(local, "compute_orders", orders)
    changed = _run(local, "drop_orders", orders) + _run(local, "add_orders")
    _run(local, "forget_computed")
    for part in ("compute_feedback", "drop_feedback", "add_feedback"):
        _run(local, part, orders)
    _run(local, "forget_computed")
    _run(local, "mark_order_days", {"days": list({day for day, _ in changed if day})})
    _run(local, "mark_rated_days", {"record_names": list({name for _, name in changed if name})})


def _calls(local: Connection) -> int:
    [(taken,)] = _run(local, "take_calls", {"most": CALLS})
    return int(taken)


def _days(local: Connection, rollup: str) -> int:
    days: list[date] = [day for (day,) in _run(local, "take_days", {"rollup": rollup, "most": DAYS[rollup]})]
    if days:
        named = {"days": days}
        for table in (_BEFORE.get(rollup), rollup):
            if table:
                _run(local, f"forget_{table}", named)
                _run(local, f"compute_{table}", named)
        if rollup not in _OF_NO_MONTH:
            _run(local, "mark_months", named)
    return len(days)
