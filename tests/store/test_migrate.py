"""`hotline migrate` for the local store, on a real PostgreSQL."""

from __future__ import annotations

import re
import shutil
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg import errors, sql

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.store import before_release, migrate
from hotline_bridge.store.differences import read_differences
from hotline_bridge.store.metadata import create_sql, drop_sql
from hotline_bridge.store.migrate import (
    DOWN,
    current_revision,
    downgrade_local,
    files_up,
    head_revision,
    migrate_local,
    schema_session,
)
from hotline_bridge.store.sql import read_sql, sql_folder, sql_text
from hotline_bridge.store.typed_tables import typed_interfaces
from hotline_sandbox.demo.postgres import Server, remove_postgres, running_postgres
from tests import sessions
from tests.sessions import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config

    from hotline_bridge.contract.model import Interface

pytestmark = pytest.mark.slow

REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory.from_config(migrate._config()).walk_revisions()))
]
"""From release 0.1.0 on."""
RELEASED = ["0001_initial"]
"""The newest of each release: where a store in service stands."""
NEXT = "9000_next"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("postgres")
    with running_postgres(folder, durable=False) as running:
        yield running
    remove_postgres(folder)


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """An empty database on a server without our roles."""
    name = f"local_{uuid4().hex[:12]}"
    _drop_roles(server)
    server.create_database(name)
    yield name
    sessions.close(server.conninfo(name))
    server.drop_database(name)


@pytest.fixture
def local(server: Server, database: str) -> str:
    return server.conninfo(database)


@pytest.fixture
def migrated(local_store: str) -> str:
    """A copy of a store that was migrated once."""
    return local_store


@pytest.fixture
def sql_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of include/sql that a test may break."""
    copy = tmp_path / "sql"
    shutil.copytree(sql_folder(), copy)
    monkeypatch.setenv("HOTLINE_SQL", str(copy))
    return copy


@pytest.fixture
def next_step(sql_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of one more migration, which comes after the newest of ours."""
    ours, scripts = migrate._config(), tmp_path / "versions"
    scripts.mkdir()
    (scripts / "next.py").write_text(
        f"from hotline_bridge.store.migrate import plain_sql\nrevision, down_revision = {NEXT!r}, {head_revision()!r}\n"
        "upgrade, downgrade = plain_sql(revision)\n"
    )

    def with_one_more() -> Config:
        config = ours
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", f"{Path(migrate.__file__).parent}/alembic/versions\n{scripts}")
        return config

    monkeypatch.setattr(migrate, "_config", with_one_more)
    folder = sql_copy / "migrations" / NEXT
    folder.mkdir()
    (folder / "up.sql").write_text("ALTER TABLE hotline.seat ADD COLUMN floor text NOT NULL DEFAULT 'ground';")
    (folder / DOWN).write_text("ALTER TABLE hotline.seat DROP COLUMN floor;")
    return folder


def _drop_roles(server: Server) -> None:
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        for role in migrate.ROLES:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def _execute(conninfo: str, *statements: str, role: str | None = None) -> None:
    with psycopg.connect(conninfo) as connection:
        if role:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        for statement in statements:
            connection.execute(statement.encode())


