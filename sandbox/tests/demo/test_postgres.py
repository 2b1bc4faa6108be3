"""The embedded server as the demo and the tests use it: closed to strangers, and never left behind."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from hotline_sandbox.demo.account import PROGRAMS_VARIABLE, Account, programs_for
from hotline_sandbox.demo.postgres import Server, remove_postgres, running_postgres, throwaway_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

# A run in a process of its own, so that it can be killed: prints the server's port, then waits.
RUN = """
import sys, time
from pathlib import Path
import psycopg
from hotline_sandbox.demo.postgres import running_postgres
with running_postgres(Path(sys.argv[1]), durable=False) as server:
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS seen (n int)")
        connection.execute("INSERT INTO seen VALUES (1)")
    print(server.port, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "server"
    yield folder
    remove_postgres(folder)
    assert not folder.exists()


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a server has run before: initdb takes longer than most tests, and what it makes is no matter of theirs."""
    folder = tmp_path_factory.mktemp("used") / "server"
    yield folder
    remove_postgres(folder)


def postmaster(server: Server) -> psutil.Process:
    """The process that listens on the server's port."""
    found = [c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == server.port]
    assert len(found) == 1
    return psutil.Process(found[0])


def value(server: Server, query: str) -> object:
    with psycopg.connect(server.conninfo("postgres")) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_listens_on_loopback_alone_and_without_a_socket_file(used: Path) -> None:
    with running_postgres(used, durable=False) as server:
        process = postmaster(server)
        assert {connection.laddr.ip for connection in process.net_connections("inet")} == {"127.0.0.1"}
        assert [c for c in process.net_connections("unix") if c.laddr] == []
        assert value(server, "SHOW server_encoding") == "UTF8"


def test_only_the_right_password_comes_in_and_it_shows_nowhere(folder: Path) -> None:
    with running_postgres(folder, durable=False) as server:
        server.create_role("loader", "first'\\")
        server.create_role("loader", "second")
        with psycopg.connect(server.conninfo("postgres", "loader", "second")) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("loader",)
        for user, password in (("loader", "first'\\"), ("loader", None), (server.superuser, "wrong")):
            with pytest.raises(psycopg.OperationalError, match=r"password"):
                psycopg.connect(server.conninfo("postgres", user, password))
        assert server.password not in repr(server)
        assert server.password not in " ".join(postmaster(server).cmdline())
    secret = (folder / "elsewhere" if (folder / "elsewhere").exists() else folder) / "password"
    assert secret.read_text() == server.password
    assert secret.stat().st_mode & 0o077 == 0


def test_a_second_start_keeps_the_data_and_the_password(folder: Path) -> None:
    with running_postgres(folder) as server:
        assert server.create_database("市热线")
        password = server.password
    with running_postgres(folder) as server:
        assert not server.create_database("市热线")
        assert server.password == password
        server.drop_database("市热线")
        assert server.create_database("市热线")


def test_databases_are_copied_and_dropped_under_their_users(used: Path) -> None:
    with running_postgres(used, durable=False) as server:
        server.create_role("loader", "pw")
        server.create_database("template")
        with psycopg.connect(server.conninfo("template")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        server.create_database("copy", owner="loader", template="template")
        with psycopg.connect(server.conninfo("copy")) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
            server.drop_database("copy")
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        server.drop_database("copy")
        assert value(server, "SELECT count(*) FROM pg_database WHERE datname = 'copy'") == 0


def test_settings_reach_the_server_over_our_own(used: Path) -> None:
    with running_postgres(used, settings={"work_mem": "5MB", "fsync": "on"}, durable=False) as server:
        assert value(server, "SHOW work_mem") == "5MB"
        assert value(server, "SHOW fsync") == "on"
        assert value(server, "SHOW synchronous_commit") == "off"
    with running_postgres(used) as server:
        assert value(server, "SHOW synchronous_commit") == "on"


def test_nothing_stays_of_a_throwaway_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ZeroDivisionError), throwaway_postgres({"work_mem": "5MB"}) as server:
        assert value(server, "SHOW work_mem") == "5MB"
        assert value(server, "SHOW fsync") == "off"
        process = postmaster(server)
        data = Path(process.cwd())
        assert data.exists()
        _ = 1 / 0
    assert not process.is_running()
    assert not data.parent.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [ValueError, KeyboardInterrupt, SystemExit])
def test_no_process_stays_however_the_block_ends(used: Path, ending: type[BaseException]) -> None:
    with pytest.raises(ending), running_postgres(used, durable=False) as server:
        session = psycopg.connect(server.conninfo("postgres"))
        family = [postmaster(server), *postmaster(server).children()]
        raise ending
    session.close()
    assert len(family) > 3
    assert not any(process.is_running() for process in family)


