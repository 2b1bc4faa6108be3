"""What the platform shows (query and drain interfaces), by the contract: its tables, and who gives their rows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from hotline_bridge.contract.reader import contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline_bridge.contract.model import Interface

REGISTERED: Final = "registime"
"""登记时间: the field of the orders that holds when they were registered."""

TABLES: Final = frozenset(
    str(interface.table) for interface in contract().values() if interface.kind in {"query", "drain"}
)
"""The tables of the contract whose rows the platform gives."""


@cache
def interfaces_showing() -> Mapping[str, tuple[Interface, ...]]:
    """Who gives the rows of which table, in printed order; the first one's spelling is that of the rows."""
    return {
        table: tuple(interface for interface in contract().values() if interface.table == table)
        for table in sorted(TABLES)
    }
