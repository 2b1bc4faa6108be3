"""Which way the imports point: pyproject.toml draws the layers."""

from __future__ import annotations

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from hotline_sandbox.demo.airflow import PROJECT


def test_imports_point_down_and_in_no_circle() -> None:
    assert lint_imports(config_filename=str(PROJECT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS
