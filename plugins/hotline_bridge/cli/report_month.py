"""`hotline report-month`: the monthly report of the DAG `analyst_report`, from a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report_month(
    month: Annotated[
        str | None, typer.Option("--month", metavar="YYYY-MM", help="The last whole month without.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where to write; the folder of reports without.")
    ] = None,
) -> None:
    """Write the report of a month 分析月报: indicators, charts and tables as HTML in Chinese, and as XLSX."""
    from hotline_bridge.tasks.analytics import month_report

    written = month_report(month, folder)
    typer.echo(f"{written['month']}: {written['tables']} tables, {written['rows']} rows; written to {written['page']}")
