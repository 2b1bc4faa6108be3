"""Writes rows as collecting leaves them, and reads the state of limits at a moment."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql

from hotline_bridge.clock import SHANGHAI

if TYPE_CHECKING:
    from psycopg import Connection


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def put(local: Connection, table: str, **columns: object) -> None:
    """One row of a collected table."""
    content = sha256(repr((table, columns)).encode()).digest()
    row = {"content_hash": content, "source": "test", "requested_at": moment("2026-11-01"), **columns}
    local.execute(
        sql.SQL("INSERT INTO hotline.{} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )


class State(NamedTuple):
    state: str
    limit: str | None
    source: str | None
    left: int | None
    urges: int


def states(local: Connection, at: str, regino: str = "R1") -> dict[str, State]:
    """The states of an order by stage at a moment in Shanghai."""
    local.execute("SET TimeZone = 'Asia/Shanghai'")
    rows: list[tuple[Any, ...]] = local.execute(
        "SELECT stage, state, to_char(limit_at, 'YYYY-MM-DD HH24:MI:SS'), limit_source, working_days_left, urge_count"
        " FROM hotline.deadline_states(%s) WHERE regino = %s",
        (moment(at), regino),
    ).fetchall()
    return {stage: State(*rest) for stage, *rest in rows}
