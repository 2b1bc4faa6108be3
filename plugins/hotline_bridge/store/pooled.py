"""Sessions behind a pooler that gives each transaction another server process (PgBouncer's `pool_mode = transaction`).

Nothing that such a session sets, locks or makes outlasts a transaction, and it finds what others left behind. So each
transaction begins with all that the session needs, a statement by itself is a transaction, and a lock over several
stands in a transaction of its own, on another session.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import generators, sql
from psycopg.pq import ExecStatus, TransactionStatus

from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from psycopg._connection_base import BaseConnection
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGresult
    from psycopg.rows import TupleRow

    _Base = BaseConnection[TupleRow]
else:
    _Base = object

_OPEN = frozenset({TransactionStatus.INTRANS, TransactionStatus.INERROR})
_FORGET = b"DISCARD TEMP"
"""Other sessions' tables, perhaps of an older version of ours, stand in the way of ours."""


class Pooled(_Base):
    """Put before a class of psycopg's; on a server process of its own a session is a plain one."""

    conninfo = ""
    """What it was opened with. It holds the password: never log it."""
    is_pooled = False
    """Whether each transaction may have another server process."""

    def pool(self, first: bytes, settings: Mapping[str, str]) -> None:
        """From now on begin each transaction with these.

        Args:
            first: Plain commands.
            settings: Values by name.
        """
        self.is_pooled = True
        self._first, self._settings = first, dict(settings)
        self.tables: list[bytes] = []
        """Statements that make temporary tables in each transaction."""
        self.carried: dict[str, list[bytes]] = {}
        """Rows of `lasting_tables` in between, as COPY has them."""
        # The next server process knows no statement that was prepared on this one.
        self.prepare_threshold = None

    def remember(self, settings: Mapping[str, str]) -> None:
        """Set these in each transaction to come, beside those from before."""
        self._settings.update(settings)

    def _get_tx_start_command(self) -> bytes:
        begin = super()._get_tx_start_command()
        if not self.is_pooled:
            return begin
        settings = [
            sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(_in_transaction(name)), _value(name, value))
            for name, value in self._settings.items()
        ]
        tables = [_FORGET, *self.tables] if self.tables else []
        return b";\n".join((begin, self._first, *(one.as_bytes() for one in settings), *tables))

    def _start_query(self) -> PQGen[None]:
        if self.is_pooled and self.autocommit and self.pgconn.transaction_status == TransactionStatus.IDLE:
            if self._pipeline:
                raise psycopg.ProgrammingError("behind a pooler, executemany needs a transaction")
            yield from self._exec_command(self._get_tx_start_command())
        else:
            yield from super()._start_query()

    def _exec_command(self, command: Any, *args: Any) -> PQGen[PGresult | None]:  # noqa: ANN401  (as its base has it)
        if not self.is_pooled or not isinstance(command, bytes) or not command.startswith(b"BEGIN"):
            return (yield from super()._exec_command(command, *args))
        # psycopg expects one result of a command.
        self._check_connection_ok()
        self.pgconn.send_query(command)
        results: list[PGresult] = yield from generators.execute(self.pgconn)
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                error = psycopg.errors.error_from_result(result)
                # psycopg counts a transaction that could not begin: nothing more can be done on this session.
                self.pgconn.finish()
                raise error
        return results[0]

    def _end_of_statement(self) -> PQGen[PGresult | None] | None:
        """What ends the transaction of a statement by itself, after it; None where there is none to end."""
        status = self.pgconn.transaction_status
        if not self.is_pooled or not self.autocommit or self._num_transactions or self._pipeline or status not in _OPEN:
            return None
        return self._exec_command(b"COMMIT" if status == TransactionStatus.INTRANS else b"ROLLBACK")


def _in_transaction(name: str) -> str:
    """A default for transactions comes too late for the one that has begun."""
    return name.removeprefix("default_") if name.startswith("default_transaction_") else name


def _value(name: str, value: str) -> sql.Composable:
    if name == "search_path":
        return sql.SQL(", ").join(sql.Identifier(schema.strip().strip('"')) for schema in value.split(","))
    return sql.Literal(value)


def hold(session: Pooled) -> None:
    """Let what a pooled session locks from now on, by `_xact_` locks, stay locked until it is closed.

    It keeps a server process for as long, by a transaction without a snapshot, which holds up no VACUUM.
    """
    session.remember({"idle_in_transaction_session_timeout": "0"})
    session.autocommit = False


def make_tables(session: psycopg.Connection[Any], statements: sql.SQL) -> None:
    """Make temporary tables that are empty again at the end of every transaction.

    Args:
        session: Behind a pooler it makes them in each transaction, from the one that is open on.
        statements: Make those that are missing.
    """
    if not isinstance(session, Pooled) or not session.is_pooled:
        session.execute(statements)
        return
    made = statements.as_bytes()
    if made not in session.tables:
        session.tables.append(made)
        if session.pgconn.transaction_status == TransactionStatus.INTRANS:
            session.execute(b";\n".join((_FORGET, made)))


def need_own_server(session: object, what: str) -> None:
    """Refuse what works on a server process of its own alone.

    Raises:
        StopRun: A pooler gives each transaction another one.
    """
    if isinstance(session, Pooled) and session.is_pooled:
        raise StopRun(
            f"{what} needs a session of the server's own, and a pooler gives each transaction another one",
            remedy="run it with the server's own address in the connection (PgBouncer: or pool_mode=session)",
        )


@contextmanager
def lasting_tables(session: psycopg.Connection[Any], names: Sequence[str], statements: bytes) -> Iterator[None]:
    """Temporary tables that last from one transaction to the next, for the one that is open.

    Behind a pooler their rows wait in this process' memory in between.

    Args:
        session: In a transaction.
        names: The tables.
        statements: Make those that are missing.
    """
    if not isinstance(session, Pooled) or not session.is_pooled:
        session.execute(statements)
        yield
        return
    session.execute(b";\n".join((_FORGET, statements)))
    for name, rows in session.carried.items():
        with session.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
            for row in rows:
                copy.write(row)
    yield
    for name in names:
        with session.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as copy:
            session.carried[name] = [bytes(row) for row in copy]
    session.execute(_FORGET)
