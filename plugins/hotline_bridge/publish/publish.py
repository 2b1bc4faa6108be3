"""Publishing (回写): what 12345 is to read of its orders goes into the docking store, where it differs (4.1.2, 4.2).

One transaction a table; what is right already is neither touched nor locked, and columns that the bridge does not carry
are left to whoever fills them in. Equal runs write nothing. What somebody changed or emptied by hand is mended by a
whole run, or by the next change of the order.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
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

_ROWS_A_BLOCK = 500

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
    tables = docking_tables()
    counts = dict.fromkeys((*OF_ORDERS, "standard_data"), PublishCounts())
    with local.transaction():
        local.execute("SELECT pg_advisory_xact_lock(hashtextextended('hotline.publish', 0))")
        now, until, whole_at = local.execute(read_sql("publish/last_run.sql").encode()).fetchone() or (None,) * 3
        whole = whole or until is None or whole_at is None or now - whole_at >= WHOLE_EVERY
        if _find_changed(local, None if whole else until - OVERLAP):
            docking.execute(read_sql("publish/looked_at_table.sql").encode())
            _pipe(local, docking, "SELECT regino FROM changed", "looked_at", ["regino"])
            docking.execute("ANALYZE looked_at")
            counts |= {table: _publish_rows(docking, local, tables[table], of_orders=True) for table in OF_ORDERS}
        if _differs(docking, local, tables["standard_data"]):
            counts["standard_data"] = _publish_rows(docking, local, tables["standard_data"], of_orders=False)
        local.execute(read_sql("publish/note_run.sql").encode(), {"now": now, "whole": whole})
    return counts


def _find_changed(local: Connection, since: datetime | None) -> bool:
    """Put the numbers of the orders to look at into the temporary table `changed`, the finished ones into `finished`.

    Returns:
        Whether there are any.
    """
    local.execute("CREATE TEMPORARY TABLE changed (regino text PRIMARY KEY) ON COMMIT DROP")
    changed = all_orders() if since is None else changed_orders()
    parameters = {"orders": _orders(), "since": since}
    if not local.execute(sql.SQL("INSERT INTO changed {}").format(changed), parameters).rowcount:
        return False
    local.execute("ANALYZE changed")
    feedback = {str(drain.table): drain.key_column for drain in interfaces_of("feedback")}
    finished = (
        sql.SQL("SELECT f.{key} AS regino FROM {table} AS f INNER JOIN changed ON f.{key} = changed.regino").format(
            key=sql.Identifier(key), table=sql.Identifier("hotline", table)
        )
        for table, key in feedback.items()
    )
    local.execute(sql.SQL(read_sql("publish/find_finished.sql")).format(answers=sql.SQL(" UNION ").join(finished)))
    local.execute("ANALYZE finished")
    return True


def all_orders() -> sql.Composable:
    """The query for all orders; parameter `orders`: the interfaces that report them."""
    return sql.SQL(read_sql("publish/all_orders.sql"))


def changed_orders() -> sql.Composable:
    """The query for orders that changed; parameters as of `all_orders`, and `since`, an aware moment."""
    return sql.SQL(read_sql("publish/changed_orders.sql")).format(answers=sql.SQL(" UNION ").join(_answers()))


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


def _differs(docking: Connection, local: Connection, table: DockingTable) -> bool:
    """Whether a small table of the docking store holds anything else than it is to hold; reads both, writes nothing."""
    held = sql.SQL("SELECT {} FROM {}").format(_list(table.carried), sql.Identifier("docking", table.name))
    wanted = local.execute(_desired(local, table).encode()).fetchall()
    return set(wanted) != set(docking.execute(held).fetchall())


def _publish_rows(docking: Connection, local: Connection, table: DockingTable, *, of_orders: bool) -> PublishCounts:
    """Bring one table to what it is to hold: of the changed orders, or as a whole."""
    own = [name for name in table.carried if name not in table.key]
    parts: dict[str, sql.Composable] = {
        "table": sql.Identifier("docking", table.name),
        "held": sql.SQL("{} AS t").format(sql.Identifier("docking", table.name)),
        "columns": _list(table.carried),
        "key_columns": _list(table.key),
        "key": _list(table.key, "t"),
        "current": _list(table.carried, "t"),
        "wanted": _list(table.carried, "d"),
        "excluded": _list(table.carried, "excluded"),
        "own": _list(own),
        "nothing": sql.SQL(", ").join([sql.NULL] * len(own)),
        "withdrawn": _all_null(own),
        "not_filled_in": _all_null(table.not_carried),
        "same_key": sql.SQL(" AND ").join(sql.SQL("d.{0} = t.{0}").format(sql.Identifier(name)) for name in table.key),
        "looked_at": sql.SQL("t.regino IN (SELECT regino FROM looked_at)" if of_orders else "TRUE"),
    }

    def execute(name: str) -> int:
        return docking.execute(sql.SQL(read_sql(f"publish/{name}.sql")).format(**parts)).rowcount

    with docking.transaction():
        execute("desired_table")
        desired = _pipe(local, docking, _desired(local, table), "desired", table.carried)
        docking.execute("ANALYZE desired")
        written = execute("upsert")
        removed = 0
        if execute("find_surplus"):
            removed = execute("remove") + (execute("withdraw") if table.not_carried else 0)
        docking.execute("DROP TABLE desired, surplus")
    return PublishCounts(desired, written, removed)


def _desired(local: Connection, table: DockingTable) -> str:
    """The query for what a table is to hold, with its columns in the table's order."""
    query = sql.SQL("SELECT {} FROM ({}) AS wanted").format(
        _list(table.carried), sql.SQL(read_sql(f"publish/{table.name}.sql"))
    )
    parameters = {
        "orders": _orders(),
        "words": json.dumps(_words(local)) if table.name == "order_status" else "[]",
    }
    # COPY takes no parameters, so they are bound here, by psycopg.
    return psycopg.ClientCursor(local).mogrify(query, parameters)


def _words(local: Connection) -> list[dict[str, str]]:
    """Broken rules of the orders looked at in Chinese."""
    found = local.execute(read_sql("publish/broken_rules.sql").encode(), {"orders": _orders()}).fetchall()
    return [{"interface": name, "reason": rule, "zh": reason_zh(name, rule)} for name, rule in found]


def _orders() -> list[str]:
    return [interface.name for interface in interfaces_of("order")]


def _list(names: Iterable[str], alias: str | None = None) -> sql.Composed:
    parts = (sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names)
    return sql.SQL(", ").join(parts)


def _all_null(names: Iterable[str]) -> sql.Composable:
    tests = [sql.SQL("t.{} IS NULL").format(sql.Identifier(name)) for name in names]
    return sql.SQL("({})").format(sql.SQL(" AND ").join(tests)) if tests else sql.SQL("TRUE")


def _pipe(local: Connection, docking: Connection, query: str, table: str, columns: Iterable[str]) -> int:
    """Copy the rows of a local query into a temporary table of the docking store, as bytes. Returns how many."""
    into = docking.cursor()
    with (
        local.cursor().copy(f"COPY ({query}) TO STDOUT".encode()) as rows,
        into.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _list(columns))) as target,
    ):
        # The server sends a row at a time; writing many at once saves a third of the time.
        sent = iter(rows)
        while block := b"".join(islice(sent, _ROWS_A_BLOCK)):
            target.write(block)
    return into.rowcount
