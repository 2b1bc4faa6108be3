"""Notes of 12345 (补单、催办) without effect, to be given up: their order never came, or they were put aside."""

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

Kind = Literal["supplement", "urge", "quarantined"]


@dataclass(frozen=True, slots=True)
class WaitingNote:
    """One note whose order has not come, or a row of notes or deadlines that was put aside (`quarantined`)."""

    kind: Kind
    row_id: int
    note: str
    """12345's number of the note; may be blank."""
    regino: str
    written_at: datetime
    reasons: Sequence[str]
    """Of one that was put aside: its docking table, then why."""


def find(local: Connection) -> list[WaitingNote]:
    """The first thousand of them, without contents."""
    return [WaitingNote(*row) for row in local.execute(read_sql("orders/waiting_notes.sql")).fetchall()]


def discard(local: Connection, kind: Kind, row_ids: Sequence[int], by: ByHand) -> int:
    """Give notes up; those whose order came meanwhile are left alone. Returns how many.

    Args:
        local: Session on the local store.
        kind: Of all of them.
        row_ids: From `find`.
        by: Who, and why.
    """
    parameters = {"row_ids": list(row_ids), "actor": by.actor, "reason": by.reason}
    if kind == "quarantined":
        return local.execute(read_sql("orders/discard_quarantined_notes.sql"), parameters).rowcount
    table = f"order_{kind}"
    statement = read_sql("orders/discard_notes.sql").format(table=sql.Identifier("hotline", table))
    return local.execute(statement, {**parameters, "table_name": table}).rowcount
