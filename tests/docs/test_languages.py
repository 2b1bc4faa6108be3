"""A page and its Chinese twin say the same: parts, tables, figures, commands and names, in the same order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
CHINESE = sorted([*PROJECT.glob("*.zh-CN.md"), *PROJECT.glob("docs/**/*.zh-CN.md")])
# Of these the Chinese page has the tables alone.
TABLES_ALONE = [PROJECT / "docs" / name for name in ("commands.zh-CN.md", "configuration.zh-CN.md")]
# Its tables are written by one program from one entry a line.
GENERATED = PROJECT / "docs" / "dictionary.zh-CN.md"
TRANSLATED = {"commands", "platform-extras", "postgres-extras", "environment", "retention"}

names = {"ids": lambda page: str(page.relative_to(PROJECT))}
every_page = pytest.mark.parametrize("page", CHINESE, **names)
WHOLE = [page for page in CHINESE if page not in TABLES_ALONE]
whole_pages = pytest.mark.parametrize("page", WHOLE, **names)
by_hand = pytest.mark.parametrize("page", [page for page in WHOLE if page != GENERATED], **names)


def english(page: Path) -> Path:
    return page.with_name(page.name.replace(".zh-CN", ""))


def both(page: Path) -> tuple[Path, Path]:
    return english(page), page


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[tuple[str, str]]:
    """Indentation and text of every block of code."""
    return re.findall(r"^( *)```\n(.*?)^\1```", text(page), re.DOTALL | re.MULTILINE)


def without_blocks(page: Path) -> str:
    return re.sub(r"^( *)```.*?^\1```", "", text(page), flags=re.DOTALL | re.MULTILINE)


def tables(text: str) -> list[list[str]]:
    """Every table as its lines."""
    return [table.splitlines() for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)]


def generated(page: Path) -> dict[str, list[str]]:
    """The tables that a program wrote, by the names of their parts."""
    parts = re.findall(r"<!-- generated: ([a-z-]+) -->(.*?)<!-- end -->", text(page), re.DOTALL)
    return {name: found[0] for name, part in parts if (found := tables(part))}


def translated(page: Path) -> dict[str, list[str]]:
    parts = re.findall(r"<!-- translated: ([a-z-]+) -->\n\n((?:\|.*\n)+)", text(page))
    return {name: table.splitlines() for name, table in parts}


def facts(line: str) -> list[str]:
    """What no language changes: names in code, numbers, links."""
    plain = re.sub(r"\[[^]]*\]\(([^)#]*)(?:#[^)]*)?\)", lambda link: f" `{common(link[1])}` ", line)
    return sorted([*re.findall(r"`[^`]+`", plain), *re.findall(r"\d+", re.sub(r"`[^`]+`", "", plain))])


def common(target: str) -> str:
    """A page links to the pages of its own language."""
    return target.replace(".zh-CN", "")


def same(ours: list[str], theirs: list[str]) -> None:
    assert [facts(line) for line in ours[2:]] == [facts(line) for line in theirs[2:]], theirs[0]


@every_page
def test_each_links_to_the_other(page: Path) -> None:
    ours, theirs = both(page)
    assert f"[简体中文]({theirs.name})" in text(ours).split("\n## ")[0]
    assert f"[English]({ours.name})" in text(theirs).split("\n## ")[0]


@whole_pages
def test_headings_are_the_same_in_number_and_depth(page: Path) -> None:
    depths = [re.findall(r"^(#+) ", without_blocks(one), re.MULTILINE) for one in both(page)]
    assert depths[0] == depths[1]


@by_hand
def test_tables_hold_the_same_names_and_numbers_line_by_line(page: Path) -> None:
    ours, theirs = (tables(without_blocks(one)) for one in both(page))
    for one, other in zip(ours, theirs, strict=True):
        same(one, other)


def test_translated_tables_hold_the_same_names_and_numbers_line_by_line() -> None:
    found = {name: (page, table) for page in TABLES_ALONE for name, table in translated(page).items()}
    assert found.keys() == TRANSLATED
    for name, (page, table) in found.items():
        same(generated(english(page))[name], table)
    assert sum(len(tables(without_blocks(page))) for page in TABLES_ALONE) == len(TRANSLATED)


@whole_pages
def test_blocks_hold_the_same_commands(page: Path) -> None:
    def commands(page: Path) -> list[list[str]]:
        starts = re.compile(r" *(make|pip|export|airflow) ")
        return [
            [line.split("#")[0].strip() for line in block.splitlines() if starts.match(line)]
            for _, block in blocks(page)
        ]

    ours, theirs = both(page)
    assert commands(ours) == commands(theirs)


@whole_pages
@pytest.mark.parametrize("kind", ["make", "hotline"])
def test_the_same_commands_are_named(kind: str, page: Path) -> None:
    named = [
        {name for span in code(one) for name in re.findall(rf"^{kind} [a-z]+(?: [a-z]+)?", span)} for one in both(page)
    ]
    assert named[0] == named[1]


def code(page: Path) -> list[str]:
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", without_blocks(page))]


@by_hand
def test_the_same_files_and_settings_are_named(page: Path) -> None:
    def named(one: Path) -> set[str]:
        links = {common(target.partition("#")[0]) for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(one))}
        return (links - {english(page).name, ""}) | {
            span for span in code(one) if re.fullmatch(r"[A-Z_]{4,}|[a-z]+_[a-z0-9_]+", span)
        }

    ours, theirs = both(page)
    assert named(ours) == named(theirs)


@pytest.mark.parametrize("page", [PROJECT / "README.md", PROJECT / "README.zh-CN.md"], **names)
def test_a_readme_is_read_in_a_few_minutes(page: Path) -> None:
    assert page.stat().st_size <= 8192, "the rest belongs into docs/"


def test_a_readme_speaks_one_language() -> None:
    """Chinese in the English one is the other's name, and what the program prints."""
    prose = without_blocks(PROJECT / "README.md").replace("[简体中文]", "").replace("哪些验证过", "")
    assert re.findall(r"[\u4e00-\u9fff]+", prose) == []
