"""docs/specification.yaml and docs/published.md, held against the contract, the files, the commands and the tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from development.pages.commands import commands
from development.pages.specification import Section, sections
from hotline_bridge.cli.main import app
from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import contract

PROJECT = Path(__file__).parents[2]
SECTIONS = {entry.section: entry for entry in sections(PROJECT)}


def test_every_section_of_an_interface_or_a_table_is_there() -> None:
    printed = {interface.section for interface in contract().values() if interface.section.startswith("4.")}
    tables = {
        section for table in docking_tables().values() for section in re.findall(r"4[\d.()]*\d\)?", table.section)
    }
    assert printed | tables <= SECTIONS.keys()


def test_every_section_has_those_above_it() -> None:
    for section in SECTIONS:
        above = re.sub(r" -$|\(\d\)$", "", section)
        above = above if above != section else section.rpartition(".")[0]
        # The heading 4.8.2.1 itself is not printed.
        assert not above or above in SECTIONS or above == "4.8.2.1", section


def test_nothing_is_called_done_of_which_a_part_is_to_come() -> None:
    for entry in SECTIONS.values():
        below = [other.state for name, other in SECTIONS.items() if re.match(rf"{re.escape(entry.section)}[.(]", name)]
        if entry.state == "done":
            assert set(below) <= {"done"}, entry.section


@pytest.mark.parametrize("entry", SECTIONS.values(), ids=SECTIONS)
def test_what_a_section_names_is_there(entry: Section) -> None:
    for path in (*entry.code, *entry.tests):
        assert (PROJECT / path).is_file(), path
    assert all(re.fullmatch(r"(sandbox/)?tests/.*/test_\w+\.py", path) for path in entry.tests)
    known = commands(app).keys() | {"make demo", "make test"}
    assert set(entry.show) <= known


@pytest.mark.parametrize(
    "entry",
    [
        {"state": "to come", "note": "later", "code": ["README.md"]},
        {"state": "to come"},
        {"state": "part", "code": ["README.md"], "tests": ["x"], "show": ["y"]},
        {"state": "done", "code": ["README.md"], "show": ["y"]},
        {"state": "finished"},
    ],
)
def test_a_section_that_says_too_little_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Section.model_validate({"section": "4.9", "zh": "章", **entry})


def test_every_column_that_is_published_stands_on_its_page() -> None:
    page = (PROJECT / "docs" / "published.md").read_text(encoding="utf-8")
    below = dict(re.findall(r"^### docking\.(\w+)\n(.*?)(?=^### |^<!-- end)", page, re.MULTILINE | re.DOTALL))
    published = {name: table for name, table in docking_tables().items() if table.written_by == "bridge"}
    assert below.keys() == published.keys()
    for name, table in published.items():
        assert table.section in below[name]
        for column in table.columns:
            assert f"| `{column.name}` | {column.zh} |" in below[name]
            assert (f"| `{name}` | `{column.name}` |" in page) == (not column.carried)
