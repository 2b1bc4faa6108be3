"""`hotline discard`: versions that the platform has not accepted are given up, with a reason."""

from __future__ import annotations

from typing import Annotated

import typer

from hotline_bridge.cli.options import (
    All,
    Day,
    DryRun,
    Flow,
    Keys,
    Reason,
    ReportInterface,
    Yes,
    decision,
    require_each,
    require_found,
    require_named,
)
from hotline_bridge.cli.replay import chosen_of, show_masked


def discard(
    flow: Flow = None,
    interface: ReportInterface = None,
    key: Keys = None,
    state: Annotated[
        list[str] | None, typer.Option(help="rejected, waiting or held; may be repeated. Rejected where none is named.")
    ] = None,
    code: Annotated[str | None, typer.Option(help="Only what the platform answered with this code.")] = None,
    message: Annotated[str | None, typer.Option(help="Only where the platform's message holds this.")] = None,
    day: Day = None,
    everything: All = False,
    reason: Reason = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Give up versions that the platform refused, or that wait or are held: never sent, no longer alerted.

    A mark with a reason, never a deletion; a later correction by 12345 is sent all the same. What broke a printed rule:
    `hotline quarantine discard`.
    """
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound import decisions
    from hotline_bridge.store.database import connect

    states = state or ["rejected"]
    if unknown := sorted({*states} - {*decisions.UNSENT}):
        raise typer.BadParameter(f"{', '.join(unknown)}: a state is one of {', '.join(decisions.UNSENT)}")
    named = (flow, interface, key, state, code, message, day)
    if not dry_run:
        require_named(*named, everything)
    selection = decisions.VersionFilter(chosen_of(flow, interface), key, code, message, day.date() if day else None)
    with connect(conninfo("local_db")) as local:
        found = decisions.find_discardable(local, selection, states)
        if dry_run:
            show_masked(found)
            typer.echo(f"{len(found)} versions would be discarded; nothing was changed")
        elif found:
            by = decision(reason)
            if not yes:
                typer.confirm(f"Give up {len(found)} versions? 作废 {len(found)} 条？", abort=True)
            typer.echo(f"{decisions.discard(local, [version.row_id for version in found], by)} versions discarded")
        else:
            typer.echo("0 versions discarded")
    require_found(found, *named, see="hotline discard --dry-run")
    require_each(key, (version.key for version in found), see="hotline discard --dry-run")
