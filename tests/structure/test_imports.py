"""Which way the imports point: pyproject.toml draws the layers, import-linter holds them."""

from __future__ import annotations

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from hotline_sandbox.demo.airflow import PROJECT


def test_imports_point_down_and_in_no_circle() -> None:
    assert lint_imports(config_filename=str(PROJECT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_neither_dags_nor_the_plugin_know_the_sandbox() -> None:
    files = [*PROJECT.glob("dags/*.py"), *PROJECT.glob("plugins/*.py")]
    assert len(files) > 10
    assert [file.name for file in files if "hotline_sandbox" in file.read_text(encoding="utf-8")] == []
