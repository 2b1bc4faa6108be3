"""README.md and README.zh-CN.md say the same: parts, tables, figures, commands and names, in the same order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ENGLISH, CHINESE = PROJECT / "README.md", PROJECT / "README.zh-CN.md"


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[tuple[str, str]]:
    """Indentation and text of every block of code."""
    return re.findall(r"^( *)```\n(.*?)^\1```", text(page), re.DOTALL | re.MULTILINE)


def without_blocks(page: Path) -> str:
    return re.sub(r"^( *)```.*?^\1```", "", text(page), flags=re.DOTALL | re.MULTILINE)


def tables(page: Path) -> list[list[str]]:
    """Every table as its lines."""
    found = re.findall(r"(?:^\|.*\n)+", without_blocks(page), re.MULTILINE)
    return [table.splitlines() for table in found]


def facts(line: str) -> list[str]:
    """What no language changes: names in code, numbers, links."""
    plain = re.sub(r"\[[^]]*\]\(([^)#]*)(?:#[^)]*)?\)", r" `\1` ", line)
    return sorted([*re.findall(r"`[^`]+`", plain), *re.findall(r"\d+", re.sub(r"`[^`]+`", "", plain))])


def test_each_links_to_the_other() -> None:
    assert "[简体中文](README.zh-CN.md)" in text(ENGLISH).split("\n## ")[0]
    assert "[English](README.md)" in text(CHINESE).split("\n## ")[0]


def test_headings_are_the_same_in_number_and_depth() -> None:
    depths = [re.findall(r"^(#+) ", without_blocks(page), re.MULTILINE) for page in (ENGLISH, CHINESE)]
    assert depths[0] == depths[1]


def test_tables_hold_the_same_names_and_numbers_line_by_line() -> None:
    english, chinese = tables(ENGLISH), tables(CHINESE)
    assert len(english) == len(chinese)
    for ours, theirs in zip(english, chinese, strict=True):
        assert [facts(line) for line in ours[2:]] == [facts(line) for line in theirs[2:]], theirs[0]


def test_blocks_hold_the_same_commands() -> None:
    def commands(page: Path) -> list[list[str]]:
        starts = re.compile(r" *(make|pip|export|airflow) ")
        return [
            [line.split("#")[0].strip() for line in block.splitlines() if starts.match(line)]
            for _, block in blocks(page)
        ]

    assert commands(ENGLISH) == commands(CHINESE)


@pytest.mark.parametrize("kind", ["make", "hotline"])
def test_the_same_commands_are_named(kind: str) -> None:
    named = [
        {name for span in code(page) for name in re.findall(rf"^{kind} [a-z]+(?: [a-z]+)?", span)}
        for page in (ENGLISH, CHINESE)
    ]
    assert named[0] == named[1]


def code(page: Path) -> list[str]:
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", without_blocks(page))]


def test_the_same_files_and_settings_are_named() -> None:
    def named(page: Path) -> set[str]:
        links = {target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(page))}
        return (links - {"README.md", "README.zh-CN.md", ""}) | {
            span for span in code(page) if re.fullmatch(r"[A-Z_]{4,}|[a-z]+_[a-z0-9_]+", span)
        }

    assert named(ENGLISH) == named(CHINESE)
