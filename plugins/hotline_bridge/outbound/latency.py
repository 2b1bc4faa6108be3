"""How long a docking row takes from written to delivered (写入至上报), as the last hour shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface

WITHIN = timedelta(hours=1)
TARGET_S = 75.0
"""What the 95th percentile should not exceed while the platform answers: flows run every minute."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from `written_at` of the docking row to `settled_at` of its delivered version.

    Waiting of any kind counts: for the next run, for a platform that was down, in quarantine.
    """

    interface: str | None
    """None: all that were asked for, together."""
    delivered: int
    """Versions delivered in the last hour: what the percentiles are of."""
    median_s: float
    p95_s: float


def read_latency(local: Connection, interfaces: Sequence[Interface]) -> dict[str | None, Latency]:
    """By interface name, and under None over all of them; nothing where nothing was delivered in the last hour."""
    rows = local.execute(
        read_sql("outbound/latency.sql"),
        {"interfaces": [interface.name for interface in interfaces], "within": WITHIN},
    ).fetchall()
    return {row[0]: Latency(*row) for row in rows}
