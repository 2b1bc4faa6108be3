"""Which way the imports point: pyproject.toml draws the layers, import-linter holds them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hotline_sandbox.demo.airflow import PROJECT


def test_imports_point_down_and_in_no_circle() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_neither_dags_nor_the_plugin_know_the_sandbox() -> None:
    files = [*PROJECT.glob("dags/*.py"), *PROJECT.glob("plugins/*.py")]
    assert len(files) > 10
    assert [file.name for file in files if "hotline_sandbox" in file.read_text(encoding="utf-8")] == []
