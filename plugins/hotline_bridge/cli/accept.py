"""`hotline accept`: what cannot be fixed is accepted, with a reason, and no longer red or alerted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from hotline_bridge.cli.options import COLLECTED, Begin, End, Reason, decision, known_interface

app = typer.Typer(
    name="accept",
    help="What cannot be fixed 认可: list it, accept incomplete seconds or the difference of a day, with a reason.",
    no_args_is_help=True,
)


@app.command(name="list")
def list_lasting() -> None:
    """List incomplete seconds and days whose counts differ that nobody has accepted."""
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.reconcile.acceptance import find
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        found = find(local)
    table = Table("对象", "起", "止", "差异", title=f"待认可 {len(found)} 项")
    for one in found:
        difference = "不完整" if one.unexplained is None else str(one.unexplained)
        table.add_row(one.subject, f"{one.begins:%Y-%m-%d %H:%M:%S}", f"{one.ends:%Y-%m-%d %H:%M:%S}", difference)
    render(table)


@app.command()
def incomplete(
    interface: Annotated[str, typer.Argument(help="Wire name, such as getTsBusiCaseInfoData.")],
    begin: Begin = None,
    end: End = None,
    reason: Reason = None,
) -> None:
    """Accept seconds of registration that hold more rows than an answer can: as much as there is was collected."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.reconcile.acceptance import accept_windows
    from hotline_bridge.store.database import connect
    from hotline_bridge.window import asked_window

    known_interface(interface, COLLECTED)
    window = asked_window(begin, end)
    if window is None:
        raise typer.BadParameter("say which seconds, with --begin and --end")
    with connect(conninfo("local_db")) as local:
        accepted = accept_windows(local, interface, *window, decision(reason))
    typer.echo(f"{accepted} incomplete windows accepted")
    if not accepted:
        typer.echo("no incomplete second of that interface lies in that window; see `hotline accept list`", err=True)
        raise typer.Exit(1)


@app.command()
def day(
    when: Annotated[datetime, typer.Argument(metavar="DAY", formats=["%Y-%m-%d"], help="Day of registration.")],
    kind: Annotated[str, typer.Option(help="complaint, report, consultation, or the table of a log.")],
    reason: Reason = None,
) -> None:
    """Accept the difference that the latest check of a day left, until the number changes."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.reconcile.acceptance import accept_day
    from hotline_bridge.reconcile.words import KIND_ZH
    from hotline_bridge.store.database import connect

    if kind not in KIND_ZH:
        raise typer.BadParameter(f"no kind {kind!r}: there are {', '.join(KIND_ZH)}")
    with connect(conninfo("local_db")) as local:
        accepted = accept_day(local, kind, when.date(), decision(reason))
    if not accepted:
        typer.echo("the latest check of that day and kind left no difference; see `hotline accept list`", err=True)
        raise typer.Exit(1)
    typer.echo("accepted")
