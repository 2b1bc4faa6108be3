"""A hotline that never sleeps: sample rows written into the docking store, a few a second, as 12345 would."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import datetime
from itertools import count, islice
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.store.database import connect
from hotline_sandbox.sample.load import copy_rows
from hotline_sandbox.sample.mix import WRITTEN_AGAIN_WITHIN, sample_rows
from hotline_sandbox.sample.orders import order_rows, write_notes
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.sample.world import SETTLES_WITHIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_sandbox.sample.mix import SampleRow
    from hotline_sandbox.sample.orders import Note
    from hotline_sandbox.sample.world import Row

_AT_ONCE = 600


ORDERS = 0.1
"""Orders for each row of the logs."""


class Trickle:
    """Writes rows at a steady rate, whenever it is asked to: logs, and orders with what follows them.

    Args:
        conninfo: libpq connection string of the docking store.
        rate: Rows a second, over the four logs.
    """

    def __init__(self, conninfo: str, rate: float) -> None:
        self._connection = connect(conninfo)
        self._rate = rate
        self._logs, self._orders = _logs_without_end(), _orders_without_end()
        self._started = time.monotonic()
        self.logs = self.orders = 0
        """Rows written so far."""

    def write_due(self) -> None:
        """Write what has come due since the last call, as written now."""
        due = (time.monotonic() - self._started) * self._rate
        logs = list(islice(self._logs, int(due) - self.logs))
        orders = list(islice(self._orders, int(due * ORDERS) - self.orders))
        now = datetime.now(SHANGHAI)
        rows: dict[str, list[tuple[Row, datetime]]] = defaultdict(list)
        for row in (*logs, *(order for order, _ in orders)):
            rows[row.interface].append((row.row, now))
        for name, written in rows.items():
            copy_rows(self._connection, contract()[name], written)
        write_notes(self._connection, (note._replace(written_at=now) for _, notes in orders for note in notes))
        self.logs += len(logs)
        self.orders += len(orders)

    def close(self) -> None:
        """End the session."""
        self._connection.close()


def _logs_without_end() -> Iterator[SampleRow]:
    """The last day of one invented hotline after another, each up to the present: new keys with every seed."""
    for seed in count(int(time.time())):
        now = datetime.now(SHANGHAI)
        for row in sample_rows(_AT_ONCE, seed=seed, end=now + SETTLES_WITHIN + WRITTEN_AGAIN_WITHIN):
            if row.written_at <= now:
                yield row


def _orders_without_end() -> Iterator[tuple[SampleRow, list[Note]]]:
    """The orders of the last days of one invented hotline after another: new numbers with every seed."""
    for seed in count(int(time.time()) + 1):
        yield from order_rows(_AT_ONCE, seed=seed, end=datetime.now(SHANGHAI))
