"""对账: a month by the state of its days; of one day the four counts, what explains differences, and repair.

The pages have no way to the platform: a repair is asked for, and a run of `count_reconciliation` answers it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from hotline_bridge.by_hand import ByHand
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.names import ORDER_KINDS_ZH
from hotline_bridge.pages.asked import Asked, Fields, Moved, NoSuchThing, Shown
from hotline_bridge.pages.rights import Right
from hotline_bridge.reconcile.days import bounds
from hotline_bridge.reconcile.requests import WORST, ask
from hotline_bridge.reconcile.state import read_state
from hotline_bridge.reconcile.words import COUNT_ZH, KIND_ZH, REMEDY_ZH, REPAIR_ZH, STATE_ZH, reasons, words_of
from hotline_bridge.reports.files import RECONCILIATION_PAGE, RECONCILIATION_ROWS
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hotline_bridge.reconcile.state import LatestCheck

DAG = "count_reconciliation"
WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
_HISTORY = 30


def show(asked: Asked) -> Shown:
    """A month, or the one day that is asked for."""
    fields = Fields(asked.given)
    if day := fields.day("day"):
        return _day(asked, fields, day, 200)
    first = _month(fields)
    following = (first + timedelta(days=32)).replace(day=1)
    known = read_state(asked.local, first, following - timedelta(days=1))
    of_day: dict[date, list[LatestCheck]] = {}
    for check in known.checks:
        of_day.setdefault(check.day, []).append(check)
    begin = first - timedelta(days=first.weekday())
    return Shown(
        "reconciliation.html.j2",
        {
            "first": first,
            "before": (first - timedelta(days=1)).replace(day=1),
            "following": following,
            "weekdays": WEEKDAYS,
            "weeks": [
                [_cell(first, begin + timedelta(days=7 * week + n), of_day) for n in range(7)]
                for week in range(((following - begin).days + 6) // 7)
            ],
            "older": [check for check in known.checks if check.day < first],
            "missing": known.missing,
            "uncollected": known.uncollected,
            "kinds": KIND_ZH,
            "states": STATE_ZH,
            "report": RECONCILIATION_PAGE,
            "rows": RECONCILIATION_ROWS,
        },
    )


def act(asked: Asked) -> Shown | Moved:
    """Asks for the repair of a day."""
    fields = Fields(asked.given)
    day = fields.day("day")
    if day is None:
        raise NoSuchThing("这一天没有核对过。")
    reason = fields.text("reason")
    if not reason:
        fields.wrong["reason"] = "请写明原因"
        return _day(asked, fields, day, 422)
    done = "again"
    if ask(asked.local, day, ByHand(asked.actor, reason)):
        begin, end = (moment.isoformat() for moment in bounds(day))
        done = "started" if asked.user.runs.start(DAG, {"begin": begin, "end": end}) else "asked"
    return Moved(f"reconciliation?{urlencode({'day': day.isoformat(), 'repair': done})}")


def _cell(first: date, day: date, of_day: Mapping[date, Sequence[LatestCheck]]) -> tuple[date, str, str] | None:
    """A day of the calendar, its state and which kinds are in it; None for one of another month."""
    if day.month != first.month:
        return None
    checks = of_day.get(day, [])
    state = next((state for state in WORST if any(check.state == state for check in checks)), "")
    kinds = "、".join(KIND_ZH.get(check.kind, check.kind) for check in checks if check.state == state != "agreed")
    return day, state, kinds


def _day(asked: Asked, fields: Fields, day: date, status: int) -> Shown:
    checks = [check for check in read_state(asked.local, day, day, with_older=False).checks if check.day == day]
    if not checks:
        raise NoSuchThing("这一天没有核对过。")
    parameters = {"day": day, "limit": _HISTORY}
    history = asked.local.execute(read_sql("pages/reconciliation.sql", "history"), parameters).fetchall()
    requests = asked.local.execute(read_sql("pages/reconciliation.sql", "requests"), parameters).fetchall()
    return Shown(
        "reconciliation_day.html.j2",
        {
            "day": day,
            "fields": fields,
            "checks": [
                (check, reasons(check.kind, check.explained), _repair(check.repair), _remedies(check))
                for check in checks
            ],
            "history": [(*row[:-1], _repair(row[-1])) for row in history],
            "requests": requests,
            "waits": bool(requests) and requests[0][3] == "asked",
            "kinds": KIND_ZH,
            "states": {**STATE_ZH, "asked": "等待修复"},
            "counts": COUNT_ZH,
            "may_repair": Right.SEND_AGAIN in asked.user.rights and any(one.kind in ORDER_KINDS_ZH for one in checks),
        },
        status,
    )


def _repair(counts: Mapping[str, int]) -> str:
    return "、".join(f"{words} {count:,}" for words, count in words_of(counts, REPAIR_ZH))


def _remedies(check: LatestCheck) -> list[str]:
    return [REMEDY_ZH[name] for name in check.situations]


def _month(fields: Fields) -> date:
    """The first day of the month that is asked for; of this month without one, or where it makes no sense."""
    try:
        month = date.fromisoformat(f"{fields.text('month')}-01")
    except ValueError:
        month = datetime.now(SHANGHAI).date()
    # A month before and one after are linked to.
    return min(max(month, date(2000, 1, 1)), date(9990, 1, 1)).replace(day=1)
