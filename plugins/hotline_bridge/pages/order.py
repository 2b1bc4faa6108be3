"""One order (specification 4.3): its life, its contents and what changed, what the platform says, what 12345 was told.

Personal data are masked as analysts see them; who may decide on orders reads texts, without what tells a person.
Unmasked an order is shown to who says why, after that is written down.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby, pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from psycopg.rows import namedtuple_row

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.contract.register import table_classes
from hotline_bridge.errors import StopRun
from hotline_bridge.names import ORDER_KINDS_ZH
from hotline_bridge.outbound.decisions import flag_zh, reason_zh
from hotline_bridge.outbound.status import STATES
from hotline_bridge.pages.asked import ROWS, Asked, Fields, NoSuchThing, Shown, is_number
from hotline_bridge.pages.exchanges import OUTCOMES
from hotline_bridge.pages.rights import Right
from hotline_bridge.store.sql import read_sql
from hotline_bridge.timeline import EVENTS, PUBLISHED_STATES, duration_zh, read_timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection
    from psycopg.sql import SQL

    from hotline_bridge.contract.model import Interface

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "release": "放行",
        "release_as_is": "照原样入表",
        "assign": "补上工单编号后入表",
        "discard": "作废",
        "replay": "重新上报",
        "audit_pass": "审核通过",  # nosec B105  (words)
        "audit_return": "审核退回",
        "complete": "补全",
        "withdraw": "撤销补全",
        "restore": "恢复备份后据平台判定",
        "ask_again": "重新取回",
        "unmask": "查看个人信息",
    }
)
"""What people do with one order, by its name in `hotline.operator_action`."""
_VERSIONS = 50
_WIDE = 12
"""Records with more fields stand one below another, others side by side."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of two contents, side by side."""

    name: str
    label: str
    before: str
    after: str
    changed: bool
    is_text: bool
    """Whether somebody's own words stand there."""


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one kind: the words for their fields, and of each record when it was known and its values."""

    label: str
    columns: Sequence[str]
    rows: Sequence[tuple[datetime, Sequence[str]]]

    @property
    def is_wide(self) -> bool:
        """Whether a record is read from top to bottom."""
        return len(self.columns) > _WIDE


@dataclass(frozen=True, slots=True)
class _Known:
    """A field of a record: where it stands, how it is called, and what it tells of a person."""

    origin: str
    name: str
    label: str
    personal: str | None
    is_time: bool = False


def show(asked: Asked) -> Shown:
    """The page.

    Raises:
        NoSuchThing: Nothing is known of such a number.
    """
    return _page(asked, Fields(asked.given))


def unmask(asked: Asked) -> Shown:
    """The same with its records as they stand; the answer to a form that says why, kept nowhere.

    Raises:
        NoSuchThing: Nothing is known of such a number.
    """
    fields = Fields(asked.given)
    purpose, reason = fields.choice("purpose", _purposes(asked.local)), fields.text("reason")
    if purpose is None:
        fields.wrong.setdefault("purpose", "请选择用途")
    [(says_why,)] = asked.local.execute(_sql("says_why"), {"reason": reason}).fetchall()
    if not says_why:
        fields.wrong.setdefault("reason", "请具体写明查看的原因，例如来函文号、来电时间，会记入处置记录")
    if fields.wrong or purpose is None or reason is None:
        return _page(asked, fields, None, 422)
    return _page(asked, fields, (purpose, reason))


def _page(asked: Asked, fields: Fields, why: tuple[str, str] | None = None, status: int = 200) -> Shown:
    local, regino = asked.local, asked.path["regino"].strip()
    try:
        events = read_timeline(local, regino)
    except StopRun:
        raise NoSuchThing("没有这个编号的工单。请与 12345 核对编号；新写入的工单一分钟内取入。") from None
    with local.cursor(row_factory=namedtuple_row) as cursor:
        versions = cursor.execute(
            _sql("versions"), {"interfaces": _orders(), "regino": regino, "limit": _VERSIONS}
        ).fetchall()
    pair = _pair(versions, fields)
    # Who looks at it unmasked is written down before the list of acts is read.
    records = _records(asked, regino, why)
    [(is_due, refused)] = local.execute(_sql("not_published"), {"regino": regino}).fetchall()
    return Shown(
        "order.html.j2",
        {
            "fields": fields,
            "regino": regino,
            "kinds": sorted({ORDER_KINDS_ZH[event.kind] for event in events if event.kind}),
            "events": [
                (event, EVENTS[event.event], _waited(before.at, event.at))
                for before, event in pairwise([events[0], *events])
            ],
            "versions": versions,
            "states": STATES,
            "flag_zh": flag_zh,
            "reason_zh": reason_zh,
            "pair": pair,
            "compared": _compared(asked, regino, pair),
            "records": records,
            "is_unmasked": why is not None,
            "may_unmask": Right.UNMASK in asked.user.rights,
            "purposes": _purposes(local),
            "told": _told(local, regino),
            "is_due": is_due,
            "refused": [docking_tables()[name].zh for name in refused if name in docking_tables()],
            "exchanges": local.execute(
                _sql("exchanges"), {"interfaces": _orders(), "regino": regino, "limit": ROWS}
            ).fetchall(),
            "outcomes": OUTCOMES,
            "acts": local.execute(_sql("acts"), {"regino": regino, "limit": ROWS}).fetchall(),
            "actions": ACTIONS,
        },
        status,
    )


def _pair(versions: Sequence[Any], fields: Fields) -> Sequence[Any]:
    """The one or two versions that are compared: those asked for, else the newest of which the content is kept."""
    kept = [version for version in versions if version.is_kept]
    named = [fields.given.get(name, "") for name in ("before", "after")]
    wanted = [int(number) for number in named if is_number(number)]
    asked_for = [version for version in kept if version.row_id in wanted]
    if asked_for and len({version.interface for version in asked_for}) == 1:
        return asked_for
    newest = kept[-1:]
    return [version for version in kept if version.interface == newest[0].interface][-2:] if newest else []


def _compared(asked: Asked, regino: str, pair: Sequence[Any]) -> list[Field]:
    """What changed first."""
    if not pair:
        return []
    fields = compared(asked, pair[-1].interface, regino, [version.row_id for version in pair])
    return sorted(fields, key=lambda field: not field.changed)


def compared(asked: Asked, interface_name: str, regino: str, row_ids: Sequence[int]) -> list[Field]:
    """The fields that are filled in one of the contents, masked, with what changed.

    Args:
        asked: By whom: texts are for who decides on orders.
        interface_name: Of the contents.
        regino: The order.
        row_ids: One or two versions, the earlier first.
    """
    interface = contract()[interface_name]
    rows = asked.local.execute(
        _sql("contents"), {"regino": regino, "row_ids": list(row_ids), "reads_texts": _reads_texts(asked)}
    ).fetchall()
    said = {(row_id, name): (shown, is_changed) for row_id, name, shown, is_changed in rows}
    found = []
    for field in interface.request:
        contents = [said[row_id, field.name] for row_id in row_ids]
        if any(shown for shown, _ in contents):
            (before, changed), (after, _) = contents[0], contents[-1]
            label = field.zh or field.name
            found.append(Field(field.name, label, before, after, changed, field.personal == "text"))
    return found


def _purposes(local: Connection) -> dict[str, str]:
    return dict(local.execute(_sql("purposes")).fetchall())


def _records(asked: Asked, regino: str, why: tuple[str, str] | None) -> list[Records]:
    """What the platform and 12345 say of an order; as it stands to who says what for and why."""
    known = _known_fields()
    places = {(field.origin, field.name): place for place, field in enumerate(known, 1)}
    purpose, reason = why or (None, None)
    parameters = {
        "regino": regino,
        "actor": asked.actor,
        "purpose": purpose,
        "reason": reason,
        "reads_texts": _reads_texts(asked),
    }
    hidden: set[str | None] = set()
    if why is None:
        # What 12345 wrote is compared above.
        hidden = {interface.table for interface in interfaces_of("order")} | {*_orders()}
    rows = [
        (origin, row_id, known_at, places[origin, name], value)
        for origin, row_id, known_at, name, value in asked.local.execute(
            _sql("unmasked" if why else "records"), parameters
        )
        if (origin, name) in places and origin not in hidden
    ]
    rows.sort(key=lambda row: (row[0], row[2], row[1], row[3]))
    found = {origin: list(of_origin) for origin, of_origin in groupby(rows, key=lambda row: row[0])}
    # By place in the list of fields: in the order of the specification.
    return [_as_records(found[origin], known) for origin in dict.fromkeys(f.origin for f in known) if origin in found]


def _as_records(rows: Sequence[tuple[Any, ...]], known: Sequence[_Known]) -> Records:
    places = sorted({place for *_, place, _ in rows})
    of_record: dict[int, tuple[datetime, dict[int, str]]] = {}
    for _, row_id, known_at, place, value in rows:
        of_record.setdefault(row_id, (known_at, {}))[1][place] = (
            value[:19].replace("T", " ") if known[place - 1].is_time and value else value or ""
        )
    return Records(
        _label(rows[0][0]),
        [known[place - 1].label for place in places],
        [(known_at, [values.get(place, "") for place in places]) for known_at, values in of_record.values()],
    )


def _known_fields() -> list[_Known]:
    """Of each table and interface that `hotline.order_records` knows: the fields that are shown."""
    found = []
    for interface in _of_orders():
        found += [
            _Known(
                str(interface.table),
                field.column,
                field.zh or field.name,
                field.personal,
                field.kind in {"time", "timestamp"},
            )
            for field in interface.record
            if field.column != interface.key_column
        ]
    for interface in interfaces_of("order"):
        found += [
            _Known(interface.name, field.name, field.zh or field.name, field.personal)
            for field in interface.request
            if field.name != interface.key
        ]
    for name in ("order_supplement", "order_urge"):
        classes = table_classes(name)
        found += [
            _Known(name, column.name, column.zh, None if classes[column.name] == "none" else classes[column.name])
            for column in docking_tables()[name].columns
            if column.name != "regino"
        ]
    return found


def _of_orders() -> list[Interface]:
    """One interface for each typed table with records of orders."""
    tables: dict[str, Interface] = {}
    for interface in contract().values():
        if interface.table is not None and interface.belongs_to[0] == "order":
            tables.setdefault(interface.table, interface)
    return list(tables.values())


def _label(origin: str) -> str:
    if interface := contract().get(origin):
        return f"{interface.label_zh}（已隔离）"
    if origin in {"order_supplement", "order_urge"}:
        return f"12345 {docking_tables()[origin].zh}"
    return next(interface.label_zh for interface in _of_orders() if interface.table == origin)


def _told(local: Connection, regino: str) -> list[tuple[str, int, str]]:
    """What 12345 is told: of each table with rows of the order its name, how many, and its state and message."""
    words = [
        {"interface": name, "reason": reason, "zh": reason_zh(name, reason)}
        for name, reasons in local.execute(_sql("reasons"), {"regino": regino, "interfaces": _orders()})
        for reason in reasons
    ]
    return [
        (
            docking_tables()[table].zh,
            count,
            "；".join(
                "：".join(filter(None, (PUBLISHED_STATES.get(row["state"], row["state"]), row["message"])))
                for row in told
                if row["state"] or row["message"]
            ),
        )
        for table, count, told in local.execute(_sql("told"), {"regino": regino, "words": json.dumps(words)})
    ]


def _reads_texts(asked: Asked) -> bool:
    return Right.DECIDE in asked.user.rights


def _orders() -> list[str]:
    return [interface.name for interface in interfaces_of("order")]


def _waited(since: datetime, until: datetime) -> str:
    return duration_zh((until - since).total_seconds()) if until > since else ""


def _sql(name: str) -> SQL:
    return read_sql("pages/order.sql", name)
