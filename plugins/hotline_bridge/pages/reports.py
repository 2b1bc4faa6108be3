"""The reports (报告) that runs write as files: which there are, and how each is given.

Nothing of a request becomes a path.
"""

from __future__ import annotations

from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING

from hotline_bridge.names import DAG_ZH
from hotline_bridge.pages.asked import NoSuchThing
from hotline_bridge.reports.files import (
    MONTH_PAGE,
    MONTH_SHEETS,
    QUALITY_PAGE,
    RECONCILIATION_PAGE,
    RECONCILIATION_ROWS,
    report_folder,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES = {
    RECONCILIATION_PAGE: ("对账报告", "count_reconciliation"),
    RECONCILIATION_ROWS: ("对账明细", "count_reconciliation"),
    QUALITY_PAGE: ("数据质量报告", "quality_check"),
    MONTH_PAGE: ("分析月报", "analyst_report"),
    MONTH_SHEETS: ("分析月报表格", "analyst_report"),
}
"""By file name: its title, and the DAG that writes it."""
_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# A report stands alone, with its style in it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"


def read_report(name: str) -> tuple[bytes, Mapping[str, str]]:
    """A report and its headers: what is no page is kept rather than shown.

    Raises:
        NoSuchThing: There is none of this name, or no run wrote it yet.
    """
    if name not in FILES:
        raise NoSuchThing("没有这份报告。")
    title, dag = FILES[name]
    try:
        content = (report_folder() / name).read_bytes()
    except FileNotFoundError:
        raise NoSuchThing(
            f"{title}尚未生成：流程“{DAG_ZH[dag]}”（{dag}）首次运行后，这里显示报告。请在 DAG 列表中确认它没有暂停。"
        ) from None
    headers = {"Content-Type": _MEDIA_TYPES[PurePath(name).suffix], "Content-Security-Policy": _POLICY}
    if not name.endswith(".html"):
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return content, MappingProxyType(headers)
