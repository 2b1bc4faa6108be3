"""`hotline calendar` and `hotline deadlines`: working days, and what is due and overdue."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from hotline_bridge.cli.options import Json, Most
from hotline_bridge.cli.output import render
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.names import ORDER_KINDS_ZH

if TYPE_CHECKING:
    from rich.table import Table

    from hotline_bridge.time_limits.deadlines import Deadlines

STAGES = {"acceptance": "受理", "filing": "立案", "handling": "办理"}
STATES = {
    "overdue": "已超期",
    "due_soon": "即将到期",
    "open": "未到期",
    "met": "按时",
    "seen_late": "时限后才见到",
    "ended": "已结束，时限不明",
    "withdrawn": "平台已撤",
    "unknown": "时限不明",
}
SOURCES = {"working_days": "工作日", "platform": "平台期限", "12345": "12345 时限", "extension": "延期"}
_NOVEMBER = 11


def calendar() -> None:
    """Load working days 工作日历, time limits and code lists from `include/`; ends non-zero when a year lacks."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.time_limits.load import load_reference
    from hotline_bridge.time_limits.working_days import known_calendar, unknown_year

    for table, rows in load_reference(conninfo("local_db")).items():
        typer.echo(f"hotline.{table}: {rows} rows added, changed or removed")
    years = known_calendar().years
    typer.echo(f"working days are known from {years.start} to {years.stop - 1} 工作日历")
    today = datetime.now(SHANGHAI).date()
    # From November on deadlines reach into the next year.
    if (wanted := today.year + (today.month >= _NOVEMBER)) not in years:
        raise unknown_year(wanted)


def deadlines(
    most: Most = 50,
    as_json: Json = False,
) -> None:
    """List time limits 处理时限 of open orders, overdue and due soon, urged first; ends non-zero when one is overdue.

    It takes in 12345's deadlines and the files of include/time_limits first.
    """
    from hotline_bridge.errors import TryAgainLater
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect
    from hotline_bridge.time_limits.deadlines import read_deadlines, take_in_deadlines
    from hotline_bridge.time_limits.load import load_time_limits

    with connect(conninfo("local_db")) as local:
        load_time_limits(local)
        try:
            with connect(conninfo("docking_db")) as docking:
                take_in_deadlines(docking, local)
        except TryAgainLater as error:
            typer.echo(f"12345's deadlines are those of the last run: {error}", err=True)
        found = read_deadlines(local, limit=most)
    if as_json:
        typer.echo(json.dumps(_record(found), ensure_ascii=False))
    else:
        render(_counts(found))
        if found.pressing:
            render(_list(found))
    found.require_calendar()
    if found.number("overdue"):
        raise typer.Exit(1)


def _record(found: Deadlines) -> dict[str, object]:
    return {
        "counts": [count._asdict() for count in found.counts],
        "pressing": [{**row._asdict(), "limit_at": row.limit_at.isoformat()} for row in found.pressing],
        "missing_years": list(found.missing_years),
    }


def _counts(found: Deadlines) -> Table:
    from rich.table import Table

    table = Table(title="time limits of open orders by state 未办结工单的时限状态")
    for heading in ("kind 类型", "stage 阶段", *(f"{state}\n{zh}" for state, zh in STATES.items())):
        table.add_column(heading, justify="left" if heading.startswith(("kind", "stage")) else "right")
    numbers = {(count.kind, count.stage, count.state): count.orders for count in found.counts}
    for kind, stage in dict.fromkeys((count.kind, count.stage) for count in found.counts):
        table.add_row(
            f"{kind} {ORDER_KINDS_ZH[kind]}",
            f"{stage} {STAGES[stage]}",
            *(str(numbers.get((kind, stage, state), 0)) for state in STATES),
        )
    return table


def _list(found: Deadlines) -> Table:
    from rich.table import Table

    from hotline_bridge.cli.options import printable

    table = Table(title="most pressing first 最紧迫的在前")
    for heading in ("order 工单", "kind 类型", "stage 阶段", "state 状态", "limit 时限", "from 来源"):
        table.add_column(heading, overflow="fold")
    table.add_column("working days left\n剩余工作日", justify="right")
    table.add_column("urges\n催办", justify="right")
    for row in found.pressing:
        left = "" if row.working_days_left is None else str(row.working_days_left)
        table.add_row(
            printable(row.regino),
            ORDER_KINDS_ZH[row.kind],
            STAGES[row.stage],
            STATES[row.state],
            f"{row.limit_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            SOURCES[row.limit_source],
            left,
            str(row.urge_count),
        )
    return table
