"""Reads the CSV files of `include/time_limits` and `include/standard_data`: people edit them, so they are judged."""

from __future__ import annotations

import csv
import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hotline_bridge.cities import here
from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Line(NamedTuple):
    """One line of a file: where it stands, for messages, and its cells by column."""

    where: str
    cells: dict[str, str]

    def required(self, column: str) -> str:
        """The cell's text. Raises StopRun where it is blank."""
        if not (text := self.cells[column]):
            raise StopRun(f"{self.where}: {column} is blank", remedy="fill it in")
        return text

    def one_of(self, column: str, known: Sequence[str]) -> str:
        """The cell's text. Raises StopRun where it is none of the known words."""
        text = self.cells[column]
        if text not in known:
            raise StopRun(f"{self.where}: {column} is {text!r}", remedy=f"write one of {', '.join(known)}")
        return text

    def day(self, column: str) -> date | None:
        """The cell as a day, None where it is blank. Raises StopRun where it is no YYYY-MM-DD."""
        text = self.cells[column]
        if not text:
            return None
        try:
            return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            raise StopRun(f"{self.where}: {column} is {text!r}", remedy="write a day as YYYY-MM-DD") from None

    def required_day(self, column: str) -> date:
        """The cell as a day. Raises StopRun where it is blank or none."""
        self.required(column)
        return self.day(column) or date.min


def data_folder() -> Path:
    """The folder of `time_limits/` and `standard_data/`: the environment variable HOTLINE_DATA, else `include`.

    Of several cities one may have its own there, in a folder of its name.

    Raises:
        StopRun: There is no such folder, or that of the city is not whole.
    """
    if named := os.environ.get("HOTLINE_DATA"):
        candidates = [Path(named)]
    else:
        candidates = [parent / "include" for parent in Path(__file__).resolve().parents]
    for folder in candidates:
        if _is_whole(folder):
            own = here().folder(folder)
            if own.is_dir() and not _is_whole(own):
                raise StopRun(
                    f"{own} lacks time_limits/ or standard_data/",
                    remedy="copy both there, or remove the folder: then those of all cities hold",
                )
            return own if own.is_dir() else folder
    raise StopRun(
        f"{candidates[0]} lacks time_limits/ or standard_data/" if named else "the folder include/ is missing",
        remedy="keep the project's include/ beside plugins/, or set HOTLINE_DATA to a copy of its two folders",
    )


def _is_whole(folder: Path) -> bool:
    return (folder / "time_limits").is_dir() and (folder / "standard_data").is_dir()


def read_lines(path: Path, columns: Sequence[str]) -> list[Line]:
    """The lines of a CSV file in UTF-8, with or without a byte order mark; cells without blanks around them.

    Args:
        path: The file.
        columns: Its header, exactly.

    Raises:
        StopRun: It is missing, no UTF-8, has another header, or a line with too few or too many cells.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise StopRun(
            f"{name} is missing", remedy="keep the file, with its header alone where it says nothing"
        ) from error
    except UnicodeDecodeError as error:
        raise StopRun(f"{name} is no UTF-8", remedy="save it as CSV UTF-8") from error
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if row]
    except csv.Error as error:
        raise StopRun(f"{name} line {reader.line_num} is no CSV: {error}", remedy="fix its quotes") from error
    if not rows or rows[0][1] != list(columns):
        raise StopRun(f"{name} has another header", remedy=f"begin it with {','.join(columns)}")
    if wrong := [number for number, cells in rows if len(cells) != len(columns)]:
        raise StopRun(f"{name} line {wrong[0]} has not {len(columns)} cells", remedy="fix the line")
    return [Line(f"{name} line {number}", dict(zip(columns, cells, strict=True))) for number, cells in rows[1:]]


def once(lines: Iterable[Line], *key: str) -> Iterator[Line]:
    """The lines, each key at most once. Raises StopRun where one stands twice."""
    seen: set[tuple[str, ...]] = set()
    for line in lines:
        words = tuple(line.cells[column] for column in key)
        if words in seen:
            raise StopRun(f"{line.where}: {' '.join(words)} stands there twice", remedy="keep one of the lines")
        seen.add(words)
        yield line