def _catalog(conninfo: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything that a migration can make in schema hotline, Alembic's own table aside."""
    return {
        "columns": ask(
            conninfo,
            "SELECT c.relname, c.relkind, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
            " pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')"
            " FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
            " AND NOT a.attisdropped"
            " LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum"
            " WHERE c.relnamespace = to_regnamespace('hotline') AND c.relname NOT LIKE 'alembic_version%'"
            " ORDER BY 1, 3",
        ),
        "constraints": ask(
            conninfo,
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = to_regnamespace('hotline') AND conname NOT LIKE 'alembic_version%' ORDER BY 1",
        ),
        "indexes": ask(
            conninfo,
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE schemaname = 'hotline' AND tablename <> 'alembic_version' ORDER BY 1",
        ),
        "functions": ask(
            conninfo,
            "SELECT proname, pg_get_functiondef(oid) FROM pg_proc"
            " WHERE pronamespace = to_regnamespace('hotline') ORDER BY 1, 2",
        ),
        "types": ask(
            conninfo,
            "SELECT typname FROM pg_type WHERE typnamespace = to_regnamespace('hotline')"
            " AND typname NOT LIKE '%alembic_version' ORDER BY 1",
        ),
    }


def test_up_down_up_makes_the_same_schema_again(local: str) -> None:
    assert current_revision(local) is None
    steps = migrate_local(local)
    assert [step for step in steps if step.endswith("applied")] == [f"{revision} applied" for revision in REVISIONS]
    assert current_revision(local) == head_revision()
    first = _catalog(local)
    assert first["columns"]

    assert downgrade_local(local) == [f"{revision} taken back" for revision in reversed(REVISIONS)]
    assert current_revision(local) is None
    assert not any(_catalog(local).values())
    assert ask(local, "SELECT nspname FROM pg_namespace WHERE nspname = 'hotline'")
    assert not ask(local, "SELECT FROM pg_class WHERE relnamespace = 'hotline'::regnamespace")

    migrate_local(local)
    assert _catalog(local) == first


def test_each_migration_is_taken_back_exactly_and_loses_no_row(local: str) -> None:
    for earlier, revision in pairwise(["base", *REVISIONS]):
        before, held = _catalog(local), {}
        if earlier != "base":
            _fill(local)
            held = _contents(local)
            assert min(held.values()) > 0
        migrate_local(local, revision)
        assert _catalog(local) != before
        assert _fewer(local, held) == {}
        downgrade_local(local, earlier)
        assert _catalog(local) == before
        assert not held or _contents(local) == held
        migrate_local(local, revision)


def test_nothing_left_to_do_is_said_and_changes_nothing(local: str) -> None:
    migrate_local(local)
    before = _catalog(local)
    assert migrate_local(local) == [f"schema hotline stands at {head_revision()} already"]
    assert _catalog(local) == before
    downgrade_local(local)
    assert downgrade_local(local) == ["schema hotline stands at base already"]


def test_every_revision_has_its_files_and_every_file_its_revision() -> None:
    folder = sql_folder() / "migrations"
    assert {path.parent.name for path in folder.glob("*/*")} == set(REVISIONS)
    for revision in REVISIONS:
        assert files_up(revision)
        assert (folder / revision / DOWN).is_file()


def test_a_failing_migration_leaves_nothing_half_applied(local: str, next_step: Path) -> None:
    broken = next_step / "up.sql"
    broken.write_text("CREATE TABLE hotline.half ();\n\nSELECT no_such_column;\n")
    with pytest.raises(StopRun, match=rf"{NEXT}/up\.sql failed at line 3 and was undone: .*no_such_column"):
        migrate_local(local)
    assert current_revision(local) == REVISIONS[-1]
    assert not ask(local, "SELECT FROM pg_class WHERE relname = 'half'")


def test_of_a_migration_in_several_files_all_are_undone(local: str, sql_copy: Path) -> None:
    last = sql_copy / files_up(REVISIONS[0])[-1]
    with last.open("a", encoding="utf-8") as file:
        file.write("SELECT no_such_column;\n")
    with pytest.raises(StopRun, match=re.escape(last.name)):
        migrate_local(local)
    assert current_revision(local) is None
    assert not any(_catalog(local).values())


def test_a_failing_migration_repeats_no_value_of_a_row(local: str, next_step: Path) -> None:
    cast = "CREATE TABLE hotline.t AS SELECT '13800000000x'::text AS callno; SELECT callno::bigint FROM hotline.t;"
    (next_step / "up.sql").write_text(cast)
    with pytest.raises(StopRun, match="InvalidTextRepresentation") as failed:
        migrate_local(local)
    assert "13800000000x" not in "".join(traceback.format_exception(failed.value))


def test_after_the_cause_is_mended_migrate_goes_on_where_it_stopped(local: str, next_step: Path) -> None:
    whole = (next_step / "up.sql").read_text()
    (next_step / "up.sql").write_text("SELEC 1;")
    with pytest.raises(StopRun):
        migrate_local(local)
    (next_step / "up.sql").unlink()
    (next_step / "10_mended.sql").write_text(whole)
    assert migrate_local(local)[0] == f"{NEXT} applied"


def test_a_migration_file_is_sent_as_it_stands(local: str, next_step: Path) -> None:
    odd = "100 % of :all, %s and %(name)s; 一"
    text = f"CREATE TABLE hotline.odd (x text);\nCOMMENT ON TABLE hotline.odd IS '{odd}';\n"
    (next_step / "up.sql").write_text(text, encoding="utf-8")
    migrate_local(local)
    assert ask(local, "SELECT obj_description('hotline.odd'::regclass, 'pg_class')") == [(odd,)]


def test_a_migration_without_its_files_is_refused(local: str, next_step: Path) -> None:
    shutil.rmtree(next_step)
    with pytest.raises(StopRun, match=rf"{NEXT} are missing; deploy"):
        migrate_local(local)


def test_two_at_once_take_turns_and_apply_each_migration_once(local: str) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with ThreadPoolExecutor(2) as threads, psycopg.connect(local, autocommit=True) as gate:
        gate.execute("SELECT pg_advisory_lock(%s)", (migrate._LOCK,))
        running = [threads.submit(migrate_local, local) for _ in range(2)]
        deadline = time.monotonic() + 30
        while ask(local, waiting) != [(2,)]:
            assert time.monotonic() < deadline, "the two do not wait for the lock"
            time.sleep(0.01)
        assert not ask(local, "SELECT FROM pg_namespace WHERE nspname = 'hotline'")
        gate.execute("SELECT pg_advisory_unlock(%s)", (migrate._LOCK,))
        results = [future.result() for future in running]
    applied = [step for steps in results for step in steps if step.endswith("applied")]
    assert applied == [f"{revision} applied" for revision in REVISIONS]
    assert current_revision(local) == head_revision()


def test_two_databases_of_one_server_at_once_share_the_roles(server: Server, local: str) -> None:
    other = f"other_{uuid4().hex[:12]}"
    server.create_database(other)
    try:
        with ThreadPoolExecutor(2) as threads:
            results = list(threads.map(migrate_local, [local, server.conninfo(other)]))
        for steps in results:
            assert not [step for step in steps if "lacks rights" in step or "is missing" in step]
    finally:
        server.drop_database(other)


def test_waiting_for_a_lock_ends_in_a_sentence(local: str) -> None:
    with psycopg.connect(local) as holder:
        holder.execute("CREATE TABLE public.held ()")
        holder.commit()
        holder.execute("LOCK TABLE public.held")
        with pytest.raises(StopRun, match="locked for a minute; wait until"), schema_session(local) as session:
            session.execute("SET lock_timeout = '20ms'")
            session.execute("DROP TABLE public.held")


def test_a_migration_that_waits_too_long_for_a_reader_ends_in_a_sentence(local: str, next_step: Path) -> None:
    migrate_local(local, REVISIONS[-1])
    (next_step / "up.sql").write_text("SET LOCAL lock_timeout = '20ms'; DROP TABLE hotline.delivery CASCADE;")
    with psycopg.connect(local) as reader:
        reader.execute("SELECT FROM hotline.delivery")
        with pytest.raises(StopRun, match="locked for a minute; wait until"):
            migrate_local(local)
    assert current_revision(local) == REVISIONS[-1]


def test_a_database_ahead_of_the_package_is_refused(local: str) -> None:
    migrate_local(local)
    _execute(local, "UPDATE hotline.alembic_version SET version_num = '9999_of_the_future'")
    with pytest.raises(StopRun, match=r"9999_of_the_future.*newer"):
        migrate_local(local)


def test_a_wrong_password_and_a_server_that_is_not_there_are_told_apart(server: Server, database: str) -> None:
    secret = "not-the-password"
    with pytest.raises(StopRun, match="refuses the account") as refused:
        migrate_local(server.conninfo(database, "postgres", secret))
    assert secret not in str(refused.value)
    with pytest.raises(TryAgainLater):
        current_revision("host=127.0.0.1 port=1 dbname=x user=x connect_timeout=2")


# From release 0.1.0 on


def _fill(conninfo: str) -> None:
    """One row in each table of schema hotline that has none, of each type some value."""
    values = {
        "text": "'x'",
        "bytea": "'x'",
        "boolean": "true",
        "date": "'2026-11-24'",
        "timestamp with time zone": "'2026-11-24 09:00+08'",
        "text[]": "'{}'",
        "jsonb": "'{}'",
        "uuid": "gen_random_uuid()",
    }
    in_check = {
        ("collection_window", "ends"): "now()",
        ("acceptance", "ends"): "now()",
        ("operator_action", "answer_id"): "NULL",
        ("erased_record", "key"): "'another'",
        ("gateway_client", "areas"): "'{440203}'",
        ("time_limit", "stage"): "'acceptance'",
        ("count_reconciliation", "unexplained"): "0",
    }
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind, allowed in ask(
        conninfo,
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL),"
        " substring(pg_get_constraintdef(k.oid) FROM $$'(?:[^']+)'$$)"
        " FROM pg_class AS c INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
        " LEFT JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]"
        " WHERE c.relnamespace = 'hotline'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND a.attidentity = '' AND NOT a.attisdropped AND c.relname <> 'alembic_version'"
        " ORDER BY (SELECT count(*) FROM pg_constraint AS f WHERE f.conrelid = c.oid AND f.contype = 'f'),"
        " c.relname, a.attnum",
    ):
        value = in_check.get((str(table), str(column))) or allowed or values.get(str(kind), "1")
        columns.setdefault(str(table), {})[str(column)] = str(value)
    inserts = [
        f"INSERT INTO hotline.{table} ({', '.join(row)}) SELECT {', '.join(row.values())}"  # noqa: S608  (of the catalog)
        f" WHERE NOT EXISTS (SELECT FROM hotline.{table})"
        for table, row in columns.items()
    ]
    _execute(conninfo, *inserts)


