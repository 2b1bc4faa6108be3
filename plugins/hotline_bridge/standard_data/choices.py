"""Code lists to choose from: found by code, name or initials of its pinyin, and walked down from whole to part."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from psycopg import Connection

FEW = 12
"""Codes of a list that is offered whole."""
_PAIRS_OF_ZEROS = re.compile(r"(?:00)+$")


class Choice(NamedTuple):
    """One code of a list."""

    code: str
    name: str
    path: str
    """The names above it, from the whole on; empty at the top."""
    has_parts: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    choice: Choice
    parent: str
    initials: str
    looked_in: str


@dataclass(frozen=True)
class Choices:
    """One list as it is valid today.

    A code lies under the longest code that it begins with. Where all codes have one even length, as those of areas have
    (GB/T 2260), pairs of zeros at the end stand for all below.
    """

    codes: Mapping[str, str] = field(repr=False)
    """Names by code."""

    @cached_property
    def _entries(self) -> Mapping[str, _Entry]:
        # Its dictionaries are large, and who only wants the codes needs none of them.
        from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

        stems = self._stems()
        by_stem = {stem: code for code, stem in stems.items()}
        parents = {code: _longest_above(stem, by_stem) for code, stem in stems.items()}
        with_parts = set(parents.values())
        return {
            code: _Entry(
                Choice(code, name, self._path(code, parents), code in with_parts),
                parents[code],
                "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower(),
                name.lower(),
            )
            for code, name in self.codes.items()
        }

    def _stems(self) -> Mapping[str, str]:
        lengths = {len(code) for code in self.codes}
        padded = len(lengths) == 1 and min(lengths) > 2 and min(lengths) % 2 == 0
        return {code: (_PAIRS_OF_ZEROS.sub("", code) or code) if padded else code for code in self.codes}

    def _path(self, code: str, parents: Mapping[str, str]) -> str:
        names = []
        while code := parents[code]:
            names.append(self.codes[code])
        return " › ".join(reversed(names))

    def below(self, code: str) -> list[Choice]:
        """What lies directly below a code, in the order of codes; below the empty text what stands at the top."""
        return [entry.choice for entry in self._entries.values() if entry.parent == code]

    def find(self, text: str, most: int) -> list[Choice]:
        """The codes that a text means: by code first, then by name, then by initials.

        Args:
            text: The begin of a code, a part of a name, or initials of its pinyin in either case.
            most: So many at most.
        """
        wanted = text.strip().lower()
        ranked = [
            (rank, entry.choice) for entry in self._entries.values() if (rank := _rank(entry, wanted)) is not None
        ]
        ranked.sort(key=lambda found: found[0])
        return [choice for _, choice in ranked[:most]]


def _rank(entry: _Entry, wanted: str) -> tuple[int, int, str] | None:
    code, name = entry.choice.code, entry.looked_in
    places = (
        0 if code.lower().startswith(wanted) else None,
        1 if name.startswith(wanted) else None,
        2 if wanted in name else None,
        3 if entry.initials.startswith(wanted) else None,
        4 if wanted in entry.initials else None,
    )
    place = next((place for place in places if place is not None), None)
    return None if place is None else (place, len(name), code)


def _longest_above(stem: str, by_stem: Mapping[str, str]) -> str:
    return next((by_stem[stem[:end]] for end in range(len(stem) - 1, 0, -1) if stem[:end] in by_stem), "")


def read_choices(local: Connection, lists: Iterable[str]) -> dict[str, Choices]:
    """The codes that are valid today, by list; a list without any is not there.

    Args:
        local: Session on the local store.
        lists: Their names (`code_lists`).
    """
    found: dict[str, dict[str, str]] = {}
    rows: Sequence[tuple[str, str, str]] = local.execute(
        read_sql("standard_data/choices.sql"), {"lists": list(lists)}
    ).fetchall()
    for name, code, words in rows:
        found.setdefault(name, {})[code] = words
    return {name: Choices(codes) for name, codes in found.items()}
