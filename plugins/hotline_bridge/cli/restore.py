"""`hotline restore`: what the local store does not know after it was restored from a backup."""

from __future__ import annotations

from typing import Annotated

import typer

from hotline_bridge.cli.options import DryRun, Reason, decision


def restore(
    since: Annotated[
        str, typer.Option(help="When the backup was begun: ISO time, Asia/Shanghai where it names no zone.")
    ],
    reason: Reason = None,
    dry_run: DryRun = False,
) -> None:
    """Catch up after the local store was restored from a backup 恢复后补读: all DAGs paused, nothing is sent.

    What was collected since is read again, the platform is asked what it has already, and only what it lacks is left
    to be sent. Until it has ended no flow runs. A killed one is run again, and goes on.
    """
    from hotline_bridge.tasks import restore as steps

    if dry_run:
        rows = steps.plan(since)
        for table, count in rows.items():
            typer.echo(f"docking.{table}: {count} rows would be read again")
        typer.echo(f"{sum(rows.values())} rows would be read again; nothing was done")
        return
    done = steps.restore(since, decision(reason), typer.echo)
    typer.echo(
        f"restored 恢复完成: {done.get('delivered', 0)} orders were with the platform already;"
        f" {done.get('unsent', 0) + done.get('alike', 0)} orders and {done.get('logs', 0)} rows of logs will be sent"
        " when the DAGs are switched on"
    )
    if done.get("logs"):
        typer.echo("the platform cannot be asked which logs it has: some of them are sent once more, byte for byte")
    if done.get("held"):
        typer.echo(
            f"{done['held']} orders are held 暂存, as the platform shows a content that is unknown here:"
            " `hotline audit list`, then `hotline audit pass` sends, `hotline discard --flow order` gives up"
        )
    if done.get("lost_feedback"):
        raise typer.Exit(1)
