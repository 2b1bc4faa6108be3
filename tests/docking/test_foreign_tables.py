"""Docking tables as other organisations make them: views, padded texts, numbers and times instead of text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.docking.needs import shortcomings
from hotline_bridge.errors import TryAgainLater
from hotline_bridge.outbound import docking_rows
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.outbound.order_annotations import take_in_annotations
from hotline_bridge.outbound.status import log_status
from hotline_bridge.publish import OF_ORDERS, STANDARD_DATA, publish, try_to_write
from hotline_bridge.store.database import connect
from hotline_bridge.time_limits.deadlines import take_in_deadlines
from tests.docking.test_poison_rows import CALLS, call, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from tests.fixtures import Stores

VIEW = (
    "ALTER TABLE docking.{0} RENAME TO {0}_base; CREATE VIEW docking.{0} AS SELECT * FROM docking.{0}_base"  # the usual
)


@pytest.fixture
def docking(stores: Stores) -> Iterator[Connection]:
    with connect(stores.docking) as session:
        yield session


@pytest.fixture
def local(stores: Stores) -> Iterator[Connection]:
    with connect(stores.local) as session:
        yield session


def test_views_are_read_and_marked_as_tables_are(
    docking: Connection, local: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docking_rows, "BATCH_ROWS", 4)
    for table in ("call_log", "order_urge", "order_deadline", "seat"):
        docking.execute(VIEW.format(table).encode())
    for number in (*range(10), 3, 3):
        docking.execute(call(number).encode())
    docking.execute("UPDATE docking.call_log_base SET written_at = '2026-11-24' WHERE callid LIKE '%3'")
    docking.execute(
        "ALTER TABLE docking.call_log_base ALTER COLUMN written_at DROP NOT NULL;"
        "UPDATE docking.call_log_base SET written_at = NULL WHERE callid LIKE '%5';"
        "INSERT INTO docking.order_urge (urgeid, regino) VALUES ('U', 'R');"
        "INSERT INTO docking.order_deadline (regino, deadline) VALUES ('R', '20261201');"
        "INSERT INTO docking.seat (seatno) VALUES ('1')"
    )
    assert take_in(docking, local, CALLS).waiting == 10
    assert rows(docking, "SELECT count(*) FROM docking.call_log WHERE collected_at IS NULL") == [(0,)]
    assert log_status(docking, local, CALLS).adds_up
    assert {name: done.collected for name, done in take_in_annotations(docking, local).items() if done.rows} == {
        "order_urge": 1,
        "seat": 1,
    }
    assert take_in_deadlines(docking, local).collected == 1
    # The trigger of the table behind it sees a change of the content.
    docking.execute("UPDATE docking.call_log SET callno = '139' WHERE callid = '440203000001'")
    assert take_in(docking, local, CALLS).collected == 1
    told = [shortcoming for shortcoming in shortcomings(docking) if shortcoming.text.startswith("docking.call_log ")]
    assert [shortcoming.is_error for shortcoming in told] == [False]


def test_a_published_table_may_be_a_view(docking: Connection, local: Connection) -> None:
    docking.execute(VIEW.format("order_status").encode())
    local.execute(
        "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body, body_sha256)"
        " VALUES ('putTsBusiRegInfoData', 'R', 'x', 'delivered', now(), '{}', '')"
    )
    assert publish(docking, local).problems == []
    assert rows(docking, "SELECT regino, state FROM docking.order_status_base") == [("R", "received")]


@pytest.mark.parametrize("table", ["call_log", "order_status"])
def test_a_view_that_takes_no_change_is_refused_in_one_sentence(docking: Connection, table: str) -> None:
    docking.execute(VIEW.format(table).encode())
    docking.execute(f"CREATE OR REPLACE VIEW docking.{table} AS SELECT * FROM docking.{table}_base LIMIT 9".encode())  # noqa: S608
    if table == "call_log":
        [named] = [shortcoming for shortcoming in shortcomings(docking) if shortcoming.is_error]
        assert named.text.startswith("docking.call_log is a view that cannot be updated; its owner has to")
    else:
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            try_to_write(docking, table)


def test_columns_of_other_types_are_read_as_the_text_they_mean(docking: Connection, local: Connection) -> None:
    docking.execute(
        "ALTER TABLE docking.call_log ALTER COLUMN callid TYPE numeric USING callid::numeric,"
        " ALTER COLUMN callno TYPE char(30), ALTER COLUMN calltime TYPE timestamp USING NULL,"
        " ALTER COLUMN skilltime TYPE timestamptz USING NULL, ALTER COLUMN calltype TYPE int USING NULL;"
        "INSERT INTO docking.call_log (callid, callno, sourcearea, calltime, skilltime, calltype)"
        " VALUES (440203000001, '138', '440203', '2026-11-23 08:00:00.5', '2026-11-23 00:00:07+00', 1)"
    )
    counts = take_in(docking, local, CALLS)
    assert (counts.waiting, counts.collected) == (1, 1)
    [(body,)] = rows(local, "SELECT body FROM hotline.delivery")
    fields = json.loads(bytes(body))  # type: ignore[call-overload]
    assert {name: fields[name] for name in ("callid", "callno", "calltime", "skilltime", "calltype", "ringtime")} == {
        "callid": "440203000001",
        "callno": "138",
        "calltime": "20261123080000",
        "skilltime": "20261123080007",
        "calltype": "1",
        "ringtime": "",
    }
    assert log_status(docking, local, CALLS).adds_up
    assert shortcomings(docking) == []


def test_a_standby_is_one_sentence_and_tried_again(docking: Connection, local: Connection) -> None:
    docking.execute(call(1).encode())
    docking.execute("SET default_transaction_read_only = on")
    with pytest.raises(TryAgainLater, match=r"callinfo: call_log of .* takes no changes: its server is a standby"):
        take_in(docking, local, CALLS)


def test_a_try_of_publishing_leaves_nothing(docking: Connection) -> None:
    for table in (*OF_ORDERS, STANDARD_DATA):
        try_to_write(docking, table)
        assert rows(docking, f"SELECT count(*) FROM docking.{table}") == [(0,)]  # noqa: S608  (names of ours)
