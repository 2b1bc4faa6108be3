"""Misbehaviour of the interfaces that answer rows, over real HTTP."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.control import SandboxControl
from sandbox.tests.server.sandbox_client import Client, body_of
from sandbox.tests.server.world_client import CASES, DAY, QUERIES, acknowledge, ask, at, drain, numbers, order, rows

CASE, DRAIN = CASES[0], "getTodoCaseFeedbackTs"


def fill(sandbox: SandboxControl, count: int, table: str = "complaint_case") -> None:
    """Orders R0, R1, ... ten seconds apart from eight o'clock."""
    sandbox.world.put(*(order(f"R{number}", at(10 * number), table) for number in range(count)))


@pytest.mark.parametrize("name", [CASE, DRAIN, "putCallbackCaseFeedback"])
@pytest.mark.parametrize("form", ["absent", "null", "object", "text"])
def test_data_in_another_form(client: Client, sandbox: SandboxControl, name: str, form: str) -> None:
    sandbox.world.put(order("R1", DAY[0], "complaint_case", "complaint_feedback"))
    row = {"beginregtime": DAY[0], "endregtime": DAY[1]} if name == CASE else {"regino": "R1"}
    honest = client.call(name, row).json
    sandbox.set_faults([{"kind": "data", "form": form, "count": 1}])
    said = client.call(name, row).json
    first = honest["data"][0] if isinstance(honest["data"], list) and honest["data"] else {}
    expected: dict[str, dict[str, object]] = {"absent": {}, "null": {"data": None}, "object": {"data": first}}
    if form == "text":
        assert json.loads(said.pop("data")) == honest.pop("data")
        assert said == honest
    else:
        assert said == {"code": honest["code"], "msg": honest["msg"], **expected[form]}
    assert sandbox.history()[-1]["fault"] == "data"
    assert sandbox.history()[-1]["accepted"] == (name == "putCallbackCaseFeedback")


@pytest.mark.parametrize(("held", "cap", "given"), [(520, 501, 501), (520, 10_000, 520), (3, 501, 3), (520, 2, 2)])
def test_more_rows_than_an_answer_holds(
    client: Client, sandbox: SandboxControl, held: int, cap: int, given: int
) -> None:
    fill(sandbox, held)
    sandbox.set_faults([{"kind": "overfull", "rows": cap}])
    assert len(rows(client, CASE)) == given
    assert sandbox.history()[-1]["rows"] == given


def test_a_full_drain_too(client: Client, sandbox: SandboxControl) -> None:
    fill(sandbox, 520, "complaint_feedback")
    sandbox.set_faults([{"kind": "overfull", "rows": 501}])
    assert len(drain(client, DRAIN)) == 501


@pytest.mark.parametrize("name", [CASE, DRAIN])
def test_one_row_twice(client: Client, sandbox: SandboxControl, name: str) -> None:
    fill(sandbox, 30, str(contract()[name].table))
    sandbox.set_faults([{"kind": "repeated_row", "interface": name}])
    found = numbers(rows(client, name) if name == CASE else drain(client, name), name)
    assert len(found) == 31
    assert len(set(found)) == 30


def test_rows_from_outside_the_window(client: Client, sandbox: SandboxControl) -> None:
    fill(sandbox, 10)
    sandbox.set_faults([{"kind": "outside", "rows": 2, "count": 1}, {"kind": "outside", "rows": 9}])
    window = ("20261124080030", "20261124080050")
    assert numbers(rows(client, CASE, *window), CASE) == ["R3", "R4", "R5", "R6", "R7"]
    assert sorted(map(str, numbers(rows(client, CASE, *window), CASE))) == [f"R{number}" for number in range(10)]


def test_a_drain_gives_what_was_acknowledged(client: Client, sandbox: SandboxControl) -> None:
    fill(sandbox, 3, "complaint_feedback")
    acknowledge(client, DRAIN, "R0", "R1")
    sandbox.set_faults([{"kind": "outside"}])
    assert numbers(drain(client, DRAIN), DRAIN) == ["R2", "R0"]


@pytest.mark.parametrize("name", QUERIES)
def test_rows_without_an_order_number(client: Client, sandbox: SandboxControl, name: str) -> None:
    fill(sandbox, 6, str(contract()[name].table))
    honest = rows(client, name)
    sandbox.set_faults([{"kind": "numberless", "rows": 2, "count": 1}, {"kind": "numberless", "rows": 99}])
    some, everything = rows(client, name), rows(client, name)
    assert numbers(some, name).count("") == 2
    assert numbers(everything, name) == [""] * 6
    key = str(contract()[name].key)
    assert [{**row, key: ""} for row in honest] == [{**row, key: ""} for row in some] == everything


