"""What the monthly report (分析月报) consists of: cells in sections, and how a value is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hotline_bridge.reports import charts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from hotline_bridge.reports.charts import Chart

    Captioned = tuple[str, Chart]

Measure = Literal["text", "count", "share", "seconds", "working_days", "amount", "change", "points"]

NO_DATA, NO_BASE, HIDDEN = "无数据", "分母为 0", "＊"

WRITTEN: Mapping[str, Callable[[float], str]] = {
    "count": charts.number,
    "share": charts.percent,
    "seconds": lambda value: f"{value:,.1f} 秒",
    "working_days": lambda value: f"{value:,.1f} 个工作日",
    "amount": lambda value: f"{value:,.2f} 元",
    "change": lambda value: f"{value:+.1%}" if round(value, 3) else "持平",
    "points": lambda value: f"{value * 100:+.1f} 个百分点" if round(value, 3) else "持平",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, or the word that stands in its place."""

    value: float | str | None
    measure: Measure = "text"
    word: str = NO_DATA
    note: str = ""
    """Below it, on the page alone."""

    @property
    def text(self) -> str:
        """As the page and the sheets show it."""
        if self.value is None:
            return self.word
        return self.value if isinstance(self.value, str) else WRITTEN[self.measure](self.value)


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its charts."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    charts: Sequence[Captioned] = ()
    note: str = ""
    is_on_page: bool = True
    """Otherwise it stands in the spreadsheet alone."""
    is_text: bool = False
    """Whether its cells are words rather than numbers."""


@dataclass(frozen=True, slots=True)
class MonthReport:
    """What is known of a month."""

    month: date
    sections: Sequence[Section]
    """Empty where the month has no data."""
