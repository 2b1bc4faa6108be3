"""Orders as they are put into the world: by a world file (one a line) or by the control API.

A moment is a whole number of 14 digits, YYYYMMDDhhmmss in Asia/Shanghai: it compares as time does, and it is how the
interfaces write theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping  # at run time: pydantic reads the annotations
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from hotline_sandbox.shown import TABLES

_MOMENT: Final = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})")
_NEVER: Final = 9999_12_31_23_59_59


def parse_moment(value: object) -> int:
    """The moment that 14 digits name.

    Raises:
        ValueError: They are not 14, or no date.
    """
    match = _MOMENT.fullmatch(str(value))
    if match is None:
        raise ValueError("a moment is written with 14 digits, YYYYMMDDhhmmss in Asia/Shanghai")
    year, month, day, hour, minute, second = map(int, match.groups())
    datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  (only asked whether there is such a time)
    return int(match[0])


def _known_table(name: object) -> object:
    if name not in TABLES:
        raise ValueError(f"no rows of the platform are of such a table; there are {', '.join(sorted(TABLES))}")
    return name


Moment = Annotated[int, BeforeValidator(parse_moment), PlainSerializer(str)]
Table = Annotated[str, BeforeValidator(_known_table)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Shown(_Strict):
    """A row as the platform shows it, from `begin` (default: the registration of its order) until `end` (never)."""

    table: Table
    row: Mapping[str, object]
    """By wire name, as the first interface of the table spells it; number and `registime` are filled in if absent."""
    begin: Moment = 0
    end: Moment = _NEVER
    breaks: tuple[str, ...] = ()
    """The printed rules that a dirty sample breaks on purpose, "field:rule"; the platform does not look at it."""


class Order(_Strict):
    """One order (工单): its number, when it was registered, and its rows."""

    regino: str
    registered: Moment
    rows: tuple[Shown, ...] = ()


class Put(_Strict):
    """Adds orders, or replaces them whole."""

    do: Literal["put"]
    orders: tuple[Order, ...]


class Add(_Strict):
    """Adds rows to an order that is there."""

    do: Literal["add"]
    regino: str
    rows: tuple[Shown, ...]


class Replace(_Strict):
    """Puts rows in the place of all rows that an order has in a table."""

    do: Literal["replace"]
    regino: str
    table: Table
    rows: tuple[Shown, ...]


class Remove(_Strict):
    """Takes orders away, with all their rows."""

    do: Literal["remove"]
    reginos: tuple[str, ...]


Change = Annotated[Put | Add | Replace | Remove, Field(discriminator="do")]
