"""总览: what a shift leader asks at eight in the morning, each figure with the way to its list."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from hotline_bridge.alerts.conditions import Alert
from hotline_bridge.alerts.entries import entries
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.outbound.audit import count_audited
from hotline_bridge.outbound.status import open_counts
from hotline_bridge.pages.asked import Asked, Shown
from hotline_bridge.reports.charts import Series, lines
from hotline_bridge.reports.files import MONTH_PAGE, MONTH_SHEETS
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from psycopg import Connection
    from psycopg.sql import SQL

ALERT_PAGES: Mapping[str, str] = MappingProxyType(
    {
        "unauthorized": "exchanges?outcome=unauthorized",
        "platform_dead": "exchanges?outcome=no_answer",
        "backlog": "exchanges",
        "late": "exchanges",
        "interface_failing": "exchanges",
        "unacknowledged": "exchanges",
        "feedback_unfetched": "exchanges",
        "callers_refused": "exchanges",
        "refused": "quarantine",
        "refused_for_good": "quarantine",
        "quarantine_growing": "quarantine",
        "put_aside": "quarantine",
        "shared_number": "quarantine",
        "bad_answers": "quarantine",
        "incomplete": "#visits",
        "windows_overdue": "#visits",
        "count_difference": "reconciliation",
        "not_reconciled": "reconciliation",
        "audit_waiting": "audit",
        "quality_finding": "quality",
    }
)
"""By the cause of an alert: the page with what it is about. Of the others a command tells more."""
_DAYS = 14


def show(asked: Asked) -> Shown:
    """The page."""
    local = asked.local
    now = datetime.now(SHANGHAI)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    [overdue] = local.execute(_sql("overdue")).fetchall()
    [(delivered,)] = local.execute(_sql("delivered"), {"since": midnight}).fetchall()
    [(answers, notes)] = local.execute(_sql("put_aside")).fetchall()
    [(differences,)] = local.execute(_sql("differences")).fetchall()
    visits = local.execute(_sql("last_visits")).fetchall()
    days = _days(local, midnight)
    alerts = local.execute(_sql("alerts"), {"day": now.date()}).fetchall()
    return Shown(
        "overview.html.j2",
        {
            "now": now,
            "month": (MONTH_PAGE, MONTH_SHEETS),
            "delivered": delivered,
            "speed": local.execute(_sql("speed")).fetchone(),
            "versions": _open(local),
            "held": count_audited(local),
            "overdue": overdue,
            "alert_pages": ALERT_PAGES,
            "answers": answers,
            "notes": notes,
            "differences": differences,
            "unfetched": local.execute(_sql("unfetched")).fetchone(),
            "visits": [(name, contract()[name].label_zh, *rest) for name, *rest in visits if name in contract()],
            "alerts": entries([Alert(*alert) for alert in alerts]),
            "days": days,
            "chart": _chart(days, asked.say),
        },
    )


def _open(local: Connection) -> dict[tuple[str, bool], tuple[int, datetime | None]]:
    """By state, and whether of orders or of logs: how many versions are not at rest, and since when the oldest."""
    found: dict[tuple[str, bool], tuple[int, datetime | None]] = {}
    for flow in ("order", "telephony"):
        for one in open_counts(local, interfaces_of(flow, "report")):
            place = "waiting" if one.state == "retrying" else one.state, flow == "order"
            count, oldest = found.get(place, (0, None))
            found[place] = count + one.versions, min(filter(None, (oldest, one.oldest)), default=None)
    return found


def _days(local: Connection, midnight: datetime) -> list[tuple[date, int, int]]:
    """How many versions came in and went out on each of the last days."""
    since = midnight - timedelta(days=_DAYS - 1)
    found: dict[date, tuple[int, int]] = {
        day: (taken, sent) for day, taken, sent in local.execute(_sql("days"), {"since": since})
    }
    days = [(since + timedelta(days=n)).date() for n in range(_DAYS)]
    return [(day, *found.get(day, (0, 0))) for day in days]


def _chart(days: list[tuple[date, int, int]], say: Callable[[str], str]) -> str:
    return lines(
        say("每日取入与上报"),
        [f"{day:%m-%d}" for day, *_ in days],
        [Series(say("取入"), [taken for _, taken, _ in days]), Series(say("上报"), [sent for *_, sent in days])],
        description=say("最近十四天每天取入的版本数和上报成功的版本数"),
    )


def _sql(name: str) -> SQL:
    return read_sql("pages/overview.sql", name)
