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

from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.store import migrate
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
from hotline_sandbox.demo.postgres import Server
from tests.sessions import ask
from tests.store.contents import REVISIONS, catalog, contents, execute, fewer, fill

if TYPE_CHECKING:
    from alembic.config import Config


pytestmark = pytest.mark.slow

NEXT = "9000_next"


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


def test_up_down_up_makes_the_same_schema_again(local: str) -> None:
    assert current_revision(local) is None
    steps = migrate_local(local)
    assert [step for step in steps if step.endswith("applied")] == [f"{revision} applied" for revision in REVISIONS]
    assert current_revision(local) == head_revision()
    first = catalog(local)
    assert first["columns"]

    assert downgrade_local(local) == [f"{revision} taken back" for revision in reversed(REVISIONS)]
    assert current_revision(local) is None
    assert not any(catalog(local).values())
    assert ask(local, "SELECT nspname FROM pg_namespace WHERE nspname = 'hotline'")
    assert not ask(local, "SELECT FROM pg_class WHERE relnamespace = 'hotline'::regnamespace")

    migrate_local(local)
    assert catalog(local) == first


def test_each_migration_is_taken_back_exactly_and_loses_no_row(local: str) -> None:
    for earlier, revision in pairwise(["base", *REVISIONS]):
        before, held = catalog(local), {}
        if earlier != "base":
            fill(local)
            held = contents(local)
            assert min(held.values()) > 0
        migrate_local(local, revision)
        assert catalog(local) != before
        assert fewer(local, held) == {}
        downgrade_local(local, earlier)
        assert catalog(local) == before
        assert not held or contents(local) == held
        migrate_local(local, revision)


def test_a_step_that_changes_a_filled_table_goes_up_and_back(local: str, next_step: Path) -> None:
    migrate_local(local, REVISIONS[-1])
    fill(local)
    held = contents(local)
    assert migrate_local(local)[0] == f"{NEXT} applied"
    assert ask(local, "SELECT floor FROM hotline.seat") == [("ground",)]
    assert downgrade_local(local, REVISIONS[-1]) == [f"{NEXT} taken back"]
    assert contents(local) == held
    assert next_step.is_dir()


def test_nothing_left_to_do_is_said_and_changes_nothing(local: str) -> None:
    migrate_local(local)
    before = catalog(local)
    assert migrate_local(local) == [f"schema hotline stands at {head_revision()} already"]
    assert catalog(local) == before
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
    assert not any(catalog(local).values())


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
    execute(local, "UPDATE hotline.alembic_version SET version_num = '9999_of_the_future'")
    with pytest.raises(StopRun, match=r"9999_of_the_future.*newer"):
        migrate_local(local)


def test_a_wrong_password_and_a_server_that_is_not_there_are_told_apart(server: Server, database: str) -> None:
    secret = "not-the-password"
    with pytest.raises(StopRun, match="refuses the account") as refused:
        migrate_local(server.conninfo(database, "postgres", secret))
    assert secret not in str(refused.value)
    with pytest.raises(TryAgainLater):
        current_revision("host=127.0.0.1 port=1 dbname=x user=x connect_timeout=2")


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
