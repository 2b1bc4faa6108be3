"""What a run would visit now, for people who want to know before they ask (`hotline collect --dry-run`)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hotline_bridge.inbound.moments import seconds
from hotline_bridge.inbound.windows import Visit, Window, due_together
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from psycopg import Connection

    from hotline_bridge.contract.model import Interface

_EVER = Window(0, 2**33)


def read_plan(local: Connection, interface: Interface, within: tuple[datetime, datetime] | None) -> dict[str, int]:
    """Windows due now, the rows that their last visits brought, and why they are due; nothing is changed.

    Args:
        local: Session on the local store.
        interface: A query.
        within: Aware bounds: what would be visited if just this stretch were asked for.
    """
    stretch = Window(seconds(within[0]), seconds(within[1])) if within else _EVER
    found = local.execute(
        read_sql("inbound/due_windows.sql").encode(),
        {"interface": interface.name, "begins": stretch.begin, "ends": stretch.end, "now": datetime.now(UTC)},
    ).fetchall()
    visits = [
        Visit(Window(begins, ends), rows, is_due or within is not None, "asked" if within else because)
        for rows, because, begins, ends, is_due in found
    ]
    due = due_together(visits)
    why = Counter(visit.because for visit in due)
    return {
        "windows": len(due),
        "rows": sum(visit.rows or 0 for visit in due),
        "days": round(sum(visit.window.length for visit in due) / 86_400),
        **{f"because_{reason}": count for reason, count in sorted(why.items())},
    }
