"""Terminals and crons that are not UTF-8: no command ends for the sake of its character set."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

CHECK = [sys.executable, "-m", "hotline_bridge.cli.main", "check"]
"""Without connections it fails, in words, after it has loaded Airflow and its files."""


def run(**environment: str) -> subprocess.CompletedProcess[bytes]:
    of_a_cron = {name: os.environ[name] for name in ("PATH", "AIRFLOW_HOME")}
    return subprocess.run(CHECK, env=of_a_cron | environment, capture_output=True, check=False)


def test_a_terminal_of_another_character_set(tmp_path: Path) -> None:
    if shutil.which("localedef") is None:
        pytest.skip("no localedef here, so no locale can be made: install the C library's binaries (libc-bin)")
    place = tmp_path / "zh_CN.GBK"
    made = subprocess.run(["localedef", "-i", "zh_CN", "-f", "GBK", place], capture_output=True, check=False)
    if not place.is_dir():
        pytest.skip(f"no such locale can be made here (install locales): {made.stderr.decode()[:200]}")
    done = run(LOCPATH=str(tmp_path), LC_ALL=place.name)
    assert b"connection docking_db is missing" in done.stdout
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)


@pytest.mark.parametrize("environment", [{}, {"LC_ALL": "POSIX"}, {"PYTHONIOENCODING": "latin-1"}])
def test_a_cron_without_a_language(environment: dict[str, str]) -> None:
    done = run(**environment)
    assert b"connection docking_db is missing" in done.stdout
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)


def test_what_an_encoding_lacks_is_printed_as_a_question_mark() -> None:
    done = subprocess.run(
        [*CHECK[:-1], "--help"], env={**os.environ, "PYTHONIOENCODING": "latin-1"}, capture_output=True, check=False
    )
    assert (done.returncode, b"12345 ??" in done.stdout) == (0, True)
