"""`make up` that ends while it starts ends whole, and `make down` clears up after one that was killed.

How one ends that has run for a while is tested in test_browser.py, which has one running.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.ui.running_up import RunningUp, down, left_running, running_up

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all, as each starts on what the one before left, however it ended."""
    return tmp_path_factory.mktemp("up") / "up"


def wait_for_service(up: RunningUp, name: str) -> int:
    while True:
        assert up.process.poll() is None, up.output
        for process in psutil.Process(up.process.pid).children():
            with suppress(psutil.Error):  # it ended meanwhile
                if name in process.cmdline():
                    return int(process.pid)
        time.sleep(0.1)


def test_a_signal_while_it_starts_leaves_nothing(folder: Path) -> None:
    with running_up(folder) as up:
        while not (folder / "logs" / "db-migrate.log").exists():
            assert up.process.poll() is None, up.output
            time.sleep(0.1)
        up.process.send_signal(signal.SIGTERM)
        assert up.wait() == 0
        assert up.READY not in up.output
        assert left_running(folder) == []


def test_it_says_which_part_ended_and_ends_the_rest(folder: Path) -> None:
    with running_up(folder) as up:
        os.killpg(wait_for_service(up, "triggerer"), signal.SIGKILL)
        assert up.wait() == 1
        assert "airflow triggerer ended by itself with -9" in up.output
        assert left_running(folder) == []


def test_what_was_killed_is_cleared_up(folder: Path) -> None:
    with running_up(folder) as up:
        wait_for_service(up, "triggerer")
        up.process.kill()
        up.process.wait()
        assert len(left_running(folder)) >= 5, "a kill leaves its processes: what follows would prove nothing"
        assert "stopped" in down(folder)
        assert left_running(folder) == []
        assert "nothing was running" in down(folder)
