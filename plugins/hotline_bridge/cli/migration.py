"""`hotline migration`: what a new entry of the contract needs beside itself."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from collections.abc import Iterator


def migration(name: Annotated[str, typer.Argument(help="What it is called, such as weather.")]) -> None:
    """Write the tables of new interfaces of the contract as a migration, and the dictionary anew.

    The migration is tried on a PostgreSQL of its own, which is gone afterwards; no connection is used.
    """
    from hotline_bridge.docs.pages import write_pages
    from hotline_bridge.store.new_migration import write_migration
    from hotline_bridge.store.sql import sql_folder

    project = sql_folder().parents[1]
    with _empty_database() as scratch:
        written = write_migration(name, scratch)
    for path in [*written, *write_pages(project)]:
        typer.echo(f"{path} written")
    typer.echo(
        "now run `hotline migrate` on each store"
        if written
        else "every table of the contract has its migration: none was written"
    )


@contextmanager
def _empty_database() -> Iterator[str]:
    try:
        from hotline_bridge.demo.postgres import throwaway_postgres
    except ImportError as error:
        raise StopRun(f"{error.name} is missing", remedy="run make setup: this is a developer's command") from error
    with ExitStack() as stack:
        try:
            server = stack.enter_context(throwaway_postgres())
        except RuntimeError as error:
            raise StopRun("there is no PostgreSQL to try the migration on", remedy=str(error)) from error
        server.create_database("scratch")
        yield server.conninfo("scratch")
