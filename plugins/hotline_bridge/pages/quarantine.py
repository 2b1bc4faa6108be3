"""隔离与拒绝: what broke rules and what the platform refused, by cause; released, given up or sent again in groups.

Nothing is done at once: what was chosen is tried without being kept first, shows what would become of it, and needs a
reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from psycopg.rows import dict_row

from hotline_bridge.by_hand import ByHand
from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import contract
from hotline_bridge.docking import contract_sql
from hotline_bridge.errors import StopRun
from hotline_bridge.failpoints import reached
from hotline_bridge.inbound import quarantine as answers
from hotline_bridge.outbound import decisions
from hotline_bridge.outbound.asked import ask_release
from hotline_bridge.outbound.docking_rows import UNREADABLE
from hotline_bridge.outbound.judge import judge_contents
from hotline_bridge.outbound.masking import masked_values
from hotline_bridge.pages.asked import (
    ROWS,
    Asked,
    Fields,
    Moved,
    NoSuchThing,
    Shown,
    chosen_rows,
    counts_told,
    is_number,
    place,
)
from hotline_bridge.pages.rights import Right
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection
    from psycopg.sql import SQL

    from hotline_bridge.pages.rights import User

    _Do = Callable[[Asked, "Group", Sequence[int], ByHand, bool], int]

NOTE_COLUMNS: Mapping[str, str] = MappingProxyType(
    {"note_key": "编号", "regino": "工单编号", "written_at": "写入时间", "taken_in_at": "取入时间"}
)
MOST = 1000
"""Rows that are done together: what is tried first must end while somebody waits."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one interface with one cause: a broken rule, or a code of the platform."""

    interface: str
    """Or a docking table, of notes."""
    cause: str

    @property
    def label(self) -> str:
        """What the interface, or table of notes, carries, in Chinese."""
        known = contract().get(self.interface)
        return known.label_zh if known else docking_tables()[self.interface].zh


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a group."""

    row_id: int
    key: str
    at: datetime | None
    words: str
    """What is wrong with it, in Chinese, without a value."""


@dataclass(frozen=True, slots=True)
class Pile:
    """One kind of rows that wait for a person."""

    title: str
    cause_zh: Callable[[str, str], str]
    """A cause in words, of an interface."""
    row: Callable[[Asked, Group, int], Mapping[str, str] | None]
    """The fields of a row, personal ones masked."""
    actions: Mapping[str, Action]


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done with rows of a pile."""

    title: str
    meaning: str
    do: _Do
    """Gives how many rows it was done to; only finds out how many it would be where the last argument says so."""
    right: Right = Right.DECIDE
    rules: frozenset[str] = frozenset()
    """Only of rows that break one of these; of all where none is named."""
    number: bool = False
    """Whether it needs the number of an order, for one row."""
    by_run: bool = False
    """Whether the next run does it, which may read contents."""
    refusal: str = ""
    """What is told where it cannot be done to what was chosen."""

    def fits(self, group: Group, user: User) -> bool:
        """Whether a user may do it with rows of a group."""
        return self.right in user.rights and (not self.rules or group.cause.rpartition(":")[2] in self.rules)


def _version(asked: Asked, group: Group, row_id: int) -> Mapping[str, str] | None:
    content = asked.local.execute(_sql("content"), {"row_id": row_id}).fetchone()
    return masked_values(contract()[group.interface].request, content[0]) if content and content[0] else None


def _answer(asked: Asked, group: Group, row_id: int) -> Mapping[str, str] | None:
    found = asked.local.execute(_sql("answer"), {"row_id": row_id}).fetchone()
    return masked_values(contract()[group.interface].response, found[0]) if found else None


def _note(asked: Asked, group: Group, row_id: int) -> Mapping[str, str] | None:
    with asked.local.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_sql("note"), {"row_id": row_id, "interface": group.interface}).fetchone()
    return {name: str(value or "") for name, value in found.items()} if found else None


def _releasing_versions(action: str) -> _Do:
    def do(asked: Asked, group: Group, row_ids: Sequence[int], by: ByHand, dry_run: bool) -> int:
        as_correction = action == decisions.AS_CORRECTION
        if as_correction:
            [(several,)] = asked.local.execute(_sql("one_key_twice"), {"row_ids": list(row_ids)}).fetchall()
            if several:
                raise StopRun("versions of one key cannot all be corrections of it")
        if not dry_run:
            return ask_release(asked.local, row_ids, action, actor=by.actor, reason=by.reason)
        interface = contract()[group.interface]
        found = asked.local.execute(_sql("judged"), {"row_ids": list(row_ids)}).fetchall()
        judged = judge_contents(asked.local, interface, [content for _, content in found], asked.policy())
        # That another record has its number is seen where contents are read: what was apart is taken for apart still.
        return sum(
            not broken and (as_correction or contract_sql.shared(interface) not in reasons)
            for broken, (reasons, _) in zip(judged, found, strict=True)
        )

    return do


