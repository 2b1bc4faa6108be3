"""Writes the migration that new interfaces of the contract need, and tries it: `hotline migration`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from hotline_bridge.errors import StopRun
from hotline_bridge.store.differences import read_differences
from hotline_bridge.store.migrate import current_revision, downgrade_local, head_revision, migrate_local
from hotline_bridge.store.sql import sql_folder
from hotline_bridge.store.typed_tables import create_sql, drop_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hotline_bridge.contract.model import Interface

_NAME = re.compile("[a-z][a-z0-9_]*")
_SCRIPTS = Path(__file__).with_name("alembic") / "versions"
_SCRIPT = '''"""Typed tables of {names}, written by `hotline migration`."""

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
            path.write_text(text, encoding="utf-8")
        _try(scratch, before)
    except BaseException:
        for path in files:
            path.unlink(missing_ok=True)
        raise
    return list(files)


def _new_interfaces(scratch: str) -> list[Interface]:
    found = read_differences(scratch)
    if changed := [difference for difference in found if not difference.is_missing]:
        raise StopRun("; ".join(map(str, changed)), remedy="only whole tables are written from the contract")
    return list({difference.interface.name: difference.interface for difference in found}.values())


def _files(new: Sequence[Interface], revision: str, before: str) -> Mapping[Path, str]:
    names = ", ".join(interface.name for interface in new)
    sql = sql_folder() / "migrations" / revision
    return {
        sql.with_name(f"{revision}.up.sql"): create_sql(new),
        sql.with_name(f"{revision}.down.sql"): drop_sql(new),
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