def test_a_termination_signal_stops_the_server_first(used: Path) -> None:
    run, server = started(used)
    process = postmaster(server)
    run.terminate()
    assert run.wait(60) == 128 + signal.SIGTERM
    assert not process.is_running()


def test_the_server_of_a_killed_run_is_stopped_and_its_data_are_kept(folder: Path) -> None:
    run, server = started(folder)
    orphan = postmaster(server)
    run.kill()
    run.wait()
    assert orphan.is_running()
    with running_postgres(folder, durable=False) as server:
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
        assert value(server, "SELECT count(*) FROM seen") == 1


def test_a_killed_server_recovers_what_was_committed(used: Path) -> None:
    with running_postgres(used) as server, psycopg.connect(server.conninfo("postgres")) as session:
        session.execute("CREATE TABLE committed AS SELECT generate_series(1, 1000) AS n")
        session.commit()
        postmaster(server).kill()
    with running_postgres(used) as server:
        assert value(server, "SELECT count(*) FROM committed") == 1000


def test_a_number_in_the_pid_file_that_belongs_to_somebody_else_is_left_alone(folder: Path) -> None:
    with running_postgres(folder, durable=False) as server:
        data = postmaster(server).cwd()
        leftover = (folder / data / "postmaster.pid").read_text()
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        lines = leftover.splitlines(keepends=True)
        (folder / data / "postmaster.pid").write_text("".join([f"{bystander.pid}\n", *lines[1:]]))
        remove_postgres(folder)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_two_runs_never_share_a_folder(used: Path) -> None:
    with running_postgres(used, durable=False) as server:
        with pytest.raises(RuntimeError, match="another run"), running_postgres(used):
            pass
        with pytest.raises(RuntimeError, match="another run"):
            remove_postgres(used)
        assert value(server, "SELECT 1") == 1


def test_a_deleted_folder_takes_its_data_along(folder: Path) -> None:
    with running_postgres(folder, durable=False) as server:
        server.create_database("old")
    shutil.rmtree(folder)
    with running_postgres(folder, durable=False) as server:
        assert server.create_database("old")


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"no_such_setting": "1"}, "no_such_setting"), ({"shared_buffers": "many"}, "shared_buffers")],
)
def test_a_server_that_does_not_start_says_why(folder: Path, settings: dict[str, str], words: str) -> None:
    with pytest.raises(RuntimeError, match=words), running_postgres(folder, settings=settings, durable=False):
        pass


def test_a_wrong_bin_folder_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROGRAMS_VARIABLE, "/usr/share")
    with pytest.raises(RuntimeError, match=f"{PROGRAMS_VARIABLE}=/usr/share holds no initdb"), running_postgres(folder):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands over to another account")
def test_root_hands_over_to_an_account_without_rights(folder: Path) -> None:
    folder.parent.chmod(0o700)  # like the home of root: nobody cannot enter it
    with running_postgres(folder, durable=False) as server:
        process = postmaster(server)
        assert 0 not in {*process.uids(), *process.gids()}
        status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        assert next(line.split()[1:] for line in status if line.startswith("Groups:")) == []
        elsewhere = (folder / "elsewhere").resolve()
        assert elsewhere.stat().st_uid == 0
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    remove_postgres(folder)
    assert not elsewhere.exists()


def test_programs_below_a_closed_home_are_copied_for_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROGRAMS_VARIABLE, raising=False)
    monkeypatch.setattr(Account, "can_enter", lambda _self, folder: folder.is_relative_to(tmp_path))
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "half of an old copy").touch()
    programs = programs_for(tmp_path, Account.choose())
    assert programs.is_relative_to(tmp_path / "programs")
    assert not (tmp_path / "programs" / "half of an old copy").exists()
    modes = {path: path.stat().st_mode for path in (tmp_path / "programs").rglob("*")}
    assert all(mode & stat.S_IROTH and (mode & stat.S_IXOTH or not path.is_dir()) for path, mode in modes.items())
    for name in ("initdb", "postgres"):
        assert "PostgreSQL" in subprocess.check_output([programs / name, "--version"], text=True)


def started(folder: Path) -> tuple[subprocess.Popen[str], Server]:
    run = subprocess.Popen([sys.executable, "-c", RUN, str(folder)], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    port = run.stdout.readline()
    run.stdout.close()
    assert port, "the run ended before its server was ready"
    return run, Server("127.0.0.1", int(port), "postgres", "")
