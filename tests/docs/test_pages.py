"""What README.md and docs/ say, held against the code: generated parts, links, commands, settings, decisions."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from development.pages.commands import commands
from development.pages.markdown import fill
from development.pages.pages import generated, parts, write_pages
from development.pages.settings import ENVIRONMENT, lease_s
from hotline_bridge.cli.main import app
from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound import deliver
from hotline_bridge.platform_client.settings import PLATFORM_EXTRAS, PlatformSettings
from hotline_bridge.store.extras import POSTGRES_EXTRAS

PROJECT = Path(__file__).parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), PROJECT / "sandbox" / "README.md"])
SOURCES = ("plugins", "sandbox", "development", "dags", "bench", "scripts", "tests")
names = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))


@cache
def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def anchors(page: Path) -> frozenset[str]:
    """Anchors as GitHub makes them of headings: lower case, punctuation dropped, each blank a hyphen."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text(page), flags=re.DOTALL), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)) for heading in headings)
    return frozenset(heading.strip().lower().replace(" ", "-") for heading in plain)


def test_generated_parts_are_up_to_date() -> None:
    stale = [str(page.relative_to(PROJECT)) for page, written in generated(PROJECT).items() if text(page) != written]
    assert stale == [], "run make docs"


@names
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", text(page), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in anchors(linked), f"{target}: no such heading"


@names
def test_commands_exist(page: Path) -> None:
    known = commands(app).keys()
    groups = {name.rpartition(" ")[0] for name in known}
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for name in re.findall(r"(?:`|^ *)make ([a-z]+)", text(page), re.MULTILINE):
        assert name in targets, f"make {name} does not exist"
    for words in re.findall(r"(?:`|^ *)(hotline(?: [a-z]+(?:-[a-z]+)*)+)", text(page), re.MULTILINE):
        first_two, first_three = " ".join(words.split()[:2]), " ".join(words.split()[:3])
        assert first_two in known or first_three in known | groups, f"{words} does not exist"


def test_every_extra_stands_in_the_configuration() -> None:
    for page in ("configuration.md", "configuration.zh-CN.md"):
        for extra in (*PLATFORM_EXTRAS, *POSTGRES_EXTRAS):
            assert f"| `{extra.name}` |" in text(PROJECT / "docs" / page), f"{page} lacks {extra.name}"


def test_every_generated_part_stands_once() -> None:
    used = [name for page in PAGES for name in re.findall(r"<!-- generated: ([a-z-]+) -->", text(page))]
    assert sorted(used) == sorted(parts(PROJECT))


def test_the_index_leads_to_every_page() -> None:
    """By one step; the pages of a folder with an index of its own by two."""
    index = text(PROJECT / "docs" / "README.md")
    linked = {
        (PROJECT / "docs" / target.partition("#")[0]).resolve() for target in re.findall(r"\]\(([^)\s]+)\)", index)
    }
    assert {*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")} - {PROJECT / "docs" / "README.md"} <= linked


def test_every_environment_variable_that_is_read_is_documented() -> None:
    files = [path for folder in SOURCES for path in (PROJECT / folder).rglob("*") if path.suffix in {".py", ".sh"}]
    read = {
        name
        for path in files
        if path.parent != Path(__file__).parent
        for name in re.findall(r"\bHOTLINE_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8"))
    }
    assert read == {name for name, *_ in ENVIRONMENT}


def test_every_interface_and_field_stands_in_the_dictionary() -> None:
    dictionary = text(PROJECT / "docs" / "fields.md")
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |^<!-- end)", dictionary, re.MULTILINE | re.DOTALL))
    for interface in contract().values():
        for field in (*interface.request, *interface.response):
            assert f"| `{field.name}` | `{field.column}` |" in sections[interface.name]


def test_the_lease_in_the_table_is_the_one_that_is_given() -> None:
    settings = PlatformSettings("http://platform.invalid", "any", "any")
    assert lease_s() == deliver._Run([], settings, budget_s=1).longest_flight_s + deliver.QUEUEING_S


def test_every_decision_is_listed_and_has_its_parts() -> None:
    decisions = sorted((PROJECT / "docs" / "adr").glob("[0-9]*.md"))
    index = text(PROJECT / "docs" / "adr" / "README.md")
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        title = text(path).splitlines()[0].removeprefix("# ")
        assert f"- [{title}]({path.name})" in index
        found = re.findall(r"^## (\w+)$", text(path), re.MULTILINE)
        assert found == ["Status", "Context", "Decision", "Consequences"]


def test_the_folders_of_the_architecture_are_those_that_exist() -> None:
    layout = re.search(r"## Folders.*?```\n(.*?)```", text(PROJECT / "docs" / "architecture.md"), re.DOTALL)
    assert layout
    package = PROJECT / "plugins" / "hotline_bridge"
    named = [
        (package if line.startswith("  ") else PROJECT) / folder
        for line in layout[1].splitlines()
        for folder in re.findall(r"(?:^|  )([a-z_/]+(?:/|\.py))(?= |$)", line)
    ]
    assert [str(folder) for folder in named if not folder.exists()] == []
    there = {path.parent for path in package.glob("*/*.py")}
    assert there <= set(named), "a folder of the package is not in the picture"


def test_a_page_is_filled_between_its_marks_alone(tmp_path: Path) -> None:
    page = "before\n<!-- generated: one -->\nold\n<!-- end -->\nafter\n"
    filled = fill(page, {"one": lambda: "new\n"})
    assert filled == "before\n<!-- generated: one -->\n\nnew\n\n<!-- end -->\nafter\n"
    assert fill(filled, {"one": lambda: "new\n"}) == filled

    (tmp_path / "README.md").write_text("<!-- generated: rules -->\n<!-- end -->\n", encoding="utf-8")
    assert write_pages(tmp_path) == [tmp_path / "README.md"]
    assert "必填项为空" in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert write_pages(tmp_path) == []


@pytest.mark.parametrize(
    "page",
    [
        "<!-- generated: one -->\nno end\n",
        "<!-- end -->\n",
        "<!-- generated: unknown -->\n<!-- end -->\n",
        "<!-- generated: one -->\n<!-- generated: one -->\n<!-- end -->\n",
    ],
)
def test_wrong_marks_are_an_error(page: str) -> None:
    with pytest.raises(ValueError, match=r"mark|generated part"):
        fill(page, {"one": lambda: "text"})
