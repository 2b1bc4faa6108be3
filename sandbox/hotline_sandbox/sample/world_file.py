"""Writes an invented world as a file that the sandbox reads: JSON, one order a line, gzipped if its name ends so."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from typing import TYPE_CHECKING

from hotline_sandbox.sample.case_dirt import Dirtier
from hotline_sandbox.sample.case_life import NEVER
from hotline_sandbox.sample.case_world import CaseWorld
from hotline_sandbox.sample.moments import as_digits, as_minutes, as_timestamp
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.shown import REGISTERED, interfaces_showing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from hotline_sandbox.sample.bursts import Burst
    from hotline_sandbox.sample.case_life import Happening
    from hotline_sandbox.sample.case_world import InventedOrder

_REPORT_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class WorldCounts:
    """What a world file holds, whenever its rows are shown."""

    orders: Mapping[str, int]
    """By table of the case."""
    rows: Mapping[str, int]
    """By table."""
    dirty: Mapping[tuple[str, tuple[str, ...]], int]
    """Rows that break printed rules, by table and the rules ("field:rule")."""
    bursts: tuple[Burst, ...]


def write_world(
    path: Path,
    *,
    cases: int,
    days: float,
    seed: int = 1,
    end: datetime | None = None,
    dirty: float = 0.0,
    second_burst: int = 0,
    progress: Callable[[int], None] | None = None,
) -> WorldCounts:
    """Write a world file.

    Args:
        path: The file, replaced where it exists.
        cases: Orders.
        days: How far back from `end` they are registered.
        seed: Same arguments: same file.
        end: When the last one is registered, aware; the present by default.
        dirty: Share of the rows that break a printed rule of the answers.
        second_burst: Of the orders, how many are registered in one single second besides the usual bursts.
        progress: Told now and then how many orders have been written so far.

    Raises:
        ValueError: An argument is out of range.
        OSError: The file cannot be written.
    """
    if not 0 <= dirty <= 1:
        raise ValueError("dirty must be a share, from 0 to 1")
    end = end or datetime.now(SHANGHAI)
    invented = CaseWorld(cases=cases, days=days, seed=seed, end=end, second_burst=second_burst)
    dirtier = Dirtier(dirty, seed)
    orders: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with _open_text(path) as file:
        for number, order in enumerate(invented.orders(), start=1):
            said = [_said(happening, order, dirtier) for happening in order.rows]
            line = {"regino": order.regino, "registered": as_digits(order.registered), "rows": said}
            file.write(encode(line) + "\n")
            orders[order.case] += 1
            rows.update(happening.table for happening in order.rows)
            if progress and number % _REPORT_EVERY == 0:
                progress(number)
    return WorldCounts(dict(orders), dict(rows), dict(dirtier.done), invented.bursts)


def _said(happening: Happening, order: InventedOrder, dirtier: Dirtier) -> dict[str, object]:
    interface = interfaces_showing()[happening.table][0]
    filled_in = {str(interface.key): order.regino}
    for field in interface.response:
        if field.name == REGISTERED:
            filled_in[field.name] = (as_minutes if field.kind == "text" else as_timestamp)(order.registered)
    row, breaks = dirtier.change(happening.table, happening.row, filled_in)
    said: dict[str, object] = {"table": happening.table, "row": row}
    if happening.begin != order.registered:
        said["begin"] = as_digits(happening.begin)
    if happening.end != NEVER:
        said["end"] = as_digits(happening.end)
    if breaks:
        said["breaks"] = breaks
    return said


@contextmanager
def _open_text(path: Path) -> Iterator[TextIOWrapper]:
    """The file for writing; gzip without the hour of its making, so that the same world is the same file."""
    with path.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile("", "wb", 1, file, mtime=0) as packed, TextIOWrapper(packed, "utf-8") as text:
                yield text
        else:
            with TextIOWrapper(file, "utf-8") as text:
                yield text
