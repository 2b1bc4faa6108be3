"""One bad row never stops the rest, whatever refuses it: it is put aside with a reason, and the run goes on."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.by_hand import ByHand
from hotline_bridge.contract.reader import contract
from hotline_bridge.docking.create import create_docking
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound import decisions
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.outbound.order_annotations import take_in_annotations
from hotline_bridge.outbound.overlays import apply_pending_overlays, supplemented_interfaces
from hotline_bridge.outbound.status import log_status
from hotline_bridge.outbound.versions import PLAIN
from hotline_bridge.store.database import connect
from hotline_bridge.store.halves import Halves
from hotline_bridge.time_limits.deadlines import take_in_deadlines
from tests.orders.order_bridge import order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

LONG = "SELECT string_agg(md5(g::text), '') FROM generate_series(1, 300) AS g"
"""9,600 characters that do not compress: no entry of an index can hold them."""
CALLS = contract()["callinfo"]
COMPLAINT = contract()["putTsBusiRegInfoData"]
INSERT = "INSERT INTO docking.call_log (callid, callno, sourcearea, calltime, calltype)"


def call(number: int, callno: str = "'138'") -> str:
    values = f"('44020300{number:04}', {callno}, '440203', '20261123080000', '1')"
    return f"{INSERT} VALUES {values}"


def pair(stores: Stores) -> tuple[Connection, Connection]:
    return connect(stores.docking), connect(stores.local)


def rows(connection: Connection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query.encode()).fetchall()


@pytest.fixture
def both(stores: Stores) -> Iterator[tuple[Connection, Connection]]:
    docking, local = pair(stores)
    with docking, local:
        yield docking, local


def test_halves_find_the_rows_and_raise_what_is_about_no_row() -> None:
    tried: list[int] = []

    def store(part: list[int]) -> None:
        tried.append(len(part))
        if {3, 777} & {*part}:
            raise psycopg.errors.ProgramLimitExceeded

    parts = Halves(list(range(1_000)))
    for part in parts:
        try:
            store(list(part))
        except psycopg.Error as error:
            parts.refused(error)
    assert sorted(item for item, _ in parts.alone) == [3, 777]
    assert len(tried) < 50
    broken = Halves([1, 2])
    for _ in broken:
        with pytest.raises(psycopg.errors.UndefinedTable):
            broken.refused(psycopg.errors.UndefinedTable())
        break
    everything = Halves(list(range(20)), of="rows of a table")
    with pytest.raises(StopRun, match=r"every one of 20 rows of a table is refused \(NotNullViolation, SQLSTATE 23502"):
        for _ in everything:
            everything.refused(psycopg.errors.NotNullViolation())


def test_notes_and_deadlines_that_no_index_can_hold(both: tuple[Connection, Connection]) -> None:
    docking, local = both
    for number in range(20):
        docking.execute(
            "INSERT INTO docking.order_supplement (supplementid, regino, content) VALUES (%s, 'R', '补')", [str(number)]
        )
    shifted = f"('S', ({LONG}), '20261124080000', 'R')"
    docking.execute(
        f"INSERT INTO docking.order_supplement (supplementid, regino, supplementtime, content) VALUES {shifted};"  # noqa: S608
        f"INSERT INTO docking.order_urge (urgeid, regino, urgetime, remark) VALUES {shifted};"
        "INSERT INTO docking.order_urge (urgeid, regino) VALUES ('U', 'R')".encode()
    )
    counts = take_in_annotations(docking, local)
    assert [(name, done.rows, done.collected) for name, done in counts.items()] == [
        ("order_supplement", 21, 21),
        ("order_urge", 2, 2),
        ("seat", 0, 0),
    ]
    assert rows(local, "SELECT count(*) FROM hotline.order_supplement") == [(20,)]
    aside = (
        "SELECT docking_table, note_key, reasons, length(body::json ->> 'regino'), state FROM hotline.quarantined_note"
    )
    assert rows(local, f"{aside} ORDER BY 1") == [
        ("order_supplement", "S", ["row:refused"], 9_600, "open"),
        ("order_urge", "S", ["row:refused"], 9_600, "open"),
    ]
    # 12345 fixes one of them.
    docking.execute("UPDATE docking.order_urge SET regino = 'R' WHERE urgeid = 'S'")
    assert take_in_annotations(docking, local)["order_urge"].collected == 1
    assert rows(local, "SELECT state FROM hotline.quarantined_note ORDER BY docking_table") == [
        ("open",),
        ("replaced",),
    ]


def test_a_constraint_of_the_citys_own_holds_up_one_row(both: tuple[Connection, Connection]) -> None:
    docking, local = both
    local.execute(
        "CREATE INDEX own ON hotline.call_log (callno); ALTER TABLE hotline.call_log ADD CHECK (callno <> 'x')"
    )
    for number in range(30):
        docking.execute(call(number, "'x'" if number == 11 else "'138'").encode())
    counts = take_in(docking, local, CALLS)
    assert (counts.rows, counts.waiting, counts.quarantined, counts.collected) == (30, 29, 1, 30)
    [found] = decisions.find_quarantined(local, decisions.QuarantineFilter())
    assert found.reasons == ("row:refused",)
    assert "本地库不能保存" in found.reasons_zh
    # Released too early it stays, and stops no other; later it goes out.
    by = ByHand("op", "约束已取消")
    assert decisions.release_quarantined(local, [found], by) == {}
    local.execute("ALTER TABLE hotline.call_log DROP CONSTRAINT call_log_callno_check")
    assert decisions.release_quarantined(local, [found], by) == {"waiting": 1}
    assert log_status(docking, local, CALLS).adds_up


def test_a_field_of_any_size_is_read_to_a_length_that_breaks_its_rule(both: tuple[Connection, Connection]) -> None:
    docking, local = both
    docking.execute(call(1, "repeat('长', 30000000)").encode())
    docking.execute(call(2).encode())
    counts = take_in(docking, local, CALLS)
    assert (counts.waiting, counts.quarantined, counts.collected) == (1, 1, 2)
    assert rows(local, "SELECT reasons, length(body) < 5000000 FROM hotline.delivery WHERE state = 'quarantined'") == [
        (["callno:length"], True)
    ]
    assert log_status(docking, local, CALLS).adds_up


def test_what_lies_over_an_order_stops_no_other_order(both: tuple[Connection, Connection]) -> None:
    docking, local = both
    local.execute("ALTER TABLE hotline.complaint_order ADD CHECK (complacontent NOT LIKE '%毒%')")
    for regino in ("A", "B", "C"):
        row = {name.lower(): value for name, value in order(COMPLAINT.name, regino).items()}
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        insert = f"INSERT INTO docking.complaint_order ({names}) VALUES ({marks})"  # noqa: S608  (names of ours)
        docking.execute(insert.encode(), list(row.values()))
    take_in(docking, local, COMPLAINT)
    for regino in ("A", "B", "C"):
        docking.execute(
            "INSERT INTO docking.order_supplement (supplementid, regino, content) VALUES (%s, %s, %s)",
            [regino, regino, "毒" if regino == "B" else "补"],
        )
    take_in_annotations(docking, local)
    assert apply_pending_overlays(local, supplemented_interfaces(), PLAIN) == 3
    states = "SELECT key, state, reasons FROM hotline.delivery WHERE state <> 'superseded' ORDER BY key, row_id"
    assert rows(local, states) == [
        ("A", "waiting", []),
        ("B", "waiting", []),
        ("B", "quarantined", ["row:refused"]),
        ("C", "waiting", []),
    ]
    assert apply_pending_overlays(local, supplemented_interfaces(), PLAIN) == 0


@contextmanager
def old_town(postgres: Server, encoding: str) -> Iterator[Connection]:
    """A docking store in another encoding, as `hotline migrate` makes it."""
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE old_town ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0".encode())
    try:
        create_docking(postgres.conninfo("old_town"))
        with connect(postgres.conninfo("old_town")) as docking:
            yield docking
    finally:
        postgres.drop_database("old_town")


@pytest.mark.parametrize(("encoding", "bad"), [("EUC_CN", r"E'138\xaa\xa1'"), ("SQL_ASCII", r"E'138\xb9\xe3'")])
def test_bytes_that_are_no_text_are_put_aside_and_nothing_else(
    postgres: Server, stores: Stores, encoding: str, bad: str
) -> None:
    with old_town(postgres, encoding) as docking, connect(stores.local) as local:
        for number in range(9):
            docking.execute(call(number, bad if number == 4 else "'市民来电'").encode())
        docking.execute(
            f"INSERT INTO docking.order_urge (urgeid, regino, remark) VALUES ('U1', 'R', {bad}), ('U2', 'R', '催');"  # noqa: S608
            f"INSERT INTO docking.order_deadline (regino, deadline) VALUES ({bad}, '20261201'), ('R', '20261201');"
            f"INSERT INTO docking.seat (seatno, seatname) VALUES ('1', {bad}), ('2', '张三')".encode()
        )
        counts = take_in(docking, local, CALLS)
        assert (counts.rows, counts.waiting, counts.quarantined, counts.collected) == (9, 8, 1, 9)
        assert take_in(docking, local, CALLS).rows == 0
        assert {name: done.collected for name, done in take_in_annotations(docking, local).items()} == {
            "order_supplement": 0,
            "order_urge": 2,
            "seat": 2,
        }
        assert take_in_deadlines(docking, local).collected == 2
        assert rows(local, "SELECT docking_table, reasons FROM hotline.quarantined_note ORDER BY 1") == [
            ("order_deadline", ["regino:unreadable"]),
            ("order_urge", ["remark:unreadable"]),
        ]
        assert rows(local, "SELECT count(*) FROM hotline.seat") == [(2,)]
        [found] = decisions.find_quarantined(local, decisions.QuarantineFilter())
        assert (found.key, found.reasons) == ("440203000004", ("callno:unreadable",))
        assert json.loads(found.body)["callno"].startswith("138\\")
        status = log_status(docking, local, CALLS)
        assert status.adds_up
        assert (status.docking_rows, status.lost) == (9, 0)
        # What 12345 never meant is not sent by a release; its correction is.
        decisions.release_quarantined(local, [found], ByHand("op", "试"))
        docking.execute("UPDATE docking.call_log SET callno = '139' WHERE callid = '440203000004'")
        assert take_in(docking, local, CALLS).collected == 1
        assert rows(local, "SELECT state, count(*) FROM hotline.delivery GROUP BY 1 ORDER BY 1") == [
            ("superseded", 1),
            ("waiting", 9),
        ]


def test_a_quarantine_that_refuses_is_told_and_stops_no_other(both: tuple[Connection, Connection]) -> None:
    docking, local = both
    local.execute("ALTER TABLE hotline.delivery ADD CHECK (convert_from(body, 'UTF8') NOT LIKE '%毒%')")
    for number in range(5):
        docking.execute(call(number, "'毒'" if number == 2 else "'138'").encode())
    with pytest.raises(StopRun, match=r"callinfo: a row of docking\.call_log at .* can neither be kept nor put aside"):
        take_in(docking, local, CALLS)
    assert rows(docking, "SELECT count(*), count(collected_at) FROM docking.call_log") == [(5, 4)]
