"""What 12345 wrote and is marked as collected since the backup is read again: orders, logs, notes, seats, deadlines.

All of it before anything is sent: a content that waited in the backup is then superseded by the newer one that may have
been sent since (architecture: never old after new).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.failpoints import reached
from hotline_bridge.outbound import audit
from hotline_bridge.outbound.intake import CollectedSince, take_in
from hotline_bridge.outbound.order_annotations import ANNOTATIONS, take_in_annotations
from hotline_bridge.outbound.overlays import apply_pending_overlays, supplemented_interfaces
from hotline_bridge.store.sql import read_sql
from hotline_bridge.time_limits.deadlines import take_in_deadlines

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.outbound.versions import Policy


DEADLINES = "order_deadline"


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What reading one docking table again did, in rows."""

    rows: int
    new: int
    """Contents that the local store did not know."""


def reports() -> list[Interface]:
    """Every interface that carries rows of 12345."""
    return [interface for interface in contract().values() if interface.kind == "report"]


def read_again(
    docking: Connection,
    local: Connection,
    since: datetime,
    policy: Policy,
    tell: Callable[[str, ReadAgain], object],
) -> None:
    """Read what is marked as collected since a moment, and what nobody collected yet; apply overlays to orders.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit.
        since: Aware.
        policy: What the deployment sets, as for intake.
        tell: Is told what each table gave, as soon as it was read.

    Raises:
        StopRun: A table, column or right is missing.
        TryAgainLater: A store cannot be reached, or a table is locked.
    """
    window = CollectedSince(since)
    for interface in reports():
        done = take_in(docking, local, interface, policy=policy, window=window)
        tell(str(interface.table), ReadAgain(done.rows, done.rows - done.copies))
        reached("table-read-again")
    for table, notes in take_in_annotations(docking, local, due=window.due()).items():
        tell(table, ReadAgain(notes.rows, notes.changed))
    deadlines = take_in_deadlines(docking, local, due=window.due())
    tell(DEADLINES, ReadAgain(deadlines.rows, 0))
    reached("notes-read-again")
    apply_pending_overlays(local, supplemented_interfaces(), policy)


def count_again(docking: Connection, since: datetime) -> dict[str, int]:
    """Rows that `read_again` would read, by docking table; nothing is changed."""
    due = CollectedSince(since).due()
    tables = [*(str(interface.table) for interface in reports()), *ANNOTATIONS, DEADLINES]
    counts: dict[str, int] = {}
    for table in tables:
        query = sql.SQL("SELECT count(*) FROM {} AS d WHERE {}").format(sql.Identifier("docking", table), due)
        [(counts[table],)] = docking.execute(query).fetchall()
    return counts


def settle_claims(local: Connection) -> int:
    """End what the backup holds as being sent; an old content is never sent after a newer one. Returns how many."""
    return local.execute(read_sql("restore/settle_claims.sql")).rowcount


def repeat_returns(docking: Connection, local: Connection, actor: str) -> int:
    """Return again what the bureau had returned before it was sent, as 12345 was told in `docking.order_return`.

    Args:
        docking: Session on the docking store.
        local: Session on the local store, in autocommit; after everything was read again.
        actor: The account that ran the command.

    Returns:
        Orders returned once more.
    """
    told = docking.execute(read_sql("restore/returned_by_bureau.sql")).fetchall()
    parameters = {"reginos": [regino for regino, *_ in told]}
    places = local.execute(read_sql("restore/returns_to_repeat.sql"), parameters).fetchall()
    repeated = 0
    for (place,) in places:
        regino, office, person, reason, decided_at = told[place - 1]
        versions = audit.find_audited(local, reginos=[regino], unsent=True)
        if not versions or not office or not reason:
            continue
        audit.send_back(local, versions, audit.Decision(office, person or "", reason), actor=actor)
        local.execute(
            "UPDATE hotline.order_audit SET decided_at = coalesce(hotline.wire_time(%(at)s), decided_at)"
            " WHERE row_id = (SELECT max(row_id) FROM hotline.order_audit WHERE regino = %(regino)s)",
            {"at": decided_at, "regino": regino},
        )
        repeated += 1
    return repeated


_TOLD = {
    "complaint_feedback": "complaint_case_feedback",
    "report_feedback": "report_case_feedback",
    "consultation_feedback": "consultation_feedback",
    "case_feedback": "feedback_exchange",
}
"""The table of schema `docking` in which 12345 reads what a table of ours holds."""


def lost_feedback(docking: Connection, local: Connection, query: Interface) -> list[tuple[str, datetime | None]]:
    """Orders whose result 12345 was told and the local store lacks, and when they were registered, where that is known.

    Args:
        docking: Session on the docking store.
        local: Session on the local store.
        query: A query for feedback.
    """
    table = docking_tables()[_TOLD[str(query.table)]]
    told = docking.execute(
        sql.SQL("SELECT DISTINCT regino FROM {} WHERE num_nonnulls({}) > 0").format(
            sql.Identifier("docking", table.name),
            sql.SQL(", ").join(sql.Identifier(name) for name in table.carried if name not in table.key),
        )
    ).fetchall()
    statement = read_sql("restore/lost_feedback.sql").format(
        table=sql.Identifier("hotline", str(query.table)), key_column=sql.Identifier(query.key_column)
    )
    return local.execute(statement, {"reginos": [regino for (regino,) in told]}).fetchall()


def feedback_queries() -> list[Interface]:
    """The queries that give again what a drain gave once."""
    return [interface for interface in interfaces_of("feedback") if interface.kind == "query"]
