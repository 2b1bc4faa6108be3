"""The quarantine (隔离区) as an operator sees it: look, release what today's rules allow, discard with a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from hotline_bridge.contract.model import RULE_ZH
from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound.content import shared
from hotline_bridge.outbound.overlay import keep_sources, lay_over_batch
from hotline_bridge.outbound.reading import UNREADABLE, alone
from hotline_bridge.outbound.versions import PLAIN, Policy, requeue
from hotline_bridge.store.halves import Halves
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
_WHOLE_ZH: Mapping[str, str] = {"row": "整行"}


@dataclass(frozen=True, slots=True)
class Quarantined:
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
        """Whether another record has its key (`outbound.shared`)."""
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
    return f"{name}（{(described or _WHOLE_ZH.get(name, name)).split()[0].rstrip(':：')}）{words}"


@dataclass(frozen=True, slots=True)
class Selection:
    """What an operator names; a filter that is None does not count."""

    row_ids: Sequence[int] | None = None
    interface: str | None = None
    reason: str | None = None
    day: date | None = None
    """Day of `written_at`, Asia/Shanghai."""


def find(local: Connection, selection: Selection, *, discarded: bool = False) -> list[Quarantined]:
    """The quarantined versions of a selection, oldest first, at most `LIMIT`.

    Args:
        local: Session on the local store.
        selection: Which.
        discarded: Whether those that were discarded are among them.
    """
    rows = local.execute(
        read_sql("outbound/find_quarantined.sql"),
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
        Quarantined(row_id, interface, key, tuple(reasons), written_at, discarded_at, body)
        for row_id, interface, key, reasons, written_at, discarded_at, body in rows
    ]


def release(
    local: Connection,
    versions: Sequence[Quarantined],
    by: ByHand,
    *,
    policy: Policy = PLAIN,
    as_correction: bool = False,
) -> Mapping[str, int]:
    """Judge versions again by today's rules: those that pass go to the queue, the others stay, with today's reasons.

    Args:
        local: Session on the local store, in autocommit.
        versions: From `find`.
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
        requeue(local, interface, row_ids, policy, same_record=as_correction)
        if as_correction and interface.supplemented:
            keep_sources(local, interface)
            lay_over_batch(local, interface, policy)
        logged = local.execute(
            read_sql("outbound/log_release.sql"),
            {
                "row_ids": list(row_ids),
                "actor": by.actor,
                "action": AS_CORRECTION if as_correction else "release",
                "reason": by.reason,
            },
        ).fetchall()
    return [state for _, state in logged]


def _check_one_each(versions: Sequence[Quarantined]) -> None:
    keys = Counter((version.interface, version.key) for version in versions)
    if several := [key for key, count in keys.items() if count > 1]:
        interface, key = several[0]
        raise StopRun(
            f"{keys[interface, key]} versions of this key cannot all be corrections: the newest would replace the rest",
            interface=interface,
            key=key,
            remedy="name one by its number, and discard the others or have 12345 give them numbers of their own",
        )
