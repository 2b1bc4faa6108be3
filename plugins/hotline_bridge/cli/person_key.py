"""`hotline person-key`: the key that persons are told apart with."""

from __future__ import annotations

from typing import Annotated

import typer

from hotline_bridge.cli.options import Reason, Yes, decision

app = typer.Typer(
    name="person-key", no_args_is_help=True, help="The key of the hashes that tell records of one person 散列密钥."
)


@app.command()
def show() -> None:
    """Show which version is in use and since when; the key itself is shown to nobody."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.personal.keys import key_state
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        state = key_state(local)
    typer.echo(f"version {state.version}, made at {state.made_at.isoformat(' ', 'seconds')}")
    if state.tables_left:
        typer.echo(f"{state.tables_left} tables are not rewritten yet: run `hotline person-key rotate`")


@app.command()
def rotate(
    reason: Reason = None,
    yes: Yes = False,
    portion: Annotated[int, typer.Option(min=1, help="Rows in one transaction.")] = 2_000,
) -> None:
    """Make a new key and rewrite all rows with it 更换散列密钥; one that was stopped goes on.

    Hashes in files that were exported before fit no more.
    """
    from hotline_bridge.cli.output import progress_bar
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.personal import keys
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        by = None
        if not keys.key_state(local).tables_left:
            if not yes:
                typer.confirm("All hashes change; those in exported files fit no more. Go on? 继续？", abort=True)
            by = decision(reason)
        with progress_bar("rewritten 已改写 %", 100) as show:
            rewritten = keys.rotate(
                local,
                by,
                portion=portion,
                tell=lambda table, rows: typer.echo(f"{table}: {rows} rows rewritten"),
                show=show,
            )
        version = keys.key_state(local).version
    typer.echo(f"version {version} is in use 已更换: {rewritten} rows rewritten")
