"""Feedback that was acknowledged after the backup: the drains give it no more, the queries by registration time do.

What 12345 was told of it stands in the docking store: an order with a result there and none here was not found again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.docking import docking_tables
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface

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
