"""总览: what a shift leader asks at eight in the morning, each figure with the way to its list."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hotline_bridge.alerts.conditions import Alert
from hotline_bridge.alerts.entries import entries
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract
from hotline_bridge.pages.asked import Asked, Shown
from hotline_bridge.reports.charts import Series, lines
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from datetime import date

    from psycopg import Connection
    from psycopg.sql import SQL

_DAYS = 14


def show(asked: Asked) -> Shown:
    """The page."""
    local = asked.local
    now = datetime.now(SHANGHAI)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    versions = {state: (count, oldest) for state, count, oldest in local.execute(_sql("open_versions"))}
    [(delivered,)] = local.execute(_sql("delivered"), {"since": midnight}).fetchall()
    [(answers, notes)] = local.execute(_sql("put_aside")).fetchall()
    [(differences,)] = local.execute(_sql("differences")).fetchall()
    visits = local.execute(_sql("last_visits")).fetchall()
    alerts = local.execute(_sql("alerts"), {"day": now.date()}).fetchall()
    return Shown(
        "overview.html.j2",
        {
            "now": now,
            "delivered": delivered,
            "versions": versions,
            "answers": answers,
            "notes": notes,
            "differences": differences,
            "visits": [(contract()[name].label_zh, *rest) for name, *rest in visits if name in contract()],
            "alerts": entries([Alert(*alert) for alert in alerts]),
            "chart": _chart(local, midnight),
        },
    )


def _chart(local: Connection, midnight: datetime) -> str:
    """What came in and went out on each of the last days."""
    since = midnight - timedelta(days=_DAYS - 1)
    found: dict[date, tuple[int, int]] = {
        day: (taken, sent) for day, taken, sent in local.execute(_sql("days"), {"since": since})
    }
    days = [(since + timedelta(days=n)).date() for n in range(_DAYS)]
    counts = [found.get(day, (0, 0)) for day in days]
    return lines(
        "每日取入与上报",
        [f"{day:%m-%d}" for day in days],
        [Series("取入", [taken for taken, _ in counts]), Series("上报", [sent for _, sent in counts])],
        description="最近十四天每天取入的版本数和上报成功的版本数",
    )


def _sql(name: str) -> SQL:
    return read_sql("pages/overview.sql", name)
