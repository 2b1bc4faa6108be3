"""The timeline of an order (工单全过程): taken, reported, received, routed, handled, answered, published.

Read from the view `hotline.order_life`, and from what was published of the order in the docking store; each event has
the Chinese word that staff read. Nothing here holds personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound.decisions import reason_zh
from hotline_bridge.store.failures import explained
from hotline_bridge.store.published import OF_ORDERS
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from psycopg import Connection

PUBLISHED = "published"

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "registered": "登记",
        "written": "12345 写入",
        "deadline": "12345 处理时限",
        "supplemented": "12345 补单",
        "taken_in": "取入",
        "quarantined": "隔离",
        "completed": "补全",
        "withdrawn": "撤销补全",
        "passed": "审核通过",
        "released": "放行",
        "replayed": "重新上报",
        "tried": "发送",
        "delivered": "已上报",
        "rejected": "平台拒绝",
        "superseded": "已被新内容取代",
        "discarded": "放弃上报",
        "collected": "平台建档",
        "returned": "退回",
        "routed": "流转",
        "accepted": "受理",
        "refused": "不受理",
        "filed": "立案",
        "not_filed": "不予立案",
        "step": "办理",
        "extension_requested": "申请延期",
        "extended": "延期",
        "urged": "催办",
        "feedback": "反馈",
        "answer_quarantined": "平台数据隔离",
        PUBLISHED: "回写",
    }
)
"""In the order in which those of one moment are told."""

PUBLISHED_STATES: Mapping[str, str] = MappingProxyType(
    {"received": "接收成功", "failed": "接收失败", "refused": "不受理", "accepted": "受理", "filed": "立案"}
)
"""What columns `state` of the published tables hold."""

_UNITS = ((86_400, "天"), (3_600, "小时"), (60, "分"), (1, "秒"))
_RANK = {event: place for place, event in enumerate(EVENTS)}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an order's life."""

    at: datetime
    """Aware; in Asia/Shanghai where the session is (`store.database.connect`)."""
    event: str
    """A key of `EVENTS`."""
    kind: str | None
    """A key of `names.ORDER_KINDS_ZH`, or None where the source does not tell kinds apart."""
    detail: str
    """For staff, in Chinese, without personal data."""
    origin: str
    """The table that knows it: of schema `hotline`, or of schema `docking` for what was published."""
    is_exact: bool
    """Whether the source says when; otherwise it is when the bridge first saw it."""


def read_timeline(local: Connection, regino: str) -> list[Event]:
    """What the local store knows of an order, by time.

    Args:
        local: Session on the local store.
        regino: Its number (工单编号).

    Raises:
        StopRun: Nothing is known of such a number; or the view or a right is missing.
        TryAgainLater: The local store cannot be reached.
    """
    with explained("order_life"):
        found = local.execute(read_sql("timeline/timeline.sql", "events"), {"regino": regino}).fetchall()
    if not found:
        raise StopRun(
            "nothing is known of such an order",
            key=regino[:64],
            remedy="compare the number with the docking store; an order written there is taken in within a minute",
        )
    return in_order(
        Event(at, event, kind, _told(event, kind, detail or ""), origin, is_exact)
        for at, event, kind, detail, origin, is_exact in found
    )


def read_published(docking: Connection, regino: str) -> list[Event]:
    """When each table of the docking store last took something of the order (结果回写), by time.

    Args:
        docking: Session on the docking store.
        regino: The order's number.

    Raises:
        StopRun: A table or right is missing.
        TryAgainLater: The docking store cannot be reached.
    """
    with explained("order_status"):
        return in_order(_published(docking, regino))


def in_order(events: Iterable[Event]) -> list[Event]:
    """By time, and within a moment in the order of a life."""
    return sorted(events, key=lambda event: (event.at, _RANK[event.event], event.detail))


def _published(docking: Connection, regino: str) -> Iterator[Event]:
    for name in OF_ORDERS:
        table = docking_tables()[name]
        has_state = any(column.name == "state" for column in table.columns)
        query = read_sql("timeline/timeline.sql", "published").format(
            table=sql.Identifier("docking", name), state=sql.SQL("t.state" if has_state else "NULL::text")
        )
        for at, rows, state in docking.execute(query, {"regino": regino}).fetchall():
            words = [table.zh, PUBLISHED_STATES.get(state, state) if state else "", f"{rows} 行" if rows > 1 else ""]
            yield Event(at, PUBLISHED, None, "，".join(filter(None, words)), name, is_exact=True)


def _told(event: str, kind: str | None, detail: str) -> str:
    """The detail for staff: broken rules in words."""
    if event != "quarantined" or kind is None:
        return detail
    interface = next(order.name for order in interfaces_of("order") if order.table == f"{kind}_order")
    version, _, rules = detail.partition("：")
    return f"{version}：{'；'.join(reason_zh(interface, rule) for rule in rules.split('；'))}"


def duration_zh(seconds: float) -> str:
    """A span of time by its two greatest units: `3 天 2 小时`, `5 分 12 秒`.

    Args:
        seconds: Not negative.
    """
    whole = int(seconds)
    if whole == 0:
        return "不到 1 秒"
    place = next(place for place, (size, _) in enumerate(_UNITS) if whole >= size)
    parts = []
    for size, unit in _UNITS[place : place + 2]:
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)
