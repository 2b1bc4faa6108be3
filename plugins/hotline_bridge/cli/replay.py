"""`hotline replay`: refused or waiting versions become due now."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hotline_bridge.cli.operator import DryRun, Reason, decision, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.outbound.replay import Replayable


def replay(
    flow: Annotated[str, typer.Option(help="telephony: the four logs; order: the three orders.")] = "telephony",
    interface: Annotated[str | None, typer.Option(help="Only this one, such as callinfo.")] = None,
    key: Annotated[list[str] | None, typer.Option(help="Only these keys; may be repeated.")] = None,
    code: Annotated[str | None, typer.Option(help="Only what the platform answered with this code.")] = None,
    message: Annotated[str | None, typer.Option(help="Only where the platform's message holds this.")] = None,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day on which 12345 wrote the row.")
    ] = None,
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
    from hotline_bridge.outbound import replay as replays
    from hotline_bridge.store.database import connect

    selection = replays.Selection(
        chosen_of(flow, interface), key, code, message, day.date() if day else None, delivered
    )
    with connect(conninfo("local_db")) as local:
        found = replays.find(local, selection)
        if dry_run:
            show_masked(found)
            typer.echo(f"{len(found)} versions would be due; nothing was changed or sent")
            return
        typer.echo(f"{replays.replay(local, found, decision(reason))} versions are due now")


def chosen_of(flow: str, interface: str | None) -> list[Interface]:
    """The interfaces of a flow that are meant.

    Raises:
        BadParameter: The flow has none of this name.
    """
    from hotline_bridge.contract.reader import interfaces_of

    chosen = [known for known in interfaces_of(flow) if interface in {None, known.name}]
    if not chosen:
        raise typer.BadParameter(f"the flow {flow} has no interface {interface}")
    return chosen


def show_masked(found: Sequence[Replayable]) -> None:
    """Print versions as they would be sent, personal data masked."""
    from rich.table import Table

    from hotline_bridge.cli.status import render
    from hotline_bridge.contract.reader import contract
    from hotline_bridge.outbound.masking import masked_fields

    table = Table("接口", "主键", "状态", "平台应答", "报文（个人信息已遮盖）")
    for version in found:
        masked = masked_fields(contract()[version.interface], version.body)
        answer = " ".join(part for part in (version.code, version.message) if part)
        fields = " ".join(f"{name}={value}" for name, value in masked.items())
        table.add_row(version.interface, printable(version.key), version.state, printable(answer), fields)
    render(table)
