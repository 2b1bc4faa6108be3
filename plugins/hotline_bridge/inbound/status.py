"""How collecting stands (状态): the windows of each interface that is asked, and what is late, failed or not whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface


@dataclass(frozen=True, slots=True)
class CollectStatus:
    """One query or drain, at one moment. A drain has no windows."""

    interface: Interface
    windows: int
    due: int
    """Windows that the next run asks for."""
    failed: int
    """Windows whose last visit brought no usable answer."""
    incomplete: int
    """Seconds that hold more rows than an answer can, and that nobody has accepted."""
    answered_at: datetime | None
    """Its last usable answer of the last two days."""
    overdue: int
    """Windows that are late by more than the limit of alerts."""

    @property
    def is_whole(self) -> bool:
        """Nothing is late, and nothing is missing."""
        return not (self.overdue or self.incomplete)


def collect_status(local: Connection, interfaces: Sequence[Interface], overdue: dict[str, int]) -> list[CollectStatus]:
    """Look at the windows of these interfaces.

    Args:
        local: Session on the local store.
        interfaces: Queries and drains.
        overdue: Late windows by interface, as the alerts count them.
    """
    by_name = {interface.name: interface for interface in interfaces}
    rows = local.execute(read_sql("inbound/status.sql"), {"interfaces": list(by_name)}).fetchall()
    return [
        CollectStatus(by_name[name], windows, due, failed, incomplete, answered_at, overdue.get(name, 0))
        for name, windows, due, failed, incomplete, answered_at in rows
    ]
