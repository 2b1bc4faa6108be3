"""The calendar of working days (工作日历): package chinesecalendar, corrected and extended by files, never by a guess.

The State Council announces the holidays of a year about November before it. Until then the days of that year are not
known: whoever asks for them gets an error that says what to do. Counting is SQL's (`hotline.add_working_days`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

import chinese_calendar  # type: ignore[import-untyped]  # the package has no types
from chinese_calendar.constants import holidays  # type: ignore[import-untyped]  # the same

from hotline_bridge.errors import StopRun
from hotline_bridge.store.data_files import data_folder, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


_COLUMNS = ("day", "is_workday", "name", "source", "source_date")
_SATURDAY = 5


class CalendarDay(NamedTuple):
    """One day; `name` is the holiday's or says that it makes up for one, None on an ordinary day."""

    day: date
    is_workday: bool
    name: str | None
    source: str


@dataclass(frozen=True)
class Calendar:
    """Days without a gap, from the first of January of one year to the last of December of another."""

    days: tuple[CalendarDay, ...]

    @property
    def years(self) -> range:
        """The years that are known."""
        return range(self.days[0].day.year, self.days[-1].day.year + 1)


def unknown_year(year: int) -> StopRun:
    """The error for a year whose days are not known."""
    return StopRun(
        f"the calendar has no data for the year {year}",
        remedy=f"once the State Council's notice is out (about November), update package chinesecalendar or write "
        f"include/time_limits/calendar_{year}.csv, then run `hotline calendar`; nothing is ever guessed",
    )


def known_calendar(folder: Path | None = None) -> Calendar:
    """Every day that the package or a file knows.

    Args:
        folder: Of the files; `time_limits` in `data_folder()`.

    Raises:
        StopRun: A file is wrong, corrects a year that nobody knows, or leaves a gap of years.
    """
    folder = folder or data_folder() / "time_limits"
    days = {day.day: day for day in _from_package()}
    for path in sorted(folder.glob("calendar_*.csv")):
        if named := re.fullmatch(r"calendar_(\d{4})\.csv", path.name):
            days |= {day.day: day for day in _whole_year(path, int(named[1]), days)}
    days |= _corrections(folder / "calendar_corrections.csv", days)
    years = sorted({day.year for day in days})
    if gap := next((year for year in range(years[0], years[-1]) if year not in years), None):
        raise unknown_year(gap)
    return Calendar(tuple(days[day] for day in sorted(days)))


@cache
def _from_package() -> tuple[CalendarDay, ...]:
    source = f"chinesecalendar {version('chinesecalendar')}"

    def known(day: date) -> CalendarDay:
        works = bool(chinese_calendar.is_workday(day))
        return CalendarDay(day, works, _package_name(day, works=works), source)

    return tuple(map(known, _days_of(min(holidays).year, max(holidays).year)))


def _package_name(day: date, *, works: bool) -> str | None:
    english = chinese_calendar.get_holiday_detail(day)[1]
    if english is None:
        return None
    name = str(chinese_calendar.Holiday(english).chinese)
    return f"{name}（调休上班）" if works else name


def _days_of(first: int, last: int) -> Iterable[date]:
    begin = date(first, 1, 1)
    return (begin + timedelta(days=number) for number in range((date(last, 12, 31) - begin).days + 1))


def _whole_year(path: Path, year: int, known: Mapping[date, CalendarDay]) -> Iterable[CalendarDay]:
    """The days of a year that the package lacks: as the notice says, else Monday to Friday."""
    if date(year, 1, 1) in known:
        raise StopRun(
            f"{path.name} describes a year that package chinesecalendar knows by now",
            remedy="delete the file; what the package has wrong goes into calendar_corrections.csv",
        )
    noticed = _read(path)
    if not noticed:
        raise StopRun(f"{path.name} names no holiday", remedy="write every day that the State Council's notice names")
    if wrong := next((day for day in noticed if day.year != year), None):
        raise StopRun(f"{path.name} names {wrong}, a day of another year", remedy="write it into that year's file")
    source = next(iter(noticed.values())).source
    for day in _days_of(year, year):
        yield noticed.get(day) or CalendarDay(day, day.weekday() < _SATURDAY, None, source)


def _corrections(path: Path, known: Mapping[date, CalendarDay]) -> dict[date, CalendarDay]:
    corrected = _read(path)
    if unknown := next((day for day in corrected if day not in known), None):
        raise unknown_year(unknown.year)
    return corrected


def _read(path: Path) -> dict[date, CalendarDay]:
    days: dict[date, CalendarDay] = {}
    for line in read_lines(path, _COLUMNS):
        day = line.required_day("day")
        if day in days:
            raise StopRun(f"{line.where}: {day} stands there twice", remedy="keep one of the lines")
        works = line.one_of("is_workday", ("yes", "no")) == "yes"
        source = f"{line.required('source')} ({line.required_day('source_date')})"
        days[day] = CalendarDay(day, works, line.cells["name"] or None, source)
    return days
