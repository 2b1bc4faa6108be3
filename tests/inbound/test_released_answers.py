"""Quarantined rows of answers have a way out: judged again, taken in as they are, given an order, or given up."""

from __future__ import annotations

import asyncio
import json
import time
from threading import Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from typer.testing import CliRunner

from hotline_bridge.by_hand import ByHand
from hotline_bridge.cli.main import app
from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.inbound.plain import Row
from hotline_bridge.inbound.quarantine import BORNE, Released, discard, release
from hotline_bridge.inbound.rows import judge_again
from hotline_bridge.publish import publish
from hotline_bridge.store.database import connect
from tests.inbound.inbound_bridge import COMPLAINTS, FEEDBACK, REPAIR, STEPS, Inbound, order, shown
from tests.outbound.test_leaks import postgres_connection

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface

BY = ByHand("op", "12345 需要该反馈")
RESULTS = contract()["todocasefeedback"]


@pytest.fixture
def bridge(inbound: Inbound, monkeypatch: pytest.MonkeyPatch) -> Inbound:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", postgres_connection(inbound.stores.local))
    return inbound.of(FEEDBACK, REPAIR)


def ids(bridge: Inbound, state: str = "open") -> list[int]:
    rows = bridge.local("SELECT row_id FROM hotline.quarantined_answer WHERE state = %s ORDER BY row_id", state)
    return [row_id for (row_id,) in rows]


def states(bridge: Inbound) -> list[str]:
    return [state for (state,) in bridge.local("SELECT state FROM hotline.quarantined_answer ORDER BY row_id")]


def let_in(bridge: Inbound, *row_ids: int, **how: Any) -> Released:
    return asyncio.run(release(bridge.stores.local, row_ids or ids(bridge), BY, **how))


def actions(bridge: Inbound) -> list[tuple[str, str, str, str]]:
    return bridge.local(
        "SELECT a.action, a.key, a.state_before, a.state_after FROM hotline.operator_action AS a"
        " JOIN hotline.quarantined_answer AS q ON q.row_id = a.answer_id AND q.interface = a.interface"
        " WHERE a.actor = 'op' AND a.reason = '12345 需要该反馈' AND a.delivery_id IS NULL ORDER BY a.row_id"
    )


def test_feedback_without_a_required_field_reaches_12345_as_it_is(fresh: Inbound) -> None:
    bridge = fresh.of(FEEDBACK, RESULTS)
    bridge.local(
        "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body, body_sha256, settled_at)"
        " VALUES ('putTsBusiRegInfoData', 'R1', '', 'delivered', now(), '{}', '', now())"
    )
    world = bridge.sandbox.world
    world.put(order("R1", 10, shown(FEEDBACK, agent="", dealResult="已调解"), shown(RESULTS, Feetime="")))
    bridge.drain()
    assert world.rows(FEEDBACK.name) == world.rows(RESULTS.name) == [], "acknowledged, so that it never comes again"
    assert sorted(reasons for _, reasons, _ in bridge.quarantined()) == [["Feetime:required"], ["agent:required"]]

    done = let_in(bridge)
    assert (done.taken_in, len(done.stay)) == (0, 2), "the rule stands: nothing passes it"
    assert states(bridge) == ["open", "open"]
    assert let_in(bridge, as_is=True).taken_in == 2
    assert bridge.local("SELECT odrno, agent, dealresult, flags FROM hotline.complaint_feedback") == [
        ("R1", None, "已调解", ["agent:required"])
    ]
    assert states(bridge) == ["released", "released"]
    assert actions(bridge) == [("release_as_is", "R1", "open", "released")] * 2
    with connect(bridge.stores.docking) as docking, connect(bridge.stores.local) as local:
        publish(docking, local)
        told = docking.execute("SELECT regino, mediationresult FROM docking.complaint_case_feedback").fetchall()
        results = docking.execute("SELECT regino, feetime IS NOT NULL FROM docking.feedback_exchange").fetchall()
    assert told == [("R1", "已调解")]
    assert results == [("R1", True)], "where the platform tells no time, it is when the feedback was seen"


