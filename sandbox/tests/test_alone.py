"""Without Airflow or a database driver the platform is served, a world invented, and README.md says what happens."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from hotline_sandbox.cli import app
from hotline_sandbox.server.faults import KINDS
from hotline_sandbox.server.server import READY

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parents[1] / "README.md"
ABSENT = (
    "airflow",
    "psycopg",
    "psycopg2",
    "sqlalchemy",
    "pandas",
    "aiohttp",
    "great_expectations",
    "alembic",
    "msgspec",
)
BLOCKER = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {ABSENT!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """In which Python finds none of what a machine without the bridge's extra lacks."""
    folder = tmp_path_factory.mktemp("absent")
    (folder / "sitecustomize.py").write_text(BLOCKER, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return {**kept, "PYTHONPATH": str(folder), "no_proxy": "127.0.0.1"}


@pytest.fixture(scope="module")
def world(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "world.jsonl"
    options = ["sample", "--world", str(path), "--cases", "200", "--days", "10", "--seed", "7"]
    done = subprocess.run(
        [sys.executable, "-m", "hotline_sandbox.cli", *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "200 orders" in done.stdout
    return path


@pytest.fixture(scope="module")
def address(environment: dict[str, str], world: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "hotline_sandbox.cli", "serve", "--world", str(world)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout
        line = served.stdout.readline()
        assert line.startswith(READY)
        yield line.removeprefix(READY).strip()
        served.terminate()


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_meant_to_be_absent_is(name: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {name}"], env=environment, capture_output=True, text=True, check=False
    )
    assert "ModuleNotFoundError" in done.stderr


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("md5sum")), reason="the calls of README.md need curl")
def test_the_calls_of_the_readme_are_answered_as_it_says(address: str, environment: dict[str, str]) -> None:
    text = README.read_text(encoding="utf-8")
    (functions,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    spoken = [line for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    commands, answers = spoken[0::2], spoken[1::2]
    assert all(command.startswith("$ ") for command in commands)
    assert len(commands) == len(answers) > 6
    script = functions + "".join(f"{command[2:]}\necho\n" for command in commands)
    done = subprocess.run(
        ["sh", "-euc", script.replace("http://127.0.0.1:8080", address)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == answers


def test_the_readme_names_every_kind_of_fault() -> None:
    text = README.read_text(encoding="utf-8")
    table = text[text.index("| kind |") : text.index("Any of them takes")]
    kinds = "".join(line.split("|")[1] for line in table.splitlines()[2:] if "|" in line)
    assert set(re.findall(r"`([a-z_]+)`", kinds)) == {*KINDS}


def test_the_command_lines_of_the_readme_are_right() -> None:
    lines = re.findall(r"^sandbox-venv/bin/hotline-sandbox (.*)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        assert CliRunner().invoke(app, [*line.split(), "--help"]).exit_code == 0, line
