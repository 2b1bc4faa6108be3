"""Drains: refused, lost, repeated, halved, blocked; and what it hides is found.

See architecture: fetch, store, acknowledge.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.control import running_sandbox
from tests.inbound.inbound_bridge import DRAINS, FEEDBACK, QUERIES, REPAIR, by_order, good_row, order, shown

if TYPE_CHECKING:
    from hotline_bridge.inbound.feedback import DrainCounts
    from hotline_sandbox.server.world.orders import Order
    from tests.inbound.inbound_bridge import Inbound

ACKNOWLEDGE = "putCallbackCaseFeedback"


@pytest.fixture
def feedback(inbound: Inbound) -> Inbound:
    """Feedback on complaints, drained and queried."""
    return inbound.of(FEEDBACK, REPAIR)


def answered(count: int, prefix: str = "R") -> list[Order]:
    return [order(f"{prefix}{number:04}", number, shown(FEEDBACK)) for number in range(count)]


def run(inbound: Inbound) -> DrainCounts:
    return inbound.drain()[FEEDBACK.name]


def acknowledgements(inbound: Inbound) -> list[tuple[list[str], bool]]:
    calls = inbound.sandbox.history(interface=ACKNOWLEDGE)
    return [(str(call["key"]).split(","), call["accepted"]) for call in calls]


@pytest.mark.parametrize("drain", DRAINS, ids=lambda drain: drain.name)
def test_each_drain_ends_empty_and_its_query_adds_nothing(inbound: Inbound, drain: object) -> None:
    (query,) = (known for known in QUERIES if known.table == drain.table)  # type: ignore[attr-defined]  # an interface
    inbound = inbound.of(drain, query)  # type: ignore[arg-type]  # interfaces
    first = inbound.interfaces[0]
    inbound.sandbox.world.put(*(order(f"R{number:04}", number, shown(first)) for number in range(1203)))
    done = inbound.drain()[first.name]
    assert (done.rows, done.added, done.acknowledged, done.blocked) == (1203, 1203, 1203, 0)
    assert inbound.sandbox.world.rows(first.name) == []
    assert inbound.one().added == 0, "the same content in another spelling"
    assert inbound.hashes(first) == by_order(query, inbound.sandbox.world.rows(query.name))


@pytest.mark.edge
def test_acknowledged_only_after_it_was_committed(feedback: Inbound) -> None:
    feedback.sandbox.world.put(*answered(120))
    run(feedback)
    ((last_commit,),) = feedback.local("SELECT max(loaded_at) FROM hotline.complaint_feedback")
    first = feedback.sandbox.history(interface=ACKNOWLEDGE)[0]["received_at"]
    moment = datetime.fromisoformat(str(first)) if isinstance(first, str) else datetime.fromtimestamp(first, UTC)
    assert last_commit <= moment
    assert {number for numbers, _ in acknowledgements(feedback) for number in numbers} == {
        f"R{number:04}" for number in range(120)
    }


@pytest.mark.parametrize(
    "fault",
    [{"kind": "issuc"}, {"kind": "code", "code": "1005"}, {"kind": "status", "status": 500}, {"kind": "html"}],
    ids=lambda fault: str(fault["kind"]),
)
def test_one_order_that_cannot_be_acknowledged_does_not_hold_the_others(
    feedback: Inbound, fault: dict[str, object]
) -> None:
    feedback.sandbox.world.put(*answered(620))
    feedback.sandbox.set_faults([{**fault, "interface": ACKNOWLEDGE, "key": "R0007"}])
    done = run(feedback)
    assert done.acknowledged == 619
    assert done.added == 620
    assert [row["odrno"] for row in feedback.sandbox.world.rows(FEEDBACK.name)] == ["R0007"]
    assert done.refused + done.failed >= 1
    feedback.sandbox.clear_faults()
    assert run(feedback).acknowledged == 1


def test_a_platform_that_takes_few_numbers_at_once(feedback: Inbound) -> None:
    with running_sandbox(most_acknowledged=10, row_order="random") as sandbox:
        feedback = replace(feedback, sandbox=sandbox, platform=replace(feedback.platform, base_url=sandbox.base_url))
        sandbox.world.put(*answered(130))
        assert run(feedback).acknowledged == 130
        assert sandbox.world.rows(FEEDBACK.name) == []
        assert max(len(numbers) for numbers, accepted in acknowledgements(feedback) if accepted) <= 10


def test_a_yes_that_hides_nothing_ends_the_run(feedback: Inbound) -> None:
    """It would be fetched and acknowledged for ever."""
    feedback.sandbox.world.put(*answered(30))
    feedback.sandbox.set_faults([{"kind": "delay", "seconds": 0, "interface": ACKNOWLEDGE, "stored": False}])
    done = run(feedback)
    assert done.fetches <= 2
    assert len(feedback.hashes(FEEDBACK)) == 30
    feedback.sandbox.clear_faults()
    assert run(feedback).added == 0
    assert feedback.sandbox.world.rows(FEEDBACK.name) == []


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "empty", "truncated"])
def test_a_lost_acknowledgement_repeats_nothing(feedback: Inbound, kind: str) -> None:
    feedback = feedback.with_settings(timeout_s=0.5, tries=1)
    feedback.sandbox.world.put(*answered(60))
    feedback.sandbox.set_faults([{"kind": kind, "interface": ACKNOWLEDGE}])
    run(feedback)
    feedback.sandbox.clear_faults()
    run(feedback)
    assert feedback.sandbox.world.rows(FEEDBACK.name) == []
    assert feedback.local("SELECT count(*) FROM hotline.complaint_feedback") == [(60,)]


def test_the_same_feedback_three_times_is_one_row(feedback: Inbound) -> None:
    feedback.sandbox.world.put(order("R1", 10, *[shown(FEEDBACK)] * 3))
    done = run(feedback)
    assert (done.rows, done.added, done.acknowledged) == (3, 1, 1)


def test_several_feedbacks_of_one_order_all_stay(feedback: Inbound) -> None:
    feedback.sandbox.world.put(order("R1", 10, *(shown(FEEDBACK, agent=f"员{number}") for number in range(4))))
    run(feedback)
    feedback.sandbox.world.add("R1", shown(FEEDBACK, agent="又一"))
    run(feedback)
    assert len(feedback.hashes(FEEDBACK)["R1"]) == 5


def test_what_an_acknowledgement_hid_is_found_by_the_repair(feedback: Inbound, monkeypatch: pytest.MonkeyPatch) -> None:
    late = shown(FEEDBACK, agent="来晚了")

    def arrive(step: str) -> None:
        if step == "drain-committed":
            feedback.sandbox.world.add("R1", late)

    feedback.sandbox.world.put(order("R1", 10, shown(FEEDBACK)))
    monkeypatch.setattr("hotline_bridge.inbound.feedback.reached", arrive)
    assert run(feedback).added == 1
    assert feedback.sandbox.world.rows(FEEDBACK.name) == [], "the acknowledgement hid it"
    monkeypatch.undo()
    assert feedback.collect()[REPAIR.name].added == 1
    assert feedback.hashes(FEEDBACK) == by_order(REPAIR, feedback.sandbox.world.rows(REPAIR.name))


def test_few_rows_need_no_second_fetch(feedback: Inbound) -> None:
    feedback.sandbox.world.put(*answered(5))
    assert run(feedback).fetches == 1
    assert feedback.sandbox.world.rows(FEEDBACK.name) == []


def test_a_number_too_long_to_be_kept_whole_is_not_acknowledged(feedback: Inbound) -> None:
    feedback.sandbox.world.put(order("L", 1, shown(FEEDBACK, odrno="9" * 201)))
    done = run(feedback)
    assert (done.quarantined, done.acknowledged, done.numberless) == (1, 0, 1)


def test_numbers_that_no_acknowledgement_can_name(feedback: Inbound) -> None:
    rows: list[dict[str, Any]] = [{"odrno": ""}, {"odrno": "A,B"}, {"odrno": None}, {"odrno": "\u0000"}]
    feedback.sandbox.world.put(*(order(f"N{n}", n, shown(FEEDBACK, **row)) for n, row in enumerate(rows)))
    feedback.sandbox.world.put(*answered(5))
    done = run(feedback)
    assert (done.acknowledged, done.numberless, done.blocked) == (5, 4, 0)
    assert feedback.hashes(FEEDBACK).keys() == {"A,B", *(f"R{number:04}" for number in range(5))}
    assert len(feedback.quarantined()) == 3
    named = {number for numbers, _ in acknowledgements(feedback) for number in numbers}
    assert named == {f"R{number:04}" for number in range(5)}


def test_a_drain_full_of_numberless_rows_is_told(feedback: Inbound, caplog: pytest.LogCaptureFixture) -> None:
    crowd = [order(f"N{number}", 0, shown(FEEDBACK, odrno="", agent=f"员{number}")) for number in range(500)]
    behind = [order(f"R{number}", 1000, shown(FEEDBACK)) for number in range(5)]
    feedback.sandbox.world.put(*crowd, *behind)
    done = run(feedback)
    assert (done.blocked, done.numberless, done.acknowledged) == (1, 500, 0)
    assert "holds nothing that can be acknowledged" in caplog.text
    assert feedback.collect()[REPAIR.name].added == 5, "the query reaches what waits behind them"


def test_one_numberless_row_does_not_keep_the_loop_going(feedback: Inbound) -> None:
    feedback.sandbox.world.put(order("N", 0, shown(FEEDBACK, odrno="")), *answered(505))
    done = run(feedback)
    assert (done.acknowledged, done.numberless, done.blocked) == (505, 1, 0)
    assert run(feedback).fetches == 1


def test_runs_at_once_store_everything_once(feedback: Inbound) -> None:
    """Two drains in whatever order of rows, and the query beside them: no deadlock, no copy."""
    with running_sandbox(row_order="random") as sandbox:
        feedback = replace(feedback, sandbox=sandbox, platform=replace(feedback.platform, base_url=sandbox.base_url))
        sandbox.world.put(*answered(1500))
        bad = [order(f"B{number}", number, shown(FEEDBACK, agent="x" * 51)) for number in range(300)]
        sandbox.world.put(*bad)
        errors: list[BaseException] = []

        def guarded(act: object) -> None:
            try:
                act()  # type: ignore[operator]  # a step
            except BaseException as error:
                errors.append(error)

        steps = [feedback.drain, feedback.drain, feedback.collect]
        threads = [Thread(target=guarded, args=(step,)) for step in steps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        run(feedback)
        assert sandbox.world.rows(FEEDBACK.name) == []
        assert feedback.hashes(FEEDBACK) == by_order(REPAIR, sandbox.world.rows(REPAIR.name))
    assert feedback.local("SELECT count(*) FROM hotline.complaint_feedback") == [(1500,)]
    ((copies,),) = feedback.local(
        "SELECT count(*) - count(DISTINCT (interface, key, content_hash)) FROM hotline.quarantined_answer"
    )
    assert copies == 0


def test_every_drain_is_acknowledged_by_an_interface_of_one_field() -> None:
    for drain in DRAINS:
        assert len(contract()[str(drain.acknowledged_by)].request) == 1
        assert good_row(drain)[str(drain.key)]
