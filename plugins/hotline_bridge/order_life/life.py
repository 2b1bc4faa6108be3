"""Reads the life of one order: the view `hotline.order_life`, and what was published of it in the docking store.

Nothing here holds personal data: neither the view's texts nor what is read of the published tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.docking import docking_tables
from hotline_bridge.errors import StopRun
from hotline_bridge.order_life.words import EVENTS, PUBLISHED, PUBLISHED_STATES
from hotline_bridge.outbound.decisions import reason_zh
from hotline_bridge.publish.publish import OF_ORDERS
from hotline_bridge.store.failures import explain
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from psycopg import Connection

_RANK = {event: place for place, event in enumerate(EVENTS)}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an order's life."""

    at: datetime
    """Aware; in Asia/Shanghai where the session is (`store.database.connect`)."""
    event: str
    """A key of `words.EVENTS`."""
    kind: str | None
    """A key of `words.KINDS`, or None where the source does not tell kinds apart."""
    detail: str
    """For staff, in Chinese, without personal data."""
    origin: str
    """The table that knows it: of schema `hotline`, or of schema `docking` for what was published."""
    is_exact: bool
    """Whether the source says when; otherwise it is when the bridge first saw it."""


def read_life(local: Connection, regino: str) -> list[Event]:
    """What the local store knows of an order, by time.

    Args:
        local: Session on the local store.
        regino: Its number (工单编号).

    Raises:
        StopRun: Nothing is known of such a number; or the view or a right is missing.
        TryAgainLater: The local store cannot be reached.
    """
    try:
        found = local.execute(read_sql("timeline/timeline.sql", "events"), {"regino": regino}).fetchall()
    except psycopg.Error as error:
        raise explain(error, "order_life") from None
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
    try:
        return in_order(_published(docking, regino))
    except psycopg.Error as error:
        raise explain(error, "order_status") from None


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
