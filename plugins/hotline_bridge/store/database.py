"""Sessions on PostgreSQL: one way to open them, so that each reads, waits and ends alike whatever a server's defaults.

Everything of ours goes through here: both stores, Alembic, Great Expectations. An error of a database never leaves the
block of a session as it is: it becomes one sentence that says what to do (`store.failures`).
"""

from __future__ import annotations

import asyncio
import json
import re
import select
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from hotline_bridge.ending import run_apart
from hotline_bridge.errors import GivenUp, StopRun
from hotline_bridge.store.failures import explain
from hotline_bridge.store.pooled import Pooled
from hotline_bridge.store.refusals import Target, unreachable, why_refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from types import TracebackType

    from psycopg.abc import Params, PQGen, QueryNoTemplate

    from hotline_bridge.errors import HotlineError

# At once, and as plain commands: a statement that reads could already fail under what a role has as default (no
# snapshot of a standby is serializable), and the names of the next one could mean something else.
_FIRST = (
    b"SET default_transaction_isolation = 'read committed'; SET statement_timeout = '300s';"
    b' SET standard_conforming_strings = on; SET search_path = "$user", public'
)
# The same, in a transaction.
_FIRST_POOLED = (
    b"SET LOCAL transaction_isolation = 'read committed'; SET LOCAL standard_conforming_strings = on;"
    b' SET LOCAL search_path = "$user", public'
)
# What a server is too old for is passed over. Whoever lowers synchronous_commit below `local` gives up that a row is on
# disk here before its docking row is marked.
_REST = """
SELECT
    pg_catalog.pg_backend_pid(),
    pg_catalog.array_agg(w.key),
    pg_catalog.count(pg_catalog.set_config(w.key, w.value, false))
FROM pg_catalog.json_each_text(%s::pg_catalog.json) AS w
WHERE
    pg_catalog.current_setting(w.key, true) IS NOT NULL
    AND (w.key <> 'synchronous_commit' OR pg_catalog.current_setting(w.key) = 'off')
"""
SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "default_transaction_read_only": "off",
        "default_transaction_deferrable": "off",
        # Nothing hangs a run for ever, and no lock outlives a run that stands still or whose machine has gone; but a
        # session may wait for the platform.
        "lock_timeout": "60s",
        "idle_in_transaction_session_timeout": "600s",
        "idle_session_timeout": "0",
        "transaction_timeout": "0",
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
        # Asia/Shanghai on the wire and in every text form.
        "TimeZone": "Asia/Shanghai",
        "DateStyle": "ISO, YMD",
        "IntervalStyle": "postgres",
        "bytea_output": "hex",
        "extra_float_digits": "1",
        "array_nulls": "on",
        "transform_null_equals": "off",
        # Our statements are many and short: compiling them costs more than it saves.
        "jit": "off",
        "synchronous_commit": "on",
    }
)
"""What every session is set to, beside search path, isolation and quoting. What the connection says wins. Not `role`:
it says who we are, not how we read."""
_OPTION = re.compile(r"(?:^|\s)-c\s*(\w+)=((?:\\.|\S)*)")
_CONNECT_S = 10.0
"""How long connecting may take where the connection string does not say."""
_OLDEST = 10_00_00
"""Older servers lack what each session asks for; openGauss and GaussDB report 9.2."""
_LOOK_S = 5.0
"""How long it may take to find out what a pooler does; one without a second place keeps us waiting."""
_POOLED: dict[str, bool] = {}
"""Connection strings at which a pooler answers, and whether it gives each transaction another server process."""


