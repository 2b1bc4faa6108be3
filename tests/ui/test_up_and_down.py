"""`make up` that ends while it starts ends whole, and `make down` clears up after one that was killed.

How one takes over from a killed one, and ends when it has run for a while, is tested in test_browser.py.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.ui.running_up import down, left_running, running_up

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all, as each starts on what the one before left, however it ended."""
    return tmp_path_factory.mktemp("up") / "up"


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
        os.killpg(up.wait_for_service("triggerer"), signal.SIGKILL)
        assert up.wait() == 1
        assert "airflow triggerer ended by itself with -9" in up.output
        assert left_running(folder) == []


def test_what_was_killed_is_cleared_up(folder: Path) -> None:
    with running_up(folder) as up:
        assert up.kill()
        assert "stopped" in down(folder)
        assert left_running(folder) == []
        assert "nothing was running" in down(folder)


@pytest.mark.long
def test_one_that_was_killed_at_work_is_taken_over(tmp_path: Path) -> None:
    """In test_browser.py one is that was killed while it started; here a task may be cut off."""
    folder = tmp_path / "up"
    with running_up(folder) as up:
        up.wait_for("first run done")
        left = up.kill()
        with running_up(folder) as successor:
            successor.wait_for("first run done")
            assert successor.printed("密码") == up.printed("密码")
            assert not left & {process.pid for process in left_running(folder)}
            successor.press_ctrl_c()
            assert successor.wait() == 0
            assert left_running(folder) == []
