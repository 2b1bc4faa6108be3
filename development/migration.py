"""`make migration NAME=weather`: what a new entry of the contract needs beside itself, written and tried.

It is tried on a PostgreSQL of its own, which is gone afterwards; no connection is used.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from development.pages.pages import write_pages
from hotline_bridge.errors import HotlineError, StopRun
from hotline_bridge.store import migrate
from hotline_bridge.store.differences import read_differences
from hotline_bridge.store.metadata import create_sql, drop_sql
from hotline_bridge.store.migrate import DOWN, current_revision, downgrade_local, head_revision, migrate_local
from hotline_bridge.store.sql import sql_folder
from hotline_sandbox.demo.postgres import throwaway_postgres

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hotline_bridge.contract.model import Interface

_NAME = re.compile("[a-z][a-z0-9_]*")
_SCRIPTS = Path(migrate.__file__).with_name("alembic") / "versions"
_SCRIPT = '''"""Typed tables of {names}, written by `make migration`."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "{revision}", "{before}"
upgrade, downgrade = plain_sql(revision)
'''


def write_migration(name: str, scratch: str) -> list[Path]:
    """Write the tables that the contract has and the migrations have not, and apply, take back and apply them.

    Args:
        name: What the migration is called behind its number.
        scratch: libpq connection string of an empty database, which is left at the newest revision.

    Returns:
        The files, none where the migrations make every table of the contract.

    Raises:
        StopRun: The name cannot be one, or a table differs in columns, or the migration failed; no file is left.
    """
    if not _NAME.fullmatch(name):
        raise StopRun(f"{name!r} cannot name a migration", remedy="use small letters, digits and _, such as weather")
    migrate_local(scratch)
    new = _new_interfaces(scratch)
    if not new:
        return []
    before = head_revision()
    files = _files(new, f"{int(before[:4]) + 1:04d}_{name}", before)
    try:
        for path, text in files.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        _try(scratch, before)
    except BaseException:
        for path in files:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in files} - {_SCRIPTS}:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return list(files)


def _new_interfaces(scratch: str) -> list[Interface]:
    found = read_differences(scratch)
    if changed := [difference for difference in found if not difference.is_missing]:
        raise StopRun("; ".join(map(str, changed)), remedy="only whole tables are written from the contract")
    return list({difference.interface.name: difference.interface for difference in found}.values())


def _files(new: Sequence[Interface], revision: str, before: str) -> Mapping[Path, str]:
    names = ", ".join(interface.name for interface in new)
    folder = sql_folder() / "migrations" / revision
    return {
        folder / "up.sql": create_sql(new),
        folder / DOWN: drop_sql(new),
        _SCRIPTS / f"v{revision}.py": _SCRIPT.format(names=names, revision=revision, before=before),
    }


def _try(scratch: str, before: str) -> None:
    migrate_local(scratch)
    downgrade_local(scratch, before)
    if (stands := current_revision(scratch)) != before:
        raise StopRun(f"the migration was taken back to {stands}, not to {before}", remedy="report this as a defect")
    migrate_local(scratch)
    if left := _new_interfaces(scratch):
        raise StopRun(
            f"the migration makes no table of {', '.join(known.name for known in left)}",
            remedy="report this as a defect",
        )


def main() -> None:
    """Write the migration and, with its tables, the generated pages anew."""
    if len(sys.argv) != 2:
        sys.exit("name the migration: make migration NAME=weather")
    try:
        with throwaway_postgres() as server:
            server.create_database("scratch")
            written = write_migration(sys.argv[1], server.conninfo("scratch"))
    except HotlineError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    except RuntimeError as error:
        sys.exit(f"there is no PostgreSQL to try the migration on: {error}")
    for path in [*written, *write_pages(sql_folder().parents[1])]:
        print(f"{path} written")
    print(
        "now run `hotline migrate` on each store"
        if written
        else "every table of the contract has its migration: none was written"
    )


if __name__ == "__main__":
    main()
