"""The mark of a docking store that is there to try things out: only such a store takes invented rows.

What stands in a docking store goes to the national platform. The mark is the comment of schema `docking`; nothing but
`make demo`, `make up` and `hotline migrate --for-trial` sets it, and only while no table holds a row of 12345.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.cities import called
from hotline_bridge.contract.docking import SCHEMA, docking_tables
from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from hotline_bridge.store.migrate import Session

MARK = "试用库：其中的数据均为虚构（hotline migrate --for-trial）"


def is_for_trial(session: Session) -> bool:
    """Whether the docking store carries the mark."""
    query = "SELECT obj_description(to_regnamespace(%s), 'pg_namespace')"
    return session.execute(query, (SCHEMA,)).fetchone() == (MARK,)


def mark_for_trial(session: Session) -> None:
    """Mark the store, within the caller's transaction; once marked it stays so.

    Args:
        session: On the docking store, with all tables there.

    Raises:
        StopRun: A table holds rows already: they may be a citizen's.
    """
    if is_for_trial(session):
        return
    for table in docking_tables().values():
        query = sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(SCHEMA, table.name))
        if table.written_by == "12345" and session.execute(query).rowcount:
            raise StopRun(
                f"{SCHEMA}.{table.name} holds rows already, so this docking store is not marked for trial",
                remedy=f"name a database of its own in connection {called('docking_db')}; "
                "of an older `make up`, remove the folder .demo/up",
            )
    session.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(SCHEMA), sql.Literal(MARK)))


def require_trial(session: Session) -> None:
    """Refuse to go on where rows may be those of citizens.

    Raises:
        StopRun: The store does not carry the mark.
    """
    if not is_for_trial(session):
        raise StopRun(
            "this docking store is not marked for trial: invented rows would go from it to the national platform",
            remedy="in an empty store of its own, run `hotline migrate --for-trial`; never in one that 12345 uses",
        )
