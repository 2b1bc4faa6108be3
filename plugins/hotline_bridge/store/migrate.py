"""`hotline migrate` for the local store: schema `hotline` by Alembic over plain SQL files, then the group roles.

A migration is a folder `include/sql/migrations/NNNN_name/` and a script of two lines in `store/alembic/versions/`. The
folder's `down.sql` takes back what its other files do, which run in the order of their names. A file may hold several
statements; all of a migration run as they stand, in one transaction.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

import psycopg
from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg import errors, sql
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from hotline_bridge.errors import StopRun
from hotline_bridge.store.before_release import adopt
from hotline_bridge.store.database import connect
from hotline_bridge.store.failures import explain, holders
from hotline_bridge.store.metadata import SCHEMA
from hotline_bridge.store.page_functions import make_page_functions
from hotline_bridge.store.pooled import need_own_server
from hotline_bridge.store.sql import read_sql, sql_folder, sql_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic.runtime.migration import MigrationInfo
    from psycopg.rows import TupleRow
    from sqlalchemy import Connection

    Session = psycopg.Connection[TupleRow]

ANALYTICS = "analytics"
ROLES = {
    "hotline_loader": SCHEMA,
    "hotline_analyst": ANALYTICS,
    "hotline_text_reader": ANALYTICS,
    "hotline_auditor": ANALYTICS,
    "hotline_pages": SCHEMA,
    "hotline_gateway": SCHEMA,
}
"""Group roles without login, each with the schema that it works in; the DBA grants them to people and programs."""

DOWN = "down.sql"
"""Of a revision's files the one that takes the others back."""
_LOCK = 1_234_512_315
_ALEMBIC = Lock()  # Alembic keeps its environment in module globals: one run at a time in this process


def migrate_local(conninfo: str, target: str = "head") -> list[str]:
    """Brings schema `hotline` up to a revision, and at the newest gives the group roles their rights.

    Two at once are safe: the second waits for the first and finds nothing left to do.

    Args:
        conninfo: libpq connection string of the local store; a direct connection, not a pooler's.
        target: Revision of Alembic; `head` is the newest.

    Returns:
        The steps taken, one sentence each; among them what only the DBA can do.

    Raises:
        StopRun: A right is missing, the store is older than release 0.1.0, or a migration failed; what the failed one
            did is undone, earlier ones stay.
    """
    with schema_session(conninfo) as session:
        for schema in (SCHEMA, ANALYTICS):
            ensure_schema(session, schema)
        steps = [*adopt(session), *_run(conninfo, command.upgrade, target)]
        if current_revision(conninfo) != head_revision():
            return steps  # what the rights are on is not all there
        make_page_functions(session)
        return [*steps, *(line for role, schema in ROLES.items() for line in _give_rights(session, role, schema))]


def downgrade_local(conninfo: str, target: str = "base") -> list[str]:
    """Takes migrations back, newest first; at `base` schema `hotline` is left empty, and the data are gone.

    The group roles stay: they belong to the whole server, and other databases may use them.

    Returns:
        The steps taken, one sentence each.

    Raises:
        StopRun: A migration failed; what it did is undone.
    """
    with schema_session(conninfo) as session:
        steps = [*adopt(session), *_run(conninfo, command.downgrade, target)]
        if current_revision(conninfo) is None:
            session.execute("DROP TABLE IF EXISTS hotline.alembic_version")
        return steps


def current_revision(conninfo: str) -> str | None:
    """The revision at which schema `hotline` stands, or None before the first migration. Reads only.

    Raises:
        StopRun, TryAgainLater: It cannot be read.
    """
    try:
        with alchemy(conninfo) as connection:
            context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
            return context.get_current_revision()
    except psycopg.Error as error:
        raise explain(error) from None


def head_revision() -> str:
    """The newest revision that this version of the package knows."""
    return cast("str", ScriptDirectory.from_config(_config()).get_current_head())


def plain_sql(revision: str) -> tuple[Callable[[], None], Callable[[], None]]:
    """The `upgrade` and `downgrade` of a migration script: they run the files of the revision's folder."""

    # Functions with a name, not partials: Alembic logs each step by it.
    def upgrade() -> None:
        for name in files_up(revision):
            _run_file(name)

    def downgrade() -> None:
        _run_file(f"migrations/{revision}/{DOWN}")

    return upgrade, downgrade


def files_up(revision: str) -> list[str]:
    """The files that make a revision, in the order in which they run, as names for `sql_text`.

    Raises:
        StopRun: There are none.
    """
    folder = sql_folder() / "migrations" / revision
    names = sorted(path.name for path in folder.glob("*.sql") if path.name != DOWN)
    if not names:
        raise StopRun(f"the SQL files of {folder} are missing", remedy="deploy include/ and plugins/ from one version")
    return [f"migrations/{revision}/{name}" for name in names]


@contextmanager
def schema_session(conninfo: str) -> Iterator[Session]:
    """A session in autocommit that alone may change schemas; closing it lets the next one in.

    Raises:
        StopRun: A right is missing, or another session holds the lock, or a table that is to change, for over a minute.
        TryAgainLater: The database cannot be reached.
    """
    with connect(conninfo) as session:
        need_own_server(session, "a migration")
        try:
            session.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            yield session
        except errors.LockNotAvailable as error:
            raise StopRun(
                f"another session kept the database locked for a minute{holders(conninfo)}",
                remedy="wait until the other `hotline migrate` or the long query has ended, then run it again",
            ) from error
        except errors.InsufficientPrivilege as error:
            raise StopRun(
                f"a right is missing: {error.diag.message_primary}",
                remedy="run `hotline migrate` with the account that ran it before, or let that one grant the right",
            ) from error


