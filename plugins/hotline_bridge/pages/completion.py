"""补录 (specification 4.8.1.1): orders that broke rules or are held, their fields corrected by the bureau.

A field is checked by the same rules as the rows of 12345. Personal data show as analysts see them; what is written into
such a field takes the place of what stands there, and a field that is left alone stays as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound.decisions import flag_zh, reason_zh
from hotline_bridge.outbound.overlays import Completed, complete, order_interface
from hotline_bridge.outbound.status import STATES
from hotline_bridge.pages.asked import ROWS, Asked, Fields, Moved, NoSuchThing, Shown, clean, counts_told, place
from hotline_bridge.pages.rights import Right
from hotline_bridge.standard_data.choices import read_choices
from hotline_bridge.standard_data.lists import code_lists
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg.sql import SQL

    from hotline_bridge.contract.model import Field, Interface

_CHANGED = "打开之后内容已有变化，没有保存；请核对后再次提交"
_VALUE = "value-"
_WITHDRAW = "withdraw-"
_MOST_CODES = 500
"""Of a list that a form offers; longer ones are looked up on the page of codes."""
_WAITING = {state: STATES[state] for state in ("quarantined", "held")}
_HINTS = {
    "time": "20261124103000",
    "timestamp": "2026-11-24 10:30:00",
    "date": "2026-11-24",
    "number": "0",
    "area": "440203",
}
"""By type: what a value of it looks like."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of the form."""

    field: Field
    shown: str
    """What stands there now; its length alone where it is personal."""
    typed: str
    """What the form holds."""
    wrong: Sequence[str]
    """Broken rules, in Chinese."""
    doubts: Sequence[str]
    completed_by: str
    """Who completed it; empty where nobody did."""
    codes: Mapping[str, str]
    """The codes that it may hold, where a list is known; others can be written, too."""
    hint: str
    """How it is written."""
    changes: bool
    """Whether the form says something else."""


def show(asked: Asked) -> Shown:
    """The orders that wait."""
    fields = Fields(asked.given)
    after_at, after_id = fields.after("after", (datetime, int)) or (None, None)
    wanted = {
        "interfaces": _names(),
        "state": fields.choice("state", _WAITING),
        "after_at": after_at,
        "after_id": after_id,
        "limit": ROWS + 1,
    }
    found = asked.local.execute(_sql("waiting"), wanted).fetchall()
    rows = [
        (
            key,
            contract()[name].label_zh,
            state,
            at,
            [reason_zh(name, r) for r in reasons],
            [flag_zh(name, f) for f in flags],
        )
        for _, key, name, state, at, reasons, flags in found[:ROWS]
    ]
    following = place(found[ROWS - 1][4], found[ROWS - 1][0]) if len(found) > ROWS else None
    return Shown(
        "completion.html.j2",
        {"fields": fields, "found": rows, "states": STATES, "waiting": _WAITING, "next": following},
    )


def show_one(asked: Asked) -> Shown:
    """The form of one order.

    Raises:
        NoSuchThing: 12345 has put no such order, or its content is kept no longer.
    """
    return _form(asked, Fields(asked.given), 200)


def save(asked: Asked) -> Shown | Moved:
    """Checks what was changed, and keeps it unless it was only to be checked."""
    fields = Fields(asked.given)
    regino = asked.path["regino"]
    interface, row_id, *_, body = _newest(asked)
    now = json.loads(body)
    typed = {field.name: fields.given.get(_VALUE + field.name) for field in _editable(interface)}
    values = {
        field.name: value
        for field in _editable(interface)
        if (value := typed[field.name]) is not None
        and (value != "" if field.personal else value != clean(str(now.get(field.name) or "")))
    }
    withdraw = [name for name in typed if _WITHDRAW + name in fields.given and name not in values]
    reason = fields.text("reason")
    if fields.given.get("seen") != str(row_id):
        fields.wrong["changes"] = _CHANGED
    elif not (values or withdraw):
        fields.wrong["changes"] = "没有更改"
    elif not reason and "check" not in fields.given:
        fields.wrong["reason"] = "请写明原因"
    if fields.wrong:
        return _form(asked, fields, 422)
    only_checked = "check" in fields.given
    try:
        done = complete(
            asked.local,
            interface,
            regino,
            values=values,
            withdraw=withdraw,
            actor=asked.actor,
            reason=reason,
            policy=asked.policy(),
            seen=row_id,
            dry_run=only_checked,
        )
    except StopRun:  # somebody was faster, in this very moment
        fields.wrong["changes"] = _CHANGED
        return _form(asked, fields, 422)
    if only_checked:
        return _form(asked, fields, 200, done)
    return Moved(f"completion/{quote(regino, safe='')}?{urlencode({'done': len(values) + len(withdraw)})}")


