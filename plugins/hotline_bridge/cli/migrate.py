"""`hotline migrate`: both schemas, of each city that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hotline_bridge.cities import acting_for, meant
from hotline_bridge.docking.create import create_docking
from hotline_bridge.errors import Failures
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.store.failures import explained
from hotline_bridge.store.migrate import downgrade_local, migrate_local
from hotline_bridge.time_limits.load import load_reference

if TYPE_CHECKING:
    from collections.abc import Iterator


def bring_up_to_date(*, for_trial: bool) -> None:
    """Create or update the schemas of each city that is meant.

    Args:
        for_trial: Mark an empty docking store as one that takes invented rows.

    Raises:
        StopRun, TryAgainLater: What failed, of all cities; the others are up to date.
    """
    with Failures() as failures:
        for city in meant():
            with acting_for(city), failures.apart(city.name), explained():
                for line in _lines(for_trial=for_trial):
                    typer.echo(f"{city.name}: {line}" if city.name else line)


def _lines(*, for_trial: bool) -> Iterator[str]:
    """Does it, step by step."""
    yield from map(str, create_docking(conninfo("docking_db"), for_trial=for_trial))
    yield from migrate_local(conninfo("local_db"))
    for table, rows in load_reference(conninfo("local_db")).items():
        yield f"{rows} rows of hotline.{table} loaded"


def take_back(revision: str) -> None:
    """Take the local schema of the one city that is meant back to a revision."""
    for step in downgrade_local(conninfo("local_db"), revision) or ["schema hotline is up to date"]:
        typer.echo(step)
