"""Each failpoint of the code is listed, each that is listed is in the code, and a test kills a process at each."""

from __future__ import annotations

import ast
import re
from functools import cache

from hotline_bridge import failpoints
from hotline_sandbox.demo.airflow import PROJECT

LISTS = {name: value for name, value in vars(failpoints).items() if name.endswith("_FAILPOINTS")}
LISTED = [step for steps in LISTS.values() for step in steps]
STEPS_OF_A_BATCH = ("copied", "kept", "committed", "collected")


@cache
def patterns() -> frozenset[str]:
    """What the code says it has reached: texts, and of texts with names in them a pattern."""
    found = set()
    for path in (PROJECT / "plugins" / "hotline_bridge").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "failpoints import reached" not in text and "steps=" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "reached":
                found |= {re.escape(given.value) for given in node.args if isinstance(given, ast.Constant)}
            elif isinstance(node, ast.keyword) and node.arg == "steps" and isinstance(node.value, ast.Tuple):
                found |= {re.escape(given.value) for given in node.value.elts if isinstance(given, ast.Constant)}
            elif isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "" for part in node.values]
                if "".join(map(str, parts)) in {f"-{step}" for step in STEPS_OF_A_BATCH}:
                    found.add(".+" + re.escape("".join(map(str, parts))))
    return frozenset(found)


def test_each_failpoint_is_listed_once_and_reached() -> None:
    assert len(set(LISTED)) == len(LISTED)
    assert [step for step in LISTED if not any(re.fullmatch(one, step) for one in patterns())] == []
    assert [one for one in patterns() if not any(re.fullmatch(one, step) for step in LISTED)] == []
    batches = {step.rpartition("-")[0] for step in LISTED if step.startswith(("order_", "seat-"))}
    tables = batches - {"order_supplement", "order_urge", "order_deadline", "seat"}
    assert tables == set(), "of a new table that is taken in, too"


def test_a_process_is_killed_at_each_of_them() -> None:
    killed = set()
    for path in (PROJECT / "tests").rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        if "-signal.SIGKILL" in text or "== -9" in text:
            for node in ast.walk(ast.parse(text)):
                # Of all steps of a list: in a parameter, or in a loop; part of one does not count.
                if isinstance(node, ast.FunctionDef):
                    whole = [*node.decorator_list, *(loop.iter for loop in ast.walk(node) if isinstance(loop, ast.For))]
                    killed |= {name for part in whole for name in LISTS if _names_all(part, name)}
    assert LISTS.keys() - killed == set()


def _names_all(part: ast.expr, name: str) -> bool:
    sliced = {id(node.value) for node in ast.walk(part) if isinstance(node, ast.Subscript)}
    return any(isinstance(node, ast.Name) and node.id == name and id(node) not in sliced for node in ast.walk(part))
