"""The monthly report (分析月报): the indicators of a month as one HTML page in Chinese, and as XLSX beside it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import xlsxwriter

from hotline_bridge.analytics.month_cells import HIDDEN, NO_BASE, NO_DATA, Section
from hotline_bridge.analytics.month_tables import read_month
from hotline_bridge.analytics.small_cells import SMALLEST
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.errors import StopRun
from hotline_bridge.reports.files import MONTH_PAGE, MONTH_SHEETS, minute, template, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from psycopg import Connection

    from hotline_bridge.analytics.month_cells import MonthReport

NOT_AVAILABLE = ("解决率", "回访满意率", "调解成功率", "挽回经济损失", "罚没金额", "商品与服务之比")
"""Indicators that people ask for and no interface gives."""
_SHEET_FORMATS: Mapping[str, str] = {
    "count": "#,##0",
    "share": "0.0%",
    "seconds": "#,##0.0",
    "working_days": "#,##0.0",
    "amount": "#,##0.00",
    "change": "+0.0%;-0.0%;0.0%",
    "points": "+0.0%;-0.0%;0.0%",
}


def month_of(text: str | None, now: datetime) -> date:
    """The first day of the month that is meant: `YYYY-MM`, by default the last that is over in Asia/Shanghai.

    Raises:
        StopRun: It is no month, or has not begun.
    """
    this = now.astimezone(SHANGHAI).date().replace(day=1)
    if text is None:
        return (this - timedelta(days=1)).replace(day=1)
    try:
        month = datetime.strptime(text, "%Y-%m").replace(tzinfo=SHANGHAI).date()
    except ValueError:
        raise StopRun(f"{text!r} is no month", remedy="give it as YYYY-MM, such as 2026-03") from None
    if month > this:
        raise StopRun(f"{text} has not begun", remedy="give a month with data")
    return month


def write_report(local: Connection, folder: Path, month: date, now: datetime) -> dict[str, int]:
    """Write the page and the sheets of a month, under the name of the month and as the latest.

    Args:
        local: Session on the local store that may read schema analytics.
        folder: The folder of reports (`reports.files.report_folder`).
        month: Its first day.
        now: Aware; when the report is made.

    Returns:
        How many tables and rows it holds.

    Raises:
        StopRun: A file cannot be written.
    """
    report = read_month(local, month)
    sheets = workbook(report)
    for of_month in (f"-{month:%Y-%m}", ""):
        page_file, sheets_file = (name.replace(".", f"{of_month}.") for name in (MONTH_PAGE, MONTH_SHEETS))
        write_whole(folder / sheets_file, sheets)
        write_whole(folder / page_file, render(report, now, sheets_file))
    return {"tables": len(report.sections), "rows": sum(len(section.rows) for section in report.sections)}


def render(report: MonthReport, now: datetime, sheets_file: str = MONTH_SHEETS) -> str:
    """The page as HTML text, with a link to the sheets beside it."""
    return template("hotline_bridge.analytics", "month_report.html.j2").render(
        month=f"{report.month:%Y} 年 {report.month.month} 月",
        made_at=minute(now),
        sections=report.sections,
        smallest=SMALLEST,
        words={"no_data": NO_DATA, "no_base": NO_BASE, "hidden": HIDDEN},
        not_available=NOT_AVAILABLE,
        sheets_file=sheets_file,
    )


def workbook(report: MonthReport) -> bytes:
    """The tables as XLSX, one a sheet; a value is a number, a word is text and never a formula."""
    content = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        formats = {measure: book.add_format({"num_format": shown}) for measure, shown in _SHEET_FORMATS.items()}
        for section in report.sections or [Section(f"{report.month:%Y-%m}", [NO_DATA], [])]:
            sheet = book.add_worksheet(section.title[:31])
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, 0, 32)
            sheet.set_column(1, max(1, len(section.headings) - 1), 16)
            for column, heading in enumerate(section.headings):
                sheet.write_string(0, column, heading, head)
            for line, row in enumerate(section.rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell.value, int | float):
                        sheet.write_number(line, column, cell.value, formats[cell.measure])
                    else:
                        sheet.write_string(line, column, cell.text)
    return content.getvalue()
