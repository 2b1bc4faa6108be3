"""`hotline quarantine`: what broke printed rules, why, and what to do about it. Masked, in Chinese for the staff."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hotline_bridge.cli.options import (
    All,
    Day,
    DryRun,
    Most,
    Reason,
    ReportInterface,
    Rule,
    Yes,
    decision,
    printable,
    require_each,
    require_found,
    require_named,
    say_rest,
)

if TYPE_CHECKING:
    from psycopg import Connection

    from hotline_bridge.outbound.decisions import QuarantinedVersion, QuarantineFilter

app = typer.Typer(
    name="quarantine",
    help="Versions that break a printed rule 隔离区: list, show, release what passes today, discard with a reason.",
    no_args_is_help=True,
)

RowIds = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Numbers that `list` shows.")]
_LIST = "hotline quarantine list"


def _selection(
    row_ids: list[int] | None, interface: str | None, rule: str | None, day: datetime | None
) -> QuarantineFilter:
    from hotline_bridge.outbound.decisions import QuarantineFilter

    return QuarantineFilter(row_ids or None, interface, rule, day.date() if day else None)


@app.command(name="list")
def list_versions(
    interface: ReportInterface = None,
    rule: Rule = None,
    day: Day = None,
    everything: All = False,
    most: Most = 50,
) -> None:
    """Count what is quarantined by broken rule, and list it: number, interface, key, reasons in Chinese."""
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.decisions import find_quarantined, reason_zh
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        found = find_quarantined(local, _selection(None, interface, rule, day), discarded=everything)
    counts = Counter((version.interface, reason) for version in found for reason in version.reasons)
    summary = Table("接口", "数量", "规则", "原因", title=f"隔离 {len(found)} 行")
    for (name, reason), count in counts.most_common():
        summary.add_row(name, str(count), reason, reason_zh(name, reason))
    render(summary)
    rows = Table("编号", "接口", "主键", "写入时间", "原因", title=f"前 {min(most, len(found))} 行")
    for version in found[:most]:
        mark = "（已作废）" if version.discarded_at else ""
        rows.add_row(
            str(version.row_id),
            version.interface,
            printable(version.key),
            f"{version.written_at:%Y-%m-%d %H:%M:%S}",
            f"{mark}{version.reasons_zh}",
        )
    render(rows)
    say_rest(found, most)
    require_found(found, interface, rule, day, see=_LIST)


@app.command()
def show(row_id: Annotated[int, typer.Argument(help="Number that `list` shows.")]) -> None:
    """Show one version field by field, personal data masked, with its broken rules."""
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.contract.reader import contract
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.masking import masked_fields
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        version = _found(local, [row_id], discarded=True)[0]
    interface = contract()[version.interface]
    broken = {reason.partition(":")[0] for reason in version.reasons}
    table = Table(
        "字段", "说明", "内容", "", title=f"{version.interface} {printable(version.key)}：{version.reasons_zh}"
    )
    masked = masked_fields(interface, version.body)
    for field in interface.request:
        table.add_row(field.name, field.zh, masked[field.name], "✗" if field.name in broken else "")
    render(table)


@app.command()
def release(
    row_ids: RowIds = None,
    interface: ReportInterface = None,
    rule: Rule = None,
    day: Day = None,
    everything: All = False,
    as_correction: Annotated[
        bool,
        typer.Option(
            "--as-correction",
            help="Those whose key another record has (such as regino:shared) are corrections of that record after all.",
        ),
    ] = False,
    reason: Reason = None,
    dry_run: DryRun = False,
) -> None:
    """Judge versions again by today's rules: what passes is sent by the next run, the rest stays with today's reasons.

    A row that 12345 corrects needs no release: its correction takes its place by itself. One that got a number of its
    own is discarded.
    """
    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound import decisions
    from hotline_bridge.outbound.versions import Policy
    from hotline_bridge.store.database import connect

    require_named(row_ids, interface, rule, day, everything)
    settings = platform_settings()
    policy = Policy(settings.areas, settings.audit_required)
    with connect(conninfo("local_db")) as local:
        found = decisions.find_quarantined(local, _selection(row_ids, interface, rule, day))
        require_found(found, row_ids, interface, rule, day, see=_LIST)
        if as_correction:
            found = [version for version in found if version.is_shared]
        if dry_run:
            typer.echo(f"{len(found)} versions would be judged again; nothing was done")
            return
        states = decisions.release_quarantined(
            local, found, decision(reason), policy=policy, as_correction=as_correction
        )
    superseded = states.get("superseded", 0)
    passed = sum(count for state, count in states.items() if state != "quarantined") - superseded
    typer.echo(
        f"{passed} of {len(found)} versions pass today's rules and are due"
        + (f", {superseded} are older than what their record says now" if superseded else "")
        + "; the others stay: hotline quarantine list"
    )
    require_each(map(str, row_ids or ()), (str(version.row_id) for version in found), see=_LIST)


@app.command()
def discard(
    row_ids: RowIds = None,
    interface: ReportInterface = None,
    rule: Rule = None,
    day: Day = None,
    everything: All = False,
    reason: Reason = None,
    yes: Yes = False,
) -> None:
    """Give versions up: they are never sent. A mark with a reason, never a deletion."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound import decisions
    from hotline_bridge.outbound.decisions import discard as give_up
    from hotline_bridge.store.database import connect

    require_named(row_ids, interface, rule, day, everything)
    with connect(conninfo("local_db")) as local:
        if row_ids:
            _found(local, row_ids)
        found = decisions.find_quarantined(local, _selection(row_ids, interface, rule, day))
        require_found(found, interface, rule, day, see=_LIST)
        by = decision(reason)
        if not yes:
            typer.confirm(f"Give up {len(found)} versions? 作废 {len(found)} 行？", abort=True)
        typer.echo(f"{give_up(local, [version.row_id for version in found], by)} versions discarded")


def _found(local: Connection, row_ids: list[int], *, discarded: bool = False) -> list[QuarantinedVersion]:
    from hotline_bridge.errors import StopRun
    from hotline_bridge.outbound.decisions import find_quarantined

    found = find_quarantined(local, _selection(row_ids, None, None, None), discarded=discarded)
    if missing := sorted(set(row_ids) - {version.row_id for version in found}):
        raise StopRun(f"not in quarantine: {', '.join(map(str, missing))}", remedy="see `hotline quarantine list`")
    return found
