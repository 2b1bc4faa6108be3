"""Rows of answers that broke a printed rule (隔离的应答行), as an operator sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline_bridge.contract.model import RULE_ZH
from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound.decisions import APART_ZH
from hotline_bridge.outbound.masking import masked_values
from hotline_bridge.platform_client.strict_json import read_loosely
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection

_WORDS_ZH: Mapping[str, str] = {
    **{str(rule): words for rule, words in RULE_ZH.items()},
    **APART_ZH,
    "unreadable": "不能读取：不是 UTF-8 编码的 JSON，已按原始字节保存",
    "double": "同一应答中另有一行与它同名而内容不同，以后一行为准",
}
"""The printed rules of fields, and what is wrong with a whole row."""
LIMIT = 10_000
"""Rows that one command shows; a narrower question shows the others."""


@dataclass(frozen=True, slots=True)
class BadAnswerRow:
    """One row that the platform gave and that broke rules."""

    row_id: int
    interface: str
    key: str
    reasons: tuple[str, ...]
    raw: bytes = field(repr=False)
    state: str
    first_seen_at: datetime

    @property
    def reasons_zh(self) -> str:
        """The broken rules in Chinese, without values."""
        described = {printed.name: printed.zh or printed.name for printed in contract()[self.interface].response}
        told = []
        for reason in self.reasons:
            name, _, rule = reason.partition(":")
            words = _WORDS_ZH.get(rule, rule)
            told.append(f"{name}（{described.get(name, '整行').split()[0]}）{words}")
        return "；".join(told)

    def masked(self) -> dict[str, str]:
        """The row's fields by wire name: personal ones masked, long texts cut. Empty for a row that is no object.

        Of a row that cannot be read (`row:unreadable`), as far as it can; bytes that are not UTF-8 show as U+FFFD.
        """
        try:
            row = read_loosely(self.raw.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return {}
        if not isinstance(row, dict):
            return {}
        return masked_values(contract()[self.interface].response, {str(name): value for name, value in row.items()})


def find(
    local: Connection,
    *,
    row_ids: Sequence[int] | None = None,
    interface: str | None = None,
    rule: str | None = None,
    key: str | None = None,
    every_state: bool = False,
) -> list[BadAnswerRow]:
    """Rows in quarantine, oldest first, at most `LIMIT`.

    Args:
        local: Session on the local store.
        row_ids: Numbers of rows; all without.
        interface: Wire name of a query or drain; all without.
        rule: Broken rule, such as `agent:required`; all without.
        key: Order number; all without.
        every_state: Whether those that the platform has mended since, or somebody ended, are among them.
    """
    found = local.execute(
        read_sql("inbound/find_quarantined.sql"),
        {
            "row_ids": list(row_ids) if row_ids is not None else None,
            "interface": interface,
            "rule": rule,
            "key": key,
            "every_state": every_state,
            "limit": LIMIT,
        },
    ).fetchall()
    return [
        BadAnswerRow(row_id, name, number, tuple(reasons), raw, state, seen)
        for row_id, name, number, reasons, raw, state, seen in found
    ]
