"""The latest quality report (质量报告) as one HTML file in Chinese: no value, no key, nothing loaded from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from hotline_bridge.quality.suites import content_of, interfaces_by_table
from hotline_bridge.quality.words import words_of
from hotline_bridge.reports.files import minute, template, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_bridge.quality.results import PastCheck, PastResult

_MARKS = {True: "通过", False: "未通过", None: "未判断"}


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as the report shows it."""

    table: str
    table_zh: str
    rule: str
    field_zh: str
    severity: str
    mark: str
    words: str
    unit: str
    checked: int
    failing: int
    share: str
    since: str
    remedy: str

    @property
    def is_failing(self) -> bool:
        """Whether something broke the rule."""
        return self.mark == _MARKS[False]


def write_report(check: PastCheck, file: Path) -> None:
    """Write the report of a check in one step (`reports.files.write_whole`).

    Raises:
        StopRun: The file cannot be written.
    """
    write_whole(file, render(check))


def render(check: PastCheck) -> str:
    """The report as HTML text."""
    lines = [line_of(past) for past in check.results]
    found = [line for line in lines if line.is_failing]
    return template("hotline_bridge.quality").render(
        checked_at=minute(check.checked_at),
        begin=minute(check.window.begin),
        end=minute(check.window.end),
        errors=[line for line in found if line.severity == "error"],
        warnings=[line for line in found if line.severity == "warning"],
        counts={mark: sum(line.mark == mark for line in lines) for mark in _MARKS.values()},
        tables=[
            (table, list(of_table))
            for table, of_table in groupby(sorted(lines, key=lambda line: line.table), key=lambda line: line.table)
        ],
    )


def line_of(past: PastResult) -> Line:
    """A result in words; its table is one that the contract knows."""
    result, words = past.result, words_of(past.result.rule)
    told = {True: words.good, False: words.bad, None: words.nothing}[result.passed]
    interface = interfaces_by_table()[result.table]
    field = result.rule.rpartition(":")[0]
    names = {printed.column: printed.zh or "" for printed in content_of(interface)}
    return Line(
        table=result.table,
        table_zh=interface.label_zh,
        rule=result.rule,
        field_zh=_name(names.get(field, "")),
        severity=result.severity,
        mark=_MARKS[result.passed],
        words=told,
        unit=words.unit,
        checked=result.checked,
        failing=result.failing,
        share=_share(result.failing, result.checked),
        since=minute(past.since) if past.since else "",
        remedy=words.remedy,
    )


def _name(printed: str) -> str:
    """The name at the head of a printed description, which goes on with codes or formats."""
    for mark in (":", "：", "（", "(", " "):
        printed = printed.partition(mark)[0]
    return printed


def _share(failing: int, checked: int) -> str:
    """In percent; never 0 % where something failed, never 100 % where something did not."""
    if not failing:
        return ""
    percent = failing / checked * 100
    if percent < 0.01:
        return "<0.01%"
    return f"{percent:.2f}%" if percent < 10 else f"{min(percent, 99.9) if failing < checked else 100:.1f}%"
