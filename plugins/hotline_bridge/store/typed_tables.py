"""Which interface has which typed table, and of which types its columns are: read by whoever asks no SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Field, Interface


def typed_interfaces() -> tuple[Interface, ...]:
    """One interface for each typed table, whose columns it has: of a query and a drain that share one, the query."""
    kept: dict[str, Interface] = {}
    for interface in contract().values():
        if interface.table is not None and (interface.table not in kept or interface.kind == "query"):
            kept[interface.table] = interface
    return tuple(kept.values())


def column_type(field: Field) -> str:
    """PostgreSQL type in the local store of a field of the contract (architecture: times are read by us)."""
    if field.format == "moment":
        return "timestamptz"
    match field.kind:
        case "time" | "timestamp":
            return "timestamptz"
        case "date":
            return "date"
        case "number":
            return f"numeric({field.length})" if field.length else "numeric"
        case "text":
            return "text"


def window_column(interface: Interface) -> str:
    """The time by which rows of its table are chosen: written by 12345, or loaded from the platform."""
    return "written_at" if interface.kind == "report" else "loaded_at"
