"""A hotline that never sleeps: sample rows written into the docking store, a few a second, as 12345 would."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import datetime
from itertools import count, islice
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.sample.load import copy_rows
from hotline_bridge.sample.mix import WRITTEN_AGAIN_WITHIN, sample_rows
from hotline_bridge.sample.traffic import SHANGHAI
from hotline_bridge.sample.world import SETTLES_WITHIN
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.sample.mix import SampleRow
    from hotline_bridge.sample.world import Row

_AT_ONCE = 600


class Trickle:
    """Writes rows at a steady rate, whenever it is asked to.

    Args:
        conninfo: libpq connection string of the docking store.
        rate: Rows a second, over the four logs.
    """

    def __init__(self, conninfo: str, rate: float) -> None:
        self._connection = connect(conninfo)
        self._rate = rate
        self._rows = _rows_without_end()
        self._started = time.monotonic()
        self.written = 0

    def write_due(self) -> None:
        """Write the rows that have come due since the last call, as written now."""
        due = int((time.monotonic() - self._started) * self._rate) - self.written
        rows: dict[str, list[tuple[Row, datetime]]] = defaultdict(list)
        for row in islice(self._rows, due):
            rows[row.interface].append((row.row, datetime.now(SHANGHAI)))
            self.written += 1
        for name, written in rows.items():
            copy_rows(self._connection, contract()[name], written)

    def close(self) -> None:
        """End the session."""
        self._connection.close()


def _rows_without_end() -> Iterator[SampleRow]:
    """The last day of one invented hotline after another, each up to the present: new keys with every seed."""
    for seed in count(int(time.time())):
        now = datetime.now(SHANGHAI)
        for row in sample_rows(_AT_ONCE, seed=seed, end=now + SETTLES_WITHIN + WRITTEN_AGAIN_WITHIN):
            if row.written_at <= now:
                yield row
