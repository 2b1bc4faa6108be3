"""Rows of answers that broke a printed rule (隔离的应答行): as an operator sees them, and how a person ends them.

One is taken in after all, or given up (architecture: every state has a way out). A row that is taken in is judged again
by today's rules and goes into its typed table as the platform gave it when it was seen last. `as_is` bears rules that
the typed table can do without: a required field that is blank (NULL there), a text that is too long, an unknown code;
the row is flagged with them. The order's number has to be right: a row without one is given the number of a known
order, or given up.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from hotline_bridge.by_hand import ByHand
from hotline_bridge.contract.model import RULE_ZH
from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.inbound.plain import Row
from hotline_bridge.inbound.replace import be_alone, interfaces_of, store_rows
from hotline_bridge.inbound.rows import Rows, judge_again
from hotline_bridge.inbound.windows import Window
from hotline_bridge.names import first_word
from hotline_bridge.outbound.decisions import APART_ZH
from hotline_bridge.outbound.masking import masked_values
from hotline_bridge.platform_client.strict_json import read_loosely
from hotline_bridge.store.database import connect_async
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from psycopg import AsyncConnection, Connection

    from hotline_bridge.contract.model import Interface

log = logging.getLogger(__name__)

_WORDS_ZH: Mapping[str, str] = {
    **{str(rule): words for rule, words in RULE_ZH.items()},
    **APART_ZH,
    "unreadable": "不能读取：不是 UTF-8 编码的 JSON，已按原始字节保存",
    "double": "同一应答中另有一行与它同名而内容不同，以后一行为准",
}
"""The printed rules of fields, and what is wrong with a whole row."""
LIMIT = 10_000
"""Rows that one command shows; a narrower question shows the others."""


def reason_zh(interface: str, reason: str) -> str:
    """One reason `field:rule` in Chinese: the field's printed description and the rule, no value."""
    name, _, rule = reason.partition(":")
    described = next((printed.zh for printed in contract()[interface].response if printed.name == name), None)
    words = described or ("整行" if name == "row" else name)
    return f"{name}（{first_word(words)}）{_WORDS_ZH.get(rule, rule)}"


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
        return "；".join(reason_zh(self.interface, reason) for reason in self.reasons)

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
        every_state: Whether those that the platform has fixed since, or somebody ended, are among them.
    """
    found = local.execute(
        read_sql("inbound/quarantine.sql", "find_quarantined"),
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


BORNE = frozenset({"required", "length", "code"})
"""Rules that a typed table can do without."""


def passes(interface: Interface, content: object, number: str | None = None, borne: Collection[str] = ()) -> bool:
    """Whether a row passes today's rules.

    Args:
        interface: A query or drain.
        content: The row; personal values may be stand-ins (`hotline.shown_answer`).
        number: The order that it belongs to, where it names none itself.
        borne: Rules that are borne.
    """
    return isinstance(judge_again(interface, _under_number(interface, content, number), None, borne), Row)


@dataclass(slots=True)
class Released:
    """What became of the rows that somebody released."""

    taken_in: int = 0
    stay: list[int] = field(default_factory=list)
    """Rows that break a rule today, too: they stay, with today's reasons."""


@dataclass(frozen=True, slots=True)
class _Named:
    row_id: int
    key: str
    raw: bytes = field(repr=False)
    last_seen_at: datetime
    begins: int | None
    ends: int | None

    @property
    def source(self) -> tuple[datetime, int, int]:
        """The answer that it came with, as far as it is known."""
        return self.last_seen_at, self.begins or 0, self.ends or 0


async def release(
    local_conninfo: str,
    row_ids: Sequence[int],
    by: ByHand,
    *,
    as_is: bool = False,
    number: str | None = None,
    dry_run: bool = False,
) -> Released:
    """Judge rows again and take in those that pass; those that are not in quarantine any more are left alone.

    Args:
        local_conninfo: Connection string of the local store.
        row_ids: `hotline.quarantined_answer.row_id`; rows that were given up are judged as well.
        by: Who, and why.
        as_is: Bear the rules of `BORNE`.
        number: The order that the one row belongs to, where it names none itself.
        dry_run: Only find out what would become of them.

    Raises:
        StopRun: A number is given for several rows, for one that names its order, or no order has it.
        TryAgainLater: The local store cannot be reached.
    """
    done = Released()
    async with await connect_async(local_conninfo) as local:
        if number is not None:
            await _check_number(local, row_ids, number)
        found = await local.execute(
            "SELECT DISTINCT interface FROM hotline.quarantined_answer WHERE row_id = any(%s) ORDER BY interface",
            [list(row_ids)],
        )
        for (name,) in await found.fetchall():
            async with local.transaction(force_rollback=dry_run):
                await _release(local, contract()[name], row_ids, by, as_is, number, done)
    return done


async def release_asked(local_conninfo: str, interfaces: Sequence[str]) -> int:
    """Do what was asked for on pages: rows of these interfaces are judged again. Returns how many were taken in.

    Args:
        local_conninfo: Connection string of the local store.
        interfaces: Wire names of queries and drains.

    Raises:
        TryAgainLater: The local store cannot be reached.
    """
    done = 0
    async with await connect_async(local_conninfo) as local:
        found = await local.execute(read_sql("outbound/asked.sql", "of_answers"), {"interfaces": list(interfaces)})
        for action, actor, reason, number, asked, row_ids in await found.fetchall():
            try:
                by, as_is = ByHand(actor, reason), action == "release_as_is"
                released = await release(local_conninfo, row_ids, by, as_is=as_is, number=number)
                done += released.taken_in
            except StopRun as error:
                log.warning("what was asked for on a page was not done: %s", error)
            await local.execute(read_sql("outbound/asked.sql", "done"), {"asked": asked})
    return done


