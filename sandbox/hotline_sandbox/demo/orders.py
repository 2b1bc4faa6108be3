"""What comes back of reported orders in `make demo`: the bureau deals with them, and 12345 reads the results."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from psycopg import sql
from rich.table import Table

from hotline_bridge.cli.output import render
from hotline_bridge.cli.timeline import as_table
from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.store.database import connect
from hotline_bridge.timeline import in_order, read_published, read_timeline
from hotline_sandbox.demo.stage import step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

    from hotline_bridge.timeline import Event
    from hotline_sandbox.demo.stage import Stage
    from hotline_sandbox.server.control import SandboxControl

DAYS, WITHIN_S = 16, 4.0
"""So many days of the bureau pass in so many seconds: about two thirds of the orders are answered in that time."""

ALWAYS = ("registered", "written", "taken_in", "tried", "delivered", "collected", "routed", "feedback", "published")
"""Events without which the life of an answered order is not whole."""

FEEDBACK = {
    "getCaseFeedbackTs": "complaint_case_feedback",
    "getCaseFeedbackJb": "report_case_feedback",
    "getCaseFeedbackZx": "consultation_feedback",
}
"""Which published table holds the orders that a query gives feedback of."""


def deal(stage: Stage) -> list[str]:
    """Let the bureau deal with the orders that were reported."""
    with step(f"bureau 办理单位办理已上报工单 (plays {DAYS} days in {WITHIN_S:.0f} s)"):
        dealt = stage.platform.world.deal(seed=stage.scale.seed, day_s=WITHIN_S / DAYS)
        time.sleep(WITHIN_S)
    with connect(stage.local) as local:
        reported = len(_delivered(local))
    return [] if dealt == reported else [f"{reported} orders were delivered, but the bureau has {dealt}"]


def results(stage: Stage) -> list[str]:
    """Show what 12345 can read, now that it was collected and published, and the whole life of an order."""
    with connect(stage.docking) as docking, connect(stage.local) as local:
        render(_published(docking))
        regino, events = most_eventful(docking, local)
        render(as_table(regino, events))
        return [
            *not_received(docking, local),
            *not_answered(docking, local, stage.platform),
            *not_whole(regino, events),
        ]


def not_received(docking: Connection, local: Connection) -> Iterator[str]:
    """A sentence where `order_status` does not say of each order that was decided what became of it."""
    status: dict[str, str] = dict(docking.execute("SELECT regino, state FROM docking.order_status").fetchall())
    delivered = _delivered(local)
    received = {regino for regino, state in status.items() if state == "received"}
    if wrong := delivered ^ received:
        yield f"order_status: {len(wrong)} orders are delivered and not received, or received and not delivered"
    refused = {
        regino
        for (regino,) in local.execute(
            "SELECT key FROM hotline.delivery"
            " WHERE state IN ('quarantined', 'rejected') AND interface = any(%s) AND key <> ''",
            [[interface.name for interface in interfaces_of("order")]],
        ).fetchall()
    }
    if wrong := (refused - delivered) ^ (status.keys() - received):
        yield f"order_status: {len(wrong)} orders are refused and not failed, or failed and not refused"


def not_answered(docking: Connection, local: Connection, platform: SandboxControl) -> Iterator[str]:
    """A sentence for each kind of which the published feedback is not the platform's."""
    delivered = _delivered(local)
    for name, table in FEEDBACK.items():
        key = str(contract()[name].key)
        answered = {str(row[key]) for row in platform.world.rows(name)} & delivered
        query = sql.SQL("SELECT regino FROM {}").format(sql.Identifier("docking", table))
        published = {regino for (regino,) in docking.execute(query).fetchall()}
        if wrong := answered ^ published:
            yield f"{table}: {len(wrong)} orders are answered and not published, or published and not answered"
        if not answered:
            yield f"{table}: no order has an answer, so nothing was shown"


def not_whole(regino: str, events: Sequence[Event]) -> Iterator[str]:
    """A sentence where the life that is shown lacks what every answered order has, or tells it in a wrong order."""
    # The platform tells whole seconds, and the bureau of the demo needs less than one.
    first = {event.event: event.at.replace(microsecond=0) for event in reversed(events)}
    if lacking := [event for event in ALWAYS if event not in first]:
        yield f"{regino}: its life lacks {', '.join(lacking)}"
    elif not first["delivered"] <= first["routed"] <= first["feedback"] <= first["published"]:
        yield f"{regino}: its life is told in a wrong order"


def _delivered(local: Connection) -> set[str]:
    names = [interface.name for interface in interfaces_of("order")]
    found = local.execute(
        "SELECT DISTINCT key FROM hotline.delivery WHERE state = 'delivered' AND interface = any(%s)", [names]
    )
    return {regino for (regino,) in found.fetchall()}


def most_eventful(docking: Connection, local: Connection) -> tuple[str, list[Event]]:
    """Of the delivered orders with an answer, the one of which the most can be told; its number and its life.

    Raises:
        LookupError: No order was delivered.
    """
    found = local.execute(
        "SELECT regino FROM hotline.order_life WHERE regino = any(%s) GROUP BY regino"
        " ORDER BY bool_or(event = 'feedback') DESC, count(DISTINCT event) DESC, count(*), regino LIMIT 1",
        [sorted(_delivered(local))],
    ).fetchone()
    if found is None:
        raise LookupError("no order was delivered, so there is no life to show")
    regino = found[0]
    return regino, in_order([*read_timeline(local, regino), *read_published(docking, regino)])


def _published(docking: Connection) -> Table:
    table = Table(title="Docking store: what 12345 reads 对接库中回写给 12345 的数据", title_justify="left")
    for heading in ("section 规范", "table 表", "内容"):
        table.add_column(heading, overflow="fold")
    for heading in ("rows 行", "orders 工单"):
        table.add_column(heading, justify="right")
    for name, published in docking_tables().items():
        if published.written_by == "bridge":
            orders = "count(DISTINCT regino)" if "regino" in published.key else "NULL"
            query = sql.SQL("SELECT count(*), {} FROM {}").format(sql.SQL(orders), sql.Identifier("docking", name))
            [(rows, numbers)] = docking.execute(query).fetchall()
            table.add_row(published.section, name, published.zh, str(rows), "" if numbers is None else str(numbers))
    return table