def _contents(conninfo: str) -> dict[str, int]:
    tables = ask(
        conninfo,
        "SELECT relname FROM pg_class WHERE relnamespace = 'hotline'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition",
    )
    return {str(table): len(ask(conninfo, f"TABLE hotline.{table}")) for (table,) in tables}


def _fewer(conninfo: str, held: dict[str, int]) -> dict[str, int]:
    """Tables that hold less than they held."""
    return {table: count for table, count in _contents(conninfo).items() if count < held.get(table, 0)} if held else {}


@pytest.mark.parametrize("revision", RELEASED)
def test_a_filled_store_of_each_release_comes_to_the_newest_and_back(local: str, revision: str) -> None:
    migrate_local(local, revision)
    then = _catalog(local)
    _fill(local)
    held = _contents(local)
    assert min(held.values()) > 0
    migrate_local(local)
    assert current_revision(local) == head_revision()
    assert read_differences(local) == []
    assert _fewer(local, held) == {}
    downgrade_local(local, revision)
    assert _catalog(local) == then
    assert _contents(local) == held


def test_a_step_that_changes_a_filled_table_goes_up_and_back(local: str, next_step: Path) -> None:
    migrate_local(local, REVISIONS[-1])
    _fill(local)
    held = _contents(local)
    assert migrate_local(local)[0] == f"{NEXT} applied"
    assert ask(local, "SELECT floor FROM hotline.seat") == [("ground",)]
    assert downgrade_local(local, REVISIONS[-1]) == [f"{NEXT} taken back"]
    assert _contents(local) == held
    assert next_step.is_dir()


