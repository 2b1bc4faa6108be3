"""Files of reports (报告): which there are, where they lie, how they are made and written. All of them stand alone."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from hotline_bridge.cities import here
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.files import whole_file

if TYPE_CHECKING:
    from datetime import datetime

    from jinja2 import Template

QUALITY_PAGE = "quality.html"
RECONCILIATION_PAGE = "reconciliation.html"
RECONCILIATION_ROWS = "reconciliation.csv"
MONTH_PAGE = "month.html"
MONTH_SHEETS = "month.xlsx"


def report_folder() -> Path:
    """Environment variable HOTLINE_REPORT_DIR, else `reports` in Airflow's home, else `reports` here.

    Of several cities each has a folder of its own in it.
    """
    named = os.environ.get("HOTLINE_REPORT_DIR")
    return here().folder(Path(named or Path(os.environ.get("AIRFLOW_HOME", ".")) / "reports"))


def write_whole(file: Path, content: str | bytes, *, encoding: str = "utf-8") -> None:
    """Write a report in one step: who opens it meanwhile sees the old one or the new one, whole.

    Args:
        file: Replaced where it exists.
        content: Of the file.
        encoding: Of a text.

    Raises:
        StopRun: The file cannot be written.
    """
    remedy = "set HOTLINE_REPORT_DIR to a folder that this account may write"
    # Meant for readers; what it may not show is not in it.
    with whole_file(file, mode=0o644, remedy=remedy) as new:
        new.write(content.encode(encoding) if isinstance(content, str) else content)


@cache
def template(package: str, name: str = "report.html.j2") -> Template:
    """A template of a package; it may extend `page.html.j2`, the frame of all reports."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, ""), PackageLoader("hotline_bridge.reports", "")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def minute(moment: datetime) -> str:
    """An aware moment as staff read it, in Asia/Shanghai."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
