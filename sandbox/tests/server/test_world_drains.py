"""Fetch, store, acknowledge (protocol: drains), over real HTTP."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.control import SandboxControl, running_sandbox
from hotline_sandbox.server.world.orders import Order, Shown
from sandbox.tests.server.sandbox_client import NOON, Client
from sandbox.tests.server.world_client import DRAINS, acknowledge, drain, numbers, order, row_of, rows

DONE = {"issuc": "1"}
ZONE = ZoneInfo("Asia/Shanghai")


def table_of(name: str) -> str:
    return str(contract()[name].table)


@pytest.mark.parametrize("name", DRAINS)
def test_feedback_is_handed_out_until_it_is_acknowledged(client: Client, sandbox: SandboxControl, name: str) -> None:
    sandbox.world.put(*(order(f"R{number}", "20261124101112", table_of(name)) for number in range(3)))
    assert numbers(drain(client, name), name) == ["R0", "R1", "R2"]
    assert numbers(drain(client, name), name) == ["R0", "R1", "R2"]
    answered = acknowledge(client, name, "R0", "R2")
    assert answered == {**(contract()[str(contract()[name].acknowledged_by)].success_example or {})}
    assert numbers(drain(client, name), name) == ["R1"]
    assert acknowledge(client, name, "R0", "R1")["data"] == DONE
    assert drain(client, name) == []


@pytest.mark.parametrize("name", DRAINS)
def test_a_drain_gives_500_and_then_the_rest(client: Client, sandbox: SandboxControl, name: str) -> None:
    everything = [f"R{number:04d}" for number in range(1_234)]
    sandbox.world.put(*(order(number, "20261124101112", table_of(name)) for number in everything))
    fetched: list[object] = []
    sizes = []
    while found := numbers(drain(client, name), name):
        sizes.append(len(found))
        fetched += found
        acknowledge(client, name, *map(str, found))
    assert sizes == [500, 500, 234]
    assert fetched == everything


def test_feedback_that_came_between_fetch_and_acknowledgement_is_hidden_too(
    client: Client, sandbox: SandboxControl
) -> None:
    name = "getTodoCaseFeedbackTs"
    sandbox.world.put(order("R1", "20261124101112", table_of(name), dealResult="first"))
    assert len(drain(client, name)) == 1
    sandbox.world.add("R1", Shown(table=table_of(name), row=row_of(table_of(name), dealResult="between")))
    acknowledge(client, name, "R1")
    assert drain(client, name) == []
    sandbox.world.add("R1", Shown(table=table_of(name), row=row_of(table_of(name), dealResult="afterwards")))
    assert [row["dealResult"] for row in drain(client, name)] == ["afterwards"]
    assert [row["dealResult"] for row in rows(client, "getCaseFeedbackTs")] == ["first", "between", "afterwards"]


def test_feedback_that_has_not_appeared_yet_is_not_acknowledged(client: Client, sandbox: SandboxControl) -> None:
    name = "todocasefeedback"
    early, late = (Shown(table="case_feedback", row=row_of("case_feedback"), begin=begin) for begin in
                   ("20261124101112", "20261125000000"))  # fmt: skip
    sandbox.world.put(Order(regino="R1", registered="20261124101112", rows=[late, early]))
    assert len(drain(client, name)) == 1
    acknowledge(client, name, "R1")
    sandbox.world.set_clock(datetime(2026, 11, 25, tzinfo=ZONE))
    assert len(drain(client, name)) == 1


def test_feedback_waits_in_the_order_of_its_appearance(client: Client, sandbox: SandboxControl) -> None:
    begins = ["20261124110000", "20261124090000", "20261124100000"]
    shown = [Shown(table="case_feedback", row=row_of("case_feedback"), begin=begin) for begin in begins]
    sandbox.world.put(*(Order(regino=f"R{place}", registered="20261120000000", rows=[row]) for place, row in
                        enumerate(shown)))  # fmt: skip
    assert numbers(drain(client, "todocasefeedback"), "todocasefeedback") == ["R1", "R2", "R0"]


def test_one_interface_acknowledges_the_three_drains_and_not_the_other_set(
    client: Client, sandbox: SandboxControl
) -> None:
    sandbox.world.put(order("R1", "20261124101112", *{table_of(name) for name in DRAINS}))
    acknowledge(client, "getTodoCaseFeedbackJb", "R1")
    assert [len(drain(client, name)) for name in DRAINS] == [1, 0, 0, 0]
    acknowledge(client, "todocasefeedback", "R1")
    assert [len(drain(client, name)) for name in DRAINS] == [0, 0, 0, 0]


@pytest.mark.parametrize("text", ["none", "none,R1", " R1 ,", "R1,R1"])
def test_unknown_numbers_blanks_and_repeats_are_passed_over(client: Client, sandbox: SandboxControl, text: str) -> None:
    sandbox.world.put(order("R1", "20261124101112", "complaint_feedback"))
    assert client.call("putCallbackCaseFeedback", {"regino": text}).json["data"] == DONE
    assert len(drain(client, "getTodoCaseFeedbackTs")) == (text == "none")


@pytest.mark.parametrize("name", ["callbackcasefeedback", "putCallbackCaseFeedback"])
def test_an_acknowledgement_without_numbers_is_refused(client: Client, name: str) -> None:
    assert client.call(name, {"regino": " "}).json == {
        "code": "1001", "msg": "字段 regino：必填项为空", "data": {"issuc": "0"},
    }  # fmt: skip


def test_a_row_without_number_can_only_be_acknowledged_by_who_knows_it(client: Client, sandbox: SandboxControl) -> None:
    name = "getTodoCaseFeedbackTs"
    shown = Shown(table=table_of(name), row=row_of(table_of(name), odrno=""))
    sandbox.world.put(Order(regino="R1", registered="20261124101112", rows=[shown]))
    assert drain(client, name)[0]["odrno"] == ""
    acknowledge(client, name, "R2")
    assert len(drain(client, name)) == 1
    acknowledge(client, name, "R1")
    assert drain(client, name) == []


def test_a_cap_on_the_numbers_of_one_acknowledgement_is_a_setting() -> None:
    with running_sandbox(most_acknowledged=2) as control:
        control.set_clock_offset(NOON - time.time())
        client = Client(control.base_url)
        control.world.put(*(order(f"R{number}", "20261124101112", "complaint_feedback") for number in range(3)))
        refused = acknowledge(client, "getTodoCaseFeedbackTs", "R0", "R1", "R2")
        assert (refused["code"], refused["data"]) == ("1005", {"issuc": "0"})
        assert len(drain(client, "getTodoCaseFeedbackTs")) == 3
        assert acknowledge(client, "getTodoCaseFeedbackTs", "R0", "R1")["data"] == DONE
        assert len(drain(client, "getTodoCaseFeedbackTs")) == 1


def test_the_history_says_which_acknowledgements_were_carried_out(client: Client, sandbox: SandboxControl) -> None:
    sandbox.world.put(order("R1", "20261124101112", "complaint_feedback"))
    drain(client, "getTodoCaseFeedbackTs")
    acknowledge(client, "getTodoCaseFeedbackTs", "R1", "R2")
    fetched, acknowledged = sandbox.history(bodies=True)
    assert (fetched["rows"], fetched["accepted"], fetched["key"]) == (1, False, None)
    assert (acknowledged["accepted"], acknowledged["key"], acknowledged["rows"]) == (True, "R1,R2", None)
    assert acknowledged["body"] == '{"method": "putCallbackCaseFeedback", "regino": "R1,R2"}'