def test_a_store_of_the_last_version_before_0_1_0_is_taken_over(local: str) -> None:
    migrate_local(local, before_release.FIRST)
    _fill(local)
    held = _contents(local)
    _execute(local, "UPDATE hotline.alembic_version SET version_num = '0029_counted_days'")
    told, *_ = migrate_local(local)
    assert told == f"0029_counted_days is called {before_release.FIRST} from now on; the schema is the same"
    assert current_revision(local) == head_revision()
    assert held.items() <= _contents(local).items()  # later migrations add tables


def test_a_store_of_the_steps_since_0_1_0_is_taken_over(local: str) -> None:
    migrate_local(local, "0002_analysts_pages_gateway")
    before = _catalog(local)
    _execute(local, "UPDATE hotline.alembic_version SET version_num = '0017_lists_by_due'")
    told, *_ = migrate_local(local, "0002_analysts_pages_gateway")
    assert told == "0017_lists_by_due is called 0002_analysts_pages_gateway from now on; the schema is the same"
    assert current_revision(local) == "0002_analysts_pages_gateway"
    assert _catalog(local) == before


@pytest.mark.parametrize("revision", ["0001_outbound", "0016_open_deadlines", "0028_table_names"])
def test_an_older_store_is_told_the_way_and_stays_as_it_is(local: str, revision: str) -> None:
    migrate_local(local, before_release.FIRST)
    _execute(local, f"UPDATE hotline.alembic_version SET version_num = '{revision}'")  # noqa: S608
    before = _catalog(local)
    for run in (migrate_local, downgrade_local):
        with pytest.raises(
            StopRun, match=rf"at {revision}, from before release 0\.1\.0; run `hotline migrate` of the last"
        ):
            run(local)
    assert _catalog(local) == before
    assert current_revision(local) == revision


