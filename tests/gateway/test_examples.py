"""The examples of docs/gateway.md, run as they stand there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.gateway.conftest import Caller, feed_back

if TYPE_CHECKING:
    from collections.abc import Sequence

A = "44020020261201000001"
PAGE = (Path(__file__).parents[2] / "docs" / "gateway.md").read_text(encoding="utf-8")


def example(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return found


def run(caller: Caller, *command: str, where: Path) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "GATEWAY": caller.address,
        "APP_ID": caller.given.app_id,
        "TOKEN": caller.given.token,
    }
    done = subprocess.run(command, env=environment, cwd=where, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def regions(answer: str) -> Sequence[str]:
    return [row["Region"] for row in json.loads(answer)["data"]]


def test_curl(caller: Caller, local_store: str, tmp_path: Path) -> None:
    feed_back(local_store, A)
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    assert regions(run(caller, "sh", "-c", example("bash"), where=tmp_path)) == [A]


def test_python_empties_the_queue(caller: Caller, local_store: str, tmp_path: Path) -> None:
    numbers = [f"4402002026120100{number:04d}" for number in range(600)]
    feed_back(local_store, *numbers)
    said = run(caller, sys.executable, "-c", example("python"), where=tmp_path)
    assert [row["Region"] for line in said.splitlines() for row in json.loads(line)] == numbers
    assert caller.fetch() == []


def test_java(caller: Caller, local_store: str, tmp_path: Path) -> None:
    if shutil.which("javac") is None:
        pytest.skip("there is no Java compiler here")
    feed_back(local_store, A)
    (tmp_path / "Feedback.java").write_text(example("java"), encoding="utf-8")
    run(caller, "javac", "-J-Xshare:auto", "-J-XX:TieredStopAtLevel=1", "Feedback.java", where=tmp_path)
    assert regions(
        run(caller, "java", "-XX:TieredStopAtLevel=1", "-cp", str(tmp_path), "Feedback", where=tmp_path)
    ) == [A]
