"""The hooks before a commit and the file for a public forge do what `make check` and .ci/run do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[2]
WORKFLOW = PROJECT / ".github" / "workflows" / "ci.yml"
CHECKS = {"ruff check", "ruff format --check", "mypy", "lint-imports", "sqlfluff lint"}


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def checks_of_make() -> set[str]:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    recipes = re.findall(r"^(?:check|lint)[\w-]*:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    return {line.strip().removeprefix("$(BIN)/") for recipe in recipes for line in recipe.splitlines()}


def test_the_hooks_call_the_tools_of_the_environment_and_load_nothing() -> None:
    repos = read(PROJECT / ".pre-commit-config.yaml")["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    hooks = repos[0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    entries = [hook["entry"] for hook in hooks]
    assert all(entry.startswith(".venv/bin/") for entry in entries)
    assert all(any(f".venv/bin/{check}" in entry for entry in entries) for check in CHECKS)
    assert all(any(line.startswith(check) for line in checks_of_make()) for check in CHECKS)


def test_the_file_for_a_forge_is_valid_and_runs_what_continuous_integration_runs() -> None:
    validate = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", WORKFLOW]
    subprocess.run(validate, check=True, capture_output=True)
    jobs = read(WORKFLOW)["jobs"]
    commands = "\n".join(step.get("run", "") for step in jobs["test"]["steps"])
    assert "make lint" in commands
    assert ".ci/run" in commands
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">=3.11,<3.14"' in project
    assert jobs["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]


def test_what_others_wrote_is_pinned_to_one_commit() -> None:
    used = re.findall(r"uses: (.+)$", WORKFLOW.read_text(encoding="utf-8"), re.MULTILINE)
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)] == []


def test_what_it_names_is_there() -> None:
    page = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:plugins|include|docs|tests|sandbox)/[\w./-]+)`", page)
    assert named
    assert [path for path in named if not (PROJECT / path).exists()] == []


def test_both_distributions_carry_the_licence() -> None:
    text = (PROJECT / "LICENSE").read_bytes()
    assert (PROJECT / "sandbox" / "LICENSE").read_bytes() == text
    for folder in (PROJECT, PROJECT / "sandbox"):
        project = (folder / "pyproject.toml").read_text(encoding="utf-8")
        assert 'license = "Apache-2.0"\nlicense-files = ["LICENSE"]' in project
