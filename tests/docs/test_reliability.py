"""docs/reliability.yaml names every fault, with tests that exist; its page says how they ended."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from pydantic import ValidationError

from development.pages.reliability import Fault, Result, faults, last_result, reliability, results
from development.reliability import Recorder

PROJECT = Path(__file__).parents[2]
FAULTS = faults(PROJECT).faults


def test_every_fault_is_there() -> None:
    assert [fault.id for fault in FAULTS] == [f"F{number:02}" for number in range(1, 46)]


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_each_test_that_a_fault_names_is_one(fault: Fault) -> None:
    assert len(set(fault.tests)) == len(fault.tests)
    for test in fault.tests:
        file, _, name = test.partition("::")
        assert re.fullmatch(r"(sandbox/)?tests/.*/test_\w+\.py", file), test
        assert name in functions_of(file), test


def test_no_cell_is_empty() -> None:
    lines = [line for line in reliability(PROJECT).splitlines() if re.match(r"\| F\d\d ", line)]
    assert len(lines) == len(FAULTS)
    assert [line for line in lines if not all(cell.strip() for cell in line.split("|")[1:-1])] == []


def test_results_are_of_tests_that_are_named() -> None:
    assert results(PROJECT).keys() <= {test for fault in FAULTS for test in fault.tests}


def test_what_is_bad_stands_first_and_the_oldest_day_counts() -> None:
    known = {
        "f.py::test_a_b": Result(outcome="passed", cases=3, on="2026-12-01"),
        "f.py::test_c": Result(outcome="passed", cases=1, on="2026-11-30"),
        "f.py::test_d": Result(outcome="failed", cases=2, on="2026-12-01"),
        "f.py::test_e": Result(outcome="skipped", cases=1, on="2026-12-01"),
    }
    assert last_result(("f.py::test_a_b", "f.py::test_c"), known) == "4 passed, 2026-11-30"
    assert last_result((*known, "f.py::test_g_h"), known) == (
        "failed: d; skipped: e; not run yet: g h; 4 passed, 2026-11-30"
    )
    assert last_result((), known) == "not tried"


@pytest.mark.parametrize("said", [{}, {"id": "F1"}, {"expected": ""}, {"fault": ""}])
def test_a_fault_that_says_too_little_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate({"id": "F01", "group": "process", "fault": "a", "expected": "b", **said})


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        ([("setup", "passed"), ("call", "passed"), ("teardown", "passed")], "passed"),
        ([("call", "passed"), ("call", "failed")], "failed"),
        ([("setup", "failed")], "failed"),
        ([("call", "passed"), ("teardown", "failed")], "failed"),
        ([("setup", "skipped")], "skipped"),
        ([("setup", "skipped"), ("call", "passed")], "passed"),
    ],
)
def test_a_run_is_recorded_as_it_ended(ended: list[tuple[str, str]], outcome: str) -> None:
    recorder = Recorder()
    for when, how in ended:
        report = pytest.TestReport("f.py::test_a[x]", ("f.py", 1, ""), {}, how, None, when)  # type: ignore[arg-type]
        recorder.pytest_runtest_logreport(report)
    assert recorder.results()["f.py::test_a"].outcome == outcome
