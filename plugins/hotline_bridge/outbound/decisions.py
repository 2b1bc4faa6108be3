"""Decisions of a person on versions: release from quarantine (隔离), replay (重发), discard (作废).

Each leaves a row in `hotline.operator_action` with who and why; the audit of orders before they are sent is
`outbound.audit`. Discarding is a mark, never a deletion: the version keeps its state and stays in the counts; it is not
sent, not tried again and not alerted, however often 12345 writes that content again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from hotline_bridge.contract.model import RULE_ZH
from hotline_bridge.contract.reader import contract
from hotline_bridge.docking.contract_sql import shared
from hotline_bridge.errors import StopRun
from hotline_bridge.names import first_word
from hotline_bridge.outbound.docking_rows import UNREADABLE
from hotline_bridge.outbound.overlays import apply_overlays, keep_sources
from hotline_bridge.outbound.versions import PLAIN, Policy, alone, enqueue_again
from hotline_bridge.store.halves import Halves
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand
    from hotline_bridge.contract.model import Interface


AS_CORRECTION = "release_as_is"
"""By this name the decision that a version is a correction is known in `hotline.operator_action`."""
LIMIT = 10_000
"""Versions that one command handles; more need a second one."""
APART_ZH: Mapping[str, str] = {
    UNREADABLE: "含有按对接库编码不成文字的字节，以八进制表示；请 12345 更正该行",
    "refused": "本地库不能保存（过长的索引值、不能转换的内容等），其他行不受影响",
}
"""Why a row is put aside that breaks no printed rule, by the rule's place in its reason."""
FLAGS_ZH: Mapping[str, str] = {
    "odd_text": "含有不常见的字符",
    "unknown_area": "不是已知的行政区划代码",
    "clock_order": "时间先后颠倒",
    "odd_time": "时间不合常理",
    "unknown_seat": "不是已知的坐席",
    "odd_phone": "不像电话号码",
    "odd_credit_code": "不像统一社会信用代码",
    "odd_identity": "身份证号码校验不符",
    "odd_number": "像是被电子表格改写过的编号",
    "differs": "恢复备份后，平台显示的内容不同",
}
"""Doubts (存疑) about what is sent all the same, by the flag's name: docs/delivery.md."""
_WHOLE_ZH: Mapping[str, str] = {"row": "整行"}


@dataclass(frozen=True, slots=True)
class QuarantinedVersion:
    """One version that broke printed rules."""

    row_id: int
    interface: str
    key: str
    reasons: tuple[str, ...]
    """`field:rule`, every broken one."""
    written_at: datetime
    discarded_at: datetime | None
    body: bytes = field(repr=False)

    @property
    def is_shared(self) -> bool:
        """Whether another record has its key (`outbound.versions`)."""
        return shared(contract()[self.interface]) in self.reasons

    @property
    def reasons_zh(self) -> str:
        """The broken rules in Chinese, without values, for hotline staff."""
        return "；".join(reason_zh(self.interface, reason) for reason in self.reasons)


def reason_zh(interface: str, reason: str) -> str:
    """One reason `field:rule` in Chinese: the field's printed description and the rule, no value."""
    name, _, rule = reason.partition(":")
    known = contract().get(interface)
    described = next((field.zh for field in known.request if field.name == name), None) if known else None
    words = APART_ZH.get(rule) or next((words for known, words in RULE_ZH.items() if known == rule), rule)
    return f"{name}（{first_word(described or _WHOLE_ZH.get(name, name))}）{words}"


def flag_zh(interface: str, flag: str) -> str:
    """One doubt `field:flag` in Chinese, no value."""
    name, _, doubt = flag.partition(":")
    described = next((field.zh for field in contract()[interface].request if field.name == name), None)
    return f"{first_word(described or name)}{FLAGS_ZH.get(doubt, doubt)}"


@dataclass(frozen=True, slots=True)
class QuarantineFilter:
    """What an operator names; a filter that is None does not count."""

    row_ids: Sequence[int] | None = None
    interface: str | None = None
    reason: str | None = None
    day: date | None = None
    """Day of `written_at`, Asia/Shanghai."""


def find_quarantined(
    local: Connection, selection: QuarantineFilter, *, discarded: bool = False
) -> list[QuarantinedVersion]:
    """The quarantined versions of a selection, oldest first, at most `LIMIT`.

    Args:
        local: Session on the local store.
        selection: Which.
        discarded: Whether those that were discarded are among them.
    """
    rows = local.execute(
        read_sql("outbound/decisions.sql", "find_quarantined"),
        {
            "row_ids": list(selection.row_ids) if selection.row_ids is not None else None,
            "interface": selection.interface,
            "reason": selection.reason,
            "day": selection.day,
            "discarded": discarded,
            "limit": LIMIT,
        },
    ).fetchall()
    return [
        QuarantinedVersion(row_id, interface, key, tuple(reasons), written_at, discarded_at, body)
        for row_id, interface, key, reasons, written_at, discarded_at, body in rows
    ]


