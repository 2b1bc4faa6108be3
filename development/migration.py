"""`make migration NAME=weather`: what a new entry of the contract, or a new field of one, needs beside itself.

Whole tables, columns, indexes and comments are written. What changes columns that hold data is left to a person.

All is tried on a PostgreSQL of its own, which is gone afterwards; no connection is used.
"""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext

from development.pages.pages import write_pages
from hotline_bridge.errors import HotlineError, StopRun
from hotline_bridge.store import migrate
from hotline_bridge.store.database import connect
from hotline_bridge.store.differences import (
    Trigger,
    compare,
    found_triggers,
    read_differences,
    tell,
    wrong_triggers,
)
from hotline_bridge.store.metadata import DIALECT, create_sql, drop_sql, drop_triggers_sql, keeper, triggers_sql
from hotline_bridge.store.migrate import DOWN, current_revision, downgrade_local, head_revision, migrate_local
from hotline_bridge.store.of_orders import of_orders, replaced_sql
from hotline_bridge.store.sql import sql_folder
from hotline_bridge.store.typed_tables import typed_interfaces
from hotline_sandbox.demo.postgres import throwaway_postgres

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
    """Write what the contract has and the migrations have not, and apply, take back and apply it.

    Args:
        name: What the migration is called behind its number.
        scratch: libpq connection string of an empty database, which is left at the newest revision.

    Returns:
        The files, none where the migrations make every table of the contract.

    Raises:
        StopRun: The name cannot be one, or a column that stands differs, or the migration failed; no file is left.
    """
    if not _NAME.fullmatch(name):
        raise StopRun(f"{name!r} cannot name a migration", remedy="use small letters, digits and _, such as weather")
    migrate_local(scratch)
    lacking = _lacking(scratch)
    if not lacking:
        return []
    before = head_revision()
    files = _files(lacking, f"{int(before[:4]) + 1:04d}_{name}", before)
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


@dataclass(frozen=True, slots=True)
class _Lacking:
    """What a database lacks: the tables of some interfaces, and steps that add to tables of others."""

    new: list[Interface]
    added: list[ops.MigrateOperation]
    remade: list[Interface]
    """Those whose tables stand, and get other triggers."""
    triggers: list[Trigger]
    """What these have so far."""
    names: list[str]
    replaced: tuple[str, str]
    """Statements that put the records of orders in what names all of them, and those that put it back."""

    def __bool__(self) -> bool:
        return bool(self.new or self.added or self.remade)

    @property
    def up(self) -> str:
        return "\n".join(filter(None, (create_sql(self.new), _render(self.added), self._remade, self.replaced[0])))

    @property
    def down(self) -> str:
        added = _render(step.reverse() for step in reversed(self.added))
        dropped = "".join(map(drop_triggers_sql, self.remade))
        before = dict.fromkeys(text for known in self.triggers for text in (known.function_ddl.rstrip(), known.ddl))
        put_back = "".join(f"{text};\n" for text in before)
        return "\n".join(filter(None, (self.replaced[1], dropped, added, put_back, drop_sql(self.new))))

    @property
    def _remade(self) -> str:
        dropped = "".join(f"DROP TRIGGER {known.name} ON hotline.{known.table};\n" for known in self.triggers)
        functions = {f"hotline.{keeper(known)}" for known in self.remade if known.person}
        dropped += "".join(f"DROP FUNCTION IF EXISTS {name};\n" for name in sorted(functions))
        return "\n".join(filter(None, (dropped if self.remade else "", *map(triggers_sql, self.remade))))


def _lacking(scratch: str) -> _Lacking:
    script = compare(scratch)
    found = [] if script.upgrade_ops is None else list(_flat(script.upgrade_ops))
    new_tables = [step for step in found if isinstance(step, ops.CreateTableOp)]
    missing = {step.table_name for step in new_tables}
    asked = {step.index_name for step in found if isinstance(step, ops.CreateIndexOp)}
    changes = [
        step
        for step in found
        if not (isinstance(step, ops.CreateTableOp | ops.CreateIndexOp) and step.table_name in missing)
        # An index that the contract does not ask for stays: a view needs it.
        and not (isinstance(step, ops.DropIndexOp) and step.index_name not in asked)
    ]
    by_hand = [step for step in changes if not _only_adds(step)]
    if by_hand:
        told = "; ".join(difference.what for difference in tell([step.to_diff_tuple() for step in by_hand]))
        raise StopRun(told, remedy="write this one by hand: what is to become of the rows, only you can say")
    differences = tell([step.to_diff_tuple() for step in (*new_tables, *changes)])
    new = {difference.interface.name: difference.interface for difference in differences if difference.is_missing}
    wrong = wrong_triggers(scratch)
    remade = {
        known.name: known
        for known in typed_interfaces()
        if known.name not in new and {str(known.table), f"{known.table}_history"} & wrong.keys()
    }
    tables = {f"{known.table}{suffix}" for known in remade.values() for suffix in ("", "_history")}
    triggers = [known for known in found_triggers(scratch) if known.table in tables]
    names = dict.fromkeys(difference.interface.name for difference in differences)
    replaced = ("", "")
    if {*names, *remade} & {interface.name for interface in of_orders()}:
        with connect(scratch) as local:
            replaced = replaced_sql(local)
    return _Lacking(list(new.values()), changes, list(remade.values()), triggers, list({**names, **remade}), replaced)


def _flat(container: ops.OpContainer) -> Iterator[ops.MigrateOperation]:
    for step in container.ops:
        yield from _flat(step) if isinstance(step, ops.OpContainer) else [step]


def _only_adds(step: ops.MigrateOperation) -> bool:
    if isinstance(step, ops.AlterColumnOp):
        return step.modify_type is None and step.modify_nullable is None and step.modify_server_default is False
    return isinstance(step, (ops.AddColumnOp, ops.CreateIndexOp, ops.CreateTableCommentOp))


def _render(steps: Iterable[ops.MigrateOperation]) -> str:
    written = StringIO()
    context = MigrationContext.configure(dialect=DIALECT, opts={"as_sql": True, "output_buffer": written})
    operations = Operations(context)
    for step in steps:
        operations.invoke(step)
    return written.getvalue().replace(";\n\n", ";\n")


def _files(lacking: _Lacking, revision: str, before: str) -> Mapping[Path, str]:
    folder = sql_folder() / "migrations" / revision
    names = ", ".join(lacking.names)
    return {
        folder / "up.sql": lacking.up,
        folder / DOWN: lacking.down,
        _SCRIPTS / f"v{revision}.py": _SCRIPT.format(names=names, revision=revision, before=before),
    }


def _try(scratch: str, before: str) -> None:
    migrate_local(scratch)
    downgrade_local(scratch, before)
    if (stands := current_revision(scratch)) != before:
        raise StopRun(f"the migration was taken back to {stands}, not to {before}", remedy="report this as a defect")
    migrate_local(scratch)
    if left := read_differences(scratch):
        raise StopRun(
            f"the migration leaves differences: {'; '.join(map(str, left))}", remedy="report this as a defect"
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
