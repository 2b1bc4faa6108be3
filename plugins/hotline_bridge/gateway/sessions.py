"""Sessions on a store for threads, which are used again."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotline_bridge.store.database import Session


class Sessions:
    """Sessions on the local store that are used again, one by each thread.

    Args:
        open_session: Gives a new one, in seconds or not at all.
    """

    def __init__(self, open_session: Callable[[], Session]) -> None:
        self._open = open_session
        self._free: list[Session] = []
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[Session]:
        """A session in autocommit until the block ends; one that broke is not used again.

        Raises:
            TryAgainLater, StopRun: The store cannot be used.
        """
        with self._lock:
            session = self._free.pop() if self._free else None
        if session is not None and not _lives(session):
            session.close()
            session = None
        session = session or self._open()
        try:
            yield session
        except BaseException as error:
            session.__exit__(type(error), error, error.__traceback__)
            raise
        with self._lock:
            self._free.append(session)

    def close(self) -> None:
        """End those that nobody uses."""
        with self._lock:
            free, self._free = self._free, []
        for session in free:
            session.close()


def _lives(session: Session) -> bool:
    try:
        session.execute("SELECT")
    except Exception:
        return False
    return True
