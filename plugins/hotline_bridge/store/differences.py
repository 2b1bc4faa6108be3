"""Compares the typed tables of the local store with the contract: what `hotline check` and `make migration` ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_bridge.store.database import connect
from hotline_bridge.store.typed_tables import history_columns, typed_columns, typed_interfaces

if TYPE_CHECKING:
    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.store.typed_tables import Column

_SPELLED = {"timestamptz": "timestamp with time zone", "text []": "text[]"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One table that is not as the contract has it. `str()` says it, with what to do."""

    interface: Interface
    table: str
    is_missing: bool
    wrong: tuple[str, ...] = ()
    """Columns that are missing or of another type."""

    def __str__(self) -> str:
        """One sentence."""
        if self.is_missing:
            return (
                f"the table hotline.{self.table} of interface {self.interface.name} does not exist: its migration is"
                " missing; run `make migration NAME=...` where the contract was changed, then `hotline migrate`"
            )
        return (
            f"the table hotline.{self.table} of interface {self.interface.name} differs from the contract in"
            f" {', '.join(self.wrong)}: write a migration that changes it and its history alike"
        )


def read_differences(conninfo: str) -> list[Difference]:
    """`differences` on a session of its own.

    Args:
        conninfo: libpq connection string of the local store.

    Raises:
        TryAgainLater: The local store cannot be reached.
    """
    with connect(conninfo) as local:
        return differences(local)


def differences(local: Connection) -> list[Difference]:
    """The typed tables and their histories that are missing, or lack a column, or have one of another type.

    Args:
        local: Session on the local store; it reads the catalog only, so it needs no right on any table.
    """
    rows = local.execute(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_class AS c"
        " JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relnamespace = to_regnamespace('hotline') AND c.relkind IN ('r', 'p')"
    )
    standing: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        standing.setdefault(table, {})[column] = kind
    found = []
    for interface in typed_interfaces():
        for table, columns in (
            (str(interface.table), typed_columns(interface)),
            (f"{interface.table}_history", history_columns(interface)),
        ):
            there = standing.get(table, {})
            wrong = tuple(column.name for column in columns if there.get(column.name) != _spelled(column))
            if wrong:
                found.append(Difference(interface, table, not there, wrong if there else ()))
    return found


def _spelled(column: Column) -> str:
    """The type as the server spells it: a numeric of one number has no places behind the point."""
    kind = _SPELLED.get(column.type, column.type)
    return f"{kind.removesuffix(')')},0)" if kind.startswith("numeric(") and "," not in kind else kind
