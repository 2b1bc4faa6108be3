"""Turns the Airflow connections `docking_db` and `local_db` into connection strings of libpq.

Deliberately not PostgresHook: importing it costs every task 1.5 s, and nothing of it is needed beyond these fields.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from psycopg.conninfo import make_conninfo

from hotline_bridge.errors import StopRun
from hotline_bridge.hooks.connections import find_connection
from hotline_bridge.store.extras import POSTGRES_EXTRAS

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger(__name__)


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
        raise StopRun(f"{', '.join(cut)} of connection {conn_id} holds a NUL character", remedy="fix it there")
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
            raise StopRun(f"extra {extra.name} of connection {conn_id} must be: {extra.meaning}", remedy="fix it there")
        if extra.of_server:
            of_session.append(f"-c {extra.name}={text}s")
        else:
            options[extra.name] = text
    return {**options, "options": " ".join(of_session)}