def ensure_schema(session: Session, schema: str) -> None:
    """Creates a schema unless it stands, and makes sure that tables can be made in it.

    Raises:
        StopRun: A right is missing; the remedy is the GRANT to run.
    """
    [(user, database, may_create, namespace, may_use)] = session.execute(
        "SELECT current_user, current_database(), has_database_privilege(current_database(), 'CREATE'), namespace,"
        " has_schema_privilege(namespace, 'CREATE') AND has_schema_privilege(namespace, 'USAGE')"
        " FROM (SELECT to_regnamespace(%s)::oid AS namespace) AS wanted",
        (schema,),
    ).fetchall()
    if namespace is not None:
        if not may_use:
            grant = sql.SQL("GRANT USAGE, CREATE ON SCHEMA {} TO {}").format(_name(schema), _name(user))
            raise StopRun(
                f"account {user} may not create tables in schema {schema}",
                remedy=f"let the schema's owner run: {grant.as_string(session)}",
            )
        return
    if not may_create:
        grant = sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(_name(database), _name(user))
        raise StopRun(
            f"account {user} may not create schema {schema} in database {database}",
            remedy=f"let the database's owner run: {grant.as_string(session)}",
        )
    session.execute(sql.SQL("CREATE SCHEMA {}").format(_name(schema)))


def _name(name: object) -> sql.Identifier:
    return sql.Identifier(str(name))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("alembic")).replace("%", "%%"))
    return config


@contextmanager
def alchemy(conninfo: str) -> Iterator[Connection]:
    """A connection of SQLAlchemy without an address: psycopg makes it, so that the password never stands in a URL."""

    def open_session() -> Session:
        session = connect(conninfo)
        session.set(statement_timeout="0")  # a migration of a large table takes its time
        session.autocommit = False
        return session

    engine = create_engine("postgresql+psycopg://", creator=open_session, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            raise error.orig from None  # SQLAlchemy's own text repeats the whole SQL file
        raise


def _run(conninfo: str, run: Callable[[Config, str], None], target: str) -> list[str]:
    steps: list[str] = []

    def note(*, step: MigrationInfo, **_: object) -> None:
        steps.append(f"{step.up_revision_id} {'applied' if step.is_upgrade else 'taken back'}")

    config = _config()
    with _ALEMBIC, alchemy(conninfo) as connection:
        config.attributes.update(connection=connection, schema=SCHEMA, on_step=note)
        try:
            run(config, target)
        except CommandError as error:
            raise StopRun(
                f"the migrations do not fit the database: {error}",
                remedy="use the version of the bridge that last migrated it, or a newer one; where a state between two"
                " releases made it, see docs/upgrade.md",
            ) from error
    return steps or [f"schema {SCHEMA} stands at {current_revision(conninfo) or 'base'} already"]


def _run_file(name: str) -> None:
    text = sql_text(name)
    try:
        # Without parameters psycopg sends the text as it stands: several statements, percent signs and colons included.
        op.get_bind().exec_driver_sql(text, execution_options={"no_parameters": True})
    except DBAPIError as error:
        cause = error.orig
        if not isinstance(cause, psycopg.Error) or isinstance(cause, errors.LockNotAvailable):
            raise
        position = cause.diag.statement_position
        line = f" at line {text.count(chr(10), 0, int(position)) + 1}" if position else ""
        # Only errors about the statement itself (class 42) are repeated: the words of others can hold a row's values.
        words = cause.diag.message_primary if (cause.sqlstate or "").startswith("42") else type(cause).__name__
        raise StopRun(
            f"{name} failed{line} and was undone: {words}", remedy="fix the cause and run `hotline migrate` again"
        ) from None


def _give_rights(session: Session, role: str, schema: str) -> list[str]:
    """Makes a group role and gives it its rights; what this account may not do is left to the DBA, in words."""
    steps = []
    if session.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).rowcount == 0:
        statement = sql.SQL("CREATE ROLE {} NOLOGIN").format(_name(role))
        try:
            session.execute(statement)
            steps.append(f"role {role} created")
        except errors.InsufficientPrivilege:
            asked = statement.as_string(session)
            return [f"role {role} is missing: let the DBA run `{asked}`, then `hotline migrate` again for its rights"]
        except (errors.DuplicateObject, errors.UniqueViolation):
            pass  # a migrate of another database of this server made it a moment ago
    if withheld := _grant(session, role, schema):
        steps.append(
            f"role {role} lacks rights ({withheld}): let the owner of the schemas {SCHEMA} and {schema}"
            f" run include/sql/roles/{role}.sql"
        )
    return steps


def _grant(session: Session, role: str, schema: str) -> str:
    """Runs the role's grants. Returns the server's words about what it withheld; empty when all was given."""
    withheld: list[str] = []

    def heed(notice: errors.Diagnostic) -> None:
        if notice.sqlstate in {"01006", "01007"}:  # not revoked, not granted: mere warnings to the server
            withheld.append(str(notice.message_primary))

    session.add_notice_handler(heed)
    try:
        ensure_schema(session, schema)
        with session.transaction():
            session.execute(read_sql(f"roles/{role}.sql"))
    except StopRun as error:
        withheld.append(str(error))
    except errors.InsufficientPrivilege as error:
        withheld.append(str(error.diag.message_primary))
    finally:
        session.remove_notice_handler(heed)
    return "; ".join(dict.fromkeys(withheld))
