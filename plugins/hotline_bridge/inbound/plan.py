"""What a run would visit now, for people who want to know before they ask (`hotline collect --dry-run`)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hotline_bridge.inbound.collect import window_within
from hotline_bridge.inbound.ledger import LONGEST
from hotline_bridge.inbound.moments import seconds
from hotline_bridge.inbound.windows import Visit, Window, due_together, gaps
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from psycopg import Connection

    from hotline_bridge.contract.model import Interface


def read_plan(
    local: Connection, interface: Interface, collect_from: datetime, within: tuple[datetime, datetime] | None
) -> dict[str, int]:
    """Windows due now, the rows that their last visits brought, and why they are due; nothing is changed.

    Args:
        local: Session on the local store.
        interface: A query.
        collect_from: Aware; see `collect`.
        within: Aware bounds: what would be visited if just this stretch were asked for.

    Raises:
        StopRun: Nothing of `within` has passed.
    """
    now = datetime.now(UTC)
    until = seconds(now)
    opened = window_within(within, until) if within else Window(min(seconds(collect_from), until - 1), until)
    stretch = opened if within else Window(0, until)
    parameters = {
        "interface": interface.name,
        "begins": stretch.begin,
        "ends": stretch.end,
        "now": now,
        "longest": LONGEST,
    }

    def visits(name: str) -> list[Visit]:
        found = local.execute(read_sql(f"inbound/{name}.sql"), parameters).fetchall()
        # What is asked for by hand is visited to the second, due or not.
        return [
            Visit(
                Window(max(begins, stretch.begin), min(ends, stretch.end)), rows, is_due or within is not None, because
            )
            for rows, because, begins, ends, is_due in found
        ]

    every = visits("all_windows")
    new = [Visit(gap, None, is_due=True, because="new") for gap in gaps((visit.window for visit in every), opened)]
    known = every if within else visits("due_windows")
    due = due_together(sorted(known + new, key=lambda visit: visit.window))
    why = Counter("asked" if within else visit.because for visit in due)
    return {
        "windows": len(due),
        "rows": sum(visit.rows or 0 for visit in due),
        "days": round(sum(visit.window.length for visit in due) / 86_400),
        **{f"because_{reason}": count for reason, count in sorted(why.items())},
    }
