"""A disk that is full below the local store, and below the reports (reliability F34): a small one of its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.files import whole_file
from hotline_sandbox.demo.account import Account
from tests import sessions
from tests.fixtures import Stores
from tests.outbound.bridge import call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_sandbox.demo.postgres import Server
    from tests.outbound.bridge import Bridge

ROWS = 300


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 64 MB that PostgreSQL's account owns."""
    account = Account.choose()
    place = Path(f"/var/tmp/hotline-small-{os.getpid()}")  # noqa: S108  (where that account can enter)
    place.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size=64m,mode=700,uid={account.uid},gid={account.gid}", "none", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        place.rmdir()
        pytest.skip("a file system of its own can be mounted by root alone")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
        place.rmdir()


def test_a_store_on_a_full_disk_takes_nothing_in_and_goes_on_when_there_is_room(
    bridge: Bridge, postgres: Server, small_disk: Path
) -> None:
    owner = sessions.session(postgres.conninfo("postgres"))
    owner.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}'".encode())
    owner.execute(b"CREATE DATABASE on_small_disk TEMPLATE local_template TABLESPACE small STRATEGY FILE_COPY")
    conninfo = postgres.conninfo("on_small_disk")
    on_small = replace(bridge, stores=Stores(bridge.stores.docking, conninfo))
    try:
        on_small.write(*(call(number, callno="1" * 30) for number in range(ROWS)))
        with psycopg.connect(conninfo, autocommit=True) as other:
            other.execute("CREATE UNLOGGED TABLE filler (content text)")
            other.execute("ALTER TABLE filler ALTER content SET STORAGE EXTERNAL")
            for size in (1_000_000, 8_000):  # to the last page
                with pytest.raises(psycopg.errors.DiskFull):
                    while True:
                        other.execute("INSERT INTO filler VALUES (repeat('x', %s))", [size])
            with pytest.raises(TryAgainLater, match=r"the disk of .* is full"):
                on_small.run()
            assert on_small.states() == {}
            assert on_small.docking("SELECT count(*) FROM docking.call_log WHERE collected_at IS NULL") == [(ROWS,)]
            other.execute("DROP TABLE filler")
            other.execute("CHECKPOINT")  # only then the room is there
        on_small.run()
        assert on_small.states() == {"delivered": ROWS}
        assert on_small.status()[0].adds_up
    finally:
        sessions.close(conninfo)
        postgres.drop_database("on_small_disk")
        owner.execute(b"DROP TABLESPACE small")


def write(report: Path, text: str) -> None:
    with whole_file(report, mode=0o644, remedy="make room") as file:
        file.write(text.encode())


def test_a_report_on_a_full_disk_leaves_the_old_one_whole(small_disk: Path) -> None:
    report = small_disk / "report.html"
    write(report, "whole")
    with (small_disk / "filler").open("wb") as filler, pytest.raises(OSError, match="No space left"):
        while True:
            filler.write(b"x" * 1_000_000)
            filler.flush()
    with pytest.raises(StopRun, match="No space left on device; make room"):
        write(report, "new" * 1_000_000)
    assert report.read_text(encoding="utf-8") == "whole"
    assert {path.name for path in small_disk.iterdir()} == {"report.html", "filler"}
