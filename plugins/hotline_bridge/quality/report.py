"""The latest quality report (质量报告) as one HTML file in Chinese: no value, no key, nothing loaded from anywhere."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from hotline_bridge.errors import StopRun
from hotline_bridge.quality.results import SHANGHAI
from hotline_bridge.quality.suites import content_of, interfaces_by_table
from hotline_bridge.quality.words import words_of

if TYPE_CHECKING:
    from datetime import datetime

    from jinja2 import Template

    from hotline_bridge.quality.history import PastCheck, PastResult

FILE_NAME = "quality.html"
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


def report_folder() -> Path:
    """Environment variable HOTLINE_REPORT_DIR, else `reports` in Airflow's home, else `reports` here."""
    if named := os.environ.get("HOTLINE_REPORT_DIR"):
        return Path(named)
    return Path(os.environ.get("AIRFLOW_HOME", ".")) / "reports"


def write_report(check: PastCheck, file: Path) -> None:
    """Write the report of a check in one step: who opens it meanwhile sees the old one or the new one, whole.

    Raises:
        StopRun: The file cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=file.parent, prefix=f".{file.name}.", delete=False
        ) as unfinished:
            new = Path(unfinished.name)
            try:
                unfinished.write(render(check))
                unfinished.close()
                new.chmod(0o644)  # meant for readers; what it may not show is not in it
                new.replace(file)
            except BaseException:
                new.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise StopRun(
            f"the report {file} cannot be written: {error.strerror}",
            remedy="set HOTLINE_REPORT_DIR to a folder that this account may write",
        ) from None


def render(check: PastCheck) -> str:
    """The report as HTML text."""
    lines = [_line(past) for past in check.results]
    found = [line for line in lines if line.mark == "未通过"]
    return _template().render(
        checked_at=_minute(check.checked_at),
        begin=_minute(check.window.begin),
        end=_minute(check.window.end),
        errors=[line for line in found if line.severity == "error"],
        warnings=[line for line in found if line.severity == "warning"],
        counts={mark: sum(line.mark == mark for line in lines) for mark in _MARKS.values()},
        tables=[
            (table, list(of_table))
            for table, of_table in groupby(sorted(lines, key=lambda line: line.table), key=lambda line: line.table)
        ],
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("hotline_bridge.quality", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _line(past: PastResult) -> Line:
    result, words = past.result, words_of(past.result.rule)
    told = {True: words.good, False: words.bad, None: words.nothing}[result.passed]
    interface = interfaces_by_table()[result.table]
    field = result.rule.rpartition(":")[0]
    names = {printed.column: printed.zh or "" for printed in content_of(interface)}
    return Line(
        table=result.table,
        table_zh=interface.title_zh.removesuffix("上报模块"),
        rule=result.rule,
        field_zh=_name(names.get(field, "")),
        severity=result.severity,
        mark=_MARKS[result.passed],
        words=told,
        unit=words.unit,
        checked=result.checked,
        failing=result.failing,
        share=_share(result.failing, result.checked),
        since=_minute(past.since) if past.since else "",
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


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
