"""PgBouncer before the local store: what keeps a session works, what shares it out is found before anything is done."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hotline_bridge.cli import check
from hotline_bridge.errors import StopRun
from hotline_bridge.store import database
from hotline_bridge.store.database import connect
from hotline_sandbox.demo.account import Account
from tests.outbound.bridge import Bridge, call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pgbouncer(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """How it is started: as installed, else unpacked from its Debian package into a folder of this run alone."""
    if installed := shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer"):
        return [installed]
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        pytest.skip("no pgbouncer here, and only root on a Debian may fetch its package")
    folder = tmp_path_factory.mktemp("pgbouncer")
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
    for place in (folder, *folder.parents[:3]):
        place.chmod(place.stat().st_mode | 0o055)
    libraries = ":".join(str(place) for place in (folder / "root" / "usr" / "lib").iterdir() if place.is_dir())
    return ["env", f"LD_LIBRARY_PATH={libraries}", str(folder / "root" / "usr" / "sbin" / "pgbouncer")]


@contextmanager
def pooled(program: list[str], conninfo: str, folder: Path, *settings: str) -> Iterator[str]:
    """The same database behind a PgBouncer; gives its connection string."""
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
    for place in (folder, *folder.parents[:2]):
        place.chmod(place.stat().st_mode | 0o011)
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


@pytest.fixture(params=["", "ignore_startup_parameters = options"], ids=["strict", "ignoring options"])
def shared(request: pytest.FixtureRequest, pgbouncer: list[str], stores: Stores, tmp_path: Path) -> Iterator[str]:
    """A pooler that gives every transaction another session."""
    with pooled(pgbouncer, stores.local, tmp_path, "pool_mode = transaction", request.param) as conninfo:
        yield conninfo


def test_a_pooler_that_shares_sessions_is_refused_and_check_says_so(
    shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StopRun, match=r"a pooler stands before database .* pool_mode=session"):
        connect(shared)
    monkeypatch.setattr(check, "conninfo", lambda _: shared)
    found = [finding for finding in check._guarded(check._local) if finding.level == "bad"]
    assert len(found) == 1
    assert "the server's own address" in found[0].text


def test_a_pooler_that_keeps_sessions_works(
    pgbouncer: list[str], stores: Stores, platform: PlatformSettings, sandbox: SandboxControl, tmp_path: Path
) -> None:
    bridge = Bridge(stores, platform, sandbox)
    bridge.write(*(call(number) for number in range(20)))
    database._UNSHARED.clear()
    with pooled(pgbouncer, stores.local, tmp_path, "pool_mode = session", "default_pool_size = 3") as conninfo:
        through = Bridge(type(stores)(stores.docking, conninfo), platform, sandbox)
        through.run()
        with connect(conninfo) as session, psycopg.connect(stores.local) as direct:
            assert session.execute("SHOW idle_session_timeout").fetchall() == [("0",)]
            assert session.info.backend_pid != direct.info.backend_pid
    assert bridge.states() == {"delivered": 20}
    assert len(bridge.accepted()) == 20
