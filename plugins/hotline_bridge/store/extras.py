"""The extras of `docking_db` and `local_db`: one table that the reader, the forms and the documentation share.

Free of Airflow, which asks for the forms while it is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


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
SHORT_SILENCE: Mapping[str, str] = MappingProxyType(
    {"keepalives_idle": "2", "keepalives_interval": "1", "keepalives_count": "3", "tcp_user_timeout": "5000"}
)
"""Where somebody waits for an answer, a network that breaks is noticed within five seconds, not the minute of tasks."""
