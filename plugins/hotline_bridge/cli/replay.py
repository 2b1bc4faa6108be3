"""`hotline replay`: refused or waiting versions become due now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hotline_bridge.cli.options import (
    REPORTED,
    Day,
    DryRun,
    Flow,
    Keys,
    Reason,
    ReportInterface,
    decision,
    flows,
    printable,
    require_each,
    require_found,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.outbound.decisions import StoredVersion


def replay(
    flow: Flow = None,
    interface: ReportInterface = None,
    key: Keys = None,
    code: Annotated[str | None, typer.Option(help="Only what the platform answered with this code.")] = None,
    message: Annotated[str | None, typer.Option(help="Only where the platform's message holds this.")] = None,
    day: Day = None,
    delivered: Annotated[
        bool, typer.Option("--delivered", help="With --key: also what the platform has, for content that returned.")
    ] = False,
    reason: Reason = None,
    dry_run: DryRun = False,
) -> None:
    """Make refused versions, and those that wait for their next try, due now: the next run sends them as stored.

    With --dry-run it shows what would be sent, masked, and changes and sends nothing.
    """
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound import decisions
    from hotline_bridge.store.database import connect

    selection = decisions.VersionFilter(
        chosen_of(flow, interface), key, code, message, day.date() if day else None, delivered
    )
    with connect(conninfo("local_db")) as local:
        found = decisions.find_replayable(local, selection)
        if dry_run:
            show_masked(found)
            typer.echo(f"{len(found)} versions would be due; nothing was changed or sent")
        elif found:
            row_ids = [version.row_id for version in found]
            typer.echo(f"{decisions.replay(local, row_ids, decision(reason))} versions are due now")
        else:
            typer.echo("0 versions are due now")
    require_found(found, interface, key, code, message, day, see="hotline status")
    require_each(key, (version.key for version in found), see="hotline status")


def chosen_of(flow: str | None, interface: str | None) -> list[Interface]:
    """The reported interfaces that are meant: of this flow, or of all; this one, or all.

    Raises:
        BadParameter: There is no such flow, or the interface belongs to another one.
    """
    from hotline_bridge.contract.reader import interfaces_of

    of_flows = [known for name in flows(REPORTED, flow) for known in interfaces_of(name)]
    chosen = [known for known in of_flows if interface in {None, known.name}]
    if not chosen:
        raise typer.BadParameter(f"the flow {flow} has no interface {interface}")
    return chosen


def show_masked(found: Sequence[StoredVersion]) -> None:
    """Print versions as they would be sent, personal data masked."""
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.contract.reader import contract
    from hotline_bridge.outbound.masking import masked_fields

    table = Table("接口", "主键", "状态", "平台应答", "报文（个人信息已遮盖）")
    for version in found:
        masked = masked_fields(contract()[version.interface], version.body)
        answer = " ".join(part for part in (version.code, version.message) if part)
        fields = " ".join(f"{name}={value}" for name, value in masked.items())
        table.add_row(version.interface, printable(version.key), version.state, printable(answer), fields)
    render(table)
