"""Output of commands: tables, framed in a terminal and a line a row into a pipe, and a progress bar for long work."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.table import Column, Table


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show done / total and the time left on standard error; yields a function that takes what is done in all."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


_LONGEST_KEY = 64
"""Cells of one word up to here are never broken over lines; longer ones are nothing that anybody types or copies."""
_PHRASE = 24
"""So are all cells up to here, such as times; and no other column becomes narrower."""
_CELL_FRAME = 3


def render(table: Table, console: Console | None = None) -> None:
    """Print it whole, however narrow the terminal says it is; texts are folded, keys, numbers and times never broken.

    Args:
        table: Its cells are plain text: what looks like markup in them is printed as it is.
        console: Where to; standard output without.
    """
    console = console or Console(markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        for line in _lines(table):
            typer.echo(line)
        return
    needed = 1 + sum(_CELL_FRAME + _set_width(column) for column in table.columns)
    console.width = max(console.width, needed)
    console.print(table)


def _set_width(column: Column) -> int:
    """Let a column be folded or not, and say how narrow it may become."""
    lines = [line for cell in (column.header, *column.cells) for line in str(cell).split("\n")]
    longest = max((cell_len(line) for line in lines), default=0)
    is_one_word = all(re.fullmatch(r"[!-~]*", line) for line in map(str, column.cells))
    if longest <= _PHRASE or (is_one_word and longest <= _LONGEST_KEY):
        column.no_wrap, column.min_width = True, longest
    else:
        column.overflow, column.min_width = "fold", _PHRASE
    return column.min_width


def _lines(table: Table) -> Iterator[str]:
    if table.title:
        yield str(table.title)
    rows = [[column.header for column in table.columns], *zip(*(column.cells for column in table.columns), strict=True)]
    for row in rows:
        yield "\t".join(" ".join(str(cell).split()) for cell in row)
    if table.caption:
        yield str(table.caption)
