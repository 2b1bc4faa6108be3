"""What an error of a database means for a run, without the server's own words: they can repeat values of a row."""

from __future__ import annotations

import psycopg
from psycopg.errors import CharacterNotInRepertoire, LockNotAvailable, UntranslatableCharacter

from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.store.database import TEMPORARY


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
    if isinstance(error, TEMPORARY):
        return TryAgainLater(what, interface=interface, remedy="nothing was half done; the next run goes on")
    return StopRun(
        what, interface=interface, remedy="run `hotline check`, which names a missing table, column or right"
    )
