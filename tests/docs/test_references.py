"""References to a rule by its name, as in `architecture: success is strict`, lead to a heading of docs/ that exists."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
NAMED = re.compile(r"\b(architecture|protocol): (?=[a-z])([^\n]*)")
PAGES = ("architecture", "protocol")
ELSEWHERE = re.compile(r"\bDESIGN\b|\b[Rr]ules? \d|\bprotocol(?:\.md)?,? sections? \d|\b(?:docking|modules)\.md\b")
ENDS = re.compile(r"$|[).;:,`\]\"]| (?:and|or) ")


def sources() -> list[Path]:
    """Every text of the project but the history of its changes."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (PROJECT / name for name in listed.stdout.split("\0") if name)
    skipped = {PROJECT / "CHANGELOG.md", Path(__file__)}
    pictures = {".png", ".webp", ".ico"}
    return [path for path in paths if path not in skipped and path.suffix not in pictures and path.is_file()]


def headings(page: str) -> set[str]:
    text = (PROJECT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    return {heading.casefold() for heading in re.findall(r"^##+ (.*)$", text, re.MULTILINE)}


def dangling(text: str) -> list[str]:
    """What follows the name of a page and is none of its headings. A reference stands on one line."""
    return [
        f"{page}: {rest}"
        for page, rest in NAMED.findall(text)
        if not any(rest.startswith(name) and ENDS.match(rest, len(name)) for name in headings(page))
    ]


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    return {path.relative_to(PROJECT): path.read_text(encoding="utf-8") for path in sources()}


def test_references_lead_to_a_heading(texts: dict[Path, str]) -> None:
    assert {str(path): found for path, text in texts.items() if (found := dangling(text))} == {}


def test_the_rules_are_referred_to(texts: dict[Path, str]) -> None:
    code = [text for path, text in texts.items() if path.suffix in {".py", ".sql", ".yaml"}]
    assert sum(len(NAMED.findall(text)) for text in code) > 50


def test_nothing_refers_to_rules_by_number_or_to_pages_that_are_not_here(texts: dict[Path, str]) -> None:
    found = {str(path): ELSEWHERE.findall(text) for path, text in texts.items() if ELSEWHERE.search(text)}
    assert found == {}


def test_a_heading_is_named_once() -> None:
    for page in PAGES:
        text = (PROJECT / "docs" / f"{page}.md").read_text(encoding="utf-8")
        found = re.findall(r"^##+ (.*)$", text, re.MULTILINE)
        assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kept once (architecture: the body is stored once).", []),
        ("See architecture: one version, one state. Then", []),
        ("architecture: tries and waits; protocol: the header value", []),
        ("(architecture: the body is stored twice)", ["architecture: the body is stored twice)"]),
        ("(protocol: the header value of\nwhich", ["protocol: the header value of"]),
        ("(architecture: one version, one", ["architecture: one version, one"]),
    ],
)
def test_a_reference_that_leads_nowhere_is_found(text: str, found: list[str]) -> None:
    assert dangling(text) == found


def test_places_that_the_architecture_names_exist() -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:plugins|include|sandbox|docs|development|tests)/[\w./-]+)`", page)
    assert len(named) > 8
    assert [path for path in named if not (PROJECT / path).exists()] == []
