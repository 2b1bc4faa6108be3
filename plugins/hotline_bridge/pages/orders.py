"""工单查询 (specification 4.3): orders by what is known of them, and one order with its whole life."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.errors import StopRun
from hotline_bridge.names import ORDER_KINDS_ZH
from hotline_bridge.outbound.decisions import flag_zh, reason_zh
from hotline_bridge.outbound.masking import masked_fields
from hotline_bridge.outbound.status import STATES
from hotline_bridge.pages.asked import ROWS, Asked, Fields, Moved, NoSuchThing, Shown, place
from hotline_bridge.pages.exchanges import OUTCOMES
from hotline_bridge.store.sql import read_sql
from hotline_bridge.timeline import EVENTS, duration_zh, read_timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection
    from psycopg.sql import SQL

CHANNELS: Mapping[str, str] = MappingProxyType({"telephone": "电话", "network": "网络"})
ORDER_STATES: Mapping[str, str] = MappingProxyType(
    {"open": "办理中", "overdue": "已超期", "finished": "已办结", "returned": "已退回", "unreported": "未上报"}
)
_DAYS = 30
_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Version:
    """One content of an order, as it was or will be sent."""

    state: str
    written_at: datetime
    settled_at: datetime | None
    flags: Sequence[str]
    """Doubts, in Chinese."""
    attempts: int
    code: str | None
    message: str | None
    discarded_at: datetime | None
    interface: str
    reasons: Sequence[str]
    """Broken rules, in Chinese."""
    fields: Mapping[str, str]
    """By wire name, personal data masked; empty where the content is kept no longer."""
    values: Mapping[str, Any]
    """The same unmasked, to be compared and never shown."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of two contents, side by side."""

    name: str
    label: str
    before: str
    after: str
    changed: bool


def search(asked: Asked) -> Shown | Moved:
    """The page: a form, and the orders that fit it. A number leads to its order."""
    fields = Fields(asked.given)
    if regino := fields.text("regino"):
        return Moved(f"orders/{quote(regino, safe='')}")
    since, until = fields.days("first", "last", within=_DAYS)
    after_at, after_id = fields.after("after", (datetime, str)) or (None, None)
    found = asked.local.execute(
        _sql("orders"),
        {
            "since": since,
            "until": until,
            "kind": fields.choice("kind", ORDER_KINDS_ZH),
            "channel": fields.choice("channel", CHANNELS),
            "state": fields.choice("state", ORDER_STATES),
            "unit": fields.text("unit"),
            "company": fields.text("company"),
            "after_at": after_at,
            "after_id": after_id,
            "limit": ROWS + 1,
        },
    ).fetchall()
    after = place(found[ROWS - 1][3], found[ROWS - 1][0]) if len(found) > ROWS else None
    return _listed(fields, found[:ROWS], {"next": after, "days": (since, until)})


def search_person(asked: Asked) -> Shown:
    """The orders of who calls from a number: asked in the body of a form, so that no address or log holds it."""
    fields = Fields(asked.given)
    phone = fields.text("phone")
    found = asked.local.execute(_sql("of_person"), {"phone": phone, "limit": ROWS}).fetchall() if phone else []
    days = fields.days("first", "last", within=_DAYS)
    return _listed(fields, found, {"next": None, "days": days, "by_person": True})


def _listed(fields: Fields, found: Sequence[tuple[Any, ...]], more: Mapping[str, Any]) -> Shown:
    values = {"kinds": ORDER_KINDS_ZH, "channels": CHANNELS, "states": ORDER_STATES, "by_person": False}
    return Shown("orders.html.j2", {**values, "fields": fields, "found": found, **more})


def show(asked: Asked) -> Shown:
    """One order: its life, its contents and what changed between them, its calls of the platform.

    Raises:
        NoSuchThing: Nothing is known of such a number.
    """
    regino = asked.path["regino"].strip()
    try:
        events = read_timeline(asked.local, regino)
    except StopRun:
        raise NoSuchThing("没有这个编号的工单。请与 12345 核对编号；新写入的工单一分钟内取入。") from None
    versions = _versions(asked.local, regino)
    kept = [version for version in versions if version.fields]
    return Shown(
        "order.html.j2",
        {
            "regino": regino,
            "kinds": sorted({ORDER_KINDS_ZH[event.kind] for event in events if event.kind}),
            "events": [
                (event, EVENTS[event.event], _waited(before.at, event.at))
                for before, event in pairwise([events[0], *events])
            ],
            "versions": versions,
            "states": STATES,
            "compared": _compared(kept[-2] if len(kept) > 1 else None, kept[-1]) if kept else [],
            "has_two": len(kept) > 1,
            "exchanges": _exchanges(asked.local, regino),
            "outcomes": OUTCOMES,
        },
    )


def _versions(local: Connection, regino: str) -> list[Version]:
    names = [interface.name for interface in interfaces_of("order")]
    rows = local.execute(_sql("versions"), {"interfaces": names, "regino": regino, "limit": _VERSIONS}).fetchall()
    found = []
    for state, written_at, settled_at, flags, attempts, code, message, discarded_at, name, reasons, body in rows:
        found.append(
            Version(
                state,
                written_at,
                settled_at,
                [flag_zh(name, flag) for flag in flags],
                attempts,
                code,
                message,
                discarded_at,
                name,
                [reason_zh(name, reason) for reason in reasons],
                masked_fields(contract()[name], body) if body else {},
                json.loads(body) if body else {},
            )
        )
    return found


def _compared(before: Version | None, after: Version) -> list[Field]:
    """The fields of a content that are filled in it or in the one before, with what changed."""
    fields = []
    for field in contract()[after.interface].request:
        old, new = (one.fields.get(field.name, "") if one else "" for one in (before, after))
        if old or new:
            changed = before is not None and before.values.get(field.name) != after.values.get(field.name)
            fields.append(Field(field.name, field.zh or field.name, old, new, changed))
    return fields


def _exchanges(local: Connection, regino: str) -> list[tuple[Any, ...]]:
    names = [interface.name for interface in interfaces_of("order")]
    return local.execute(_sql("exchanges"), {"interfaces": names, "regino": regino, "limit": ROWS}).fetchall()


def _waited(since: datetime, until: datetime) -> str:
    return duration_zh((until - since).total_seconds()) if until > since else ""


def _sql(name: str) -> SQL:
    return read_sql("pages/orders.sql", name)
