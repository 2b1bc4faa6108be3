"""What fails of one day, kind or log ends none of the others: it is told at the end.

See architecture: ends in the right colour.
"""

from __future__ import annotations

import logging
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from hotline_bridge.errors import HotlineError, StopRun, TryAgainLater
from hotline_bridge.store.failures import explain, is_temporary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from hotline_bridge.store.database import AnySession

log = logging.getLogger(__name__)

_MOST_TOLD = 5


class Failures:
    """The failures of one run.

    Args:
        stores: The sessions that everything needs: when one of them is gone, the run ends.
    """

    def __init__(self, *stores: Connection | AnySession) -> None:
        self._stores = list(stores)
        self._found: list[tuple[str, Exception]] = []

    def needs(self, store: AnySession) -> None:
        """One more session that everything needs from here on."""
        self._stores.append(store)

    @contextmanager
    def apart(self, what: str) -> Iterator[None]:
        """What fails inside is kept for `check`, and the caller goes on.

        Args:
            what: What is done, without a value of a record: a kind and days.

        Raises:
            StopRun: As it is: no other day can do better.
            psycopg.Error: A session is gone.
        """
        try:
            yield
        except StopRun:
            raise
        except Exception as error:
            if any(store.closed for store in self._stores):
                raise
            log.error("%s failed: %s", what, _told(error))  # noqa: TRY400  (a traceback can hold values of a row)
            self._found.append((what, error))

    def left(self, what: str) -> None:
        """Something was not reached within the time budget."""
        log.warning("%s", what)
        self._found.append((what, TryAgainLater("the time budget is spent")))

    def check(self) -> None:
        """Say what failed.

        Raises:
            TryAgainLater: Only what may do better later.
            StopRun: Something that a person has to look at.
        """
        if not self._found:
            return
        told = "; ".join(f"{what}: {_told(error)}" for what, error in self._found[:_MOST_TOLD])
        if beyond := len(self._found) - _MOST_TOLD:
            told += f"; and {beyond} more" if beyond > 0 else ""
        if all(_may_do_better(error) for _, error in self._found):
            raise TryAgainLater(told, remedy="all else was judged and is kept; the next run takes these up again")
        raise StopRun(
            told, remedy="all else was judged and is kept; run `hotline check`, and give this line to the maintainers"
        )


def _may_do_better(error: Exception) -> bool:
    return isinstance(error, TryAgainLater) or (isinstance(error, psycopg.Error) and is_temporary(error))


def _told(error: Exception) -> str:
    """An error without the values that it may repeat: its own words only where they are ours."""
    if isinstance(error, HotlineError):
        return str(error)
    if isinstance(error, psycopg.Error):
        return str(explain(error))
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{where}"