def test_a_row_that_passes_a_loosened_rule_is_taken_in_once(bridge: Inbound) -> None:
    bridge.sandbox.world.put(order("R1", 10, shown(FEEDBACK)), order("R2", 20, shown(FEEDBACK, agent="x" * 51)))
    bridge.drain()
    # As if yesterday's rules had been stricter: a good row lies in quarantine, and in no typed table.
    ((row,),) = bridge.local("DELETE FROM hotline.complaint_feedback RETURNING to_jsonb(complaint_feedback)")
    fields = {field.name: row[field.column] for field in FEEDBACK.response}
    bridge.local(
        "INSERT INTO hotline.quarantined_answer"
        " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)"
        " VALUES (%s, 'R1', '1', '{agent:length}', convert_to(%s::jsonb::text, 'UTF8'), now(), now())",
        FEEDBACK.name,
        json.dumps(fields),
    )
    done = let_in(bridge)
    assert (done.taken_in, len(done.stay)) == (1, 1)
    assert bridge.hashes(FEEDBACK).keys() == {"R1"}
    again = let_in(bridge, *ids(bridge, "released"))
    assert (again.taken_in, again.stay) == (0, [])
    bridge.collect()
    assert bridge.local("SELECT count(*) FROM hotline.complaint_feedback") == [(1,)], "the query gives it again"


def test_a_decision_holds_when_the_row_comes_again(bridge: Inbound) -> None:
    world = bridge.sandbox.world
    world.put(order("R1", 10, shown(FEEDBACK, agent="")), order("R2", 20, shown(FEEDBACK, agent="")))
    bridge.drain()
    first, second = ids(bridge)
    assert let_in(bridge, first, as_is=True).taken_in == 1
    with connect(bridge.stores.local) as local:
        assert discard(local, [second], BY) == 1
        assert discard(local, [second], BY) == 0
    for _ in range(2):
        bridge.collect()
        bridge.again()
    assert (len(ids(bridge)), sorted(set(states(bridge)))) == (0, ["discarded", "released"])
    assert bridge.local("SELECT odrno FROM hotline.complaint_feedback") == [("R1",)]
    assert let_in(bridge, second, as_is=True).taken_in == 1, "who gave it up can think again"


def test_a_row_without_number_is_given_a_known_order(bridge: Inbound) -> None:
    world = bridge.sandbox.world
    world.put(order("R1", 10, shown(FEEDBACK, odrno=None)), order("C1", 20))
    bridge.drain()
    bridge.of(COMPLAINTS).collect()
    assert let_in(bridge, as_is=True).taken_in == 0, "the number is what nothing can do without"
    with pytest.raises(StopRun, match="C2: no order has this number"):
        let_in(bridge, number="C2")
    assert let_in(bridge, number="C1").taken_in == 1
    assert bridge.hashes(FEEDBACK).keys() == {"C1"}
    assert actions(bridge) == [("assign", "C1", "open", "released")]
    bridge.drain()  # it cannot be acknowledged, so it comes with every fetch
    assert ids(bridge) == []
    assert bridge.local("SELECT count(*) FROM hotline.complaint_feedback") == [(1,)]
    world.put(order("R3", 30, shown(FEEDBACK, agent="")))
    bridge.drain()
    with pytest.raises(StopRun, match="names none itself"):
        let_in(bridge, number="C1")


@pytest.mark.parametrize("interface", [COMPLAINTS, STEPS], ids=lambda interface: interface.name)
def test_what_the_platform_mends_later_takes_the_place_of_what_was_taken_in(
    bridge: Inbound, interface: Interface
) -> None:
    odd = "proname" if interface is COMPLAINTS else "remark"
    bridge, world = bridge.of(interface), bridge.sandbox.world
    world.put(order("R1", 10, shown(interface, **{odd: "长" * 5_000})))
    bridge.collect()
    assert let_in(bridge, as_is=True).taken_in == 1
    bridge.again()
    bridge.collect()
    assert (len(bridge.hashes(interface)["R1"]), bridge.missing(interface)) == (1, set()), "it is still what is shown"
    world.put(order("R1", 10, shown(interface, **{odd: "短"})))
    bridge.again()
    bridge.collect()
    ((flags,),) = bridge.local(f"SELECT flags FROM hotline.{interface.table}")  # noqa: S608  (of the contract)
    assert flags == []


