"""The mark of a restore: while it stands, no step that takes in, sends, collects or publishes begins.

Whoever begins such a step holds a shared lock on the local store until it has ended, and a restore the exclusive one:
neither begins while the other is under way. The row in `hotline.restore` outlives a restore that was killed.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors, sql

from hotline_bridge.contract.reader import contract
from hotline_bridge.docking.contract_sql import docking_table
from hotline_bridge.errors import StopRun
from hotline_bridge.store.failures import explained
from hotline_bridge.store.pooled import Pooled, hold, need_own_server
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand

RUNBOOK = "docs/runbooks/restore-from-backup.md"
REMEDY = f"run `hotline restore --since TIME`, TIME being when the backup was begun; see {RUNBOOK}"
_LOCK = "hashtextextended('hotline.restore', 0)"
_FOUND = "a backup was restored, and nobody said so"


@contextmanager
def none_under_way(local: Connection) -> Iterator[None]:
    """Let a step run, and no restore beside it.

    Args:
        local: Session on the local store for this alone, open as long as the step runs.

    Raises:
        StopRun: A restore is under way, was killed, or is needed.
        TryAgainLater: The local store failed.
    """
    with explained("restore"):
        marked = _marked(local)
        lock = "pg_try_advisory_lock_shared"
        if isinstance(local, Pooled) and local.is_pooled:
            hold(local)
            lock = "pg_try_advisory_xact_lock_shared"
        [(is_free,)] = local.execute(f"SELECT {lock}({_LOCK})".encode()).fetchall()
        marked = marked or _marked(local)
    if marked or not is_free:
        raise marked or _under_way()
    yield
    local.close()


def _marked(local: Connection) -> StopRun | None:
    """What the mark says. A store that was never migrated has none: the step itself says what is missing."""
    with suppress(errors.UndefinedTable):
        for (since,) in local.execute("SELECT since FROM hotline.restore WHERE ended_at IS NULL").fetchall():
            return _needed() if since is None else _under_way()
    return None


def _needed() -> StopRun:
    return StopRun(
        "the local store lacks what the docking store marks as collected: it looks restored from a backup, and"
        " everything is stopped",
        remedy=REMEDY,
    )


def _under_way() -> StopRun:
    return StopRun(
        "a restore of the local store has not ended, so nothing is taken in, sent, collected or published",
        remedy="wait for `hotline restore`; if it was killed, run it again: it goes on where it ended",
    )


def doubt_of(docking: Connection, local: Connection) -> StopRun | None:
    """What is to be said of a local store that was restored, or looks so; None of a healthy one. Nothing is changed.

    Args:
        docking: Session on the docking store.
        local: Session on the local store.
    """
    return _marked(local) or (_needed() if looks_restored(docking, local) else None)


@contextmanager
def alone(local: Connection) -> Iterator[None]:
    """Let a restore run, and no step beside it; the lock ends with the session.

    Raises:
        StopRun: A run or another restore is under way.
    """
    need_own_server(local, "a restore")
    [(is_free,)] = local.execute(f"SELECT pg_try_advisory_lock({_LOCK})".encode()).fetchall()
    if not is_free:
        raise StopRun(
            "a run of the bridge, or another restore, is under way",
            remedy=f"pause the DAGs, wait until no run of them is left, and run it again; see {RUNBOOK}",
        )
    try:
        yield
    finally:
        if not local.broken:
            local.execute(f"SELECT pg_advisory_unlock({_LOCK})".encode())


def begin(local: Connection, since: datetime, by: ByHand) -> datetime:
    """Set the mark, or take over the one that stands. Returns the earliest moment that was asked for."""
    parameters = {"since": since, "actor": by.actor, "reason": by.reason}
    earliest: datetime
    [(earliest,)] = local.execute(read_sql("restore/begin.sql"), parameters).fetchall()
    return earliest


def looks_restored(docking: Connection, local: Connection) -> bool:
    """Whether the local store has never seen some of the newest collected rows of a docking table.

    A row is marked as collected only after its version is committed, and versions are never deleted. It costs a look at
    20 rows a table: of the keys alone, since a new version of the contract changes contents.

    Args:
        docking: Session on the docking store.
        local: Session on the local store.
    """
    for interface in (known for known in contract().values() if known.kind == "report"):
        query = read_sql("restore/newest_collected.sql").format(
            table=docking_table(interface), key_column=sql.Identifier(interface.key_column)
        )
        try:
            keys = [key for (key,) in docking.execute(query).fetchall()]
            parameters = {"interface": interface.name, "keys": keys}
            [(unknown,)] = local.execute(read_sql("restore/unknown_keys.sql"), parameters).fetchall()
        except psycopg.Error:
            # A table that is missing, closed, locked or unreadable is told by whoever reads it, and holds up no other.
            if docking.broken or local.broken:
                raise
        else:
            if unknown:
                return True
    return False


def stop_if_restored(docking: Connection, local: Connection, actor: str) -> None:
    """Set the mark where the local store looks restored: from then on no step begins.

    Raises:
        StopRun: It looks so.
    """
    with explained("restore"):
        is_restored = looks_restored(docking, local)
        if is_restored:
            local.execute(
                "INSERT INTO hotline.restore (actor, reason) VALUES (%s, %s) ON CONFLICT DO NOTHING", [actor, _FOUND]
            )
    if is_restored:
        raise _needed()
