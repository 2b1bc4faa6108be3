"""Windows into which an order came late (补报): due at once, not when their tier says so.

See architecture: registration time. Found in tables, set by set, so that a run that was killed or never came costs a
delay and no order: what was delivered since the last finished run of `case_collect` is compared with when its window
was last visited.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from psycopg import Connection

    from hotline_bridge.contract.model import Interface

SOON = timedelta(hours=1)
"""A window that is due within this time is left to its tier: every young one is."""
VISIBLE_AFTER = timedelta(minutes=1)
"""An order may be missing from an answer that was asked for so soon after its delivery."""
OVERLAP = timedelta(hours=1)
"""What was delivered so long before the last run ended is looked at again: longer than a run or a transaction lasts."""


def mark_late(local: Connection) -> int:
    """Make windows due that were visited before the platform had one of their orders.

    Of a late order the windows of its case are due, and those of what is asked for orders of any kind, as returned
    ones are; once its case is stored, those of steps and feedback that nobody visited any more. Windows that are
    visited within `SOON` anyway are left alone, so a usual day costs no request.

    Args:
        local: Session on the local store, in autocommit.

    Returns:
        Windows made due.
    """
    [(since,)] = local.execute(
        "SELECT coalesce(max(least(finished_at, now())) - %s, '-infinity')::text"
        " FROM hotline.run_log WHERE dag = 'case_collect'",
        [OVERLAP],
    ).fetchall()
    parameters = {
        "since": since,
        "now": datetime.now(UTC),
        "soon": SOON,
        "visible_after": VISIBLE_AFTER,
    }
    orders = interfaces_of("order")
    given_back = {order.becomes for order in orders}
    of_any_order = [known.name for known in interfaces_of("case", "query") if known.name not in given_back]
    following = [known.name for flow in ("process", "feedback") for known in interfaces_of(flow, "query")]
    marked = 0
    for order in orders:
        parts = _parts(order, contract()[str(order.becomes)], contract()[str(order.returned_by)])
        for name, queries in (("mark_late", [str(order.becomes), *of_any_order]), ("mark_awakened", following)):
            statement = read_sql(f"inbound/{name}.sql").format(**parts)
            marked += local.execute(statement, {**parameters, "queries": queries}).rowcount
    return marked


def _parts(order: Interface, cases: Interface, returned: Interface) -> dict[str, sql.Composable]:
    return {
        # A literal, or the planner does not see that the index on orders alone fits.
        "interface": sql.Literal(order.name),
        "order_table": sql.Identifier("hotline", str(order.table)),
        "order_key": sql.Identifier(order.key_column),
        "case_table": sql.Identifier("hotline", str(cases.table)),
        "case_key": sql.Identifier(cases.key_column),
        "returned_table": sql.Identifier("hotline", str(returned.table)),
        "returned_key": sql.Identifier(returned.key_column),
    }
