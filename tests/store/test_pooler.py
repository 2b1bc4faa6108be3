"""PgBouncer before both stores: what it keeps for a session, what it does not, and what needs the server itself."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from hotline_bridge.cli import check
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound import versions
from hotline_bridge.publish import publish
from hotline_bridge.restore import mark
from hotline_bridge.store.database import connect
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.account import Account
from tests.fixtures import Stores
from tests.outbound.bridge import Bridge, call
from tests.reconcile.city import DAYS, City

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pgbouncer() -> Iterator[list[str]]:
    """How it is started: as installed, else unpacked from its Debian package into a folder of this run alone."""
    if installed := shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer"):
        yield [installed]
        return
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        pytest.skip("no pgbouncer here, and only root on a Debian may fetch its package")
    with open_folder() as folder:
        yield unpacked(folder)


def unpacked(folder: Path) -> list[str]:
    (folder / "partial").mkdir()
    fetched = subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--download-only", "-o", f"Dir::Cache::archives={folder}", "pgbouncer"],
        capture_output=True,
        check=False,
    )
    packages = sorted(folder.glob("*.deb"))
    if not packages:
        pytest.skip(f"the package pgbouncer cannot be fetched (apt-get ended with {fetched.returncode})")
    for package in packages:
        subprocess.run(["dpkg", "-x", package, folder / "root"], check=True)
    libraries = ":".join(str(place) for place in (folder / "root" / "usr" / "lib").iterdir() if place.is_dir())
    return ["env", f"LD_LIBRARY_PATH={libraries}", str(folder / "root" / "usr" / "sbin" / "pgbouncer")]


@contextmanager
def open_folder() -> Iterator[Path]:
    """One that the account of a server may enter. Every run of pytest closes those of the others."""
    with TemporaryDirectory(prefix="hotline-pgbouncer-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def pooled(program: list[str], conninfo: str, *settings: str) -> Iterator[str]:
    """The same database behind a PgBouncer; gives its connection string."""
    with open_folder() as folder:
        yield from started(program, conninfo, folder, *settings)


def started(program: list[str], conninfo: str, folder: Path, *settings: str) -> Iterator[str]:
    said = conninfo_to_dict(conninfo)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    account = Account.choose()
    (folder / "users").write_text(f'"{said["user"]}" "{said["password"]}"\n')
    (folder / "ini").write_text(
        "[databases]\n"
        f"* = host={said['host']} port={said['port']}\n"
        "[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = plain\nauth_file = {folder}/users\n" + "\n".join(settings)
    )
    for file in ("users", "ini"):
        account.own(folder / file)
    process = account.start([*program, str(folder / "ini")], log=folder / "log", folder=folder)
    through = make_conninfo(conninfo, port=port)
    try:
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until, (folder / "log").read_text()
                time.sleep(0.05)
        yield through
    finally:
        process.terminate()
        process.wait(10)


SERVERS = 4
"""Server processes that the sessions share."""


@pytest.fixture
def pooled_stores(pgbouncer: list[str], stores: Stores) -> Iterator[Stores]:
    """Both stores behind a pooler that gives each transaction another server process, each with what others left."""
    settings = ["pool_mode = transaction", f"default_pool_size = {SERVERS}", "server_round_robin = 1"]
    with pooled(pgbouncer, stores.local, *settings) as local:
        through = Stores(make_conninfo(stores.docking, port=conninfo_to_dict(local)["port"]), local)
        for conninfo in (through.docking, through.local):
            leave_behind(conninfo)
        yield through


def leave_behind(conninfo: str) -> None:
    """What other clients may have set, made and prepared, on every server process at once."""
    with ExitStack() as stack:
        for _ in range(SERVERS):
            session = stack.enter_context(psycopg.connect(conninfo, prepare_threshold=None))
            session.execute(
                """
                CREATE TEMPORARY TABLE version (theirs integer);
                CREATE TEMPORARY TABLE batch (theirs integer);
                CREATE TEMPORARY TABLE docking_order (theirs integer);
                PREPARE _pg3_0 AS SELECT 1;
                SET search_path = pg_catalog;
                SET lock_timeout = '1ms';
                SET statement_timeout = '1s';
                SET TimeZone = 'UTC';
                SET DateStyle = 'German';
                SET standard_conforming_strings = off;
                SET default_transaction_isolation = 'serializable';
                SET default_transaction_read_only = on
                """
            )


def test_both_directions_through_a_pooler_that_gives_each_transaction_another_process(
    pooled_stores: Stores, stores: Stores, platform: PlatformSettings, sandbox: SandboxControl
) -> None:
    city = City(pooled_stores, platform, sandbox, interfaces_of("order"))
    direct = City(stores, platform, sandbox, interfaces_of("order"))
    for number in range(20):
        direct.take(f"R{number}", DAYS[number % 4])
    for number in range(5):
        direct.network(f"N{number}", DAYS[1])
    city.run()
    city.collect()
    with connect(pooled_stores.docking) as docking, connect(pooled_stores.local) as local:
        publish(docking, local)
    direct.lose_locally("N3")
    checks = city.reconcile()
    with connect(stores.local) as local:
        assert direct.states() == {"delivered": 20}
        assert city.status()[0].adds_up
        assert {check.state for check in checks.values()} == {"agreed"}
        assert local.execute("SELECT count(*) FROM hotline.complaint_case").fetchall() == [(25,)]
    assert direct.docking("SELECT count(*) FROM docking.order_status") == [(20,)]


def test_each_transaction_is_set_by_us(pooled_stores: Stores) -> None:
    with connect(make_conninfo(pooled_stores.local, options="-c search_path=hotline,public")) as session:
        session.set(lock_timeout="7s")
        servers = set()
        for _ in range(3 * SERVERS):
            found = session.execute(
                "SELECT pg_backend_pid(), current_setting('lock_timeout'), current_setting('TimeZone'),"
                " current_setting('transaction_isolation'), current_setting('search_path'), %s",
                ["a\\'b"],
            ).fetchall()
            servers.add(found[0][0])
            assert found[0][1:] == ("7s", "Asia/Shanghai", "read committed", "hotline, public", "a\\'b")
        assert len(servers) == SERVERS
        with pytest.raises(psycopg.errors.DivisionByZero):
            session.execute("SELECT 1 / 0")
        assert session.execute("SELECT 1").fetchall() == [(1,)]
        assert [row for (row,) in session.cursor().stream("SELECT generate_series(1, 3)")] == [1, 2, 3]
        with session.cursor().copy("COPY (SELECT 1) TO STDOUT") as copy:
            assert list(copy) == [b"1\n"]
        assert session.info.transaction_status == TransactionStatus.IDLE


def test_locks_over_several_transactions_hold(pooled_stores: Stores) -> None:
    with connect(pooled_stores.local) as one, connect(pooled_stores.local) as other:
        other.set(lock_timeout="1ms")
        with versions.alone(one, "callinfo"):
            wait_until_held(pooled_stores.local, 1)
        with versions.alone(one, "recordinfo"), mark.none_under_way(other):
            wait_until_held(pooled_stores.local, 2)
        wait_until_held(pooled_stores.local, 0)


def wait_until_held(conninfo: str, locks: int) -> None:
    """Until so many advisory locks are held: one ends with its session, once the pooler has told the server so."""
    count = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    until = time.monotonic() + 30
    with psycopg.connect(conninfo, autocommit=True, prepare_threshold=None) as session:
        while (found := session.execute(count).fetchall()) != [(locks,)]:
            assert time.monotonic() < until, found
            time.sleep(0.01)


def test_what_needs_the_servers_own_address_says_so_and_check_too(
    pooled_stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StopRun, match=r"a migration needs .* the server's own address"):
        migrate_local(pooled_stores.local)
    with connect(pooled_stores.local) as local, pytest.raises(StopRun, match="a restore needs"), mark.alone(local):
        pytest.fail("a restore began")
    monkeypatch.setattr(check, "conninfo", lambda _: pooled_stores.local)
    found = [finding for finding in check._guarded(check._local) if finding.level != "good"]
    assert found == []
    [told] = [finding.text for finding in check._guarded(check._local) if "pooler" in finding.text]
    assert "`hotline migrate` and `hotline restore` need the server's own address" in told


def test_a_pooler_that_refuses_transactions_is_refused(pgbouncer: list[str], stores: Stores) -> None:
    with (
        pooled(pgbouncer, stores.local, "pool_mode = statement") as conninfo,
        pytest.raises(StopRun, match=r"a pooler stands before database .* refuses transactions.*pool_mode"),
    ):
        connect(conninfo)


def test_a_pooler_that_keeps_sessions(
    pgbouncer: list[str], stores: Stores, platform: PlatformSettings, sandbox: SandboxControl
) -> None:
    bridge = Bridge(stores, platform, sandbox)
    bridge.write(*(call(number) for number in range(20)))
    with pooled(pgbouncer, stores.local, "pool_mode = session", "default_pool_size = 3") as conninfo:
        through = Bridge(Stores(stores.docking, conninfo), platform, sandbox)
        through.run()
        with connect(conninfo) as session, psycopg.connect(stores.local) as direct:
            assert not session.is_pooled
            assert session.execute("SHOW idle_session_timeout").fetchall() == [("0",)]
            assert session.info.backend_pid != direct.info.backend_pid
    assert bridge.states() == {"delivered": 20}
    assert len(bridge.accepted()) == 20
