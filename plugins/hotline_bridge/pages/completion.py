"""补录 (specification 4.8.1.1): orders that broke rules or are held, their fields corrected by the bureau.

A field is checked by the same rules as the rows of 12345. Personal data show as analysts see them; what is written into
such a field takes the place of what stands there, and a field that is left alone stays as it is. What is saved is laid
over the order by the next run, since the pages read contents with stand-ins in the place of personal data: as long and
as blank, so that the rules say of them what they say of the content.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.errors import StopRun
from hotline_bridge.failpoints import reached
from hotline_bridge.outbound.decisions import flag_zh, reason_zh
from hotline_bridge.outbound.judge import Judged, judge
from hotline_bridge.outbound.masking import masked_values
from hotline_bridge.outbound.overlays import Seen, ask_to_complete, order_interface
from hotline_bridge.outbound.status import STATES
from hotline_bridge.pages.asked import ROWS, Asked, Fields, Moved, NoSuchThing, Shown, clean, counts_told, place
from hotline_bridge.pages.order import compared
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
_EMPTY = "empty-"
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
    may_be_emptied: bool
    """Whether it is a personal field that holds something and need not: what is left alone there stays."""
    is_emptied: bool


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
    return _form(asked, Fields(asked.given), 200, _order(asked))


def save(asked: Asked) -> Shown | Moved:
    """Checks what was changed, and keeps it unless it was only to be checked."""
    fields = Fields(asked.given)
    order = _order(asked)
    typed = {field.name: fields.given.get(_VALUE + field.name) for field in _editable(order.interface)}
    values = {
        field.name: value
        for field in _editable(order.interface)
        if (value := typed[field.name]) is not None
        and (value != "" if field.personal else value != clean(order.content[field.name]))
    }
    emptied = [field.name for field in _editable(order.interface) if _EMPTY + field.name in fields.given]
    values |= {name: "" for name in emptied if name not in values and order.content[name]}
    withdraw = [name for name in typed if _WITHDRAW + name in fields.given and name not in values]
    reason = fields.text("reason")
    only_checked = "check" in fields.given
    if fields.given.get("seen") != order.seen:
        fields.wrong["changes"] = _CHANGED
    elif not (values or withdraw):
        fields.wrong["changes"] = "没有更改"
    elif not (reason or only_checked):
        fields.wrong["reason"] = "请写明原因"
    if fields.wrong:
        return _form(asked, fields, 422, order)
    if only_checked:
        return _form(asked, fields, 200, order, _judged(asked, order, values, withdraw))
    is_kept = ask_to_complete(
        asked.local,
        order.interface,
        order.regino,
        values=values,
        withdraw=withdraw,
        seen=Seen(order.row_id, order.changes),
        actor=asked.actor,
        reason=reason or "",
    )
    reached("completion-kept")
    if not is_kept:  # somebody was faster, in this very moment
        fields.wrong["changes"] = _CHANGED
        return _form(asked, fields, 422, order)
    return Moved(f"completion/{quote(order.regino, safe='')}?{urlencode({'saved': len(values) + len(withdraw)})}")


def _judged(asked: Asked, order: _Order, values: Mapping[str, str], withdraw: Sequence[str]) -> Judged:
    """What the rules would say of the order; of personal fields that were left alone the doubts that are known."""
    content = {**order.content, **values}
    if withdraw:
        parameters = {"interface": order.interface.name, "regino": order.regino}
        [(source,)] = asked.local.execute(_sql("source"), parameters).fetchall()
        content |= {name: str(source.get(name) or "") for name in withdraw}
    judged = judge(asked.local, order.interface, content, asked.policy())
    unseen = {field.name for field in order.interface.request if field.personal} - values.keys()
    of_unseen = [flag for flag in order.flags if flag.partition(":")[0] in unseen - {*withdraw}]
    flags = [flag for flag in judged.flags if flag.partition(":")[0] not in unseen]
    return Judged(judged.reasons, (*flags, *of_unseen))


def _form(asked: Asked, fields: Fields, status: int, order: _Order, checked: Judged | None = None) -> Shown:
    interface = order.interface
    broken = _by_field(checked.reasons if checked else order.reasons)
    doubts = _by_field(checked.flags if checked else order.flags)
    masked, codes = _masked(asked, order), _codes(asked, interface)
    entries = []
    for field in _editable(interface):
        stands = "" if field.personal else order.content[field.name]
        wrong = [reason_zh(interface.name, f"{field.name}:{rule}") for rule in broken.get(field.name, [])]
        # What no form carries is not in this one, either: a field that is left alone is as it was.
        typed = fields.given.get(_VALUE + field.name, clean(stands))
        doubted = [flag_zh(interface.name, f"{field.name}:{doubt}") for doubt in doubts.get(field.name, [])]
        is_emptied = bool(field.personal) and _EMPTY + field.name in fields.given and not typed
        entries.append(
            Entry(
                field,
                masked.get(field.name, "") if field.personal else stands,
                typed,
                wrong,
                doubted,
                order.completed.get(field.name, ""),
                codes.get(field.name, {}),
                _HINTS.get("area" if field.format == "area" else field.kind, ""),
                is_emptied or (bool(typed) if field.personal else typed != clean(stands)),
                # The rules say whether it may: those that always require it are known before.
                bool(field.personal and order.content[field.name] and field.required is not True),
                is_emptied,
            )
        )
    values = {
        "regino": order.regino,
        "seen": order.seen,
        "label": interface.label_zh,
        "state": STATES[order.state],
        "written_at": order.written_at,
        "waits": order.waits,
    }
    more = {
        "fields": fields,
        "entries": sorted(entries, key=lambda entry: not (entry.wrong or entry.doubts)),
        "checked": checked,
        "told": counts_told(asked.given, "saved"),
        "may_decide": Right.DECIDE in asked.user.rights,
    }
    return Shown("completion_one.html.j2", {**values, **more}, status)


def _masked(asked: Asked, order: _Order) -> dict[str, str]:
    """The fields of a content by name as analysts see them; who may decide reads texts, without what tells a person."""
    fields = compared(asked, order.interface.name, order.regino, [order.row_id])
    # What waits to be laid over it is no content yet: of that the length alone.
    waiting = masked_values([field for field in order.interface.request if field.name in order.waiting], order.content)
    return {**{field.name: field.after for field in fields}, **waiting}


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


@dataclass(frozen=True, slots=True)
class _Order:
    """What an order is now, with all that was completed, also what waits for the next run."""

    regino: str
    interface: Interface
    row_id: int
    state: str
    written_at: datetime
    reasons: Sequence[str]
    flags: Sequence[str]
    content: Mapping[str, str] = dataclass_field(repr=False)
    """By field; a stand-in where it is personal."""
    completed: Mapping[str, str] = dataclass_field(repr=False)
    """By field: who completed it, when and why."""
    waiting: frozenset[str]
    """Fields of which a completion waits for the next run."""
    changes: int

    @property
    def seen(self) -> str:
        """Names what somebody sees of it."""
        return f"{self.row_id}.{self.changes}"

    @property
    def waits(self) -> bool:
        """Whether a completion waits for the next run."""
        return bool(self.waiting)


def _order(asked: Asked) -> _Order:
    """Raises NoSuchThing."""
    regino = asked.path["regino"]
    found = asked.local.execute(_sql("newest"), {"interfaces": _names(), "regino": regino}).fetchall()
    if not found:
        raise NoSuchThing("12345 没有写入这个编号的工单，或其内容已不再保存。")
    [(name, row_id, state, written_at, reasons, flags, content, changes)] = found
    try:
        order_interface(asked.local, regino, name)
    except StopRun:
        raise NoSuchThing("12345 没有写入这个编号的工单，或其内容已不再保存。") from None
    interface = contract()[name]
    completed, waiting = {}, {}
    for field, actor, at, reason, value, is_applied in asked.local.execute(
        _sql("completions"), {"interface": name, "regino": regino}
    ):
        completed[field] = f"{actor} {at:%Y-%m-%d %H:%M}{f'：{reason}' if reason else ''}"
        if not is_applied:
            waiting[field] = value
    stands = {field.name: str(content.get(field.name) or "") for field in interface.request}
    return _Order(
        *(regino, interface, row_id, state, written_at, reasons, flags, {**stands, **waiting}, completed),
        frozenset(waiting),
        changes,
    )


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
