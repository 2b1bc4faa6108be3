"""What an error of a database means for a run, without the server's own words: they can repeat values of a row."""

from __future__ import annotations

import psycopg
from psycopg.errors import (
    CharacterNotInRepertoire,
    LockNotAvailable,
    ReadOnlySqlTransaction,
    UntranslatableCharacter,
)

from hotline_bridge.docking.shape import NOT_UPDATABLE
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.store.database import TEMPORARY

CHECK = "run `hotline check`, which names a missing table, column or right"
SERVERS_LOG = "the server's log says more; look there for this SQLSTATE"


def explain(error: psycopg.Error, table: str, *, interface: str | None = None) -> StopRun | TryAgainLater:
    """The error to raise instead.

    Args:
        error: What psycopg raised.
        table: The table that was worked on, without schema: its name is the same in both stores.
        interface: Wire name, where the table is an interface's.
    """
    what = f"the databases of {table} refuse ({type(error).__name__}, SQLSTATE {error.sqlstate or 'none'})"
    if isinstance(error, CharacterNotInRepertoire | UntranslatableCharacter):
        return StopRun(
            f"a row of docking.{table} holds bytes that are no text in the encoding of its database",
            interface=interface,
            remedy="12345 has to write that row again; a docking store in UTF8 would not have taken it",
        )
    if isinstance(error, LockNotAvailable):
        return TryAgainLater(
            f"another session holds a lock on {table}",
            interface=interface,
            remedy="the next run tries again; while 12345 loads the table in one transaction, nobody can read it",
        )
    if isinstance(error, ReadOnlySqlTransaction):
        return TryAgainLater(
            f"a server of {table} takes no writes, as a standby does after a failover",
            interface=interface,
            remedy="name the server that takes them in its connection; `hotline check` says which store it is",
        )
    if isinstance(error, TEMPORARY):
        return TryAgainLater(what, interface=interface, remedy="nothing was half done; the next run goes on")
    return StopRun(what, interface=interface, remedy=CHECK if is_found_by_check(error) else SERVERS_LOG)


def is_found_by_check(error: psycopg.Error) -> bool:
    """Whether `hotline check` names what is behind an error: a missing table, column or right, a rigid view."""
    return (error.sqlstate or "") in {"42P01", "42703", "42501", "3F000", *NOT_UPDATABLE}
