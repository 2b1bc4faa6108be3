"""One order in the docking store: as it stands there, and written as 12345 writes it (specification 4.1.2)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.docking.source import source_of
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface


@dataclass(frozen=True, slots=True)
class DockedOrder:
    """The newest row of one order."""

    values: Mapping[str, str] = field(repr=False)
    """By wire name; NULL is the empty text."""
    state: str | None
    """What `docking.order_status` says: `received`, `failed`, or None while nothing is decided."""
    message: str
    """Why it was not received, in Chinese; else empty."""

    @property
    def seen(self) -> str:
        """What tells this content from any other."""
        return content_mark(self.values)


def content_mark(values: Mapping[str, str] | None) -> str:
    """A short text that changes with the content of an order; empty for none."""
    if values is None:
        return ""
    told = {name: value for name, value in sorted(values.items()) if value}
    return sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()[:32]


def read_order(docking: Connection, interface: Interface, regino: str) -> DockedOrder | None:
    """The order as its newest row says, or None where 12345 has written none.

    Args:
        docking: Session on the docking store.
        interface: Of its kind.
        regino: Its number (工单编号).
    """
    source = source_of(docking, interface)
    query = read_sql("docking/orders.sql", "newest").format(
        content=source.content,
        table=source.identifier,
        key=sql.Identifier("d", interface.key_column),
    )
    found = docking.execute(query, {"regino": regino}).fetchone()
    if found is None:
        return None
    state, message, content = found
    return DockedOrder({field.name: content[field.name] for field in interface.request}, state, message or "")


def write_order(docking: Connection, interface: Interface, values: Mapping[str, str]) -> None:
    """Write an order as a new row, which is newer than all others of its number: intake takes it from there.

    Nothing that 12345 wrote is changed, so the account needs no right to update.

    Args:
        docking: Session on the docking store.
        interface: Of its kind.
        values: By wire name; the empty text becomes NULL.
    """
    columns = [field.column for field in interface.request]
    query = read_sql("docking/orders.sql", "write").format(
        table=sql.Identifier("docking", str(interface.table)),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join(map(sql.Placeholder, columns)),
    )
    docking.execute(query, {field.column: values.get(field.name) or None for field in interface.request})


def lock_order(docking: Connection, interface: Interface, regino: str) -> None:
    """Let one at a time write an order of this number, until the transaction ends."""
    docking.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"hotline.order.{interface.name}.{regino}"]
    )
