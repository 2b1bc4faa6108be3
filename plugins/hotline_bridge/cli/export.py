"""`hotline export`: rows of an analysts' view as a file for Excel or for programs."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotline_bridge.cities import called
from hotline_bridge.cli.options import actor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.store.database import Session

ANALYST = "analyst_db"
ROLES = {"analyst": "hotline_analyst", "text": "hotline_text_reader", "auditor": "hotline_auditor"}
"""The role that may read a view, by the view's right in the register."""


def export(
    view: Annotated[str, typer.Argument(metavar="VIEW", help="A view of schema analytics, such as work_order.")],
    file_format: Annotated[
        Literal["csv", "xlsx", "parquet"],
        typer.Option("--format", help="csv and xlsx for Excel (csv for many rows), parquet for programs."),
    ] = "csv",
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="FILTER",
            help='Only these rows: COLUMN OPERATOR VALUE [AND ...], such as "day >= 2026-01-01 AND kind in (complaint,'
            ' report)". May be repeated.',
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="NAME,NAME",
            help="These, in this order; an aggregate is summed over the others.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="File, or folder of it; VIEW.FORMAT here without.")
    ] = None,
) -> None:
    """Write rows of a view to a file that its owner alone may read: whole, or not there at all.

    It reads with an analyst's rights: connection analyst_db, or local_db as the role that may read the view. Counts of
    an aggregate below 5 are blank, and as many others as it takes that none can be computed. What was exported, by
    whom, with a filter of which shape stands in hotline.export_log.
    """
    from hotline_bridge.analytics.export import estimated_rows
    from hotline_bridge.analytics.export import export as write
    from hotline_bridge.analytics.selection import select
    from hotline_bridge.cli.output import progress_bar
    from hotline_bridge.contract.register import views

    name = view.removeprefix("analytics.")
    file = _file(output, f"{name}.{file_format}")
    with _analyst(name) as session:
        selection = select(session, views(), name, _names(columns), where or [])
        with progress_bar(name, estimated_rows(session, selection)) as show:
            count = write(session, selection, file, file_format, actor(), show, lambda told: typer.echo(told, err=True))
    typer.echo(f"{count} rows in {file}")


def _names(columns: str | None) -> list[str] | None:
    names = [name.strip().lower() for name in (columns or "").split(",")]
    return [name for name in names if name] or None


def _file(output: Path | None, name: str) -> Path:
    if output is None:
        return Path(name)
    return output / name if output.is_dir() else output


@contextmanager
def _analyst(view: str) -> Iterator[Session]:
    """A session with the rights of an analyst alone.

    Raises:
        StopRun: There is neither connection, or its account has no such role.
    """
    from psycopg import errors

    from hotline_bridge.contract.register import views
    from hotline_bridge.errors import StopRun
    from hotline_bridge.hooks.connections import optional_connection
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    is_analyst = optional_connection(ANALYST) is not None
    with connect(conninfo(ANALYST if is_analyst else "local_db")) as session:
        if not is_analyst:
            role = ROLES[views()[view].right if view in views() else "analyst"]
            try:
                session.set(role=role)
                session.execute("SELECT")
            except (errors.InsufficientPrivilege, errors.InvalidParameterValue):
                raise StopRun(
                    f"connection {called('local_db')} may not act as {role}",
                    remedy=f"set connection {called(ANALYST)} to an account with that role (docs/accounts.md)",
                ) from None
        yield session
