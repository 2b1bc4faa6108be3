"""Connections to PostgreSQL: one way to open them, so that every session reads times and texts alike."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg

from hotline_bridge.ending import run_apart
from hotline_bridge.errors import GivenUp, StopRun, TryAgainLater

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

TEMPORARY = (
    psycopg.OperationalError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,
)
"""Errors of a database that say nothing of a statement: the next run may do better."""

# Asia/Shanghai on the wire and in every text form; nothing may hang a run for ever; and no lock outlives a run that
# stands still, or whose machine has gone. What the connection string says of the session wins.
_SESSION = (
    "-c TimeZone=Asia/Shanghai -c DateStyle=ISO,YMD"
    " -c statement_timeout=300s -c lock_timeout=60s -c idle_in_transaction_session_timeout=600s"
    " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
)
_CONNECT_S = 10.0
"""How long connecting may take where the connection string does not say."""


def connect(conninfo: str) -> psycopg.Connection[TupleRow]:
    """Open a session in autocommit; transactions are explicit (`with connection.transaction()`).

    Args:
        conninfo: libpq connection string, from the Airflow connection. Its `connect_timeout` holds over all addresses
            of the server; its `options` are added to ours.

    Raises:
        StopRun: The server refuses this account, or has no such database.
        TryAgainLater: The server cannot be reached now.
    """
    session, within_s = _session(conninfo)
    try:
        return run_apart(lambda: psycopg.connect(session, autocommit=True), within_s)
    except (psycopg.OperationalError, GivenUp) as error:
        raise _explain(conninfo, error) from None


async def connect_async(conninfo: str) -> psycopg.AsyncConnection[TupleRow]:
    """The same as `connect`, for use on an event loop."""
    session, within_s = _session(conninfo)
    try:
        async with asyncio.timeout(within_s):
            return await psycopg.AsyncConnection.connect(session, autocommit=True)
    except (psycopg.OperationalError, TimeoutError) as error:
        raise _explain(conninfo, error) from None


def _session(conninfo: str) -> tuple[str, float]:
    """What a session is opened with, and how long that may take: psycopg alone would wait so long for each address."""
    said = psycopg.conninfo.conninfo_to_dict(conninfo)
    options = f"{_SESSION} {said.get('options') or ''}"
    # UTF-8, whatever the server stores.
    session = psycopg.conninfo.make_conninfo(conninfo, client_encoding="UTF8", options=options)
    return session, float(said.get("connect_timeout") or _CONNECT_S)


def _explain(conninfo: str, error: Exception) -> StopRun | TryAgainLater:
    """One sentence that names server and database; libpq's own text can repeat the whole connection string."""
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    where = f"database {parts.get('dbname')} at {parts.get('host')}:{parts.get('port')}"
    if any(word in str(error) for word in ("password", "authentication", "does not exist", "pg_hba", "permission")):
        return StopRun(
            f"{where} refuses the account {parts.get('user')}",
            remedy="correct login, password or schema of its Airflow connection (docking_db or local_db)",
        )
    return TryAgainLater(f"{where} cannot be reached", remedy="see whether the server runs; the next run tries again")
