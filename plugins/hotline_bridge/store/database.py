"""Connections to PostgreSQL: one way to open them, so that every session reads times and texts alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from hotline_bridge.errors import StopRun, TryAgainLater

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

# Asia/Shanghai on the wire and in every text form; UTF-8 whatever the server stores; nothing may hang a run for ever.
_SESSION = "-c TimeZone=Asia/Shanghai -c DateStyle=ISO,YMD -c statement_timeout=300000 -c lock_timeout=60000"


def connect(conninfo: str) -> psycopg.Connection[TupleRow]:
    """Open a session in autocommit; transactions are explicit (`with connection.transaction()`).

    Args:
        conninfo: libpq connection string, from the Airflow connection.

    Raises:
        StopRun: The server refuses this account, or has no such database.
        TryAgainLater: The server cannot be reached now.
    """
    try:
        return psycopg.connect(conninfo, options=_SESSION, client_encoding="UTF8", autocommit=True)
    except psycopg.OperationalError as error:
        raise _explain(conninfo, error) from None


async def connect_async(conninfo: str) -> psycopg.AsyncConnection[TupleRow]:
    """The same as `connect`, for use on an event loop."""
    try:
        return await psycopg.AsyncConnection.connect(
            conninfo, options=_SESSION, client_encoding="UTF8", autocommit=True
        )
    except psycopg.OperationalError as error:
        raise _explain(conninfo, error) from None


def _explain(conninfo: str, error: psycopg.OperationalError) -> StopRun | TryAgainLater:
    """One sentence that names server and database; libpq's own text can repeat the whole connection string."""
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    where = f"database {parts.get('dbname')} at {parts.get('host')}:{parts.get('port')}"
    if any(word in str(error) for word in ("password", "authentication", "does not exist", "pg_hba", "permission")):
        return StopRun(
            f"{where} refuses the account {parts.get('user')}",
            remedy="correct login, password or schema of its Airflow connection (docking_db or local_db)",
        )
    return TryAgainLater(f"{where} cannot be reached", remedy="see whether the server runs; the next run tries again")
