"""docs/glossary.md: no word is explained twice, and what it points to is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
WORDS = PAGE.split("## Fixed names")[0]


def rows() -> list[list[str]]:
    lines = [line for line in WORDS.splitlines() if line.startswith("| ") and not line.startswith("|---")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[1] != "English"]


def words(english: str) -> list[str]:
    """What is explained: the words before the colon, without what stands in brackets."""
    named = re.sub(r"\([^)]*\)", "", english).partition(":")[0]
    return [word.strip() for word in named.split(",") if word.strip()]


def test_a_word_is_explained_once() -> None:
    found = Counter(word for row in rows() for word in words(row[1]))
    assert len(found) > 80
    assert [word for word, times in found.items() if times > 1] == []


def test_a_chinese_word_is_translated_once() -> None:
    found = Counter(row[0] for row in rows())
    assert [word for word, times in found.items() if times > 1] == []


def test_the_places_exist() -> None:
    package = PROJECT / "plugins" / "hotline_bridge"
    named = re.findall(r"`((?:[a-z_]+/)?[a-z_]+\.py|[a-z_]+/)`", PAGE)
    assert len(named) > 20
    assert [path for path in named if not (package / path).exists()] == []
