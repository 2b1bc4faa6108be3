"""What tables of the docking store are to hold of orders, as queries on the local store: `publish` writes it there."""

from __future__ import annotations

from functools import cache

from psycopg import sql

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.store.sql import read_sql

OF_ORDERS = (
    *("order_status", "order_return", "order_routing", "acceptance_filing"),
    *("complaint_case_feedback", "report_case_feedback", "consultation_feedback", "feedback_exchange"),
    *("subject_info", "object_info", "complaint_content", "report_violation_content"),
)
"""Tables with rows of orders; `include/sql/publish/<table>.sql` selects what they are to hold."""


@cache
def desired_rows(table: str) -> bytes:
    """The query for the rows that a table is to hold, as one JSON text.

    Parameters: `orders`, the interfaces that report orders; `reginos`, the orders looked at; for `order_status` also
    `words`, as JSON the Chinese of rules that versions break.
    """
    feedback = {str(drain.table): drain.key_column for drain in interfaces_of("feedback")}
    answers = (
        sql.SQL("SELECT f.{key} AS regino FROM {table} AS f INNER JOIN changed ON f.{key} = changed.regino").format(
            key=sql.Identifier(key), table=sql.Identifier("hotline", name)
        )
        for name, key in feedback.items()
    )
    query = sql.SQL("SELECT {} FROM ({}) AS q").format(
        sql.SQL(", ").join(map(sql.Identifier, docking_tables()[table].carried)), read_sql(f"publish/{table}.sql")
    )
    whole = read_sql("publish/of_orders.sql").format(finished=sql.SQL(" UNION ").join(answers), query=query)
    return whole.as_bytes(None)