class Session(Pooled, psycopg.Connection[TupleRow]):
    """A session in autocommit; transactions are explicit (`with session.transaction()`).

    Raises:
        StopRun, TryAgainLater: On leaving its block, in the place of any psycopg.Error.
    """

    def wait(self, gen: PQGen[Any], *args: Any, **named: Any) -> Any:  # noqa: ANN401  (as its base has it)
        """All traffic of a session goes through here: its errors are marked as its own."""
        try:
            result = super().wait(gen, *args, **named)
            if end := self._end_of_statement():
                super().wait(end)
        except psycopg.Error as error:
            error.conninfo = self.conninfo  # type: ignore[attr-defined]  # read by `store.failures`
            if not self.closed and (end := self._end_of_statement()):
                super().wait(end)
            raise
        return result

    def set(self, **settings: str) -> None:
        """Set what the statements to come are run with."""
        if self.is_pooled:
            self.remember(settings)
        else:
            self.execute(_set(settings))

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Closes it; an error of a database leaves as one that says what to do."""
        super().__exit__(kind, raised, traceback)
        if isinstance(raised, psycopg.Error):
            raise explain(raised) from None


class AsyncSession(Pooled, psycopg.AsyncConnection[TupleRow]):
    """The same for use on an event loop."""

    async def wait(self, gen: PQGen[Any], *args: Any, **named: Any) -> Any:  # noqa: ANN401  (as its base has it)
        """As `Session.wait`."""
        try:
            result = await super().wait(gen, *args, **named)
            if end := self._end_of_statement():
                await super().wait(end)
        except psycopg.Error as error:
            error.conninfo = self.conninfo  # type: ignore[attr-defined]  # read by `store.failures`
            if not self.closed and (end := self._end_of_statement()):
                await super().wait(end)
            raise
        return result

    async def set(self, **settings: str) -> None:
        """As `Session.set`."""
        if self.is_pooled:
            self.remember(settings)
        else:
            await self.execute(_set(settings))

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """As `Session.__exit__`."""
        await super().__aexit__(kind, raised, traceback)
        if isinstance(raised, psycopg.Error):
            raise explain(raised) from None


class Lasting:
    """A session that is opened again where it was ended while nobody used it: by the server, a proxy or a person.

    Nothing is done twice: what finds it gone had not begun. For what waits for the platform between two statements.

    Args:
        open_session: Gives a new session.
    """

    def __init__(self, open_session: Callable[[], Awaitable[AsyncSession]]) -> None:
        self._open = open_session
        self._opening = asyncio.Lock()
        self._session: AsyncSession

    async def __aenter__(self) -> Self:
        """Opens it."""
        self._session = await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Closes it, as a session."""
        await self._session.__aexit__(kind, raised, traceback)

    @property
    def closed(self) -> bool:
        """Whether it is gone, as far as is known."""
        return self._session.closed

    async def execute(self, query: QueryNoTemplate, params: Params | None = None) -> psycopg.AsyncCursor[TupleRow]:
        """As of a session in autocommit."""
        return await (await self._living()).execute(query, params)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A transaction, on the session that it yields."""
        session = await self._living()
        async with session.transaction():
            yield session

    async def _living(self) -> AsyncSession:
        async with self._opening:
            if self._session.info.transaction_status in _AT_REST and await _has_ended(self._session):
                await self._session.close()
                self._session = await self._open()
            return self._session


AnySession = psycopg.AsyncConnection[TupleRow] | Lasting
"""A session for single statements and explicit transactions, on an event loop."""
_AT_REST = frozenset({TransactionStatus.IDLE, TransactionStatus.UNKNOWN})


async def _has_ended(session: AsyncSession) -> bool:
    """Whether a session at rest is gone. A server says nothing to one, unless it ends it."""
    if session.closed:
        return True
    heard = select.poll()
    heard.register(session.fileno(), select.POLLIN)
    if not heard.poll(0):
        return False
    try:
        await session.execute("SELECT")
    except psycopg.Error:
        return session.closed
    return False


def connect(conninfo: str) -> Session:
    """Open a session, set as `SETTINGS` says.

    Args:
        conninfo: libpq connection string, from the Airflow connection. Its `connect_timeout` holds over all addresses
            of the server; settings in its `options` win over ours.

    Raises:
        StopRun: The server refuses this account, or is none that we can use.
        TryAgainLater: The server cannot be reached now.
    """
    opening = _Opening(conninfo)
    try:
        return run_apart(opening.open, opening.within_s)
    except (psycopg.Error, GivenUp) as error:
        raise opening.why(error) from None


async def connect_async(conninfo: str) -> AsyncSession:
    """The same as `connect`, for use on an event loop."""
    opening = _Opening(conninfo)
    try:
        async with asyncio.timeout(opening.within_s):
            return await opening.open_async()
    except TimeoutError:
        raise unreachable(opening.target) from None
    except psycopg.Error as error:
        raise await asyncio.to_thread(opening.why, error) from None


class _Opening:
    """How a session is opened. Nothing but the account is asked for at first: a pooler would refuse settings."""

    def __init__(self, conninfo: str) -> None:
        said = conninfo_to_dict(conninfo)
        options = _OPTION.findall(str(said.pop("options", None) or ""))
        asked = {name: re.sub(r"\\(.)", r"\1", value) for name, value in options}
        self.target = Target.of(conninfo)
        # psycopg alone would wait so long for each address.
        self.within_s = float(said.get("connect_timeout") or _CONNECT_S)
        self._conninfo = conninfo
        # UTF-8, whatever the server stores.
        self._plain = make_conninfo("", **{**said, "client_encoding": "UTF8"})
        self._settings = {**SETTINGS, **asked}

    def open(self) -> Session:
        """A session that is set, or the error of libpq or the server."""
        session = Session.connect(self._plain, autocommit=True)
        session.conninfo = self._conninfo
        try:
            self._require_known(session.pgconn.server_version)
            session.execute(_FIRST)
            [(process, names, _)] = session.execute(_REST, [json.dumps(self._settings)]).fetchall()
            if process != session.pgconn.backend_pid and self._is_pooled():
                session.pool(_FIRST_POOLED, self._known(names))
        except BaseException:
            session.close()
            raise
        return session

    async def open_async(self) -> AsyncSession:
        """The same on an event loop."""
        session = await AsyncSession.connect(self._plain, autocommit=True)
        session.conninfo = self._conninfo
        try:
            self._require_known(session.pgconn.server_version)
            await session.execute(_FIRST)
            [(process, names, _)] = await (await session.execute(_REST, [json.dumps(self._settings)])).fetchall()
            if process != session.pgconn.backend_pid and await asyncio.to_thread(self._is_pooled):
                session.pool(_FIRST_POOLED, self._known(names))
        except BaseException:
            await session.close()
            raise
        return session

    def why(self, error: psycopg.Error | GivenUp) -> HotlineError:
        """What the error of `open` asks for."""
        if isinstance(error, GivenUp | psycopg.errors.ConnectionTimeout):
            return unreachable(self.target)
        if hasattr(error, "conninfo"):
            return explain(error)
        try:
            return run_apart(lambda: why_refused(self._plain, self.within_s), self.within_s)
        except GivenUp:
            return unreachable(self.target)

    def _require_known(self, version: int) -> None:
        if version < _OLDEST:
            raise StopRun(
                f"{self.target} calls itself version {version // 10_000}.{version // 100 % 100}: openGauss, GaussDB or"
                " too old a PostgreSQL",
                remedy="use PostgreSQL; what other servers make of its protocol was never tried",
            )

    def _known(self, names: Sequence[str]) -> dict[str, str]:
        """What each transaction is to begin with, of what the server knows."""
        return {"statement_timeout": "300s", **{name: self._settings[name] for name in names}}

    def _is_pooled(self) -> bool:
        """Whether the pooler that answered gives each transaction another server process: found out once a process.

        A pooler it is where the number of the process is none of the server's.
        """
        if self._conninfo not in _POOLED:
            try:
                _POOLED[self._conninfo] = run_apart(self._is_shared, _LOOK_S)
            except GivenUp:
                return False
        return _POOLED[self._conninfo]

    def _is_shared(self) -> bool:
        """Whether one server process serves two sessions in turn, or one session has several."""
        try:
            with (
                psycopg.connect(self._plain, autocommit=True) as one,
                psycopg.connect(self._plain, autocommit=True) as other,
            ):
                first = _process(one)
                for _ in range(10):
                    with other.transaction():
                        if first == _process(other) or first != _process(one):
                            return True
        except psycopg.Error:
            raise StopRun(
                f"a pooler stands before {self.target} and refuses transactions",
                remedy="let it keep a server's session for a transaction at least (PgBouncer: pool_mode=transaction)",
            ) from None
        return False


def _set(settings: Mapping[str, str]) -> sql.Composed:
    one = sql.SQL("SET {} = {}")
    return sql.SQL("; ").join(one.format(sql.Identifier(name), value) for name, value in settings.items())


def _process(session: psycopg.Connection[TupleRow]) -> int:
    [(process,)] = session.execute("SELECT pg_catalog.pg_backend_pid()").fetchall()
    return int(process)
