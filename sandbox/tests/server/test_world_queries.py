"""Queries by registration time and by number, over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.control import SandboxControl, running_sandbox
from hotline_sandbox.server.rules import compile_fields
from hotline_sandbox.server.world.orders import Order, Shown
from sandbox.tests.server.sandbox_client import NOON, Client
from sandbox.tests.server.world_client import CASES, DAY, DRAINS, QUERIES, TABLES, ask, at, numbers, order, row_of, rows

CASE = "getTsBusiCaseInfoData"
LIMITED = [name for name in QUERIES if contract()[name].limits.max_window_days]
BY_NUMBER = [name for name in QUERIES if contract()[name].request[0].name == "regino"]


@pytest.fixture(scope="module")
def _strange_process() -> Iterator[SandboxControl]:
    with running_sandbox(row_order="reverse", window_end="exclusive", empty="null", registime="seconds") as control:
        yield control


@pytest.fixture
def strange(_strange_process: SandboxControl) -> Client:
    """A client of a sandbox that reads the silent places of the specification the other way."""
    _strange_process.reset()
    _strange_process.set_clock_offset(NOON - time.time())
    return Client(_strange_process.base_url)


@pytest.mark.parametrize("name", QUERIES)
def test_a_row_comes_as_it_was_put_with_number_and_registration(
    client: Client, sandbox: SandboxControl, name: str
) -> None:
    interface = contract()[name]
    sandbox.world.put(order("R1", "20261124101112", str(interface.table)))
    (row,) = rows(client, name)
    assert compile_fields(interface.response)(row) == []
    assert set(row) == {field.name for field in interface.response}
    assert row[str(interface.key)] == "R1"
    assert rows(client, name, "20261124101113") == []
    assert rows(client, name, end="20261124101111") == []


@pytest.mark.parametrize("name", QUERIES)
def test_an_answer_holds_500_rows_of_the_earliest_orders(client: Client, sandbox: SandboxControl, name: str) -> None:
    table = str(contract()[name].table)
    sandbox.world.put(*(order(f"R{number}", at(number), table) for number in range(501)))
    assert numbers(rows(client, name), name) == [f"R{number}" for number in range(500)]
    assert len(rows(client, name, at(1))) == 500
    assert len(rows(client, name, at(2))) == 499
    assert sandbox.world.counts()[name] == 501


def test_other_readings_are_settings(strange: Client) -> None:
    control = SandboxControl(strange.base_url)
    assert ask(strange, CASE)["data"] is None
    control.world.put(*(order(f"R{number}", at(number)) for number in range(501)))
    assert numbers(rows(strange, CASE), CASE) == [f"R{number}" for number in range(500, 0, -1)]
    assert numbers(rows(strange, CASE, at(0), at(2)), CASE) == ["R1", "R0"]
    assert ask(strange, CASE, at(2), at(2))["data"] is None
    (row,) = rows(strange, CASE, at(7), at(8))
    assert row["registime"] == "2026-11-24 08:00:07"
    window = {"beginregtime": at(0), "endregtime": at(2)}
    assert strange.call("numcaseinfo", window).json["data"]["numcaseinfo1"] == "2"


def test_registime_has_seconds_only_where_the_print_leaves_room(client: Client, sandbox: SandboxControl) -> None:
    sandbox.world.put(order("R1", "20261124101112", "complaint_case", "report_case", "consultation_case"))
    written = [rows(client, name)[0]["registime"] for name in CASES]
    assert written == ["2026-11-24 10:11", "2026-11-24 10:11", "2026-11-24 10:11:12"]


def test_both_ends_belong_to_a_window_of_one_second(client: Client, sandbox: SandboxControl) -> None:
    sandbox.world.put(order("R1", at(0)), order("R2", at(1)))
    assert numbers(rows(client, CASE, at(0), at(0)), CASE) == ["R1"]
    assert numbers(rows(client, CASE, at(0), at(1)), CASE) == ["R1", "R2"]


@pytest.mark.parametrize("name", LIMITED)
@pytest.mark.parametrize(
    ("end", "code"), [("20261108000000", 0), ("20261108000001", "1004"), ("20261031235959", "1004")]
)
def test_windows_of_more_than_seven_days_are_refused(client: Client, name: str, end: str, code: object) -> None:
    answered = ask(client, name, "20261101000000", end)
    assert answered["code"] == code
    assert (answered["data"] is None) == (code != 0)


@pytest.mark.parametrize("name", sorted(set(QUERIES) - set(LIMITED)))
def test_windows_without_a_printed_limit_may_be_long_but_not_run_backwards(client: Client, name: str) -> None:
    assert ask(client, name, "20000101000000", "20991231235959") == {"code": 0, "msg": "成功", "data": []}
    assert ask(client, name, "20261102000000", "20261101000000")["code"] == "1004"


def test_the_seven_day_limit_is_printed_for_the_five_interfaces_of_the_process() -> None:
    printed = [contract()[name].section for name in LIMITED if contract()[name].section.startswith("4.")]
    assert printed == [f"4.8.2.1.6.{number}" for number in range(1, 6)]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("empty", [{}, {"beginregtime": "", "endregtime": None}])
def test_without_times_the_cases_of_today_are_given(
    client: Client, sandbox: SandboxControl, name: str, empty: dict[str, object]
) -> None:
    table = str(contract()[name].table)
    days = ("20261123235959", "20261124000000", "20261124115959", "20261125000000")
    sandbox.world.put(*(order(f"R{number}", day, table) for number, day in enumerate(days)))
    assert numbers(client.call(name, empty).json["data"], name) == ["R1", "R2"]
    assert client.call(name, {"beginregtime": DAY[0]}).json["code"] == "1001"


@pytest.mark.parametrize("name", ["getShBtgData", *LIMITED])
def test_elsewhere_the_times_are_required(client: Client, name: str) -> None:
    answered = client.call(name, {}).json
    assert answered["code"] == "1001"
    assert answered["msg"] == "字段 beginregtime：必填项为空；字段 endregtime：必填项为空"


@pytest.mark.parametrize("begin", ["2026-11-24 00:00:00", "20260230000000", "1"])
def test_a_time_that_is_none_is_refused(client: Client, begin: str) -> None:
    assert ask(client, CASE, begin)["code"] == "1001"


def test_times_may_be_json_numbers(client: Client, sandbox: SandboxControl) -> None:
    sandbox.world.put(order("R1"))
    body = {"beginregtime": int(DAY[0]), "endregtime": int(DAY[1])}
    assert len(client.call(CASE, body).json["data"]) == 1


@pytest.mark.parametrize("name", BY_NUMBER)
def test_feedback_is_found_by_number_by_window_by_both_and_by_neither(
    client: Client, sandbox: SandboxControl, name: str
) -> None:
    table = str(contract()[name].table)
    sandbox.world.put(*(order(f"R{number}", at(number), table) for number in range(4)))
    assert numbers(rows(client, name, "", "", regino="R3,R1, R1,none"), name) == ["R3", "R1"]
    assert numbers(rows(client, name, at(0), at(2), regino="R3,R1"), name) == ["R1"]
    assert numbers(rows(client, name, at(3), ""), name) == ["R3"]
    assert numbers(rows(client, name, "", at(0)), name) == ["R0"]
    assert len(client.call(name, {}).json["data"]) == 4


@pytest.mark.parametrize("name", BY_NUMBER)
def test_more_numbers_than_the_printed_thirty_characters_hold(
    client: Client, sandbox: SandboxControl, name: str
) -> None:
    wanted = [f"133011000220261124{number:04d}" for number in range(300)]
    sandbox.world.put(*(order(number, at(0), str(contract()[name].table)) for number in wanted))
    assert numbers(rows(client, name, "", "", regino=",".join(wanted)), name) == wanted


def test_the_same_rows_are_spelled_as_each_interface_prints_them(client: Client, sandbox: SandboxControl) -> None:
    text = 'say "Feetime": now'
    shown = Shown(table="case_feedback", row=row_of("case_feedback", Feedbackcontent=text))
    sandbox.world.put(Order(regino="R1", registered=at(0), rows=[shown]))
    (waiting,) = client.call("todocasefeedback", {}).json["data"]
    (found,) = rows(client, "casefeedback")
    assert waiting["Feetime"] == found["feetime"]
    assert "feetime" not in waiting
    assert "Feetime" not in found
    assert waiting["Feedbackcontent"] == found["Feedbackcontent"] == text


@pytest.mark.parametrize("value", ["", None, 7, ["x"], {"a": {"b": None}}, "\x00", "\ud83d", "\r\n\t\u00a0文", 0.5])
def test_whatever_a_row_holds_goes_out_as_it_is(client: Client, sandbox: SandboxControl, value: object) -> None:
    row = row_of("complaint_case", regino=value, registime=value, unknown=value, proname=value)
    sandbox.world.put(Order(regino="R1", registered=at(0), rows=[Shown(table="complaint_case", row=row)]))
    (found,) = rows(client, CASE)
    assert found == row


def test_random_order_is_repeated_by_the_seed_and_differs_from_answer_to_answer() -> None:
    seen = []
    for seed in (1, 1, 2):
        with running_sandbox(seed=seed, row_order="random") as control:
            control.set_clock_offset(NOON - time.time())
            control.world.put(*(order(f"R{number}", at(number)) for number in range(600)))
            client = Client(control.base_url)
            seen.append([numbers(rows(client, CASE), CASE) for _ in range(2)])
    first, again, other = seen
    assert first == again != other
    assert first[0] != first[1]
    assert all(len(set(answer)) == 500 for answer in first)


def test_the_history_keeps_window_and_rows(client: Client, sandbox: SandboxControl) -> None:
    sandbox.world.put(order("R1"), order("R2"))
    rows(client, CASE)
    ask(client, "getCaseLzmx", "20261101000000", "20261124000000")
    calls = [(call["interface"], call["key"], call["rows"], call["code"]) for call in sandbox.history()]
    assert calls == [
        (CASE, "20261124000000-20261124235959", 2, 0),
        ("getCaseLzmx", "20261101000000-20261124000000", None, "1004"),
    ]
    assert sandbox.counts()[CASE]["calls"] == 1


def test_every_table_is_given_by_someone() -> None:
    assert {interface.table for interfaces in TABLES.values() for interface in interfaces} == set(TABLES)
    assert sum(map(len, TABLES.values())) == len(QUERIES) + len(DRAINS)
