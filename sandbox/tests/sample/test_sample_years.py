"""Years of an invented city in a real local store: exact numbers, the same for a seed, nothing of what lies ahead."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.store.database import connect
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.sample.years import Years, fill_years

if TYPE_CHECKING:
    from psycopg import Connection

    from tests.fixtures import Stores

SMALL = Years(calls=2_000, orders=240, begin=date(2025, 9, 1), end=date(2025, 12, 15), seed=3, named=True)
END = datetime(2025, 12, 15, tzinfo=SHANGHAI)
TYPED = sorted({str(known.table) for known in contract().values() if known.table})


def contents(local: Connection) -> dict[str, object]:
    """A digest of each typed table, without the numbers that the server gives."""
    query = (
        "SELECT md5(string_agg(told.row, '' ORDER BY told.row))"
        " FROM (SELECT (to_jsonb(t) - 'row_id')::text AS row FROM hotline.{table} AS t) AS told"
    )
    return {table: local.execute(query.format(table=table).encode()).fetchone() for table in TYPED}


def test_years_are_as_long_as_asked_for_and_end_where_they_end(stores: Stores) -> None:
    counts = fill_years(stores.local, SMALL)
    assert counts["call_log"] == SMALL.calls
    assert sum(counts[f"{kind}_order"] for kind in ("complaint", "report", "consultation")) == 0.85 * SMALL.orders
    assert min(counts[table] for table in TYPED) > 0
    with connect(stores.local) as local:
        for table in TYPED:
            query = f"SELECT count(*) FROM hotline.{table} WHERE loaded_at > %s + interval '1 minute'"  # noqa: S608
            assert local.execute(query.encode(), [END]).fetchone() == (0,), table
        told = local.execute(
            "SELECT count(*), count(*) FILTER (WHERE r.callid IS NULL), count(*) FILTER (WHERE o.seat IS NULL)"
            " FROM (SELECT recordname, nullif(workerno, '') AS seat FROM hotline.complaint_order) AS o"
            " LEFT JOIN hotline.recording_log AS r USING (recordname)"
        ).fetchone()
        assert told == (counts["complaint_order"], 0, 0), "each order names the recording of its call, and a seat"
        first = contents(local)
        with pytest.raises(StopRun, match="holds rows already"):
            fill_years(stores.local, SMALL)
        filled = [*TYPED, *(f"{table}_history" for table in TYPED), "delivery", "order_source", "order_urge"]
        filled += ["order_supplement", "seat", "standard_data", "handling_meaning", "count_reconciliation"]
        local.execute(f"TRUNCATE {', '.join(f'hotline.{table}' for table in filled)}".encode())
        assert fill_years(stores.local, SMALL) == counts
        assert contents(local) == first, "the same again"


@pytest.mark.parametrize(
    "wrong", [{"orders": 0}, {"calls": 100, "orders": 41}, {"begin": date(2025, 12, 10), "end": date(2025, 12, 15)}]
)
def test_what_cannot_be_made_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Years(**{"calls": 1_000, "orders": 100, **wrong})  # type: ignore[arg-type]