def _releasing_answers(action: str) -> _Do:
    def do(asked: Asked, group: Group, row_ids: Sequence[int], by: ByHand, dry_run: bool) -> int:
        number = asked.given.get("number", "").strip() if action == "assign" else None
        if not dry_run:
            done = ask_release(
                asked.local, row_ids, action, actor=by.actor, reason=by.reason, answers=True, number=number
            )
            if action == "assign" and not done:
                raise StopRun("no order has this number, or the row names one")
            return done
        if number == "":
            return 0
        interface = contract()[group.interface]
        borne = answers.BORNE if action == "release_as_is" else ()
        found = asked.local.execute(_sql("judged_answers"), {"row_ids": list(row_ids)}).fetchall()
        return sum(answers.passes(interface, content, number, borne) for (content,) in found)

    return do


def _doing(act: Callable[[Connection, Sequence[int], ByHand], int]) -> _Do:
    def do(asked: Asked, _group: Group, row_ids: Sequence[int], by: ByHand, dry_run: bool) -> int:
        with asked.local.transaction(force_rollback=dry_run):
            return act(asked.local, row_ids, by)

    return do


def _send_again(asked: Asked, group: Group, row_ids: Sequence[int], by: ByHand, dry_run: bool) -> int:
    parameters = {"row_ids": list(row_ids), "interface": group.interface}
    newest = [row_id for (row_id,) in asked.local.execute(_sql("not_followed"), parameters)]
    with asked.local.transaction(force_rollback=dry_run):
        return decisions.replay(asked.local, newest, by)


def _why_of_note(_table: str, reason: str) -> str:
    """Why a note of 12345 is put aside; 12345 mends it."""
    return "含有不成文字的字节" if reason.endswith(f":{UNREADABLE}") else "本地库不能保存"


_JUDGED = "下一次运行时按当时的规则重新检查：合格的放行，其余仍在隔离区。"
_GIVEN_UP = "不再上报、重试、告警；仍保存并计数。"
PILES: Mapping[str, Pile] = MappingProxyType(
    {
        "versions": Pile(
            "隔离的上报内容",
            decisions.reason_zh,
            _version,
            {
                "release": Action("放行", _JUDGED, _releasing_versions("release"), by_run=True),
                "release_as_is": Action(
                    "作为更正放行",
                    "认定是同一件工单的更正：最新的一件取代原有内容。",
                    _releasing_versions(decisions.AS_CORRECTION),
                    by_run=True,
                    rules=frozenset({"shared"}),
                    refusal="同一编号有几件，只能选择其中一件作为更正",
                ),
                "discard": Action("作废", _GIVEN_UP, _doing(decisions.discard)),
            },
        ),
        "refused": Pile(
            "平台拒绝",
            lambda _interface, code: code or "没有代码",
            _version,
            {
                "replay": Action("重新上报", "下一次运行时原样再发一次。", _send_again, Right.SEND_AGAIN),
                "discard": Action("作废", _GIVEN_UP, _doing(decisions.discard)),
            },
        ),
        "answers": Pile(
            "隔离的平台应答",
            answers.reason_zh,
            _answer,
            {
                "release": Action("放行", _JUDGED, _releasing_answers("release"), by_run=True),
                "release_as_is": Action(
                    "照原样放行",
                    "缺少必填项、过长或代码未知的也入表，并标明。",
                    _releasing_answers("release_as_is"),
                    by_run=True,
                    rules=answers.BORNE,
                ),
                "assign": Action(
                    "补上工单编号",
                    "这一行没有工单编号：写明它属于哪一件工单，随后入表。",
                    _releasing_answers("assign"),
                    by_run=True,
                    rules=frozenset({"required"}),
                    number=True,
                    refusal="没有这个编号的工单，或所选的不是一行没有编号的应答",
                ),
                "ask_again": Action(
                    "重新收集",
                    "下一次收集时再查询这些工单的登记时段：平台已更正的自动入表。",
                    _doing(answers.ask_again),
                    Right.SEND_AGAIN,
                ),
                "discard": Action("作废", _GIVEN_UP, _doing(answers.discard)),
            },
        ),
        "notes": Pile("隔离的补单、催办、时限", _why_of_note, _note, {}),
    }
)


def show(asked: Asked) -> Shown:
    """All groups; or the rows of one, or one row."""
    if "pile" in asked.given:
        return _row(asked) if "row" in asked.given else _group(asked, Fields(asked.given), 200)
    piles = [
        (
            name,
            pile,
            [
                (Group(interface, cause), pile.cause_zh(interface, cause), count, oldest)
                for interface, cause, count, oldest in asked.local.execute(_sql(name))
                if _is_known(interface)
            ],
        )
        for name, pile in PILES.items()
    ]
    [waiting] = asked.local.execute(read_sql("outbound/asked.sql", "waiting")).fetchall()
    return Shown("quarantine.html.j2", {"piles": piles, "waiting": waiting})


