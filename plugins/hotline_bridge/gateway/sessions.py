"""Sessions on a store for threads, which are used again."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg.pq import TransactionStatus

from hotline_bridge.store.failures import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotline_bridge.store.database import Session


_SURE_FOR_S = 5.0
"""So long a session that rested is taken to live; after that it is asked."""


class Sessions:
    """Sessions on a store that are used again, one by each thread.

    Args:
        open_session: Gives a new one, in seconds or not at all.
        kept: So many rest at most; others are closed after their use.
    """

    def __init__(self, open_session: Callable[[], Session], kept: int) -> None:
        self._open = open_session
        self._kept = kept
        self._free: list[tuple[Session, float]] = []
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[Session]:
        """A session in autocommit until the block ends; one that broke, or was left within a transaction, is closed.

        Raises:
            TryAgainLater, StopRun: The store cannot be used.
        """
        with self._lock:
            rested = self._free.pop() if self._free else None
        session = rested[0] if rested else self._open()
        if rested and time.monotonic() - rested[1] > _SURE_FOR_S and not _lives(session):
            session.close()
            session = self._open()
        try:
            yield session
        except psycopg.Error as error:
            raise explain(error) from None
        finally:
            self._rest(session)

    def _rest(self, session: Session) -> None:
        with self._lock:
            is_kept = len(self._free) < self._kept and session.info.transaction_status is TransactionStatus.IDLE
            if is_kept:
                self._free.append((session, time.monotonic()))
        if not is_kept:
            session.close()

    def close(self) -> None:
        """End those that nobody uses."""
        with self._lock:
            free, self._free = self._free, []
        for session, _ in free:
            session.close()


def _lives(session: Session) -> bool:
    try:
        session.execute("SELECT")
    except Exception:
        return False
    return True
