"""Publishing (回写): what 12345 is to read of its orders goes into the docking store, where it differs (4.1.2, 4.2).

One transaction a table; what is right already is not touched. Equal runs write nothing, also after somebody changed or
emptied a table by hand: a whole run, or the next change of the order, mends it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.docking import docking_tables
from hotline_bridge.outbound.quarantine import reason_zh
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg import Connection

    from hotline_bridge.docking import DockingTable

OVERLAP = timedelta(minutes=10)
"""A transaction that began before the last run may have committed after it; none lasts longer (statement_timeout)."""
WHOLE_EVERY = timedelta(days=1)
"""How often every order is compared, changed or not: for what was changed in the docking store by hand."""

OF_ORDERS = (
    *("order_status", "order_return", "order_routing", "acceptance_filing"),
    *("complaint_case_feedback", "report_case_feedback", "consultation_feedback", "feedback_exchange"),
    *("subject_info", "object_info", "complaint_content", "report_violation_content"),
)
"""Tables with rows of orders; `include/sql/publish/<table>.sql` selects what they are to hold."""


@dataclass(frozen=True, slots=True)
class PublishCounts:
    """What one run did with one table of the docking store, in rows."""

    desired: int = 0
    """Rows that the orders looked at are to have."""
    written: int = 0
    """Rows that were not there, or were different."""
    removed: int = 0
    """Rows of these orders that should not be there."""

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


def publish(docking: Connection, local: Connection, *, whole: bool = False) -> dict[str, PublishCounts]:
    """Write what differs, of all orders that changed since the last run, or of all.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit.
        whole: Compare every order; done anyway once in `WHOLE_EVERY`.

    Returns:
        Counts by table.
    """
    with local.transaction():
        local.execute("SELECT pg_advisory_xact_lock(hashtextextended('hotline.publish', 0))")
        now, until, whole_at = local.execute(read_sql("publish/last_run.sql").encode()).fetchone() or (None,) * 3
        whole = whole or until is None or whole_at is None or now - whole_at >= WHOLE_EVERY
        _find_changed(local, None if whole else until - OVERLAP)
        local.execute("ANALYZE changed")
        [(changed,)] = local.execute("SELECT count(*) FROM changed").fetchall()
        counts = {
            table: _publish_orders(docking, local, docking_tables()[table]) if changed else PublishCounts()
            for table in OF_ORDERS
        }
        counts["standard_data"] = _publish_rows(docking, local, docking_tables()["standard_data"], whole=True)
        local.execute(read_sql("publish/note_run.sql").encode(), {"now": now, "whole": whole})
    return counts


def _find_changed(local: Connection, since: datetime | None) -> None:
    """Put the numbers of the orders to look at into the temporary table `changed`."""
    local.execute("CREATE TEMPORARY TABLE changed (regino text PRIMARY KEY) ON COMMIT DROP")
    parameters = {"orders": [interface.name for interface in interfaces_of("order")], "since": since}
    if since is None:
        query = sql.SQL(read_sql("publish/all_orders.sql"))
        local.execute(sql.SQL("INSERT INTO changed {}").format(query), parameters)
        return
    changed = sql.SQL(read_sql("publish/changed_orders.sql")).format(answers=sql.SQL(" UNION ALL ").join(_answers()))
    local.execute(sql.SQL("INSERT INTO changed {}").format(changed), parameters)


def _answers() -> Iterable[sql.Composed]:
    """Orders of whose answers rows came or went."""
    tables = {
        str(interface.table): interface.key_column for interface in contract().values() if interface.mode is not None
    }
    for table, key in tables.items():
        for name, moment in ((table, "loaded_at"), (f"{table}_history", "replaced_at")):
            yield sql.SQL("SELECT {key} AS regino FROM {table} WHERE {moment} >= %(since)s").format(
                key=sql.Identifier(key), table=sql.Identifier("hotline", name), moment=sql.Identifier(moment)
            )


def _publish_orders(docking: Connection, local: Connection, table: DockingTable) -> PublishCounts:
    return _publish_rows(docking, local, table, whole=False)


def _publish_rows(docking: Connection, local: Connection, table: DockingTable, *, whole: bool) -> PublishCounts:
    """Bring one table to what it is to hold: of the changed orders, or as a whole."""
    columns = [sql.Identifier(column.name) for column in table.columns]
    parts: dict[str, sql.Composable] = {
        "table": sql.Identifier("docking", table.name),
        "columns": sql.SQL(", ").join(columns),
        "key_columns": sql.SQL(", ").join(map(sql.Identifier, table.key)),
        "current": sql.SQL(", ").join(sql.SQL("t.{}").format(column) for column in columns),
        "excluded": sql.SQL(", ").join(sql.SQL("excluded.{}").format(column) for column in columns),
        "same_key": sql.SQL(" AND ").join(sql.SQL("d.{0} = t.{0}").format(sql.Identifier(name)) for name in table.key),
        "looked_at": sql.SQL("TRUE" if whole else "t.regino IN (SELECT regino FROM looked_at)"),
    }
    with docking.transaction():
        docking.execute(sql.SQL(read_sql("publish/desired_table.sql")).format(**parts))
        if not whole:
            _pipe(local, docking, "SELECT regino FROM changed", "looked_at", "regino")
        names = ", ".join(column.name for column in table.columns)
        desired = _pipe(local, docking, _desired(local, table), "desired", names)
        written = docking.execute(sql.SQL(read_sql("publish/upsert.sql")).format(**parts)).rowcount
        removed = docking.execute(sql.SQL(read_sql("publish/remove.sql")).format(**parts)).rowcount
        docking.execute("DROP TABLE desired, looked_at")
    return PublishCounts(desired, written, removed)


def _desired(local: Connection, table: DockingTable) -> str:
    """The query for what a table is to hold, with its columns in the table's order."""
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    query = sql.SQL("SELECT {} FROM ({}) AS wanted").format(names, sql.SQL(read_sql(f"publish/{table.name}.sql")))
    parameters = {
        "orders": [interface.name for interface in interfaces_of("order")],
        "words": json.dumps(_words(local)) if table.name == "order_status" else "[]",
    }
    # COPY takes no parameters, so they are bound here, by psycopg.
    return psycopg.ClientCursor(local).mogrify(query, parameters)


def _words(local: Connection) -> list[dict[str, str]]:
    """Broken rules of the orders looked at in Chinese."""
    found = local.execute(
        read_sql("publish/broken_rules.sql").encode(), {"orders": [order.name for order in interfaces_of("order")]}
    ).fetchall()
    return [{"interface": name, "reason": rule, "zh": reason_zh(name, rule)} for name, rule in found]


def _pipe(local: Connection, docking: Connection, query: str, table: str, columns: str) -> int:
    """Copy the rows of a local query into a temporary table of the docking store, as bytes. Returns how many."""
    into = docking.cursor()
    with (
        local.cursor().copy(f"COPY ({query}) TO STDOUT".encode()) as rows,
        into.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as target,
    ):
        for block in rows:
            target.write(block)
    return into.rowcount
