"""`hotline alerts`: what is wrong now, one line a cause."""

from __future__ import annotations

from typing import Annotated

import typer

from hotline_bridge.cities import called


def alerts(
    send: Annotated[
        bool, typer.Option("--send", help="Record and tell, once a cause and day, as the DAG does.")
    ] = False,
) -> None:
    """Say what is wrong now 告警, one line a cause, most severe first; ends non-zero when something is.

    With --send, run by cron, it also notices that Airflow itself stands still, or that the local store is down.
    """
    from hotline_bridge.alerts.entries import entries
    from hotline_bridge.tasks.alerts import MAIL, WEBHOOK, Watched, look, look_and_tell, notifiers

    watched = look_and_tell() if send else Watched(look(), 0, ())
    for entry in entries(watched.alerts):
        typer.secho(entry.line, fg=typer.colors.RED)
    if send:
        typer.echo(f"sent: {watched.sent}")
        if not notifiers():
            typer.echo(f"nobody is told: set up connection {called(MAIL)} or {called(WEBHOOK)}", err=True)
    watched.raise_failures()
    if watched.alerts:
        raise typer.Exit(1)