def act(asked: Asked) -> Shown | Moved:
    """Shows what would become of which rows; does it once that is confirmed with a reason."""
    fields = Fields(asked.given)
    name, pile, group = _named(asked)
    action = pile.actions.get(fields.given.get("action", ""))
    if action is None or not action.fits(group, asked.user):
        raise NoSuchThing("没有这项操作，或没有权限。")
    chosen = sorted(chosen_rows(asked.given))[:MOST]
    last = fields.given.get("last", "")
    everything = "everything" in asked.given
    items = (
        []
        if not (everything or chosen)
        else _find(
            asked, name, group, row_ids=None if everything else chosen, last=int(last) if is_number(last) else None
        )
    )
    if not items and not chosen:
        fields.wrong["chosen"] = "请至少选择一件"
        return _group(asked, fields, 422)
    row_ids = [item.row_id for item in items]
    reason, confirmed = fields.text("reason"), "confirmed" in asked.given
    if confirmed and not reason:
        fields.wrong["reason"] = "请写明原因"
    if confirmed and action.number and not fields.text("number"):
        fields.wrong["number"] = "请填写工单编号"
    keeps = confirmed and not fields.wrong
    done = 0
    try:
        done = action.do(asked, group, row_ids, ByHand(asked.actor, reason or "?"), not keeps)
    except StopRun:
        if not action.refusal:
            raise
        fields.wrong["number" if action.number else "chosen"] = action.refusal
    if not keeps or fields.wrong:
        values = {
            "name": name,
            "pile": pile,
            "group": group,
            "items": items[:ROWS],
            "count": len(items),
            "would": done,
            "last": max(row_ids, default=0),
        }
        more = {"fields": fields, "action": action, "chosen": chosen}
        return Shown("quarantine_confirm.html.j2", {**values, **more}, 422 if fields.wrong else 200)
    reached("release-kept")
    left = max(len(items), 0 if everything else len(chosen)) - done
    counts = {"asked" if action.by_run else "done": done, "left": left}
    told = {"pile": name, "interface": group.interface, "cause": group.cause, **counts}
    return Moved(f"quarantine?{urlencode(told)}")


def _group(asked: Asked, fields: Fields, status: int) -> Shown:
    name, pile, group = _named(asked)
    count = len(_find(asked, name, group, limit=MOST + 1))
    (after,) = fields.after("after", (int,)) or (0,)
    found = _find(asked, name, group, after=after, limit=ROWS + 1)
    allowed = {key: action for key, action in pile.actions.items() if action.fits(group, asked.user)}
    values = {"name": name, "pile": pile, "group": group, "words": pile.cause_zh(group.interface, group.cause)}
    more = {
        "fields": fields,
        "items": found[:ROWS],
        "count": count,
        "most": MOST,
        "actions": allowed,
        "told": counts_told(asked.given, "done", "asked", "left"),
        "next": place(found[ROWS - 1].row_id) if len(found) > ROWS else None,
    }
    return Shown("quarantine_group.html.j2", {**values, **more}, status)


def _row(asked: Asked) -> Shown:
    name, pile, group = _named(asked)
    row_id = asked.given["row"]
    found = _find(asked, name, group, row_ids=[int(row_id)], limit=1) if is_number(row_id) else []
    content = pile.row(asked, group, found[0].row_id) if found else None
    if content is None:
        raise NoSuchThing("没有这一行，或已处理。请回到“隔离与拒绝”。")
    known = contract().get(group.interface)
    names = {field.name: field.zh for field in (*known.request, *known.response)} if known else NOTE_COLUMNS
    values = {"pile": pile, "group": group, "name": name, "item": found[0]}
    return Shown("quarantine_row.html.j2", {**values, "content": content, "names": names})


def _find(
    asked: Asked,
    name: str,
    group: Group,
    *,
    row_ids: Sequence[int] | None = None,
    after: int = 0,
    last: int | None = None,
    limit: int = MOST,
) -> list[Item]:
    """Rows of a group by number: of those that are named, behind one, up to one that was seen."""
    found = asked.local.execute(
        _sql(f"rows_of_{name}"),
        {
            "interface": group.interface,
            "cause": group.cause,
            "row_ids": row_ids,
            "after": after,
            "last": last,
            "limit": limit,
            "worded": ROWS + 1,
        },
    ).fetchall()
    words = PILES[name].cause_zh
    return [
        Item(row_id, key or "", at, message or "；".join(words(group.interface, reason) for reason in reasons or ()))
        for row_id, key, at, reasons, message in found
    ]


def _named(asked: Asked) -> tuple[str, Pile, Group]:
    """What the fields name. Raises NoSuchThing where there is no such group."""
    name, interface = (asked.given.get(field, "") for field in ("pile", "interface"))
    if name not in PILES or not _is_known(interface):
        raise NoSuchThing("没有这一组。请回到“隔离与拒绝”。")
    return name, PILES[name], Group(interface, asked.given.get("cause", "")[:300])


def _is_known(interface: str) -> bool:
    return interface in contract() or interface in docking_tables()


def _sql(name: str) -> SQL:
    return read_sql("pages/quarantine.sql", name)
