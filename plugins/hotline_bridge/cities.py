"""Which city (城市) this work is for, where one installation serves several; most serve one, and set nothing.

What begins work says whose it is (`acting_for`): a DAG, the option `--city`, an address of the pages. What names
something outside asks (`here`): connections, DAGs, pools, folders. Nothing in between carries a city along. Where
several are configured and nobody said which, `here` refuses: work never falls to a city by default.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENVIRONMENT = "HOTLINE_CITIES"
"""Environment variable of every process: `shaoguan=韶关, guangzhou=广州`; not set where there is one city alone."""

_NAME = re.compile(r"[a-z][a-z0-9]{1,19}")
_TITLE = re.compile(r"[^=;；\n]{0,30}")
_TAKEN = frozenset({"runs"})
"""By an address of the pages."""


@dataclass(frozen=True, slots=True)
class City:
    """A city that this installation serves."""

    name: str
    """In the names of its connections, DAGs, pools, folders and pages; empty for the only one."""
    title: str
    """As people read it."""

    def named(self, fixed: str) -> str:
        """What this city's own is called: `local_db` is `local_db__shaoguan`, or stays where there is one city."""
        return f"{fixed}__{self.name}" if self.name else fixed

    def folder(self, of_all: Path) -> Path:
        """This city's folder in one of all cities."""
        return of_all / self.name


ONLY = City("", "")
"""The city of an installation that serves one: every name is the fixed one."""

_acting: ContextVar[City] = ContextVar("city")


@contextmanager
def acting_for(city: City) -> Iterator[None]:
    """While this is open, all work, also in threads of `ending.run_apart` and of the pages, is for this city."""
    before = _acting.set(city)
    try:
        yield
    finally:
        _acting.reset(before)


def here() -> City:
    """The city that this work is for.

    Raises:
        StopRun: There are several, and nobody said which.
    """
    if (city := _acting.get(None)) is not None:
        return city
    if not are_several():
        return ONLY
    raise StopRun(
        "nobody said for which city", remedy=f"give --city or HOTLINE_CITY; {ENVIRONMENT} names {_names(_read()[0])}"
    )


def called(connection: str) -> str:
    """What a connection is called in the city that this work is for; for messages, so it never fails."""
    city = _acting.get(None)
    return city.named(connection) if city else connection


def are_several() -> bool:
    """Whether cities are named at all; then no name is the fixed one, even where there is one city."""
    return bool(os.environ.get(ENVIRONMENT, "").strip(" ,，"))


def cities() -> tuple[City, ...]:
    """The cities that can be served: of an entry that is wrong (`require_right_cities`) only that one city lacks."""
    return _read()[0] if are_several() else (ONLY,)


def meant() -> tuple[City, ...]:
    """The city that this work is for; all where nobody said which."""
    city = _acting.get(None)
    return cities() if city is None else (city,)


def wrong_cities() -> tuple[str, ...]:
    """What is wrong with entries, each as a sentence."""
    return _read()[1]


def require_right_cities() -> None:
    """Raises StopRun where an entry is wrong."""
    if wrong := wrong_cities():
        raise StopRun(" | ".join(wrong))


def find_city(name: str) -> City:
    """The city of this name.

    Raises:
        StopRun: There is none; says which there are.
    """
    known = _read()[0]
    if found := next((city for city in known if city.name == name), None):
        return found
    raise StopRun(f"no city is called {name!r}", remedy=f"{ENVIRONMENT} names {_names(known)}")


def _names(known: tuple[City, ...]) -> str:
    return ", ".join(city.name for city in known) or "none"


def _read() -> tuple[tuple[City, ...], tuple[str, ...]]:
    found: dict[str, City] = {}
    wrong = []
    # A comma of a Chinese keyboard looks the same to whoever writes it.
    for entry in filter(None, map(str.strip, re.split("[,，]", os.environ.get(ENVIRONMENT, "")))):
        name, _, title = (part.strip() for part in entry.partition("="))
        if not _NAME.fullmatch(name) or name in _TAKEN or not _TITLE.fullmatch(title):
            wrong.append(
                f"{ENVIRONMENT}: {entry!r} is no city; write name=title, the name of 2 to 20 lower-case letters and"
                f" digits, a letter first and not {', '.join(_TAKEN)}, and a comma before the next"
            )
        elif name in found:
            wrong.append(f"{ENVIRONMENT} names {name} twice; keep one of the entries")
        else:
            found[name] = City(name, title or name)
    return tuple(found.values()), tuple(wrong)
