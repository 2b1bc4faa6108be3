"""`make up` ends whole, however it ends, and `make down` clears up after one that was killed.

That Ctrl-C ends it is tested at the end of test_browser.py, which has one running.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.ui.running_up import UP, RunningUp, down, is_open, left_running, listening_elsewhere, running_up

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def wait_for_service(up: RunningUp, name: str) -> int:
    while True:
        assert up.process.poll() is None, up.output
        for process in psutil.Process(up.process.pid).children():
            with suppress(psutil.Error):  # it ended meanwhile
                if name in process.cmdline():
                    return int(process.pid)
        time.sleep(0.1)


def test_a_signal_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "up"
    with running_up(folder) as up:
        while not (folder / "logs" / "db-migrate.log").exists():
            assert up.process.poll() is None, up.output
            time.sleep(0.1)
        up.process.send_signal(signal.SIGTERM)
        assert up.wait() == 0
        assert up.READY not in up.output
        assert left_running(folder) == []


def test_it_says_which_part_ended_and_ends_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "up"
    with running_up(folder) as up:
        os.killpg(wait_for_service(up, "triggerer"), signal.SIGKILL)
        assert up.wait() == 1
        assert "airflow triggerer ended by itself with -9" in up.output
        assert left_running(folder) == []


def test_what_was_killed_is_taken_over_or_cleared_up(tmp_path: Path) -> None:
    folder = tmp_path / "up"
    with running_up(folder) as up:
        up.wait_for(up.READY)
        password = up.printed("密码")
        assert listening_elsewhere(folder) == []
        for name in ("keys.json", "passwords.json", "connections.env"):
            assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name

        second = subprocess.run([*UP, f"--folder={folder}"], capture_output=True, text=True, timeout=120, check=False)
        assert second.returncode == 1
        assert f"it runs already, as process {up.process.pid}" in second.stdout

        up.process.kill()
        up.process.wait()
        killed = left_running(folder)
        assert len(killed) > 5, "a kill leaves its processes: what follows would prove nothing"

        with running_up(folder) as successor:
            successor.wait_for("first run done")  # also where a task of the killed one was cut off
            assert successor.printed("密码") == password
            ports = successor.ports()
            assert all(map(is_open, ports.values())), ports
            assert not {process.pid for process in killed} & {process.pid for process in left_running(folder)}

            successor.process.kill()
            successor.process.wait()
            assert left_running(folder)
            assert "stopped" in down(folder)
            assert left_running(folder) == []
            assert not any(map(is_open, ports.values())), ports
            assert "nothing was running" in down(folder)
