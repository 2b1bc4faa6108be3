"""docs/runbooks/restore-from-backup.md, carried out: what an older local store forgets, and how it is brought back."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from hotline_bridge.demo.account import Account, programs_for
from hotline_bridge.outbound.intake import Window, take_in
from hotline_bridge.store.database import connect
from tests.outbound.bridge import call

if TYPE_CHECKING:
    from tests.outbound.bridge import Bridge

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbooks" / "restore-from-backup.md"


class Backup:
    """A dump of the local store, by PostgreSQL's own programs with the options that the runbook names."""

    def __init__(self, bridge: Bridge, folder: Path) -> None:
        self._programs = programs_for(folder, Account(os.geteuid(), os.getegid(), switched=False))
        self._local, self._file = bridge.stores.local, folder / "hotline.dump"
        ((self.begun,),) = bridge.docking("SELECT clock_timestamp()")
        self._run("pg_dump", "--format=custom", "--schema=hotline", "--schema=analytics", f"--file={self._file}")

    def restore(self) -> None:
        self._run("pg_restore", "--clean", "--if-exists", "--single-transaction", str(self._file))

    def _run(self, program: str, *options: str) -> None:
        command = [str(self._programs / program), f"--dbname={self._local}", *options]
        done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def read_again(bridge: Bridge, backup: Backup) -> None:
    """The window that the runbook's query finds, taken in anew."""
    [query] = re.findall(r"```sql\n[^\n]*\n( *SELECT min.*?;)", RUNBOOK.read_text("utf-8"), re.DOTALL)
    ((begin, _rows),) = bridge.docking(query.replace(":'since'", f"'{backup.begun}'"))
    window = Window(begin, datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=1))
    with connect(bridge.stores.docking) as docking, connect(bridge.stores.local) as local:
        take_in(docking, local, bridge.interfaces[0], window=window)


def heard(bridge: Bridge) -> list[str]:
    """What the platform stored, by the caller's number, in its order."""
    records = bridge.sandbox.history(bodies=True)
    return [json.loads(str(record["body"]))["callno"] for record in records if record["accepted"]]


def test_what_came_after_the_backup_is_counted_as_lost_and_read_again(bridge: Bridge, tmp_path: Path) -> None:
    bridge.write(*(call(number) for number in range(1, 21)))
    bridge.write(call(90, callno=None))
    bridge.run()
    backup = Backup(bridge, tmp_path)
    bridge.write(*(call(number) for number in range(21, 41)))
    bridge.write(call(91, callno=None))
    bridge.docking("UPDATE docking.call_log SET callno = '222' WHERE callid = %s", call(1)["callid"])
    bridge.run()
    before = bridge.status()
    assert (before[0].lost, before[0].versions["delivered"], before[0].versions["quarantined"]) == (0, 40, 2)
    sent = bridge.accepted()
    after_backup = [record for record in sent if datetime.fromisoformat(record["received_at"]) > backup.begun]
    assert len(after_backup) == 21

    backup.restore()
    assert bridge.status()[0].lost == 22
    bridge.run()
    assert bridge.status()[0].lost == 22, "their rows are marked as collected: no run reads them by itself"
    assert bridge.accepted() == sent

    read_again(bridge, backup)
    bridge.deliver()
    assert bridge.status() == before
    repeats = bridge.accepted()[len(sent) :]
    assert sorted(r["body_sha256"] for r in repeats) == sorted(r["body_sha256"] for r in after_backup)
    assert bridge.local("SELECT callno FROM hotline.call_log WHERE callid = %s", call(1)["callid"]) == [("222",)]


@pytest.mark.parametrize(
    ("first", "platform_hears"),
    [("read again", ["111", "222", "222"]), ("deliver", ["111", "222", "111", "222"])],
)
def test_nothing_may_be_sent_before_the_rows_are_read_again(
    bridge: Bridge, tmp_path: Path, first: str, platform_hears: list[str]
) -> None:
    bridge.write(call(1, callno="111"))
    bridge.take_in()
    backup = Backup(bridge, tmp_path)  # 111 waits in it
    bridge.deliver()
    bridge.docking("UPDATE docking.call_log SET callno = '222'")
    bridge.run()
    backup.restore()
    if first == "deliver":
        bridge.deliver()
        assert heard(bridge)[-1] == "111", "old after new: why the DAG is switched off before a restore"
    read_again(bridge, backup)
    bridge.deliver()
    assert heard(bridge) == platform_hears
