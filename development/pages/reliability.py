"""Every fault with what is expected, the tests that show it and how they ended: `docs/reliability.yaml` as tables."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import Field, TypeAdapter, model_validator

from development.pages.markdown import table
from hotline_bridge.contract.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RESULTS = "docs/reliability-results.json"


class Fault(Frozen):
    """One fault. Tests are functions, named as pytest names them but without parameters."""

    id: str = Field(pattern=r"^F\d\d$")
    group: str
    fault: str = Field(min_length=1)
    expected: str = Field(min_length=1)
    tests: tuple[str, ...] = ()
    not_here: str = ""
    """What cannot be tried on a machine of development, and why."""

    @model_validator(mode="after")
    def _is_shown(self) -> Fault:
        if not self.tests and not self.not_here:
            raise ValueError(f"{self.id} names neither a test nor why there can be none")
        return self


class Result(Frozen):
    """How the cases of one test ended when they were last run."""

    outcome: Literal["passed", "failed", "skipped"]
    cases: int
    on: str
    """A day of Shanghai."""


class Faults(Frozen):
    """The whole file: titles of the groups, and the faults."""

    groups: dict[str, str]
    faults: tuple[Fault, ...]

    @model_validator(mode="after")
    def _fits(self) -> Faults:
        ids = [fault.id for fault in self.faults]
        if ids != sorted(set(ids)):
            raise ValueError("docs/reliability.yaml: faults stand once each, in the order of their numbers")
        if unknown := {fault.group for fault in self.faults} - self.groups.keys():
            raise ValueError(f"docs/reliability.yaml: no group is called {', '.join(sorted(unknown))}")
        return self


def faults(project: Path) -> Faults:
    """All faults.

    Raises:
        ValueError: The file does not fit.
    """
    return Faults.model_validate(yaml.safe_load((project / "docs" / "reliability.yaml").read_text(encoding="utf-8")))


def results(project: Path) -> dict[str, Result]:
    """How each test ended when `make reliability` last ran it, by its name."""
    return TypeAdapter(dict[str, Result]).validate_json((project / RESULTS).read_bytes())


def write_results(project: Path, found: Mapping[str, Result]) -> None:
    """Keep results, over earlier ones of the same tests; those of tests that no fault names any more are dropped."""
    named = {test for fault in faults(project).faults for test in fault.tests}
    kept = {test: result for test, result in {**results(project), **found}.items() if test in named}
    lines = {test: result.model_dump() for test, result in sorted(kept.items())}
    (project / RESULTS).write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")


def reliability(project: Path) -> str:
    """A table a group, one line a fault."""
    said = faults(project)
    known = results(project)
    by_group = defaultdict(list)
    for fault in said.faults:
        by_group[fault.group].append(
            (fault.id, fault.fault, fault.expected, _shown_by(fault), last_result(fault.tests, known))
        )
    headings = ("no.", "fault", "expected", "shown by", "last result")
    return "\n".join(f"### {title}\n\n{table(headings, by_group[group])}" for group, title in said.groups.items())


def last_result(tests: tuple[str, ...], known: Mapping[str, Result]) -> str:
    """What the tests of one fault came to: what is bad first, then when the oldest of them was run."""
    if not tests:
        return "not tried"
    found = {test: known[test] for test in tests if test in known}
    said = [
        f"{outcome}: {', '.join(_name(test) for test in named)}"
        for outcome in ("failed", "skipped")
        if (named := [test for test, result in found.items() if result.outcome == outcome])
    ]
    if missing := [_name(test) for test in tests if test not in found]:
        said.append(f"not run yet: {', '.join(missing)}")
    if passed := [result for result in found.values() if result.outcome == "passed"]:
        cases = sum(result.cases for result in passed)
        said.append(f"{cases} passed, {min(result.on for result in passed)}")
    return "; ".join(said)


def _shown_by(fault: Fault) -> str:
    links = [f"[{_name(test)}](../{test.partition('::')[0]})" for test in fault.tests]
    return "; ".join([*links, *([f"not tried here: {fault.not_here}"] if fault.not_here else [])])


def _name(test: str) -> str:
    """The test's name as words."""
    return re.sub(r"^test_", "", test.rpartition("::")[2]).replace("_", " ")
