"""The world over its control API: time, changes, files, and orders that came by the put interfaces."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.control import SandboxControl, SandboxError, running_sandbox
from hotline_sandbox.server.world.orders import Add, Order, Put, Remove, Shown
from hotline_sandbox.shown import interfaces_showing
from sandbox.tests.server.sandbox_client import NOON, Client, good_row
from sandbox.tests.server.world_client import CASES, acknowledge, ask, drain, numbers, order, row_of, rows

ZONE = ZoneInfo("Asia/Shanghai")
STEP = "complaint_handling"


def step(text: str, **shown: object) -> Shown:
    return Shown.model_validate({"table": STEP, "row": row_of(STEP, remark=text), **shown})


def remarks(client: Client) -> list[object]:
    return [row["remark"] for row in rows(client, "getTsCaseLzmx")]


def test_rows_appear_and_vanish_by_the_clock_of_the_world(client: Client, sandbox: SandboxControl) -> None:
    first = step("first", begin="20261124130000", end="20261126000000")
    sandbox.world.put(
        Order(regino="R1", registered="20261124100000", rows=[first, step("then", begin="20261126000000")])
    )
    seen = {}
    for moment in ("20261124125959", "20261124130000", "20261125235959", "20261126000000", "20270101000000"):
        sandbox.world.set_clock(datetime.strptime(moment, "%Y%m%d%H%M%S").replace(tzinfo=ZONE))
        seen[moment] = (remarks(client), sandbox.world.counts()["getTsCaseLzmx"])
    assert list(seen.values()) == [([], 0), (["first"], 1), (["first"], 1), (["then"], 1), (["then"], 1)]
    sandbox.world.set_clock(None)
    assert remarks(client) == []


def test_the_world_follows_the_sandbox_clock_and_signatures_do_not_follow_the_world(
    client: Client, sandbox: SandboxControl
) -> None:
    sandbox.world.put(Order(regino="R1", registered="20261124100000", rows=[step("noon", begin="20261124120500")]))
    assert remarks(client) == []
    sandbox.set_clock_offset(NOON + 360 - time.time())
    assert remarks(client) == ["noon"]
    sandbox.world.set_clock(datetime(2026, 11, 24, 12, 4, 59, tzinfo=ZONE) - timedelta(days=300))
    assert remarks(client) == []


def test_the_current_day_is_that_of_the_world(client: Client, sandbox: SandboxControl) -> None:
    sandbox.world.put(order("R1", "20250301101112"))
    sandbox.world.set_clock(datetime(2025, 3, 1, 23, 0, tzinfo=ZONE))
    assert len(client.call(CASES[0], {}).json["data"]) == 1


def test_orders_are_changed_row_by_row_and_whole(client: Client, sandbox: SandboxControl) -> None:
    sandbox.world.put(Order(regino="R1", registered="20261124100000", rows=[step("a"), step("b")]))
    sandbox.world.put(Order(regino="R2", registered="20261124100000", rows=[step("other")]))
    sandbox.world.add("R1", step("c"))
    assert remarks(client) == ["a", "b", "other", "c"]
    sandbox.world.replace("R1", STEP, step("d"))
    assert remarks(client) == ["other", "d"]
    sandbox.world.put(Order(regino="R1", registered="20261124090000", rows=[step("e")]))
    assert remarks(client) == ["e", "other"]
    sandbox.world.remove("R1")
    assert remarks(client) == ["other"]
    sandbox.world.put(Order(regino="R1", registered="20261124100000", rows=[step("f")]))
    assert remarks(client) == ["other", "f"]


def test_orders_of_one_second_stand_in_order_of_arrival(client: Client, sandbox: SandboxControl) -> None:
    for regino, second in (("R1", 1), ("R2", 1), ("R9", 2), ("R3", 1), ("R0", 0)):
        sandbox.world.put(Order(regino=regino, registered=f"2026112410000{second}", rows=[step(regino)]))
    assert remarks(client) == ["R0", "R1", "R2", "R3", "R9"]


def test_a_registration_may_move(client: Client, sandbox: SandboxControl) -> None:
    sandbox.world.put(Order(regino="R1", registered="20261124100000", rows=[step("a")]))
    sandbox.world.put(Order(regino="R1", registered="20261123100000", rows=[step("a")]))
    assert remarks(client) == []
    assert len(rows(client, "getTsCaseLzmx", "20261123000000", "20261123235959")) == 1


def test_an_order_that_is_put_again_keeps_its_acknowledgements(client: Client, sandbox: SandboxControl) -> None:
    table, name = "complaint_feedback", "getTodoCaseFeedbackTs"
    old, new = (Shown(table=table, row=row_of(table, dealResult=text)) for text in ("old", "new"))
    sandbox.world.put(Order(regino="R1", registered="20261124100000", rows=[old]))
    acknowledge(client, name, "R1")
    sandbox.world.put(Order(regino="R1", registered="20261124100000", rows=[old, new]))
    assert [row["dealResult"] for row in drain(client, name)] == ["new"]
    assert len(rows(client, "getCaseFeedbackTs")) == 2


def test_equal_rows_are_kept_apart(client: Client, sandbox: SandboxControl) -> None:
    sandbox.world.put(order("R1", "20261124100000", "case_urge", "case_urge"))
    first, second = rows(client, "getCaseCb")
    assert first == second


def test_several_changes_in_one_call(client: Client, sandbox: SandboxControl) -> None:
    sandbox.world.change(
        Put(do="put", orders=(order("R1"), order("R2"))),
        Add(do="add", regino="R1", rows=(step("a"),)),
        Remove(do="remove", reginos=("R2",)),
    )
    assert numbers(rows(client, CASES[0]), CASES[0]) == ["R1"]
    assert remarks(client) == ["a"]


def test_rows_and_counts_say_what_the_platform_holds_without_a_cap(client: Client, sandbox: SandboxControl) -> None:
    orders = [order(f"R{number}", "20261124100000", "complaint_case", "complaint_feedback") for number in range(700)]
    sandbox.world.put(*orders)
    acknowledge(client, "getTodoCaseFeedbackTs", *(f"R{number}" for number in range(600)))
    held = sandbox.world.rows(CASES[0])
    assert numbers(held, CASES[0]) == [f"R{number}" for number in range(700)]
    assert held[:500] == rows(client, CASES[0])
    assert len(sandbox.world.rows("getCaseFeedbackTs")) == 700
    assert sandbox.world.rows("getTodoCaseFeedbackTs") == drain(client, "getTodoCaseFeedbackTs")
    counts = sandbox.world.counts()
    assert {name: count for name, count in counts.items() if count} == {
        CASES[0]: 700, "getCaseFeedbackTs": 700, "getTodoCaseFeedbackTs": 100,
    }  # fmt: skip
    assert list(counts) == [name for name, item in contract().items() if item.kind in {"query", "drain"}]


def test_rows_come_in_pages(sandbox: SandboxControl) -> None:
    sandbox.world.put(*(order(f"R{number}") for number in range(5)))
    pages = [sandbox._ask("GET", f"world/rows?interface={CASES[0]}&after={after}&limit=2") for after in (0, 2, 4)]
    assert [[row["regino"] for row in page["rows"]] for page in pages] == [["R0", "R1"], ["R2", "R3"], ["R4"]]  # type: ignore[index]
    assert [page["next"] for page in pages] == [2, 4, None]  # type: ignore[index]


@pytest.mark.parametrize("kind", range(3))
def test_a_reported_order_becomes_a_case(client: Client, sandbox: SandboxControl, kind: int) -> None:
    put, case = ["putTsBusiRegInfoData", "putJbBusiRegInfoData", "putZxBusiRegInfoData"][kind], CASES[kind]
    sent = {**good_row(put), "registime": "2026-11-24 10:11:12", "regino": "R1"}
    client.call(put, sent)
    (given,) = rows(client, case)
    short = {"registime": "2026-11-24 10:11:12"[: 19 if kind == 2 else 16], "disputetime": "2026-11-24 10:11"}
    both = {field.name for field in contract()[case].response} & {field.name for field in contract()[put].request}
    assert given == {name: short.get(name, sent[name]) for name in both}
    client.call(put, {**sent, "registime": "2026-11-23 08:00:00", "proname": "张三"})
    assert rows(client, case) == []
    (moved,) = rows(client, case, "20261123080000", "20261123080000")
    assert moved["proname"] == "张三"
    counted = client.call("numcaseinfo", {"beginregtime": "20261120000000", "endregtime": "20261125000000"}).json
    assert counted["data"] == {f"numcaseinfo{place + 1}": str(int(place == kind)) for place in range(3)}


def test_steps_stay_with_an_order_that_is_reported_again(client: Client, sandbox: SandboxControl) -> None:
    sent = {**good_row("putTsBusiRegInfoData"), "regino": "R1"}
    client.call("putTsBusiRegInfoData", sent)
    sandbox.world.add("R1", step("a"))
    client.call("putTsBusiRegInfoData", {**sent, "registime": "2026-11-24 11:00:00"})
    assert remarks(client) == ["a"]


def test_counts_are_of_orders_that_are_shown(client: Client, sandbox: SandboxControl) -> None:
    case = Shown(table="report_case", row=row_of("report_case"))
    late = case.model_copy(update={"begin": 20261125000000})
    sandbox.world.put(
        Order(regino="R1", registered="20261124100000", rows=[case, case]),
        Order(regino="R2", registered="20261124100000", rows=[late]),
        order("R3", "20261124100000", "consultation_case", "case_urge"),
    )
    window = {"beginregtime": "20261124000000", "endregtime": "20261124235959"}
    data = client.call("numcaseinfo", window).json["data"]
    assert data == {"numcaseinfo1": "0", "numcaseinfo2": "1", "numcaseinfo3": "1"}


@pytest.mark.parametrize("name", ["world.jsonl", "world.jsonl.gz"])
def test_a_world_is_loaded_from_a_file(client: Client, sandbox: SandboxControl, tmp_path: Path, name: str) -> None:
    lines = [
        {"regino": "R1", "registered": "20261124101112", "rows": [
            {"table": "complaint_case", "row": {"proname": "\ud83d"}, "breaks": ["proname:required"]},
            {"table": "case_urge", "row": {}, "begin": "20261124110000", "end": "20261124120000"}]},
        {"regino": "R2", "registered": "20261124101112", "rows": []},
    ]  # fmt: skip
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    sandbox.world.put(order("R9"))
    assert sandbox.world.load(tmp_path / name) == 2
    assert rows(client, CASES[0]) == [{"regino": "R1", "proname": "\ud83d", "registime": "2026-11-24 10:11"}]
    assert rows(client, "getCaseCb") == []


def test_a_sandbox_may_begin_with_a_world_and_goes_back_to_it(tmp_path: Path) -> None:
    path = tmp_path / "world.jsonl"
    path.write_text(order("R1", "20200101000000").model_dump_json(exclude_defaults=True) + "\n")
    with running_sandbox(world=path) as control:
        control.world.put(order("R2", "20200102000000"))
        assert control.world.counts()[CASES[0]] == 2
        control.reset()
        assert numbers(control.world.rows(CASES[0]), CASES[0]) == ["R1"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b'{"regino": "R1", "registered": "20261301000000"}\n', "line 1, is no order"),
        (b'{"regino": "R1", "registered": "20261101000000"}\nnonsense\n', "line 2, is no JSON"),
        (b'{"regino": "R1"}\n', "registered"),
        (b"\xff\n", "line 1, is no JSON"),
        (b'{"regino": "R1", "registered": "20261101000000", "rows": [{"table": "call_log", "row": {}}]}', "no rows of"),
        (None, "cannot be read"),
    ],
)
def test_a_wrong_file_is_explained(
    sandbox: SandboxControl, tmp_path: Path, content: bytes | None, complaint: str
) -> None:
    path = tmp_path / "world.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SandboxError, match=complaint):
        sandbox.world.load(path)
    with pytest.raises(SandboxError, match=f"did not start: sandbox: the world .*{complaint}"):  # noqa: SIM117
        with running_sandbox(world=path):
            pass


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("changes", [{"do": "add", "regino": "R1", "rows": []}], "no order of that number: put it first"),
        ("changes", [{"do": "remove", "reginos": ["R1"]}], "no order of that number: put it first"),
        ("changes", [{"do": "move"}], "does not match any of the expected tags"),
        ("changes", {"do": "put"}, "valid list"),
        (
            "changes",
            [{"do": "put", "orders": [{"regino": "R1", "registered": "2026-11-24"}]}],
            "written with 14 digits",
        ),
        (
            "changes",
            [{"do": "put", "orders": [{"regino": "R1", "registered": "20260230000000"}]}],
            "out of range|day is",
        ),
        ("clock", {"at": "now"}, "written with 14 digits"),
        ("clock", {}, "at: Field required"),
        ("load", {"path": "/nowhere/world"}, "cannot be read"),
    ],
)
def test_wrong_changes_are_explained(sandbox: SandboxControl, name: str, value: object, complaint: str) -> None:
    with pytest.raises(SandboxError, match=complaint):
        sandbox._ask("POST", f"world/{name}", value)


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-20], lambda data: data[:40] + b"\xff" * 20 + data[60:], lambda _: b"no"]
)
def test_a_damaged_file_is_explained(sandbox: SandboxControl, tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "world.jsonl.gz"
    lines = [order(f"R{number}").model_dump_json(exclude_defaults=True) for number in range(50)]
    path.write_bytes(spoil(gzip.compress("\n".join(lines).encode())))
    with pytest.raises(SandboxError, match=r"the world .* cannot be read"):
        sandbox.world.load(path)


def test_rows_of_what_answers_none_are_refused(sandbox: SandboxControl) -> None:
    with pytest.raises(SandboxError, match="no interface that answers rows is called 'callinfo'"):
        sandbox.world.rows("callinfo")


def test_replacing_gives_rows_of_that_table(sandbox: SandboxControl) -> None:
    sandbox.world.put(order("R1"))
    with pytest.raises(SandboxError, match="replaces rows of case_urge, yet gives rows of complaint_handling"):
        sandbox.world.replace("R1", "case_urge", step("a"))


def test_reset_empties_the_world_and_lets_its_clock_go(client: Client, sandbox: SandboxControl) -> None:
    sandbox.world.put(order("R1", "20250101000000", *interfaces_showing()))
    sandbox.world.set_clock(datetime(2025, 1, 1, tzinfo=ZONE))
    sandbox.reset()
    sandbox.set_clock_offset(NOON - time.time())
    assert not any(sandbox.world.counts().values())
    sandbox.world.put(order("R2", "20261124101112"))
    assert len(client.call(CASES[0], {}).json["data"]) == 1
    assert ask(client, CASES[0])["code"] == 0
