"""The command `hotline-sandbox`: what is there to try the bridge out, or another client of the platform.

Where the bridge is installed too, its command `hotline` has them as well (entry points `hotline.commands`).
"""

from __future__ import annotations

import sys
from datetime import date, datetime  # at run time: typer reads the annotations
from pathlib import Path
from typing import Annotated

import typer

from hotline_bridge.cli.terminal import bear_any_locale
from hotline_bridge.errors import HotlineError
from hotline_sandbox.server.command import sandbox

app = typer.Typer(
    name="hotline-sandbox",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(sandbox)


def main() -> None:
    """Run the command; an error that says what to do is printed as one sentence, without a traceback."""
    bear_any_locale()
    try:
        app()
    except HotlineError as error:
        typer.secho(f"{type(error).__name__}: {error}", fg=typer.colors.RED, err=True)
        sys.exit(1)


@app.callback()
def root() -> None:
    """The national 12315 platform played over HTTP, and invented data for it and for the bridge: all of it to try out.

    Exit codes: 0 done; 1 something failed; 2 a wrong command line.
    """


@app.command()
def sample(
    rows: Annotated[int, typer.Option(min=1, help="Docking rows over the four telephony logs.")] = 1000,
    dirty: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of rows that break a printed rule: 0.03; of a world 0.")
    ] = None,
    corrections: Annotated[float, typer.Option(min=0, max=1, help="Share of rows that correct another.")] = 0.01,
    copies: Annotated[float, typer.Option(min=0, max=1, help="Share of rows that repeat another.")] = 0.023,
    seed: Annotated[int, typer.Option(help="Same seed and same --until: same rows.")] = 1,
    until: Annotated[datetime | None, typer.Option(help="When the last row was written, Asia/Shanghai; now.")] = None,
    world: Annotated[
        Path | None, typer.Option(help="Write the platform's orders into this file instead, for `hotline sandbox`.")
    ] = None,
    orders: Annotated[
        int | None, typer.Option(min=1, help="Write so many rows of orders instead of logs, with urges and seats.")
    ] = None,
    cases: Annotated[int, typer.Option(min=1, help="With --world: orders.")] = 30_000,
    days: Annotated[int, typer.Option(min=1, help="With --world: days over which they were registered.")] = 120,
    second_burst: Annotated[int, typer.Option(min=0, help="With --world: orders in one single second, e.g. 600.")] = 0,
) -> None:
    """Write invented rows into the docking store (connection docking_db): Shaoguan's hotline, with a share of dirt.

    It refuses unless the store is marked for trial (`hotline migrate --for-trial`): what stands there is reported.
    With --world it invents the other side: a file of orders as the national platform shows them over the months.
    """
    if world is not None:
        from hotline_sandbox.sample.command import write

        write(world, cases=cases, days=days, seed=seed, until=until, dirty=dirty or 0.0, second_burst=second_burst)
        return
    from hotline_bridge.cli.output import progress_bar
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_sandbox.sample.load import load_sample
    from hotline_sandbox.sample.orders import load_orders

    shares = {"dirty": 0.03 if dirty is None else dirty, "corrections": corrections, "copies": copies}
    if orders is not None:
        counts = load_orders(conninfo("docking_db"), orders=orders, seed=seed, end=until, **shares)
    else:
        with progress_bar("sample rows", rows) as advance:
            counts = load_sample(conninfo("docking_db"), rows=rows, seed=seed, end=until, progress=advance, **shares)
    for table, written in counts.tables.items():
        typer.echo(f"{table}: {written.rows} rows, of them {written.quarantined} dirty, {written.copies} copies")


@app.command()
def years(
    calls: Annotated[int, typer.Option(min=1, help="Calls.")] = 1_000_000,
    orders: Annotated[int, typer.Option(min=1, help="Orders, at most four for ten calls.")] = 100_000,
    begin: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")] = "2024-01-01",
    end: Annotated[str, typer.Option(help="Day before which all happened.")] = "2026-11-01",
    seed: Annotated[int, typer.Option(help="Same seed and same span: same rows.")] = 1,
    named: Annotated[bool, typer.Option(help="Name codes whose lists are not delivered.")] = False,
) -> None:
    """Fill an empty local store (connection local_db) with years of an invented city, for analysts' questions.

    Nothing is sent or collected: the rows stand as the bridge would have stored them. Refused where rows are already.
    """
    from hotline_bridge.cli.output import progress_bar
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_sandbox.sample.years import Years, fill_years

    try:
        wanted = Years(calls, orders, date.fromisoformat(begin), date.fromisoformat(end), seed, named=named)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    with progress_bar("calls", calls) as advance:
        counts = fill_years(conninfo("local_db"), wanted, progress=advance)
    for table, rows in counts.items():
        typer.echo(f"{table}: {rows} rows")


if __name__ == "__main__":
    main()
