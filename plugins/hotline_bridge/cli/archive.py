"""`hotline archive`: old months move from the local store into Parquet files, as each night."""

from __future__ import annotations

import typer

from hotline_bridge.cli.options import DryRun


def archive(dry_run: DryRun = False) -> None:
    """Move old months of the interaction log, answers and histories into Parquet files in HOTLINE_ARCHIVE_DIR.

    A month leaves the store once its file was read back whole. Break it off at any time: the next run goes on.
    """
    from datetime import datetime

    from hotline_bridge.analytics.archive import FOLDER, months_to_move, move_months
    from hotline_bridge.clock import SHANGHAI
    from hotline_bridge.errors import StopRun
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect
    from hotline_bridge.tasks.maintenance import archive_folder, archives

    folder = archive_folder()
    if folder is None:
        raise StopRun("there is no archive", remedy=f"set {FOLDER} to a folder that this account alone may read")
    total = 0
    with connect(conninfo("local_db")) as local:
        for table, moment, keep in archives():
            before = datetime.now(SHANGHAI) - keep
            if dry_run:
                moved = months_to_move(local, table, moment, before)
            else:
                moved = move_months(local, folder, table, moment, before)
            for month, rows in moved.items():
                typer.echo(f"{folder / table / f'{month:%Y-%m}.parquet'}: {rows} rows")
            total += sum(moved.values())
    typer.echo(f"{total} rows {'would move' if dry_run else 'moved'} to {folder}")
