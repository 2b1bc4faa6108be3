"""审核 (specification 4.4): orders that wait for a decision of the bureau, oldest first, with their doubts.

What is decided on is the content that was seen, named by the row of its version: another content of the order is
another version, and is shown again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound.audit import Audited, Decision, find_audited, let_pass, send_back
from hotline_bridge.outbound.decisions import flag_zh
from hotline_bridge.outbound.masking import masked_fields
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
)
from hotline_bridge.pages.rights import Right

if TYPE_CHECKING:
    from collections.abc import Sequence

REASONS = ("不属于市场监督管理职责", "内容不全，无法处理", "重复的工单", "应由其他部门办理")
"""Offered where an order is returned; 12345 reads what is written."""
_ONE = "one"


def show(asked: Asked) -> Shown:
    """The queue."""
    return _queue(asked, Fields(asked.given), 200)


def show_one(asked: Asked) -> Shown:
    """One content, field by field, with its doubts.

    Raises:
        NoSuchThing: It waits no longer.
    """
    return _content(asked, Fields(asked.given), 200)


def decide(asked: Asked) -> Shown | Moved:
    """Passes or returns what was chosen, and goes on to what is left."""
    fields = Fields(asked.given)
    one = fields.given.get(_ONE, "")
    chosen = [int(one)] if is_number(one) else chosen_rows(fields.given)
    what = fields.given.get("decision")
    returns = what == "return"
    decision = Decision(fields.text("office") or "", asked.user.name, fields.text("reason"))
    if not chosen or what not in {"pass", "return"}:
        fields.wrong["chosen"] = "请至少选择一件"
    if returns and not decision.office:
        fields.wrong["office"] = "退回须写明审核部门"
    if returns and not decision.reason:
        fields.wrong["reason"] = "退回须写明原因，12345 会看到"
    if fields.wrong:
        return _content(asked, fields, 422) if one else _queue(asked, fields, 422)
    versions = find_audited(asked.local, row_ids=chosen, decided=bool(one), unsent=returns)
    if returns:
        done = send_back(asked.local, versions, decision, actor=asked.actor)
    else:
        done = let_pass(asked.local, versions, decision, actor=asked.actor, policy=asked.policy())
    told = f"{'returned' if returns else 'passed'}={done}&left={len(chosen) - done}"
    following = next(iter(_waiting(asked)), None) if one else None
    return Moved(f"audit/{following.row_id}?{told}" if following else f"audit?{told}")


def _queue(asked: Asked, fields: Fields, status: int) -> Shown:
    found = _waiting(asked)
    return Shown(
        "audit.html.j2",
        {"found": found, "labels": _labels(found), "flag_zh": flag_zh, **_common(asked, fields)},
        status,
    )


def _content(asked: Asked, fields: Fields, status: int) -> Shown:
    row_id = asked.path.get("row_id") or fields.given[_ONE]
    found = find_audited(asked.local, row_ids=[int(row_id)], decided=True) if is_number(row_id) else []
    if not found:
        raise NoSuchThing("这一内容已处理，或 12345 已有新的内容。请回到审核列表。")
    [version] = found
    interface = contract()[version.interface]
    doubts: dict[str, list[str]] = {}
    for flag in version.flags:
        doubts.setdefault(flag.partition(":")[0], []).append(flag_zh(version.interface, flag))
    masked = masked_fields(interface, version.body)
    rows = [(field.zh or field.name, masked[field.name], doubts.get(field.name, [])) for field in interface.request]
    return Shown(
        "audit_one.html.j2",
        {"version": version, "label": interface.label_zh, "rows": rows, **_common(asked, fields)},
        status,
    )


def _common(asked: Asked, fields: Fields) -> dict[str, object]:
    told = counts_told(asked.given, "passed", "returned", "left")
    return {"fields": fields, "told": told, "reasons": REASONS, "may_decide": Right.DECIDE in asked.user.rights}


def _waiting(asked: Asked) -> list[Audited]:
    return find_audited(asked.local, limit=ROWS)


def _labels(found: Sequence[Audited]) -> dict[str, str]:
    return {version.interface: contract()[version.interface].label_zh for version in found}
