"""Supplements and urges of orders that never came (补单、催办): they wait, hold nothing up, and can be given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from psycopg import sql

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand

Kind = Literal["supplement", "urge"]


@dataclass(frozen=True, slots=True)
class WaitingNote:
    """One note whose order has not come."""

    kind: Kind
    row_id: int
    note: str
    """12345's number of the note; may be blank."""
    regino: str
    written_at: datetime


def find(local: Connection) -> list[WaitingNote]:
    """The first thousand of them, without contents."""
    return [WaitingNote(*row) for row in local.execute(read_sql("orders/waiting_notes.sql").encode()).fetchall()]


def discard(local: Connection, kind: Kind, row_ids: Sequence[int], by: ByHand) -> int:
    """Give notes up; those whose order came meanwhile are left alone. Returns how many.

    Args:
        local: Session on the local store.
        kind: Of all of them.
        row_ids: From `find`.
        by: Who, and why.
    """
    table = f"order_{kind}"
    statement = sql.SQL(read_sql("orders/discard_notes.sql")).format(table=sql.Identifier("hotline", table))
    parameters = {"row_ids": list(row_ids), "table_name": table, "actor": by.actor, "reason": by.reason}
    return local.execute(statement, parameters).rowcount
