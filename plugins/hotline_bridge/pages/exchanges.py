"""交互日志 (specification 4.3): every call of the platform, how it ended, and how calls of each interface end."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.pages.asked import ROWS, Asked, Fields, Shown, place
from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        Outcome.DELIVERED: "成功",
        Outcome.DUPLICATE: "平台已有",
        Outcome.REFUSED: "平台拒绝",
        Outcome.TRY_LATER: "平台暂不能处理",
        Outcome.NO_ANSWER: "没有完整应答",
        Outcome.UNREACHABLE: "无法连接",
        Outcome.UNAUTHORIZED: "认证被拒",
    }
)
_DAYS = 2


def search(asked: Asked) -> Shown:
    """The page: what fits the form, and the rates of its time."""
    fields = Fields(asked.given)
    interfaces = {name: interface.label_zh for name, interface in contract().items()}
    since, until = fields.days("first", "last", within=_DAYS)
    after_at, after_id = fields.after("after", (datetime, int)) or (None, None)
    wanted = {
        "since": since,
        "until": until,
        "interface": fields.choice("interface", interfaces),
        "outcome": fields.choice("outcome", OUTCOMES),
        "code": fields.text("code"),
        "key": fields.text("key"),
        "after_at": after_at,
        "after_id": after_id,
        "limit": ROWS + 1,
    }
    found = asked.local.execute(read_sql("pages/exchanges.sql", "exchanges"), wanted).fetchall()
    rates = asked.local.execute(read_sql("pages/exchanges.sql", "rates"), wanted).fetchall()
    more = len(found) > ROWS
    return Shown(
        "exchanges.html.j2",
        {
            "fields": fields,
            "days": (since, until),
            "interfaces": interfaces,
            "outcomes": OUTCOMES,
            "found": found[:ROWS],
            "next": place(found[ROWS - 1][1], found[ROWS - 1][0]) if more else None,
            "rates": rates,
        },
    )
