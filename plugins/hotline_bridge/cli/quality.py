"""`hotline quality`: the quality check of the DAG `quality_check`, from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hotline_bridge.cli.options import Begin, End, Report
from hotline_bridge.cli.output import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from hotline_bridge.quality.results import Result


def quality(
    begin: Begin = None,
    end: End = None,
    report: Report = None,
) -> None:
    """Check the local tables 数据质量检查, keep the results, as the DAG does; ends non-zero when an error is found.

    It looks at rows written in the window: where nothing is said, in the seven days before now.
    """
    from hotline_bridge.tasks import quality as steps

    checked_at = steps.check(begin, end)
    found = steps.read(checked_at)
    errors, warnings = found.failing("error"), found.failing("warning")
    passed, not_judged = (sum(past.result.passed is outcome for past in found.results) for outcome in (True, None))
    typer.echo(
        f"{len(found.results)} rules 规则: {passed} passed 通过, {len(errors)} errors 错误, "
        f"{len(warnings)} warnings 提醒, {not_judged} not judged 未判断"
    )
    if errors or warnings:
        render(_table([past.result for past in (*errors, *warnings)]))
    if report:
        steps.write_page(checked_at, report / "quality.html")
        typer.echo(f"report: {report}")
    if errors:
        raise typer.Exit(1)


def _table(findings: Sequence[Result]) -> Table:
    """What did not pass, a line each."""
    from rich.table import Table

    from hotline_bridge.quality.words import words_of

    table = Table()
    for heading in ("table\n表", "rule\n规则", "severity\n级别", "failing\n未通过", "checked\n检查", "finding\n说明"):
        table.add_column(heading, justify="right" if heading.startswith(("failing", "checked")) else "left")
    for result in findings:
        table.add_row(
            result.table,
            result.rule,
            result.severity,
            str(result.failing),
            str(result.checked),
            words_of(result.rule).bad,
        )
    return table