def test_without_rows_these_faults_leave_an_empty_answer(client: Client, sandbox: SandboxControl) -> None:
    for kind in ("repeated_row", "outside", "numberless"):
        sandbox.set_faults([{"kind": kind}])
        assert ask(client, CASE) == {"code": 0, "msg": "成功", "data": []}


def test_a_refused_window_stays_refused(client: Client, sandbox: SandboxControl) -> None:
    faults: list[dict[str, object]] = [{"kind": "repeated_row"}, {"kind": "data", "form": "null"}]
    for fault in faults:
        sandbox.set_faults([fault])
        assert ask(client, "getCaseLzmx", "20261101000000", "20261124000000")["code"] == "1004"


def test_faults_of_rows_leave_reports_alone(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "outside"}])
    acknowledged = acknowledge(client, DRAIN, "R1")
    assert acknowledged["data"] == {"issuc": "1"}


@pytest.mark.parametrize("fault", [{"kind": "issuc"}, {"kind": "code"}, {"kind": "status", "status": 500}])
def test_an_acknowledgement_is_refused_for_one_order(
    client: Client, sandbox: SandboxControl, fault: dict[str, object]
) -> None:
    fill(sandbox, 3, "complaint_feedback")
    sandbox.set_faults([{**fault, "interface": "putCallbackCaseFeedback", "key": "R1"}])
    assert (acknowledge(client, DRAIN, "R0", "R1", "R2")["data"] or {}).get("issuc") != "1"
    assert len(drain(client, DRAIN)) == 3
    assert acknowledge(client, DRAIN, "R0", "R2")["data"] == {"issuc": "1"}
    assert numbers(drain(client, DRAIN), DRAIN) == ["R1"]


def test_an_acknowledgement_is_lost_after_it_was_carried_out(client: Client, sandbox: SandboxControl) -> None:
    fill(sandbox, 1, "complaint_feedback")
    sandbox.set_faults([{"kind": "reset_after", "interface": "putCallbackCaseFeedback"}])
    with pytest.raises(ConnectionResetError), client.wire() as wire:
        wire.send(client.report("putCallbackCaseFeedback", {"regino": "R0"}))
        wire.rest()
    assert drain(client, DRAIN) == []


def test_a_window_is_refused_by_its_key(client: Client, sandbox: SandboxControl) -> None:
    fill(sandbox, 1)
    sandbox.set_faults([{"kind": "code", "key": "20261124000000-20261124235959"}])
    assert ask(client, CASE)["code"] == "9999"
    assert ask(client, CASE, DAY[0], "20261124235958")["code"] == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "html"},
        {"kind": "empty"},
        {"kind": "redirect"},
        {"kind": "malformed", "variant": "cut"},
        {"kind": "charset"},
        {"kind": "unauthorized"},
        {"kind": "status", "status": 503},
    ],
)
@pytest.mark.parametrize("name", [CASE, DRAIN])
def test_the_older_kinds_spoil_these_answers_as_well(
    client: Client, sandbox: SandboxControl, name: str, fault: dict[str, object]
) -> None:
    fill(sandbox, 5, str(contract()[name].table))
    window = {"beginregtime": DAY[0], "endregtime": DAY[1]} if name == CASE else {}
    honest = client.call(name, window)
    sandbox.set_faults([fault])
    assert client.call(name, window).body != honest.body
    sandbox.clear_faults()
    assert client.call(name, window).body == honest.body


def test_a_truncated_answer_ends_among_the_rows(client: Client, sandbox: SandboxControl) -> None:
    fill(sandbox, 50)
    sandbox.set_faults([{"kind": "truncated"}])
    with client.wire() as wire:
        wire.send(client.report(CASE, {"beginregtime": DAY[0], "endregtime": DAY[1]}))
        head, _, body = wire.rest().partition(b"\r\n\r\n")
    assert int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]) > len(body) > 1_000


def test_a_wrong_signature_gets_no_rows(client: Client, sandbox: SandboxControl) -> None:
    fill(sandbox, 1)
    body = body_of(CASE, {"beginregtime": DAY[0], "endregtime": DAY[1]})
    answered = client.exchange(client.request(contract()[CASE].path, body, day="20261123"))
    assert (answered.status, answered.json["data"]) == (401, None)


def test_the_same_seed_twists_the_same_rows(client: Client, sandbox: SandboxControl) -> None:
    fill(sandbox, 40)
    seen = []
    for _ in range(2):
        sandbox.set_faults([{"kind": "repeated_row"}])
        found = [numbers(rows(client, CASE), CASE) for _ in range(5)]
        seen.append([next(a for a, b in pairwise(sorted(map(str, answer))) if a == b) for answer in found])
    assert seen[0] == seen[1]
    assert len(set(seen[0])) > 1