def ask_again(local: Connection, row_ids: Sequence[int], by: ByHand) -> int:
    """Have the windows that rows came with, or in which their orders were registered, asked by the next collection.

    Args:
        local: Session on the local store.
        row_ids: `hotline.quarantined_answer.row_id`.
        by: Who, and why.

    Returns:
        Rows for which a window will be asked; none of a row whose order nobody registered.
    """
    asked = 0
    for name, ids in _by_interface(local, row_ids).items():
        queries = [one for one in interfaces_of(str(contract()[name].table)) if contract()[one].kind == "query"]
        parameters = {"row_ids": ids, "queries": queries, "actor": by.actor, "reason": by.reason}
        asked += local.execute(read_sql("inbound/quarantine.sql", "ask_again"), parameters).rowcount
    return asked


def discard(local: Connection, row_ids: Sequence[int], by: ByHand) -> int:
    """Give rows up: they are kept, as they came, and open no more, however often they come again. Returns how many.

    Args:
        local: Session on the local store.
        row_ids: `hotline.quarantined_answer.row_id`.
        by: Who, and why.
    """
    ended = 0
    for name, ids in _by_interface(local, row_ids).items():
        sharing = interfaces_of(str(contract()[name].table))
        parameters = {"row_ids": ids, "interfaces": sharing, "actor": by.actor, "reason": by.reason}
        ended += local.execute(read_sql("inbound/quarantine.sql", "discard"), parameters).rowcount
    return ended


async def _check_number(local: AsyncConnection, row_ids: Sequence[int], number: str) -> None:
    found = await (
        await local.execute("SELECT key FROM hotline.quarantined_answer WHERE row_id = any(%s)", [list(row_ids)])
    ).fetchall()
    if found != [("",)]:
        raise StopRun(
            "an order's number is given to one row that names none itself",
            remedy="name one row without a number: hotline answers list",
        )
    known = await local.execute(
        "SELECT FROM hotline.registered_order WHERE regino = %(number)s"
        " UNION ALL SELECT FROM hotline.delivery WHERE key = %(number)s LIMIT 1",
        {"number": number},
    )
    if not known.rowcount:
        raise StopRun("no order has this number", key=number, remedy="look it up: hotline order show NUMBER")


async def _release(
    local: AsyncConnection,
    interface: Interface,
    row_ids: Sequence[int],
    by: ByHand,
    as_is: bool,
    number: str | None,
    done: Released,
) -> None:
    await be_alone(local, interface)
    found = await local.execute(
        read_sql("inbound/quarantine.sql", "named_quarantined"), {"row_ids": list(row_ids), "interface": interface.name}
    )
    named = sorted([_Named(*row) for row in await found.fetchall()], key=lambda row: row.source)
    passed, stay = [], {}
    for (seen_at, begins, ends), rows in groupby(named, key=lambda row: row.source):
        window = Window(begins, ends) if begins < ends else None
        good: dict[bytes, Row] = {}
        for row in rows:
            judged = judge_again(interface, _original(interface, row.raw, number), window, BORNE if as_is else ())
            if isinstance(judged, Row):
                good[judged.content_hash] = judged
                passed.append(row.row_id)
            else:
                stay[row.row_id] = judged
        came = Rows(good=list(good.values()))
        await store_rows(local, interface, came, requested_at=seen_at, window=window, whole=False)
    action = "assign" if number is not None else "release_as_is" if as_is else "release"
    parameters = _ending(interface, passed, by, action, "released", number)
    done.taken_in += (await local.execute(read_sql("inbound/quarantine.sql", "end_quarantined"), parameters)).rowcount
    await local.cursor().executemany(
        "UPDATE hotline.quarantined_answer SET reasons = %s WHERE row_id = %s",
        [(reasons, row_id) for row_id, reasons in stay.items()],
    )
    done.stay += stay


def _original(interface: Interface, raw: bytes, number: str | None) -> object:
    """The row as it came, under the number that it was given; None where it is no JSON."""
    try:
        original = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return _under_number(interface, original, number)


def _under_number(interface: Interface, original: object, number: str | None) -> object:
    if number is None or not isinstance(original, dict):
        return original
    return {
        **{name: value for name, value in original.items() if name.lower() != interface.key_column},
        str(interface.key): number,
    }


def _ending(
    interface: Interface, row_ids: Sequence[int], by: ByHand, action: str, state: str, number: str | None
) -> dict[str, object]:
    return {
        "row_ids": list(row_ids),
        "interfaces": interfaces_of(str(interface.table)),
        "actor": by.actor,
        "reason": by.reason,
        "action": action,
        "state": state,
        "number": number,
    }


def _by_interface(local: Connection, row_ids: Sequence[int]) -> dict[str, list[int]]:
    found = local.execute(
        "SELECT interface, array_agg(row_id) FROM hotline.quarantined_answer WHERE row_id = any(%s) GROUP BY interface",
        [list(row_ids)],
    ).fetchall()
    return dict(found)