# Rights and roles


@pytest.fixture
def account(server: Server, database: str) -> Iterator[str]:
    """conninfo of an account that may connect, and nothing else."""
    server.create_role("bridge", "of the test")
    yield server.conninfo(database, "bridge", "of the test")
    _execute(server.conninfo(database), "DROP OWNED BY bridge CASCADE", "DROP ROLE bridge")


def _asked_for(sentence: str) -> str:
    """The statement that a sentence asks somebody to run."""
    found = re.search(r"(GRANT|CREATE ROLE) [^`;]+", sentence)
    assert found, sentence
    return found.group()


def test_without_rights_the_remedy_is_the_grant_to_run(local: str, account: str) -> None:
    with pytest.raises(StopRun, match="bridge may not create schema hotline") as refused:
        migrate_local(account)
    _execute(local, _asked_for(str(refused.value)))

    steps = migrate_local(account)
    asked = [step for step in steps if "let the DBA run" in step]
    assert len(asked) == len(migrate.ROLES)
    _execute(local, *map(_asked_for, asked))

    assert migrate_local(account) == [f"schema hotline stands at {head_revision()} already"]
    assert ask(local, "SELECT has_table_privilege('hotline_loader', 'hotline.call_log', 'INSERT')") == [(True,)]
    assert ask(local, "SELECT has_schema_privilege('hotline_analyst', 'analytics', 'USAGE')") == [(True,)]


def test_a_schema_made_by_the_dba_is_used_and_what_he_must_grant_is_said(local: str, account: str) -> None:
    _execute(local, "CREATE SCHEMA hotline")
    with pytest.raises(StopRun, match="bridge may not create tables in schema hotline") as refused:
        migrate_local(account)
    _execute(local, _asked_for(str(refused.value)), "CREATE SCHEMA analytics")
    with pytest.raises(StopRun, match="bridge may not create tables in schema analytics") as refused:
        migrate_local(account)
    _execute(local, _asked_for(str(refused.value)), *(f"CREATE ROLE {role}" for role in migrate.ROLES))
    steps = migrate_local(account)
    assert current_revision(account) == head_revision()
    withheld = [step for step in steps if "lacks rights" in step]
    assert [step.split()[1] for step in withheld] == list(migrate.ROLES)
    assert all((sql_folder().parents[1] / step.split()[-1]).is_file() for step in withheld)


def test_an_account_that_did_not_migrate_gets_one_sentence(local: str, account: str) -> None:
    migrate_local(local)
    _execute(local, "GRANT USAGE, CREATE ON SCHEMA hotline, analytics TO bridge")
    with pytest.raises(StopRun, match="permission denied for table alembic_version"):
        migrate_local(account)


def test_the_loader_works_on_every_table_and_on_later_ones(local: str) -> None:
    migrate_local(local)
    _execute(local, "CREATE TABLE hotline.later (row_id bigint GENERATED BY DEFAULT AS IDENTITY, x text)")
    _execute(
        local,
        "INSERT INTO hotline.call_log (row_id, callid, written_at) VALUES (1, '4402001', now())",
        "UPDATE hotline.call_log SET callno = '1' WHERE callid = '4402001'",
        "DELETE FROM hotline.call_log",
        "INSERT INTO hotline.later (x) VALUES ('a')",
        "SELECT hotline.is_blank(' ')",
        "SELECT version_num FROM hotline.alembic_version",
        role="hotline_loader",
    )
    refused = ask(
        local,
        "SELECT relname FROM pg_class WHERE relnamespace = 'hotline'::regnamespace AND relkind IN ('r', 'p', 'v')"
        " AND relname <> 'person_secret' AND NOT has_table_privilege('hotline_loader', oid, 'SELECT')"
        " OR relnamespace = 'hotline'::regnamespace AND relkind = 'S'"
        " AND NOT has_sequence_privilege('hotline_loader', oid, 'USAGE')",
    )
    assert refused == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE hotline.mine ()",
        "DROP TABLE hotline.call_log",
        "UPDATE hotline.alembic_version SET version_num = '0'",
    ],
)
def test_the_loader_changes_no_schema(local: str, statement: str) -> None:
    migrate_local(local)
    with pytest.raises(errors.InsufficientPrivilege):
        _execute(local, statement, role="hotline_loader")