@pytest.mark.parametrize(
    "raw", [b'"R1"', b"null", b"[]", b"\xff", b'{"odrno": "R1", "agent": "\\u0000"}', b'{"odrno": 1}']
)
def test_what_no_table_can_hold_stays(bridge: Inbound, raw: bytes) -> None:
    bridge.local(
        "INSERT INTO hotline.quarantined_answer"
        " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)"
        " VALUES (%s, 'R1', '1', '{row:type}', %s, now(), now())",
        FEEDBACK.name,
        raw,
    )
    done = let_in(bridge, as_is=True)
    assert done.taken_in == (1 if raw == b'{"odrno": 1}' else 0)
    if not done.taken_in:
        assert done.stay == ids(bridge)
        assert all(reasons for _, reasons, _ in bridge.quarantined())


def test_beside_runs_that_store_the_same_rows_each_content_is_there_once(bridge: Inbound) -> None:
    world = bridge.sandbox.world
    world.put(*(order(f"R{n}", n, shown(FEEDBACK, agent="")) for n in range(40)))
    bridge.drain()
    errors: list[BaseException] = []

    def guarded(act: Any) -> None:
        try:
            act()
        except BaseException as error:
            errors.append(error)

    open_rows = ids(bridge)
    acts = [bridge.collect, *[lambda: let_in(bridge, *open_rows, as_is=True)] * 2]
    threads = [Thread(target=guarded, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert bridge.local("SELECT count(*), count(DISTINCT odrno) FROM hotline.complaint_feedback") == [(40, 40)]
    assert bridge.local("SELECT count(*) FROM hotline.operator_action WHERE answer_id = ANY(%s)", open_rows) == [
        (40,)
    ], "one decision a row"
    bridge.again()
    bridge.collect()
    assert set(states(bridge)) == {"released"}


def test_a_run_that_stores_the_same_content_just_now_is_waited_for(bridge: Inbound) -> None:
    bridge.sandbox.world.put(order("R1", 10, shown(FEEDBACK, agent="")))
    bridge.drain()
    ((_, _, raw),) = bridge.quarantined()
    row = judge_again(FEEDBACK, json.loads(raw), None, BORNE)
    assert isinstance(row, Row)
    releasing = Thread(target=let_in, args=(bridge,), kwargs={"as_is": True})
    with psycopg.connect(bridge.stores.local) as run:
        run.execute("SELECT pg_advisory_xact_lock(hashtextextended('hotline.collect.complaint_feedback', 0))")
        releasing.start()
        waits = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while not (waiting := run.execute(waits).rowcount) and releasing.is_alive():
            time.sleep(0.01)
        run.execute(
            "INSERT INTO hotline.complaint_feedback (odrno, content_hash, source, requested_at)"
            " VALUES ('R1', %s, '', now())",
            [row.content_hash],
        )
    releasing.join()
    assert waiting
    assert bridge.local("SELECT count(*) FROM hotline.complaint_feedback") == [(1,)]
    assert states(bridge) == ["released"]


def test_the_commands(bridge: Inbound) -> None:
    def hotline(*words: str, answer: str | None = None) -> str:
        done = CliRunner().invoke(app, ["answers", *words], input=answer, catch_exceptions=False)
        return f"{done.exit_code} {done.output}"

    world = bridge.sandbox.world
    world.put(*(order(f"R{n}", n, shown(FEEDBACK, agent="")) for n in range(3)))
    bridge.drain()
    first, second, _ = map(str, ids(bridge))
    assert "name what is meant" in hotline("release")
    assert "3 rows would be judged again; nothing was done" in hotline("release", "--all", "--dry-run")
    with pytest.raises(StopRun, match="needs a reason"):
        hotline("release", "--all", "--reason", " ")
    assert "0 of 3 rows were taken in; 3 break" in hotline("release", "--all", "--reason", "试")
    assert "1 of 1 rows were taken in" in hotline("release", first, "--as-is", answer="需要\n")
    assert hotline("discard", second, "--reason", "不需要", answer="n\n").startswith("1 ")
    assert "1 rows discarded" in hotline("discard", second, answer="不需要\ny\n")
    assert "1 of 1 rows" in hotline("release", "--rule", "agent:required", "--as-is", "--reason", "需要")
    assert "隔离的应答 0 行" in hotline("list")
    assert "隔离的应答 3 行" in hotline("list", "--all")
    assert states(bridge) == ["released", "discarded", "released"]
