"""Releases that somebody asked for on a page (放行申请), and the next run does.

To judge a content again is to read it, which the account of the pages may not.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from hotline_bridge.by_hand import ByHand
from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound import decisions
from hotline_bridge.outbound.versions import PLAIN, Policy, alone, enqueue_again
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface

log = logging.getLogger(__name__)


def ask_release(
    local: Connection,
    row_ids: Sequence[int],
    action: str,
    *,
    actor: str,
    reason: str | None,
    answers: bool = False,
    number: str | None = None,
) -> int:
    """Ask for versions, or for rows of answers, to be judged again by the next run. Returns how many are asked for now.

    Args:
        local: Session on the local store.
        row_ids: `hotline.delivery.row_id`, or `hotline.quarantined_answer.row_id`.
        action: `audit_pass`, `release`, `release_as_is` or `assign`, as `hotline.operator_action` is to name it.
        actor: Who asks.
        reason: Why; only a pass needs none.
        answers: Whether they are rows of answers.
        number: The order that the one row belongs to, for `assign`.
    """
    [(asked,)] = local.execute(
        read_sql("outbound/asked.sql", "ask"),
        {
            "row_ids": list(row_ids),
            "action": action,
            "answers": answers,
            "number": number,
            "reason": reason,
            "actor": actor,
        },
    ).fetchall()
    return int(asked)


def release_asked(local: Connection, interfaces: Iterable[Interface], policy: Policy = PLAIN) -> int:
    """Do what was asked for versions of these interfaces. Returns how many versions were judged again.

    Args:
        local: Session on the local store, in autocommit.
        interfaces: Report interfaces.
        policy: What the deployment sets, as for intake.
    """
    done = 0
    names = [interface.name for interface in interfaces]
    for name, action, actor, reason, asked, row_ids in local.execute(
        read_sql("outbound/asked.sql", "of_versions"), {"interfaces": names}
    ).fetchall():
        try:
            if action == "audit_pass":
                with alone(local, name), local.transaction():
                    enqueue_again(local, contract()[name], row_ids, policy)
            else:
                found = decisions.find_quarantined(local, decisions.QuarantineFilter(row_ids=row_ids))
                as_correction = action == decisions.AS_CORRECTION
                by = ByHand(actor, reason)
                decisions.release_quarantined(local, found, by, policy=policy, as_correction=as_correction)
        except StopRun as error:
            log.warning("%s: what was asked for on a page was not done: %s", name, error)
        local.execute(read_sql("outbound/asked.sql", "done"), {"asked": asked})
        done += len(row_ids)
    return done
