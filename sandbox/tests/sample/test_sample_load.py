"""A sample in a real docking store, and what the bridge's own intake makes of it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.store.database import connect
from hotline_sandbox.sample.load import load_sample
from hotline_sandbox.sample.mix import sample_rows
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.sample.world import LOGS

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface
    from tests.fixtures import Stores


INTERFACES = [contract()[name] for name in LOGS]
END = datetime(2026, 11, 24, 13, 20, tzinfo=SHANGHAI)


def read(conninfo: str, interface: Interface) -> list[tuple[object, ...]]:
    columns = ", ".join([*(field.column for field in interface.request), "written_at"])
    with psycopg.connect(conninfo) as connection:
        statement = f"SELECT {columns} FROM docking.{interface.table} WHERE collected_at IS NULL ORDER BY {columns}"  # noqa: S608  (contract's names)
        return connection.execute(statement.encode()).fetchall()


def test_the_store_holds_the_sample_letter_by_letter(docking: str) -> None:
    counts = load_sample(docking, rows=3_000, seed=11, end=END)
    sample = list(sample_rows(3_000, seed=11, end=END))
    for interface in INTERFACES:
        own = [row for row in sample if row.interface == interface.name]
        assert Counter(read(docking, interface)) == Counter((*row.row.values(), row.written_at) for row in own)
        assert counts.tables[str(interface.table)].rows == len(own)
    total = counts.total
    assert total.rows == 3_000
    assert (total.quarantined, total.corrections, total.copies) == (90, 30, 69)
    assert total.versions == total.delivered + total.held + total.quarantined + total.superseded
    assert sum(counts.reasons.values()) == total.quarantined


def test_the_bridge_ends_with_the_counts_that_the_sample_foretells(stores: Stores) -> None:
    counts = load_sample(stores.docking, rows=6_000, dirty=0.15, corrections=0.05, seed=12)
    with connect(stores.docking) as source, connect(stores.local) as local:
        for interface in INTERFACES:
            expected = counts.tables[str(interface.table)]
            taken = take_in(source, local, interface)
            assert (taken.rows, taken.copies) == (expected.rows, expected.copies)
            found: dict[str, int] = dict(
                local.execute(
                    "SELECT state, count(*) FROM hotline.delivery WHERE interface = %s GROUP BY state", [interface.name]
                ).fetchall()
            )
            assert found.get("waiting", 0) == expected.delivered
            assert found.get("held", 0) == expected.held
            assert found.get("superseded", 0) == expected.superseded
            reasons = local.execute(
                "SELECT reasons, count(*) FROM hotline.delivery WHERE interface = %s AND state = 'quarantined'"
                " GROUP BY reasons",
                [interface.name],
            ).fetchall()
            assert {(interface.name, tuple(broken)): number for broken, number in reasons} == {
                key: number for key, number in counts.reasons.items() if key[0] == interface.name
            }
            flagged = local.execute(
                "SELECT count(*) FROM hotline.delivery WHERE interface = %s AND state = 'waiting' AND EXISTS ("
                "SELECT 1 FROM unnest(flags) AS flag WHERE flag LIKE '%%:clock_order')",
                [interface.name],
            ).fetchone()
            assert flagged == (expected.flagged,)


def test_progress_counts_up_to_the_rows_and_an_error_leaves_nothing(docking: str) -> None:
    told: list[int] = []
    load_sample(docking, rows=500, end=END, progress=told.append)
    assert told == [500]

    def fail(_: int) -> None:
        raise RuntimeError("stopped")

    before = [read(docking, interface) for interface in INTERFACES]
    with pytest.raises(RuntimeError, match="stopped"):
        load_sample(docking, rows=500, seed=2, end=END, progress=fail)
    assert [read(docking, interface) for interface in INTERFACES] == before


def test_a_store_without_tables_says_what_to_do(empty_database: str) -> None:
    with pytest.raises(StopRun, match="hotline migrate"):
        load_sample(empty_database, rows=10)
