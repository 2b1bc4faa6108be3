"""Tables as Markdown, and pages of which only marked parts are written by a program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

GENERATED = ("<!-- generated:", "<!-- end -->")
ANSWERED = ("<!-- answered:", "<!-- end of answer -->")
"""Marks around parts that come out of a database, which takes seconds."""


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; None is an empty cell."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def code(text: object) -> str:
    """Text to be read letter by letter; empty where there is none."""
    return f"`{text}`" if text not in (None, "") else ""


def fill(page: str, parts: Mapping[str, Callable[[], str]], marks: tuple[str, str] = GENERATED) -> str:
    """The page with each part between `<!-- generated: NAME -->` and `<!-- end -->`, or other marks, written anew.

    Raises:
        ValueError: The page asks for a part that nobody writes, or a mark stands alone.
    """
    begin, end = marks

    def written(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in parts:
            raise ValueError(f"no generated part is called {name!r}: there are {', '.join(sorted(parts))}")
        return f"{match[1]}\n{parts[name]()}\n{match[3]}"

    part = re.compile(rf"({begin} (?P<name>[a-z-]+) -->\n).*?({end})", re.DOTALL)
    filled, found = part.subn(written, page)
    if page.count(begin) != found or page.count(end) != found:
        raise ValueError(f"a mark {begin} NAME --> has no {end}, or the other way round")
    return filled


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text.replace("|", "\\|").replace("<", "&lt;")