def release_quarantined(
    local: Connection,
    versions: Sequence[QuarantinedVersion],
    by: ByHand,
    *,
    policy: Policy = PLAIN,
    as_correction: bool = False,
) -> Mapping[str, int]:
    """Judge versions again by today's rules: those that pass go to the queue, the others stay, with today's reasons.

    Args:
        local: Session on the local store, in autocommit.
        versions: From `find_quarantined`.
        by: Who, and why.
        policy: What the deployment sets, as for intake.
        as_correction: Versions whose key another record has are contents of that record after all, of which the newest
            counts, as ever; the other versions are left alone.

    Returns:
        Versions by the state they now have, without those that the store refuses still.

    Raises:
        StopRun: Two versions of one key are to be a correction of the same record.
    """
    if as_correction:
        versions = [version for version in versions if version.is_shared]
        _check_one_each(versions)
    states: dict[str, int] = {}
    for name in dict.fromkeys(version.interface for version in versions):
        parts = Halves([version.row_id for version in versions if version.interface == name])
        for row_ids in parts:
            try:
                logged = _release(local, contract()[name], row_ids, by, policy, as_correction=as_correction)
            except psycopg.Error as error:
                parts.refused(error)
                continue
            for state in logged:
                states[state] = states.get(state, 0) + 1
    return states


def _release(
    local: Connection, interface: Interface, row_ids: Sequence[int], by: ByHand, policy: Policy, *, as_correction: bool
) -> Sequence[str]:
    with alone(local, interface.name), local.transaction():
        enqueue_again(local, interface, row_ids, policy, same_record=as_correction)
        if as_correction and interface.supplemented:
            keep_sources(local, interface)
            apply_overlays(local, interface, policy)
        logged = local.execute(
            read_sql("outbound/decisions.sql", "log_release"),
            {
                "row_ids": list(row_ids),
                "actor": by.actor,
                "action": AS_CORRECTION if as_correction else "release",
                "reason": by.reason,
            },
        ).fetchall()
    return [state for _, state in logged]


def _check_one_each(versions: Sequence[QuarantinedVersion]) -> None:
    keys = Counter((version.interface, version.key) for version in versions)
    if several := [key for key, count in keys.items() if count > 1]:
        interface, key = several[0]
        raise StopRun(
            f"{keys[interface, key]} versions of this key cannot all be corrections: the newest would replace the rest",
            interface=interface,
            key=key,
            remedy="name one by its number, and discard the others or have 12345 give them numbers of their own",
        )


@dataclass(frozen=True, slots=True)
class VersionFilter:
    """What an operator names; a filter that is None does not count."""

    interfaces: Sequence[Interface]
    keys: Sequence[str] | None = None
    code: str | None = None
    """Answer code of the platform."""
    message: str | None = None
    """A part of the platform's message."""
    day: date | None = None
    """Day of `written_at`, Asia/Shanghai."""
    delivered: bool = False
    """Also what the platform has already: only by key, for content that returned (`reverted` in the status)."""


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version in the queue, as a person decides on it."""

    row_id: int
    interface: str
    key: str
    state: str
    code: str | None
    message: str | None
    body: bytes = field(repr=False)


def find_replayable(local: Connection, selection: VersionFilter) -> list[StoredVersion]:
    """What a replay of this selection would send, oldest first, at most `LIMIT`.

    Raises:
        StopRun: Delivered versions are asked for without a key.
    """
    if selection.delivered and not selection.keys:
        raise StopRun("delivered versions are sent again by key only", remedy="name them with --key")
    rows = local.execute(
        read_sql("outbound/decisions.sql", "find_replayable"),
        {
            "interfaces": [interface.name for interface in selection.interfaces],
            "keys": list(selection.keys) if selection.keys else None,
            "code": selection.code,
            "message": selection.message,
            "day": selection.day,
            "delivered": selection.delivered,
            "limit": LIMIT,
        },
    ).fetchall()
    return [StoredVersion(*row) for row in rows]


def find_due(local: Connection, interfaces: Sequence[Interface]) -> list[StoredVersion]:
    """What the next delivery would send: never tried or due again; oldest first, at most `LIMIT`."""
    rows = local.execute(
        read_sql("outbound/decisions.sql", "find_due"),
        {"interfaces": [interface.name for interface in interfaces], "limit": LIMIT},
    ).fetchall()
    return [StoredVersion(*row) for row in rows]


def replay(local: Connection, row_ids: Sequence[int], by: ByHand) -> int:
    """Make versions due now; what was claimed meanwhile is left to its run. Returns how many.

    Args:
        local: Session on the local store.
        row_ids: Of versions from `find_replayable`.
        by: Who, and why.
    """
    return len(
        local.execute(
            read_sql("outbound/decisions.sql", "replay"),
            {"row_ids": list(row_ids), "actor": by.actor, "reason": by.reason},
        ).fetchall()
    )


UNSENT = ("rejected", "waiting", "held")
"""States that `find_discardable` looks at; what is quarantined is found by `find_quarantined`."""


def find_discardable(
    local: Connection, selection: VersionFilter, states: Collection[str] = UNSENT
) -> list[StoredVersion]:
    """The versions of a selection that can be given up, oldest first, at most `LIMIT`; none that is in flight.

    Args:
        local: Session on the local store.
        selection: Which.
        states: Of these alone.
    """
    rows = local.execute(
        read_sql("outbound/decisions.sql", "find_discardable"),
        {
            "interfaces": [interface.name for interface in selection.interfaces],
            "states": list(states),
            "keys": list(selection.keys) if selection.keys else None,
            "code": selection.code,
            "message": selection.message,
            "day": selection.day,
            "limit": LIMIT,
        },
    ).fetchall()
    return [StoredVersion(*row) for row in rows]


def discard(local: Connection, row_ids: Sequence[int], by: ByHand) -> int:
    """Give versions up; what is in flight, accepted, or given up already is left alone. Returns how many.

    Args:
        local: Session on the local store.
        row_ids: `hotline.delivery.row_id`, quarantined ones as well.
        by: Who, and why.
    """
    return len(
        local.execute(
            read_sql("outbound/decisions.sql", "discard"),
            {"row_ids": list(row_ids), "actor": by.actor, "reason": by.reason},
        ).fetchall()
    )
