"""Reads Airflow connections, inside a task and outside of one (the CLI), into plain typed values.

Inside a task Airflow asks its API server, so connections made in the UI are found too. Outside, it reads only
`AIRFLOW_CONN_*` and configured secrets backends: that needs neither a metadata database nor a running Airflow.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from hotline_bridge.cities import here
from hotline_bridge.errors import StopRun


@dataclass(frozen=True, slots=True)
class ConnectionFields:
    """The fields of a connection as they were set; empty text where one was not. `extras` may hold anything."""

    conn_id: str
    host: str
    schema: str
    port: int | None
    login: str
    password: str = field(repr=False)
    extras: Mapping[str, object] = field(repr=False)
    conn_type: str = ""

    def require(self, *names: str) -> None:
        """Raises StopRun unless all these fields are filled."""
        if blank := [name for name in names if not getattr(self, name)]:
            raise StopRun(f"connection {self.conn_id} lacks {', '.join(blank)}", remedy=_where(self.conn_id))


def find_connection(conn_id: str) -> ConnectionFields:
    """The connection of this name, of the city that this work is for (`cities`).

    Raises:
        StopRun: It is missing, cannot be read, or its extra is no JSON object; says what to set. Or there are several
            cities, and nobody said which.
    """
    if (found := optional_connection(conn_id)) is None:
        named = here().named(conn_id)
        raise StopRun(f"connection {named} is missing", remedy=_where(named))
    return found


def optional_connection(conn_id: str) -> ConnectionFields | None:
    """The connection of this name, None where there is none. Raises StopRun as `find_connection` does otherwise."""
    conn_id = here().named(conn_id)
    variable = f"AIRFLOW_CONN_{conn_id.upper()}"
    _require_clear(variable, os.environ.get(variable, ""))
    try:
        connection = BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        # Airflow passes silently over a variable that it cannot read.
        if os.environ.get(variable):
            raise StopRun(f"{variable} cannot be read", remedy="write it as a JSON object or as a URI") from None
        return None
    return ConnectionFields(
        conn_id=conn_id,
        host=(connection.host or "").strip(),
        schema=(connection.schema or "").strip(),
        port=connection.port,
        login=connection.login or "",
        password=connection.password or "",
        extras=_extras(conn_id, connection.extra),
        conn_type=connection.conn_type or "",
    )


def _require_clear(variable: str, text: str) -> None:
    """Raises StopRun where a URI ends its password early: the rest of it would be taken for server and path."""
    if text.lstrip().startswith("{"):
        return
    text = re.sub(r"^[\w+.-]+://(?=\w+://)", "", text.strip())  # a type before a whole address, as Airflow reads it
    try:
        uri = urlsplit(text)
    except ValueError:
        return  # Airflow cannot read it either
    behind = uri.path + uri.fragment + ("" if "@" in uri.netloc else uri.query)
    if uri.scheme and "@" in behind:
        raise StopRun(
            f"{variable} is a URI with a plain / ? or # in its login or password, which ends it there",
            remedy="write these as %2F %3F %23, also % as %25 and @ as %40; or write the connection as a JSON object",
        )


def _extras(conn_id: str, text: str | None) -> Mapping[str, object]:
    # Not `extra_dejson`, which turns an unreadable extra into none at all, so that every default would hold unnoticed.
    try:
        extras = json.loads(text or "{}")
    except ValueError:
        extras = None
    if not isinstance(extras, dict):
        raise StopRun(f"the extra of connection {conn_id} is no JSON object", remedy=_where(conn_id))
    return extras


def _where(conn_id: str) -> str:
    return f"set AIRFLOW_CONN_{conn_id.upper()} or use the UI (Admin, Connections; tasks alone see those)"
