"""The extras of a connection, read by name only: what each is called, means, and how its value is read.

Of each connection one table of them serves its reader, its form in Airflow's UI and the documentation.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from hotline_bridge.cities import called
from hotline_bridge.clock import iso_moment
from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What can name an HTTP header."""


@dataclass(frozen=True, slots=True)
class Extra:
    """One extra: how it is called, explained to whoever sets it, and read."""

    name: str
    meaning: str
    expects: str
    read: Callable[[object], object]
    default: object = None
    """What holds where the connection does not say."""


class Extras:
    """Every extra of one connection; others are ignored.

    Args:
        connection: Its name.
        settings: A dataclass, which holds the default of each and checks its value.
        known: Name, meaning, what is expected, and reader of each.
    """

    def __init__(
        self, connection: str, settings: type, known: Iterable[tuple[str, str, str, Callable[[object], object]]]
    ) -> None:
        self._connection = connection
        defaults = {entry.name: entry.default for entry in fields(settings)}
        self._known = {
            name: Extra(name, meaning, expects, read, defaults[name]) for name, meaning, expects, read in known
        }

    def __iter__(self) -> Iterator[Extra]:
        """Each, in the order in which people read them."""
        return iter(self._known.values())

    def read(self, given: Mapping[str, object]) -> dict[str, Any]:
        """The values that are set, by name.

        Args:
            given: Numbers or texts, since a connection given as a URI holds only texts; lists JSON or comma-separated.

        Raises:
            StopRun: A value cannot be read; the message names the extra, never the value.
        """
        found = {}
        for extra in self:
            if given.get(extra.name) in (None, ""):
                continue
            try:
                found[extra.name] = extra.read(given[extra.name])
            except (TypeError, ValueError, OverflowError):
                what = f"must be {extra.expects} ({extra.meaning})"
                raise wrong_setting(self._connection, f"extra {extra.name}", what) from None
        return found

    def unknown(self, given: Iterable[str]) -> list[str]:
        """Names that no setting has, sorted: worth a line, since a misspelt extra has no effect."""
        return sorted(set(given) - self._known.keys())


def wrong_setting(connection: str, where: str, what: str) -> StopRun:
    """The error for one field or extra of a connection, ready to be raised."""
    return StopRun(f"{where} of connection {called(connection)} {what}", remedy="fix it in the connection")


# Readers. Each raises TypeError or ValueError for what it cannot read.


def number(value: object) -> float:
    """A number, also one written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    return float(value)


def whole(value: object) -> int:
    """A whole number, also one written as text."""
    if not (found := number(value)).is_integer():
        raise ValueError
    return int(found)


def text(value: object) -> str:
    """A text, without its outer blanks."""
    if not isinstance(value, str):
        raise TypeError
    return value.strip()


def words(value: object) -> tuple[str, ...]:
    """What a JSON list names, a comma-separated text, or one bare number."""
    if isinstance(value, str):
        value = json.loads(value) if value.lstrip().startswith("[") else value.split(",")
    elif isinstance(value, int) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, list | tuple) or not all(type(word) in {str, int} for word in value):
        raise TypeError
    return tuple(stripped for word in value if (stripped := str(word).strip()))


def codes(value: object) -> frozenset[str]:
    """The same, where neither order nor number counts."""
    return frozenset(words(value))


def switch(value: object) -> bool:
    """On or off, from JSON or from one of the usual words."""
    if isinstance(value, bool):
        return value
    word = text(value).lower()
    if word not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
        raise ValueError
    return word in {"true", "1", "yes", "on"}


def moment(value: object) -> datetime:
    """A day or a moment, Asia/Shanghai where it names no zone."""
    return iso_moment(text(value))
