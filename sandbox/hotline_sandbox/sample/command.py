"""`hotline sample --world`: the orders of an invented city as a file for the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hotline_bridge.cli.output import progress_bar
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.sample.world_file import write_world

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def write(
    path: Path, *, cases: int, days: int, seed: int, until: datetime | None, dirty: float, second_burst: int
) -> None:
    """Write the file and say what it holds; `until` is of Asia/Shanghai where it names no zone."""
    end = until.replace(tzinfo=SHANGHAI) if until and until.tzinfo is None else until
    try:
        with progress_bar("orders", cases) as advance:
            counts = write_world(
                path,
                cases=cases,
                days=days,
                seed=seed,
                end=end,
                dirty=dirty,
                second_burst=second_burst,
                progress=advance,
            )
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from None
    for table, rows in counts.rows.items():
        typer.echo(f"{table}: {rows} rows")
    typer.echo(f"{sum(counts.orders.values())} orders, {sum(counts.dirty.values())} dirty rows, written to {path}")