def _form(asked: Asked, fields: Fields, status: int, checked: Completed | None = None) -> Shown:
    interface, row_id, state, written_at, reasons, flags, body = _newest(asked)
    regino = asked.path["regino"]
    completed = {
        field: f"{actor} {at:%Y-%m-%d %H:%M}{f'：{reason}' if reason else ''}"
        for field, actor, at, reason in asked.local.execute(
            _sql("completions"), {"interface": interface.name, "regino": regino}
        )
    }
    broken = _by_field(checked.reasons if checked else reasons)
    doubts = _by_field(checked.flags if checked else flags)
    masked, now, codes = _masked(asked, interface, row_id), json.loads(body), _codes(asked, interface)
    entries = []
    for field in _editable(interface):
        stands = "" if field.personal else str(now.get(field.name) or "")
        wrong = [reason_zh(interface.name, f"{field.name}:{rule}") for rule in broken.get(field.name, [])]
        # What no form carries is not in this one, either: a field that is left alone is as it was.
        typed = fields.given.get(_VALUE + field.name, clean(stands))
        doubted = [flag_zh(interface.name, f"{field.name}:{doubt}") for doubt in doubts.get(field.name, [])]
        entries.append(
            Entry(
                field,
                masked.get(field.name, "") if field.personal else stands,
                typed,
                wrong,
                doubted,
                completed.get(field.name, ""),
                codes.get(field.name, {}),
                _HINTS.get("area" if field.format == "area" else field.kind, ""),
                bool(typed) if field.personal else typed != clean(stands),
            )
        )
    values = {
        "regino": regino,
        "seen": row_id,
        "label": interface.label_zh,
        "state": STATES[state],
        "written_at": written_at,
    }
    more = {
        "fields": fields,
        "entries": sorted(entries, key=lambda entry: not (entry.wrong or entry.doubts)),
        "checked": checked,
        "told": counts_told(asked.given, "done"),
        "may_decide": Right.DECIDE in asked.user.rights,
    }
    return Shown("completion_one.html.j2", {**values, **more}, status)


def _masked(asked: Asked, interface: Interface, row_id: int) -> dict[str, str]:
    """The fields of a content by name as analysts see them; who may decide reads texts, without what tells a person."""
    fields = interface.request
    found = asked.local.execute(
        read_sql("pages/order.sql", "contents"),
        {
            "regino": asked.path["regino"],
            "row_ids": [row_id],
            "names": [field.name for field in fields],
            "classes": [field.personal for field in fields],
            "kinds": [field.kind for field in fields],
            "reads_texts": Right.DECIDE in asked.user.rights,
        },
    )
    return {fields[number - 1].name: shown for _, number, shown, _ in found}


def _codes(asked: Asked, interface: Interface) -> dict[str, Mapping[str, str]]:
    """The codes of fields by name: those that the specification prints, else those of a list that is not too long."""
    lists = {
        field.name: name
        for field in _editable(interface)
        for name, known in code_lists().items()
        if known.holds_for(interface, field)
    }
    choices = read_choices(asked.local, lists.values())
    offered = {category: known.codes for category, known in choices.items() if len(known.codes) <= _MOST_CODES}
    printed = {field.name: field.codes for field in _editable(interface) if field.codes}
    return {**{name: offered[category] for name, category in lists.items() if category in offered}, **printed}


def _newest(asked: Asked) -> tuple[Any, ...]:
    """Interface, row, state, time, reasons, flags and body of what the order is now. Raises NoSuchThing."""
    regino = asked.path["regino"]
    found = asked.local.execute(_sql("newest"), {"interfaces": _names(), "regino": regino}).fetchall()
    if not found:
        raise NoSuchThing("12345 没有写入这个编号的工单，或其内容已不再保存。")
    [(name, *rest)] = found
    try:
        order_interface(asked.local, regino, name)
    except StopRun:
        raise NoSuchThing("12345 没有写入这个编号的工单，或其内容已不再保存。") from None
    return (contract()[name], *rest)


def _editable(interface: Interface) -> list[Field]:
    return [field for field in interface.request if field.name != interface.key]


def _by_field(reasons: Sequence[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for reason in reasons:
        name, _, rule = reason.partition(":")
        found.setdefault(name, []).append(rule)
    return found


def _names() -> list[str]:
    return [interface.name for interface in interfaces_of("order")]


def _sql(name: str) -> SQL:
    return read_sql("pages/completion.sql", name)