def test_the_analyst_reads_views_and_no_raw_table(local: str) -> None:
    migrate_local(local)
    _execute(
        local,
        "INSERT INTO hotline.call_log (row_id, callid, callno, written_at) VALUES (1, '4402001', '13800000000', now())",
        "CREATE VIEW analytics.calls AS SELECT callid FROM hotline.call_log",
    )
    migrate_local(local)
    with pytest.raises(errors.InsufficientPrivilege):
        _execute(local, "SELECT * FROM analytics.calls", role="hotline_analyst")
    _execute(local, "GRANT SELECT ON analytics.calls TO hotline_analyst")
    _execute(local, "SELECT * FROM analytics.calls", role="hotline_analyst")
    tables = ask(
        local,
        "SELECT oid::regclass::text FROM pg_class"
        " WHERE relnamespace = 'hotline'::regnamespace AND relkind IN ('r', 'v')",
    )
    assert ("hotline.call_log",) in tables
    for (table,) in tables:
        with pytest.raises(errors.InsufficientPrivilege):
            _execute(local, f"TABLE {table}", role="hotline_analyst")
    with pytest.raises(errors.InsufficientPrivilege):
        _execute(local, "DELETE FROM analytics.calls", role="hotline_analyst")


def test_a_right_that_slipped_to_the_analyst_is_taken_back(local: str) -> None:
    migrate_local(local)
    _execute(
        local, "GRANT USAGE ON SCHEMA hotline TO hotline_analyst", "GRANT SELECT ON hotline.call_log TO hotline_analyst"
    )
    migrate_local(local)
    with pytest.raises(errors.InsufficientPrivilege):
        _execute(local, "SELECT * FROM hotline.call_log", role="hotline_analyst")


# Typed tables


def test_the_migrated_tables_are_those_of_the_contract(local: str) -> None:
    migrate_local(local)
    assert read_differences(local) == []


@pytest.mark.parametrize(
    "drain", [known for known in contract().values() if known.kind == "drain"], ids=lambda d: d.name
)
def test_a_drain_gives_the_columns_of_the_query_whose_table_it_shares(drain: Interface) -> None:
    [owner] = [known for known in typed_interfaces() if known.table == drain.table]
    assert {field.column for field in drain.response} == {field.column for field in owner.response}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DROP TABLE hotline.case_urge_history", "hotline.case_urge_history of interface getCaseCb does not exist"),
        ("ALTER TABLE hotline.call_log DROP COLUMN callno CASCADE", "callinfo differs from the contract in callno:"),
        ("ALTER TABLE hotline.call_log ADD COLUMN more text", "callinfo differs from the contract in more:"),
        ("ALTER TABLE hotline.call_log_history ALTER COLUMN callno TYPE varchar(3)", "in callno (type):"),
        ("ALTER TABLE hotline.complaint_order ALTER COLUMN consumamount TYPE numeric(18, 5)", "consumamount (type):"),
        ("ALTER TABLE hotline.case_urge ALTER COLUMN source DROP NOT NULL", "in source (nullable):"),
        ("ALTER TABLE hotline.case_urge ALTER COLUMN flags DROP DEFAULT", "in flags (default):"),
        ("COMMENT ON COLUMN hotline.call_log.callno IS 'number'", "in callno (comment):"),
        ("COMMENT ON TABLE hotline.call_log IS 'calls'", "in its comment:"),
        ("DROP INDEX hotline.complaint_case_window", "in its index complaint_case_window:"),
        (
            "DROP INDEX hotline.complaint_case_name;"
            "CREATE INDEX complaint_case_name ON hotline.complaint_case (regino)",
            "in its index complaint_case_name:",
        ),
        ("ALTER TABLE hotline.call_log DROP CONSTRAINT call_log_callid_key", "in its unique key:"),
        ("DROP TRIGGER keep_person_keys ON hotline.report_case", "in its trigger keep_person_keys:"),
        ("ALTER TABLE hotline.case_urge DISABLE TRIGGER keep_erased", "in its trigger keep_erased:"),
    ],
)
def test_drift_is_told(migrated: str, change: str, told: str) -> None:
    _execute(migrated, change)
    [difference] = read_differences(migrated)
    assert told in str(difference)


