"""对账: the days of a month by state, and of one day the four counts with what explains where they differ."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.names import ORDER_KINDS_ZH
from hotline_bridge.pages.asked import Asked, Fields, NoSuchThing, Shown
from hotline_bridge.reconcile.state import read_state
from hotline_bridge.reconcile.words import COUNT_ZH, KIND_ZH, REMEDY_ZH, REPAIR_ZH, STATE_ZH, reasons, words_of

if TYPE_CHECKING:
    from hotline_bridge.reconcile.state import LatestCheck, Reconciliation


def show(asked: Asked) -> Shown:
    """A month, or the one day that is asked for."""
    fields = Fields(asked.given)
    day = fields.day("day")
    first = _month(fields, day)
    known = read_state(asked.local, day or first)
    if day:
        return _day(known, day)
    following = (first + timedelta(days=32)).replace(day=1)
    checks = {(check.day, check.kind): check for check in known.checks}
    days = [first + timedelta(days=n) for n in range((following - first).days)]
    return Shown(
        "reconciliation.html.j2",
        {
            "first": first,
            "before": (first - timedelta(days=1)).replace(day=1),
            "following": following,
            "days": [(one, [checks.get((one, kind)) for kind in ORDER_KINDS_ZH]) for one in days],
            "older": [check for check in known.checks if check.day < first],
            "missing": known.missing,
            "uncollected": known.uncollected,
            "kinds": KIND_ZH,
            "order_kinds": ORDER_KINDS_ZH,
            "states": STATE_ZH,
        },
    )


def _day(known: Reconciliation, day: date) -> Shown:
    checks = [check for check in known.checks if check.day == day]
    if not checks:
        raise NoSuchThing("这一天没有核对过。")
    return Shown(
        "reconciliation_day.html.j2",
        {
            "day": day,
            "checks": [
                (check, reasons(check.kind, check.explained), _repair(check), _remedies(check)) for check in checks
            ],
            "kinds": KIND_ZH,
            "states": STATE_ZH,
            "counts": COUNT_ZH,
        },
    )


def _repair(check: LatestCheck) -> str:
    return "、".join(f"{words} {count:,}" for words, count in words_of(check.repair, REPAIR_ZH))


def _remedies(check: LatestCheck) -> list[str]:
    return [REMEDY_ZH[name] for name in check.situations]


def _month(fields: Fields, day: date | None) -> date:
    """The first day of the month that is asked for; of this month without one, or where it makes no sense."""
    try:
        month = date.fromisoformat(f"{fields.text('month')}-01")
    except ValueError:
        month = day or datetime.now(SHANGHAI).date()
    # A month before and one after are linked to.
    return min(max(month, date(2000, 1, 1)), date(9990, 1, 1)).replace(day=1)
