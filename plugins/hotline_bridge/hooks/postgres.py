"""Turns the Airflow connections `docking_db` and `local_db` into connection strings of libpq.

Deliberately not PostgresHook: importing it costs every task 1.5 s, and nothing of it is needed beyond these fields.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg.conninfo import make_conninfo

from hotline_bridge.errors import StopRun
from hotline_bridge.hooks.connections import find_connection

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PostgresExtra:
    """One extra of a database connection, passed on under its own name: to libpq, or to the server for its session."""

    name: str
    default: str | None
    """None: libpq's own default."""
    meaning: str
    is_number: bool = False
    """A whole number of at least 1."""
    of_server: bool = False
    """A setting of the session, in seconds."""


POSTGRES_EXTRAS: tuple[PostgresExtra, ...] = (
    PostgresExtra("sslmode", None, "disable, allow, prefer, require, verify-ca or verify-full"),
    PostgresExtra("sslrootcert", None, "file of the authorities that sign the server's certificate"),
    PostgresExtra("sslcert", None, "file of the client's certificate"),
    PostgresExtra("sslkey", None, "file of the client's key"),
    PostgresExtra(
        "connect_timeout", "10", "whole seconds that connecting may take, over all addresses", is_number=True
    ),
    PostgresExtra("application_name", "hotline-bridge", "name that the server shows for these sessions"),
    PostgresExtra("keepalives_idle", "30", "whole seconds of silence after which a peer is probed", is_number=True),
    PostgresExtra("keepalives_interval", "10", "whole seconds between probes", is_number=True),
    PostgresExtra(
        "keepalives_count", "3", "whole number of probes without an answer that end a session", is_number=True
    ),
    PostgresExtra(
        "tcp_user_timeout", "60000", "whole milliseconds for which sent data may stay unacknowledged", is_number=True
    ),
    PostgresExtra(
        "statement_timeout", "300", "whole seconds that a statement may take", is_number=True, of_server=True
    ),
    PostgresExtra("lock_timeout", "60", "whole seconds that a lock is waited for", is_number=True, of_server=True),
    PostgresExtra(
        "idle_in_transaction_session_timeout",
        "600",
        "whole seconds after which the server ends a session that holds a transaction and says nothing",
        is_number=True,
        of_server=True,
    ),
)
"""Every extra that is read; others are ignored."""

_SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})


def conninfo(conn_id: str) -> str:
    """The connection string for a connection of type postgres (schema = database). It holds the password: never log it.

    Args:
        conn_id: `docking_db` or `local_db`.

    Raises:
        StopRun: The connection is missing or a value cannot be used; says what to set.
    """
    connection = find_connection(conn_id)
    connection.require("host", "login", "schema")
    known = {extra.name for extra in POSTGRES_EXTRAS}
    if unknown := sorted(connection.extras.keys() - known):
        _log.warning("connection %s: extras without effect: %s", conn_id, ", ".join(unknown))
    options = _options(conn_id, connection.extras)
    fields = {
        "host": connection.host,
        "port": str(connection.port or 5432),
        "user": connection.login,
        "password": connection.password or None,
        "dbname": connection.schema,
        **options,
    }
    # libpq would read no further than this, and connect to something else.
    if cut := [name for name, value in fields.items() if value and "\0" in value]:
        raise StopRun(f"{', '.join(cut)} of connection {conn_id} holds a NUL character", remedy="mend it there")
    return make_conninfo("", **fields)


def _options(conn_id: str, extras: Mapping[str, object]) -> dict[str, str]:
    options: dict[str, str] = {}
    of_session = []
    for extra in POSTGRES_EXTRAS:
        value = extras.get(extra.name) or extra.default
        if value is None:
            continue
        text = str(value)
        wrong_number = extra.is_number and not (text.isascii() and text.isdigit() and 0 < int(text) < 2**31 // 1000)
        if wrong_number or (extra.name == "sslmode" and text not in _SSL_MODES):
            raise StopRun(
                f"extra {extra.name} of connection {conn_id} must be: {extra.meaning}", remedy="mend it there"
            )
        if extra.of_server:
            of_session.append(f"-c {extra.name}={text}s")
        else:
            options[extra.name] = text
    return {**options, "options": " ".join(of_session)}