def test_another_function_behind_the_trigger_is_drift(migrated: str) -> None:
    other = "FUNCTION hotline.keep_keys_of_call_log() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'"
    _execute(migrated, f"CREATE OR REPLACE {other}")
    assert [(each.table, each.wrong) for each in read_differences(migrated)] == [
        (table, ("its trigger keep_person_keys",)) for table in ("call_log", "call_log_history")
    ]


def test_an_index_of_the_dba_is_no_drift(migrated: str) -> None:
    _execute(migrated, "CREATE INDEX of_the_dba ON hotline.call_log (callno)")
    assert read_differences(migrated) == []


def test_the_files_say_what_the_contract_gives() -> None:
    """Word by word, but of tables that a later revision names."""
    said = ["\n".join(map(sql_text, files_up(revision))) for revision in REVISIONS]
    for interface in typed_interfaces():
        [made] = [at for at, text in enumerate(said) if f"CREATE TABLE hotline.{interface.table} (" in text]
        named = re.compile(rf"hotline\.{interface.table}(_history)?\b")
        if not any(named.search(text) for text in said[made + 1 :]):
            assert create_sql([interface]) in said[made], interface.table


def test_one_record_has_one_current_row_and_any_number_of_former_ones(local: str) -> None:
    migrate_local(local)
    row = "(row_id, callid, written_at) VALUES (%s, '4402001', now())"
    with psycopg.connect(local, autocommit=True) as connection:
        connection.execute(f"INSERT INTO hotline.call_log {row}".encode(), (1,))
        with pytest.raises(errors.UniqueViolation):
            connection.execute(f"INSERT INTO hotline.call_log {row}".encode(), (2,))
        former = (
            "INSERT INTO hotline.call_log_history (row_id, callid, written_at, loaded_at, replaced_at)"
            " SELECT row_id, callid, written_at, loaded_at, clock_timestamp() FROM hotline.call_log"
            " RETURNING replaced_at"
        )
        assert connection.execute(former).fetchone() != connection.execute(former).fetchone()


def test_the_ddl_of_each_interface_is_taken_back(local: str) -> None:
    keep_erased = "FUNCTION hotline.keep_erased() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    _execute(local, "CREATE SCHEMA hotline", f"CREATE {keep_erased}")
    before = _catalog(local)
    for interface in typed_interfaces():
        _execute(local, create_sql([interface]))
        assert {name for name, *_ in ask(local, "SELECT tablename FROM pg_tables WHERE schemaname = 'hotline'")} == {
            interface.table,
            f"{interface.table}_history",
        }
        _execute(local, drop_sql([interface]))
        assert _catalog(local) == before


@pytest.mark.parametrize("table", [None, "Quoted", "a; DROP TABLE b", "中文"])
def test_a_table_name_that_needs_quotes_is_refused(table: str | None) -> None:
    with pytest.raises(ValueError, match=r"contract/bridge\.yaml"):
        create_sql([contract()["callinfo"].model_copy(update={"table": table})])


# The folder of SQL files


def test_sql_is_read_from_the_project_or_from_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOTLINE_SQL", raising=False)
    assert "CREATE TABLE hotline.call_log" in sql_text(files_up(REVISIONS[0])[0])
    (tmp_path / "x.sql").write_text("SELECT '一';", encoding="utf-8")
    monkeypatch.setenv("HOTLINE_SQL", str(tmp_path))
    assert sql_text("x.sql") == "SELECT '一';"


def test_a_missing_folder_or_file_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_SQL", str(tmp_path))
    with pytest.raises(StopRun, match=r"no_such\.sql is missing; deploy"):
        read_sql("no_such.sql")
    monkeypatch.setenv("HOTLINE_SQL", str(tmp_path / "nowhere"))
    with pytest.raises(StopRun, match=r"nowhere is missing; .*HOTLINE_SQL"):
        read_sql("x.sql")
