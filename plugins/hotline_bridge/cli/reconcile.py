"""`hotline reconcile`: the count reconciliation of the DAG `count_reconciliation`, from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hotline_bridge.cli.options import All, Begin, End, Report
from hotline_bridge.cli.output import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from hotline_bridge.reconcile.evaluate import Check


def reconcile(
    begin: Begin = None,
    end: End = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Collect again what differs, send once more what the platform lost.")
    ] = False,
    everything: All = False,
    report: Report = None,
) -> None:
    """Compare the counts of both sides 对账 day by day, keep the checks; ends non-zero unless all agree.

    It looks at the days of the window, the last 45 without one, and shows those that do not agree.
    """
    from hotline_bridge.tasks import reconcile as steps

    checks = steps.reconcile(begin, end, repair=repair)
    shown = [check for check in checks if everything or check.repair or check.state != "agreed"]
    if shown:
        render(_table(shown))
    counts = steps.counts_of(checks)
    typer.echo(
        f"{len(checks)} days and kinds: {counts['agreed']} agreed 相符, {counts['open']} open 有差异, "
        f"{counts['incomplete']} incomplete 收集不完整, {counts['unknown']} unknown 没有平台数量"
    )
    if begin is None and (waiting := steps.uncollected()):
        typer.echo(
            f"{waiting} days are not judged yet 未判定: their cases are still being collected for the first time; "
            "`hotline collect case` shows how far, the next reconciliation counts them"
        )
    if not any(check.platform_count is not None for check in checks):
        typer.echo(
            "no day of orders was counted: cases are not collected yet, or not so far back 尚未收集工单", err=True
        )
    if report:
        steps.write_page(report)
        typer.echo(f"report: {report}")
    if counts["agreed"] < len(checks):
        raise typer.Exit(1)


def _table(checks: Sequence[Check]) -> Table:
    """A line for each day and kind."""
    from rich.table import Table

    from hotline_bridge.reconcile.words import KIND_ZH, REPAIR_ZH, STATE_ZH, reasons

    table = Table()
    for heading in (
        *("day\n日期", "kind\n类别", "12345\n受理", "accepted\n已上报", "platform\n平台", "local\n本地"),
        *("unexplained\n不能解释", "state\n状态", "why the counts differ\n差异的原因", "repair\n修复"),
    ):
        table.add_column(heading)
    for check in checks:
        table.add_row(
            str(check.day),
            KIND_ZH.get(check.kind, check.kind),
            *(
                "-" if count is None else str(count)
                for count in (
                    *(check.docking_count, check.delivered_count, check.platform_count, check.local_count),
                    check.unexplained,
                )
            ),
            STATE_ZH[check.state],
            reasons(check.kind, check.explained),
            "、".join(f"{REPAIR_ZH[name]} {count}" for name, count in (check.repair or {}).items()),
        )
    return table
