"""Loads calendar, limits and meanings of steps from the files into schema `hotline`; what is right already stays."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hotline_bridge.errors import StopRun
from hotline_bridge.standard_data.lists import load_standard_data
from hotline_bridge.store.data_files import data_folder, once, read_lines
from hotline_bridge.store.database import connect
from hotline_bridge.store.merge import merge
from hotline_bridge.time_limits.working_days import known_calendar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from psycopg import Connection

CLOCKS = ("earlier", "ours", "12345")
"""Whose limit wins: the earlier one, ours (working days, or the platform's deadline), or the hotline's."""
DEFAULT_CLOCK = "earlier"

_LIMIT_COLUMNS = ("stage", "kind", "working_days", "due_soon_days", "source", "source_date", "clock")
_MEANING_COLUMNS = ("kind", "slflag", "meaning", "source", "source_date")
_STAGES = ("acceptance", "filing", "handling")
_KINDS = ("complaint", "report", "consultation")
_MEANINGS = ("accepted", "refused", "filed", "not_filed", "other")


def load_reference(conninfo: str) -> dict[str, int]:
    """Bring the tables of time limits and of standard data to what the files say. Returns what changed, by table.

    Raises:
        StopRun: A file is wrong, or a right is missing.
        TryAgainLater: The local store cannot be reached.
    """
    with connect(conninfo) as local:
        return {**load_time_limits(local), "standard_data": load_standard_data(local)}


def load_time_limits(local: Connection, folder: Path | None = None) -> dict[str, int]:
    """Bring calendar, limits and meanings to what the files say.

    Args:
        local: Session on the local store, in autocommit.
        folder: Of the files; `time_limits` in `data_folder()`.

    Returns:
        Rows that were added, changed or removed, by table: all 0 where nothing changed.

    Raises:
        StopRun: A file is wrong, or HOTLINE_CLOCK names no clock; nothing is changed then.
    """
    folder = folder or data_folder() / "time_limits"
    calendar, chosen = known_calendar(folder), clock()
    limits, meanings = list(_limits(folder / "limits.csv", chosen)), list(_meanings(folder / "handling_meanings.csv"))
    days, number = [], 0
    for day in calendar.days:
        number += day.is_workday
        days.append((*day[:2], number, *day[2:]))
    with local.transaction():
        return {
            "calendar_day": merge(
                local, "calendar_day", ("day", "is_workday", "workday_number", "name", "source"), ("day",), days
            ),
            "time_limit": merge(local, "time_limit", _LIMIT_COLUMNS, ("stage", "kind"), limits),
            "handling_meaning": merge(local, "handling_meaning", _MEANING_COLUMNS, ("kind", "slflag"), meanings),
        }


def clock() -> str:
    """Whose limit wins, from the environment variable HOTLINE_CLOCK. Raises StopRun where it names none of `CLOCKS`."""
    named = os.environ.get("HOTLINE_CLOCK") or DEFAULT_CLOCK
    if named not in CLOCKS:
        raise StopRun("HOTLINE_CLOCK names no clock", remedy=f"set it to one of {', '.join(CLOCKS)}")
    return named


def _limits(path: Path, chosen: str) -> Iterable[tuple[object, ...]]:
    for line in once(read_lines(path, _LIMIT_COLUMNS[:-1]), "stage", "kind"):
        stage = line.one_of("stage", _STAGES)
        days, soon = line.cells["working_days"], line.cells["due_soon_days"]
        if (stage == "handling") == bool(days) or (days and not _number(days)) or not _number(soon):
            raise StopRun(
                f"{line.where}: working_days or due_soon_days cannot be used",
                remedy="write whole numbers; working_days is blank for stage handling, and only there",
            )
        if days and int(days) == 0:
            raise StopRun(f"{line.where}: working_days is 0", remedy="write a number above 0, or leave the line out")
        limit = int(days) if days else None
        source = (line.required("source"), line.required_day("source_date"))
        yield (stage, line.one_of("kind", _KINDS), limit, int(soon), *source, chosen)


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4


def _meanings(path: Path) -> Iterable[tuple[object, ...]]:
    for line in once(read_lines(path, _MEANING_COLUMNS), "kind", "slflag"):
        yield (
            line.one_of("kind", _KINDS[:2]),
            line.required("slflag"),
            line.one_of("meaning", _MEANINGS),
            line.required("source"),
            line.required_day("source_date"),
        )
