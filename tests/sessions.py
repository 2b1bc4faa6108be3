"""What a test asks a store itself, over a session that stays open: to open one takes longer than most questions."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from select import select
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

_open: dict[str, psycopg.Connection[Any]] = {}


def ask(conninfo: str, query: str, *values: object) -> list[Any]:
    """A statement that is committed at once, and the rows that it gives; times are those of Shanghai.

    Args:
        conninfo: Of the database.
        query: With `%s` for each value.
        *values: Its parameters.
    """
    if threading.current_thread() is not threading.main_thread():  # it may have to wait for one that waits for it
        with _connect(conninfo) as own:
            return _rows(own, query, values)
    kept = session(conninfo)
    try:
        return _rows(kept, query, values)
    except psycopg.OperationalError:
        if not kept.closed:
            raise
    return _rows(session(conninfo), query, values)


@contextmanager
def writing(conninfo: str) -> Iterator[psycopg.Connection[Any]]:
    """The same session for several statements in one transaction."""
    if threading.current_thread() is not threading.main_thread():
        with _connect(conninfo) as own, own.transaction():
            yield own
        return
    kept = session(conninfo)
    with kept.transaction():
        yield kept


def session(conninfo: str) -> psycopg.Connection[Any]:
    """The session of `ask`, alive: opened again where a test, or the server, ended it."""
    kept = _open.get(conninfo)
    if kept is not None and not kept.closed and not select([kept], [], [], 0)[0]:  # at rest it hears its end alone
        return kept
    close(conninfo)
    _open[conninfo] = _connect(conninfo)
    return _open[conninfo]


def close(conninfo: str) -> None:
    """Ends that session, if there is one."""
    if kept := _open.pop(conninfo, None):
        kept.close()


def _connect(conninfo: str) -> psycopg.Connection[Any]:
    return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None, options="-c TimeZone=Asia/Shanghai")


def _rows(connection: psycopg.Connection[Any], query: str, values: tuple[object, ...]) -> list[Any]:
    cursor = connection.execute(query.encode(), values or None)
    return cursor.fetchall() if cursor.description else []
