"""Deadlines that 12345 writes into the docking store: whatever it writes, nothing is lost and nothing stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.outbound import docking_rows
from hotline_bridge.store.database import connect
from hotline_bridge.time_limits import deadlines
from hotline_bridge.time_limits.deadlines import DeadlineCounts, last_moment, take_in_deadlines
from hotline_bridge.time_limits.load import load_time_limits
from tests.deadlines.limits_of import moment, put, states
from tests.fixtures import Stores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from hotline_sandbox.demo.postgres import Server


@pytest.fixture(scope="module")
def two_stores(postgres: Server, templates: Stores) -> Stores:
    postgres.create_database("deadlines_docking", template=templates.docking)
    postgres.create_database("deadlines_local", template=templates.local)
    return Stores(postgres.conninfo("deadlines_docking"), postgres.conninfo("deadlines_local"))


@pytest.fixture
def both(two_stores: Stores) -> Iterator[tuple[Connection, Connection]]:
    """The two stores without deadlines."""
    with connect(two_stores.docking) as docking, connect(two_stores.local) as local:
        docking.execute("TRUNCATE docking.order_deadline")
        local.execute("TRUNCATE hotline.order_deadline")
        yield docking, local


def write(docking: Connection, *rows: tuple[str | None, str | None]) -> None:
    for row in rows:
        docking.execute("INSERT INTO docking.order_deadline (regino, deadline) VALUES (%s, %s)", row)


def current(local: Connection) -> dict[str, str]:
    return dict(local.execute("SELECT regino, deadline::text FROM hotline.current_order_deadline").fetchall())


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-12-01", "2026-12-01 23:59:59"),
        (" 20261201 ", "2026-12-01 23:59:59"),
        ("2026/12/01 10:30", "2026-12-01 10:30:00"),
        ("20261201103005", "2026-12-01 10:30:05"),
        ("2026-12-01 00:00:00", "2026-12-01 00:00:00"),
        ("2026-02-30", None),
        ("尽快", None),
        ("now", None),
        ("infinity", None),
        ("", None),
        (None, None),
    ],
)
def test_a_deadline_is_read_and_never_guessed(text: str | None, read: str | None) -> None:
    assert last_moment(text) == read


def test_what_12345_wrote_arrives_once(both: tuple[Connection, Connection]) -> None:
    docking, local = both
    write(docking, ("R1", "2026-12-01"), ("R1", "2026-12-01"), ("unknown order", "2026-12-02 08:00:00"))
    assert take_in_deadlines(docking, local) == DeadlineCounts(rows=3, collected=3)
    assert current(local) == {"R1": "2026-12-01 23:59:59+08", "unknown order": "2026-12-02 08:00:00+08"}
    assert take_in_deadlines(docking, local) == DeadlineCounts()


def test_a_change_comes_again_and_what_was_said_before_stays(both: tuple[Connection, Connection]) -> None:
    docking, local = both
    write(docking, ("R1", "2026-12-01"))
    take_in_deadlines(docking, local)
    docking.execute("UPDATE docking.order_deadline SET deadline = '2026-12-09'")
    assert take_in_deadlines(docking, local) == DeadlineCounts(rows=1, collected=1)
    assert current(local) == {"R1": "2026-12-09 23:59:59+08"}
    assert local.execute("SELECT count(*) FROM hotline.order_deadline").fetchall() == [(2,)]


def test_dirt_is_kept_counted_and_stops_nothing(both: tuple[Connection, Connection]) -> None:
    docking, local = both
    long = "一" * 5_000
    write(docking, (None, "2026-12-01"), ("", None), ("R2", "尽快"), (long, long), ("R3", "2026-12-03"))
    docking.execute("UPDATE docking.order_deadline SET written_at = 'infinity' WHERE regino = 'R2'")
    docking.execute("INSERT INTO docking.order_deadline VALUES ('R4', '2026-12-04', '-infinity')")
    assert take_in_deadlines(docking, local) == DeadlineCounts(rows=6, unreadable=3, without_number=2, collected=6)
    assert current(local) == {"R3": "2026-12-03 23:59:59+08", "R4": "2026-12-04 23:59:59+08"}
    assert local.execute("SELECT count(*) FROM hotline.order_deadline").fetchall() == [(6,)]


def test_an_unreadable_deadline_does_not_hide_the_one_before(both: tuple[Connection, Connection]) -> None:
    docking, local = both
    write(docking, ("R1", "2026-12-01"), ("R1", "待定"))
    take_in_deadlines(docking, local)
    assert current(local) == {"R1": "2026-12-01 23:59:59+08"}


def test_a_change_between_reading_and_marking_stays_uncollected(
    both: tuple[Connection, Connection], two_stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    docking, local = both
    write(docking, ("R1", "2026-12-01"), ("R2", "2026-12-02"))
    read = last_moment

    def changed_meanwhile(text: str | None) -> str | None:
        with psycopg.connect(two_stores.docking, autocommit=True) as hotline:
            hotline.execute("UPDATE docking.order_deadline SET deadline = '2026-12-24' WHERE regino = 'R1'")
        return read(text)

    with monkeypatch.context() as patched:
        patched.setattr(deadlines, "last_moment", changed_meanwhile)
        assert take_in_deadlines(docking, local) == DeadlineCounts(rows=2, collected=1)
    take_in_deadlines(docking, local)
    assert current(local) == {"R1": "2026-12-24 23:59:59+08", "R2": "2026-12-02 23:59:59+08"}


def test_a_failure_before_the_mark_is_made_good_by_the_next_run(both: tuple[Connection, Connection]) -> None:
    docking, local = both
    write(docking, ("R1", "2026-12-01"))
    docking.execute("SET default_transaction_read_only = on")
    with pytest.raises(TryAgainLater, match="order_deadline"):
        take_in_deadlines(docking, local)
    docking.execute("SET default_transaction_read_only = off")
    assert take_in_deadlines(docking, local) == DeadlineCounts(rows=1, collected=1)
    assert local.execute("SELECT count(*) FROM hotline.order_deadline").fetchall() == [(1,)]


def test_more_than_a_batch(both: tuple[Connection, Connection], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docking_rows, "BATCH_ROWS", 3)
    docking, local = both
    write(docking, *((f"R{number}", "2026-12-01") for number in range(10)))
    assert take_in_deadlines(docking, local) == DeadlineCounts(rows=10, collected=10)
    assert len(current(local)) == 10


def test_a_missing_table_says_what_to_do(both: tuple[Connection, Connection]) -> None:
    docking, local = both
    with docking.transaction(force_rollback=True):
        docking.execute("DROP TABLE docking.order_deadline")
        with pytest.raises(StopRun, match=r"order_deadline of database .*hotline check"):
            take_in_deadlines(docking, local)


def test_a_deadline_that_came_before_its_order_is_joined_when_the_order_is_known(
    both: tuple[Connection, Connection],
) -> None:
    docking, local = both
    load_time_limits(local)
    write(docking, ("EARLY", "2026-11-04"))
    take_in_deadlines(docking, local)
    assert states(local, "2026-11-02 10:00", "EARLY") == {}
    put(local, "complaint_case", regino="EARLY", registime=moment("2026-11-02 09:00:00"))
    limit = states(local, "2026-11-02 10:00", "EARLY")["acceptance"]
    assert (limit.limit, limit.source) == ("2026-11-04 23:59:59", "12345")
