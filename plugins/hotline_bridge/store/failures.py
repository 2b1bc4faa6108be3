"""What an error of a database asks for: one place for both stores and every statement, told by SQLSTATE alone.

The server's own words are left out: they are in its language, and can repeat values of a row.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.store.refusals import Target
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_GOES_ON = "nothing was half done; the next run goes on"
_TEMPORARY = (
    psycopg.OperationalError,
    errors.IdleInTransactionSessionTimeout,
    errors.ReadOnlySqlTransaction,
)
"""Errors of a database that say nothing of a statement: the next run may do better."""
_KNOWN: tuple[tuple[tuple[type[psycopg.Error], ...], str, str], ...] = (
    ((errors.InsufficientPrivilege,), "this account lacks a right on {on}", ""),
    (
        (errors.LockNotAvailable,),
        "another session holds a lock on {on}",
        "the next run tries again; a load in one transaction lets nobody else in",
    ),
    (
        (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction, errors.InvalidSchemaName),
        "{on} lacks a table, column or function that this version needs",
        "run `hotline migrate`; what is then still missing in a table of 12345, `hotline check` names",
    ),
    (
        (errors.InvalidSqlStatementName, errors.DuplicatePreparedStatement),
        "a pooler changes the server under the sessions of {where}",
        "give its connection the server's own address, or set pool_mode=session",
    ),
    (
        (errors.ReadOnlySqlTransaction,),
        "{on} takes no changes: its server is a standby, or read only",
        "after a failover, give its connection the address of the new primary; the next run tries again",
    ),
    (
        (errors.ObjectNotInPrerequisiteState, errors.FeatureNotSupported, errors.WrongObjectType),
        "{on} takes no changes, as a view that is no plain selection of one table",
        "`hotline check` says what the view has to be",
    ),
    ((errors.DiskFull,), "the disk of {where} is full", f"make room there; {_GOES_ON}"),
    (
        (errors.QueryCanceled,),
        "a statement on {on} took longer than it may (statement_timeout), or was cancelled",
        _GOES_ON,
    ),
    ((errors.DeadlockDetected, errors.SerializationFailure), "two sessions were in each other's way on {on}", _GOES_ON),
)
"""What a single error means and asks for."""
_NAMED = 3
"""Holders of a lock named at most."""


def is_temporary(error: psycopg.Error) -> bool:
    """Whether the next run may do better, as nothing is wrong with the statement."""
    return isinstance(error, _TEMPORARY)


def cause_of(error: psycopg.Error) -> str:
    """The error by its class and SQLSTATE, fit for a log."""
    return f"{type(error).__name__}, SQLSTATE {error.sqlstate or 'none'}"


@contextmanager
def explained(table: str | None = None, *, interface: str | None = None, what: str | None = None) -> Iterator[None]:
    """Raise what `explain` makes of it where the database refuses; arguments as there.

    Raises:
        StopRun: A person has to see to it: a table, column or right is missing, or a row cannot be read.
        TryAgainLater: The next run may do better: a session broke off, a lock was held, something took too long.
    """
    try:
        yield
    except psycopg.Error as error:
        raise explain(error, table, interface=interface, what=what) from None


def explain(
    error: psycopg.Error, table: str | None = None, *, interface: str | None = None, what: str | None = None
) -> StopRun | TryAgainLater:
    """The error to raise instead.

    Where a right is missing or something is locked, the database is asked once more for the GRANT or the holder.

    Args:
        error: What psycopg raised.
        table: The table that was worked on, without schema.
        interface: Wire name, where the table is an interface's.
        what: What could not be done, as the beginning of the sentence.
    """
    conninfo: str | None = getattr(error, "conninfo", None)  # of the `store.database.Session` that raised it
    where = str(Target.of(conninfo)) if conninfo else "a database"
    if isinstance(error, errors.CharacterNotInRepertoire | errors.UntranslatableCharacter) and table:
        return StopRun(
            f"a row of docking.{table} holds bytes that are no text in the encoding of its database",
            interface=interface,
            remedy="12345 has to write that row again; a docking store in UTF8 would not have taken it",
        )
    on = f"{table} of {where}" if table else where
    clause, remedy = next((told for kinds, *told in _KNOWN if isinstance(error, kinds)), _by_class(error))
    if isinstance(error, errors.InsufficientPrivilege):
        remedy = _grant(conninfo)
    if isinstance(error, errors.LockNotAvailable):
        clause += holders(conninfo, table)
    clause = clause.format(on=on, where=where)
    kind = TryAgainLater if is_temporary(error) else StopRun
    told = f"{what} ({cause_of(error)}): {clause}" if what else f"{clause} ({cause_of(error)})"
    return kind(told, interface=interface, remedy=remedy)


def _by_class(error: psycopg.Error) -> tuple[str, str]:
    """What happened and what to do, where no single SQLSTATE tells it."""
    state = error.sqlstate or ""
    if state.startswith(("08", "57P", "25P")) or (not state and is_temporary(error)):
        return "the session on {on} was ended", f"{_GOES_ON}; if it happens again, see that server's log"
    if is_temporary(error):
        return "{on}: its server lacks what the statement needs, or broke off", f"see that server's log; {_GOES_ON}"
    if isinstance(error, psycopg.DataError | psycopg.IntegrityError):
        return "{on} refuses a value", "give this line to the maintainers, and to whoever gave the table that rule"
    return "{on} refuses a statement", "see that server's log, and give this line to the maintainers"


def missing_grants(conninfo: str | None) -> list[str]:
    """The statements that give this account what the bridge does in a store; none where the catalogs tell of none.

    Args:
        conninfo: libpq connection string of either store.
    """
    tables = docking_tables().values()
    parameters = {
        "theirs": [table.name for table in tables if table.written_by == "12345"],
        "ours": [table.name for table in tables if table.written_by == "bridge"],
    }
    return [str(grant) for (grant,) in _ask(conninfo, "store/missing_rights.sql", parameters)]


def _grant(conninfo: str | None) -> str:
    """The very GRANT that is missing, if the catalogs tell."""
    missing = missing_grants(conninfo)
    if not missing:
        return "see that server's log for the object, and let its owner grant the right"
    return f"let the owner run: {'; '.join(missing)}"


def holders(conninfo: str | None, table: str | None = None) -> str:
    """Who holds locks on tables of ours now, longest first, as an addition to a sentence; empty when nobody does."""
    found = _ask(conninfo, "store/lock_holders.sql", {"table": table, "most": _NAMED})
    told = [f"{relation}: process {pid} of {account}, for {seconds} s" for pid, account, relation, seconds in found]
    return f" ({'; '.join(told)})" if told else ""


def _ask(conninfo: str | None, file: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """What a session of its own reads; nothing where none can be had."""
    if conninfo is None:
        return []
    try:
        with psycopg.connect(conninfo, autocommit=True, client_encoding="UTF8") as session:
            session.execute("SET statement_timeout = '10s'")
            return session.execute(read_sql(file), parameters).fetchall()
    except psycopg.Error:
        return []
