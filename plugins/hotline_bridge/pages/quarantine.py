"""隔离与拒绝: what broke rules and what the platform refused, by cause; released, given up or sent again in groups.

Nothing is done at once: what was chosen is shown with its count first, and needs a reason.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from hotline_bridge.by_hand import ByHand
from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound import quarantine as answers
from hotline_bridge.outbound import decisions
from hotline_bridge.pages.asked import ROWS, Asked, Fields, Moved, NoSuchThing, Shown, chosen_rows, counts_told
from hotline_bridge.pages.rights import Right
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one interface with one cause: a broken rule, or a code of the platform."""

    interface: str
    cause: str

    @property
    def label(self) -> str:
        """What the interface carries, in Chinese."""
        return contract()[self.interface].label_zh


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
    find: Callable[[Asked, Group], Sequence[Item]]
    actions: Mapping[str, Action]


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done with rows of a pile."""

    title: str
    meaning: str
    do: Callable[[Asked, Group, Sequence[int], ByHand], int]
    """Gives how many rows it was done to."""
    right: Right = Right.DECIDE


def _find_versions(asked: Asked, group: Group) -> list[Item]:
    selection = decisions.QuarantineFilter(interface=group.interface, reason=group.cause)
    found = decisions.find_quarantined(asked.local, selection)
    return [Item(one.row_id, one.key, one.written_at, one.reasons_zh) for one in found]


def _find_refused(asked: Asked, group: Group) -> list[Item]:
    found = decisions.find_discardable(asked.local, _refused(group), ["rejected"])
    return [Item(one.row_id, one.key, None, one.message or "") for one in found if group.cause or not (one.code or "")]


def _find_answers(asked: Asked, group: Group) -> list[Item]:
    found = answers.find(asked.local, interface=group.interface, rule=group.cause)
    return [Item(one.row_id, one.key, one.first_seen_at, one.reasons_zh) for one in found]


def _release_versions(asked: Asked, group: Group, row_ids: Sequence[int], by: ByHand) -> int:
    selection = decisions.QuarantineFilter(row_ids=row_ids, interface=group.interface)
    found = decisions.find_quarantined(asked.local, selection)
    states = decisions.release_quarantined(asked.local, found, by, policy=asked.policy())
    return sum(count for state, count in states.items() if state != "quarantined")


def _release_answers(asked: Asked, _group: Group, row_ids: Sequence[int], by: ByHand) -> int:
    return asyncio.run(answers.release(asked.local.conninfo, row_ids, by)).taken_in


def _discard_versions(asked: Asked, _group: Group, row_ids: Sequence[int], by: ByHand) -> int:
    return decisions.discard(asked.local, row_ids, by)


def _discard_answers(asked: Asked, _group: Group, row_ids: Sequence[int], by: ByHand) -> int:
    return answers.discard(asked.local, row_ids, by)


def _send_again(asked: Asked, group: Group, row_ids: Sequence[int], by: ByHand) -> int:
    wanted = set(row_ids)
    found = decisions.find_replayable(asked.local, _refused(group))
    return decisions.replay(asked.local, [one for one in found if one.row_id in wanted], by)


def _refused(group: Group) -> decisions.VersionFilter:
    return decisions.VersionFilter([contract()[group.interface]], code=group.cause or None)


_JUDGED = "按今天的规则重新检查：合格的放行，其余仍在隔离区。"
_GIVEN_UP = "不再上报、重试、告警；仍保存并计数。"
PILES: Mapping[str, Pile] = MappingProxyType(
    {
        "versions": Pile(
            "隔离的上报内容",
            _find_versions,
            {
                "release": Action("放行", _JUDGED, _release_versions),
                "discard": Action("作废", _GIVEN_UP, _discard_versions),
            },
        ),
        "refused": Pile(
            "平台拒绝",
            _find_refused,
            {
                "replay": Action("重新上报", "下一次运行时原样再发一次。", _send_again, Right.SEND_AGAIN),
                "discard": Action("作废", _GIVEN_UP, _discard_versions),
            },
        ),
        "answers": Pile(
            "隔离的平台应答",
            _find_answers,
            {
                "release": Action("放行", _JUDGED, _release_answers),
                "discard": Action("作废", _GIVEN_UP, _discard_answers),
            },
        ),
    }
)
_WORDS: Mapping[str, Callable[[str, str], str]] = {
    "versions": decisions.reason_zh,
    "refused": lambda _interface, code: code or "没有代码",
    "answers": answers.reason_zh,
}


def show(asked: Asked) -> Shown:
    """All groups; or the rows of one."""
    if "pile" in asked.given:
        return _group(asked, Fields(asked.given), 200)
    piles = [
        (
            name,
            pile,
            [
                (Group(interface, cause), _WORDS[name](interface, cause), count, oldest)
                for interface, cause, count, oldest in asked.local.execute(read_sql("pages/quarantine.sql", name))
                if interface in contract()
            ],
        )
        for name, pile in PILES.items()
    ]
    return Shown("quarantine.html.j2", {"piles": piles})


def act(asked: Asked) -> Shown | Moved:
    """Shows what would be done to which rows; does it once that is confirmed with a reason."""
    fields = Fields(asked.given)
    name, pile, group = _named(asked)
    action = pile.actions.get(fields.given.get("action", ""))
    if action is None or action.right not in asked.user.rights:
        raise NoSuchThing("没有这项操作，或没有权限。")
    found = pile.find(asked, group)
    chosen = set(chosen_rows(asked.given))
    items = found if "everything" in asked.given else [item for item in found if item.row_id in chosen]
    if not items:
        fields.wrong["chosen"] = "请至少选择一件"
        return _group(asked, fields, 422)
    reason = fields.text("reason")
    if "confirmed" in asked.given and not reason:
        fields.wrong["reason"] = "请写明原因"
    if not reason or "confirmed" not in asked.given:
        values = {"name": name, "pile": pile, "group": group, "items": items[:ROWS], "count": len(items)}
        more = {"fields": fields, "action": action, "chosen": sorted(chosen)}
        return Shown("quarantine_confirm.html.j2", {**values, **more}, 422 if fields.wrong else 200)
    done = action.do(asked, group, [item.row_id for item in items], ByHand(asked.actor, reason))
    told = {"pile": name, "interface": group.interface, "cause": group.cause, "done": done, "left": len(items) - done}
    return Moved(f"quarantine?{urlencode(told)}")


def _group(asked: Asked, fields: Fields, status: int) -> Shown:
    name, pile, group = _named(asked)
    found = pile.find(asked, group)
    allowed = {key: action for key, action in pile.actions.items() if action.right in asked.user.rights}
    values = {"name": name, "pile": pile, "group": group, "words": _WORDS[name](group.interface, group.cause)}
    told = counts_told(asked.given, "done", "left")
    more = {"fields": fields, "items": found[:ROWS], "count": len(found), "actions": allowed, "told": told}
    return Shown("quarantine_group.html.j2", {**values, **more}, status)


def _named(asked: Asked) -> tuple[str, Pile, Group]:
    """What the fields name. Raises NoSuchThing where there is no such group."""
    name, interface = (asked.given.get(field, "") for field in ("pile", "interface"))
    if name not in PILES or interface not in contract():
        raise NoSuchThing("没有这一组。请回到“隔离与拒绝”。")
    return name, PILES[name], Group(interface, asked.given.get("cause", "")[:300])
