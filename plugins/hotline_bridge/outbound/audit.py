"""Pre-audit (审核) of orders before they are sent, and the return of those outside market supervision (4.4, 4.2.4).

With `audit_required` every new version of an order is `held`. Passing one lets it go out; returning an order holds back
every version of it that is not sent, and each later one until it is passed itself, whatever the setting says then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.failpoints import reached
from hotline_bridge.outbound.asked import ask_release
from hotline_bridge.outbound.versions import PLAIN, Policy, alone, enqueue_again
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection

LIMIT = 10_000
"""Versions that one command handles; more need a second one."""


@dataclass(frozen=True, slots=True)
class Audited:
    """One version that waits for a decision, or that was returned."""

    row_id: int
    interface: str
    key: str
    content_hash: bytes
    state: str
    written_at: datetime
    flags: tuple[str, ...]
    decision: str | None
    """`return` where it was returned; None while nobody has decided."""
    content: Mapping[str, object] | None = field(default=None, repr=False)
    """With a stand-in for each personal value; None where it was not asked for."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided, and why."""

    office: str
    person: str
    reason: str | None = None


def find_audited(
    local: Connection,
    *,
    reginos: Sequence[str] | None = None,
    row_ids: Sequence[int] | None = None,
    decided: bool = False,
    unsent: bool = False,
    doubtful: bool | None = None,
    after: int = 0,
    limit: int = LIMIT,
    contents: bool = False,
) -> list[Audited]:
    """Versions of orders that somebody has to decide on, oldest first; without those that were passed a moment ago.

    Args:
        local: Session on the local store.
        reginos: Only these orders (工单编号).
        row_ids: Only these versions.
        decided: With those that were returned.
        unsent: With those that wait to be sent, or that the platform refused: a return holds them back, too.
        doubtful: Only those with doubts, or only those without.
        after: Only those behind this version.
        limit: At most so many.
        contents: With what they say.
    """
    rows = local.execute(
        read_sql("outbound/audit.sql", "find_audited"),
        {
            "interfaces": audited_names(),
            "keys": list(reginos) if reginos is not None else None,
            "decided": decided,
            "row_ids": list(row_ids) if row_ids is not None else None,
            "states": ["held", "waiting", "rejected"] if unsent else ["held"],
            "doubtful": doubtful,
            "after": after,
            "limit": limit,
            "contents": contents,
        },
    ).fetchall()
    return [
        Audited(row_id, interface, key, content_hash, state, written_at, tuple(flags), decision, content)
        for row_id, interface, key, content_hash, state, written_at, flags, decision, content in rows
    ]


def count_audited(local: Connection, most: int = LIMIT) -> tuple[int, datetime | None]:
    """How many versions wait for a decision, at most `most`, and when the oldest of them was taken in."""
    [(count, oldest)] = local.execute(
        read_sql("outbound/audit.sql", "count_audited"), {"interfaces": audited_names(), "most": most}
    ).fetchall()
    return count, oldest


def let_pass(
    local: Connection, versions: Sequence[Audited], decision: Decision, *, actor: str, policy: Policy = PLAIN
) -> int:
    """Let held versions go out; the next run sends them. Returns how many are due now.

    Args:
        local: Session on the local store, in autocommit.
        versions: From `find_audited`.
        decision: Who passed them.
        actor: The account that ran the command; kept in `hotline.operator_action`.
        policy: What the deployment sets, as for intake.
    """
    due = 0
    for name in dict.fromkeys(version.interface for version in versions):
        seen = [version for version in versions if version.interface == name]
        with alone(local, name), local.transaction():
            row_ids = _decide(local, seen, "pass", decision, actor)
            enqueue_again(local, contract()[name], row_ids, policy)
            [(passed,)] = local.execute(
                "SELECT count(*) FROM hotline.delivery WHERE row_id = any(%s) AND state = 'waiting'", [row_ids]
            ).fetchall()
        due += passed
    return due


def ask_to_pass(local: Connection, versions: Sequence[Audited], decision: Decision, *, actor: str) -> int:
    """Let held versions go out with the next run, which judges them again first. Returns how many.

    Needs no right to read them; arguments as of `let_pass`.
    """
    with local.transaction():
        row_ids = _decide(local, versions, "pass", decision, actor)
        return ask_release(local, row_ids, "audit_pass", actor=actor, reason=_reason(decision))


def send_back(local: Connection, versions: Sequence[Audited], decision: Decision, *, actor: str) -> int:
    """Return orders to 12345: these versions are never sent. Returns how many.

    A version in flight, or of unknown outcome, may have arrived: its result is waited for. One that came since
    `find_audited` is held as well, and waits for a decision of its own.

    Args:
        local: Session on the local store, in autocommit.
        versions: From `find_audited` with `unsent`.
        decision: Who returned them; it needs office and reason.
        actor: The account that ran the command.

    Raises:
        StopRun: Office or reason is missing.
    """
    if not decision.office.strip() or not (decision.reason or "").strip():
        raise StopRun("a returned order needs an office and a reason", remedy="say them with --office and --reason")
    returned = 0
    for name in dict.fromkeys(version.interface for version in versions):
        seen = [version for version in versions if version.interface == name]
        with alone(local, name):
            returned += len(_decide(local, seen, "return", decision, actor))
    return returned


def audited_names() -> list[str]:
    """Names of the interfaces whose versions may be audited."""
    return [interface.name for interface in contract().values() if interface.audited]


def _decide(local: Connection, seen: Sequence[Audited], what: str, decision: Decision, actor: str) -> list[int]:
    """Record a decision. Returns the versions it holds for, without those on which somebody else was faster."""
    decided = local.execute(
        read_sql("outbound/audit.sql", "decide"),
        {
            "row_ids": [version.row_id for version in seen],
            "seen_returned": [version.row_id for version in seen if version.decision == "return"],
            "decision": what,
            "office": decision.office.strip(),
            "person": decision.person.strip(),
            "reason": _reason(decision),
            "actor": actor,
        },
    ).fetchall()
    reached("decision-recorded")
    return [row_id for (row_id,) in decided]


def _reason(decision: Decision) -> str | None:
    return (decision.reason or "").strip() or None
