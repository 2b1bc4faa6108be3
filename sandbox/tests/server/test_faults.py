from __future__ import annotations

import pytest
from pydantic import ValidationError

from hotline_sandbox.server.faults import KINDS, ROW_KINDS, Fault, FaultPlan


def plan(*faults: dict[str, object], seed: int = 1) -> FaultPlan:
    made = FaultPlan(seed)
    made.replace([Fault.model_validate(fault) for fault in faults])
    return made


def kinds(made: FaultPlan, calls: int, interface: str | None = "callinfo", key: str | None = "k") -> list[str | None]:
    return [made.draw(interface, key).kind for _ in range(calls)]


def test_after_and_count() -> None:
    assert kinds(plan({"kind": "hang", "after": 2, "count": 2}), 6) == [None, None, "hang", "hang", None, None]


def test_interface_and_key_choose_the_calls() -> None:
    made = plan({"kind": "hang", "interface": "callinfo", "key": "a", "count": 1})
    assert made.draw("recordinfo", "a").kind is None
    assert made.draw("callinfo", "b").kind is None
    assert made.draw(None, None).kind is None
    assert made.draw("callinfo", "a").kind == "hang"


def test_a_key_chooses_the_acknowledgements_that_name_it() -> None:
    made = plan({"kind": "issuc", "interface": "putCallbackCaseFeedback", "key": "R2"})
    drawn = [made.draw("putCallbackCaseFeedback", key).kind for key in ("R1,R2,R3", "R2", "R1,R22", None)]
    assert drawn == ["issuc", "issuc", None, None]


def test_a_star_meets_calls_that_name_no_interface() -> None:
    assert plan({"kind": "empty"}).draw(None, None).kind == "empty"


def test_the_first_listed_wins_and_latency_adds_up() -> None:
    made = plan({"kind": "latency", "ms": 20}, {"kind": "latency", "ms": 30}, {"kind": "empty"}, {"kind": "hang"})
    hit = made.draw("callinfo", "k")
    assert (hit.kind, hit.wait_s) == ("empty", pytest.approx(0.05))


def test_latency_alone_keeps_the_answer_honest() -> None:
    hit = plan({"kind": "latency", "ms": 20, "jitter_ms": 10}).draw("callinfo", "k")
    assert hit.kind == "latency"
    assert hit.stores
    assert 0.02 <= hit.wait_s <= 0.03


def test_a_seed_repeats_itself_and_another_differs() -> None:
    fault: dict[str, object] = {"kind": "hang", "probability": 0.3}
    first, again, other = (kinds(plan(fault, seed=seed), 2000) for seed in (1, 1, 2))
    assert first == again != other
    assert 480 < first.count("hang") < 720


def test_one_fault_does_not_disturb_the_chance_of_another() -> None:
    chance: dict[str, object] = {"kind": "hang", "probability": 0.5, "interface": "callinfo"}
    alone = plan({"kind": "empty", "interface": "recordinfo"}, chance)
    expected = kinds(alone, 50)
    mixed = plan({"kind": "empty", "interface": "recordinfo", "probability": 0.5}, chance)
    found = []
    for _ in range(50):
        mixed.draw("recordinfo", "k")
        found.append(mixed.draw("callinfo", "k").kind)
    assert found == expected


def test_probability_zero_never_hits() -> None:
    assert set(kinds(plan({"kind": "hang", "probability": 0}), 100)) == {None}


def test_which_kinds_carry_the_call_out() -> None:
    needed: dict[str, dict[str, object]] = {
        "delay": {"seconds": 1},
        "latency": {"ms": 1},
        "status": {"status": 500},
        "data": {"form": "null"},
        "overfull": {"rows": 501},
    }
    made = {kind: Fault.model_validate({"kind": kind, **needed.get(kind, {})}) for kind in KINDS}
    storing = {"delay", "latency", "reset_after", "truncated", "charset", "drip", "data"} | ROW_KINDS
    assert {kind for kind, fault in made.items() if fault.stores} == storing
    assert Fault(kind="hang", stored=True).stores
    assert not Fault(kind="reset_after", stored=False).stores


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ({"kind": "explode"}, "Input should be 'hang'"),
        ({"kind": "hang", "interface": "calinfo"}, "no interface is called 'calinfo'"),
        ({"kind": "hang", "probability": 1.5}, "less than or equal to 1"),
        ({"kind": "hang", "count": 0}, "greater than or equal to 1"),
        ({"kind": "hang", "after": -1}, "greater than or equal to 0"),
        ({"kind": "hang", "status": 500}, "hang does not know ['status']"),
        ({"kind": "hang", "propability": 1}, "Extra inputs are not permitted"),
        ({"kind": "delay"}, "delay needs seconds"),
        ({"kind": "latency"}, "latency needs ms"),
        ({"kind": "status"}, "status needs status"),
        ({"kind": "data"}, "data needs form"),
        ({"kind": "data", "form": "list"}, "Input should be 'absent'"),
        ({"kind": "outside", "rows": 0}, "greater than or equal to 1"),
        ({"kind": "status", "status": 200}, "greater than or equal to 400"),
        ({"kind": "status", "status": 429, "retry_after": "1\r\nX: y"}, "printable ASCII"),
        ({"kind": "redirect", "location": "/\n"}, "printable ASCII"),
        ({"kind": "delay", "seconds": "NaN"}, "finite number"),
        ({"kind": "malformed", "variant": "odd"}, "Input should be 'null'"),
        ({}, "Field required"),
    ],
)
def test_a_wrong_fault_is_refused_with_its_reason(fault: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Fault.model_validate(fault)
    assert complaint in str(caught.value)
