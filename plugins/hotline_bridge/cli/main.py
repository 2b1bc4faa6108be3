"""The command `hotline`: everything about the bridge that is done from a terminal. Connections come from Airflow."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import entry_points
from importlib.metadata import version as installed
from typing import Annotated

import psycopg
import typer

from hotline_bridge.cities import acting_for, find_city, here
from hotline_bridge.cli.accept import app as accept
from hotline_bridge.cli.alerts import alerts
from hotline_bridge.cli.answers import app as answers
from hotline_bridge.cli.archive import archive
from hotline_bridge.cli.audit import app as audit
from hotline_bridge.cli.client import app as client
from hotline_bridge.cli.codes import app as codes
from hotline_bridge.cli.collect import collect
from hotline_bridge.cli.deadlines import calendar, deadlines
from hotline_bridge.cli.discard import discard
from hotline_bridge.cli.erase import erase
from hotline_bridge.cli.export import export
from hotline_bridge.cli.gateway import gateway
from hotline_bridge.cli.order import app as order
from hotline_bridge.cli.person_key import app as person_key
from hotline_bridge.cli.publish import publish
from hotline_bridge.cli.quality import quality
from hotline_bridge.cli.quarantine import app as quarantine
from hotline_bridge.cli.reconcile import reconcile
from hotline_bridge.cli.replay import replay
from hotline_bridge.cli.report import report
from hotline_bridge.cli.report_month import report_month
from hotline_bridge.cli.restore import restore
from hotline_bridge.cli.rollup import rollup
from hotline_bridge.cli.status import status
from hotline_bridge.cli.terminal import bear_any_locale
from hotline_bridge.errors import HotlineError, StopRun
from hotline_bridge.store.failures import explain

app = typer.Typer(
    name="hotline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its boxes break words and lines
)
app.command()(report)
app.command()(status)
app.command()(alerts)
app.command()(collect)
app.command()(replay)
app.command()(discard)
app.command()(publish)
app.command()(quality)
app.command()(reconcile)
app.command()(report_month)
app.command()(restore)
app.command()(export)
app.command()(archive)
app.command()(erase)
app.command()(calendar)
app.command()(deadlines)
app.command()(rollup)
app.command()(gateway)
app.add_typer(accept)
app.add_typer(answers)
app.add_typer(audit)
app.add_typer(client)
app.add_typer(order)
app.add_typer(person_key)
app.add_typer(quarantine)
app.add_typer(codes)
# What is installed beside the bridge may add commands: the sandbox does.
for addition in sorted(entry_points(group="hotline.commands"), key=lambda point: point.name):
    app.command(addition.name)(addition.load())


def main() -> None:
    """Run the command; an error that says what to do is printed as one sentence, without a traceback."""
    bear_any_locale()
    # `migrate` says its steps itself.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        app()
    except (HotlineError, psycopg.Error) as error:
        told = explain(error) if isinstance(error, psycopg.Error) else error
        typer.secho(f"{type(told).__name__}: {told}", fg=typer.colors.RED, err=True)
        sys.exit(1)


def _say_version(value: bool) -> None:
    if value:
        typer.echo(f"hotline-bridge {installed('hotline-bridge')}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  (its callback does it)
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Say the version, and end.")
    ] = False,
    city: Annotated[
        str | None,
        typer.Option(
            envvar="HOTLINE_CITY", metavar="NAME", help="The city that the command is for 城市, of HOTLINE_CITIES."
        ),
    ] = None,
) -> None:
    """12345 热线与全国 12315 平台的桥: the bridge between a city's 12345 hotline and the national 12315 platform.

    Exit codes: 0 done, and nothing is wrong; 1 something failed, was not found, or is wrong; 2 a wrong command line.
    """
    if city:
        try:
            context.with_resource(acting_for(find_city(city)))
        except StopRun as error:
            raise typer.BadParameter(str(error), param_hint="--city") from None


@app.command()
def migrate(
    down: Annotated[
        bool, typer.Option("--down", help="Take schema hotline back to nothing: its data are lost.")
    ] = False,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="REVISION", help="Take schema hotline back to this one, before an older version."),
    ] = None,
    for_trial: Annotated[
        bool,
        typer.Option("--for-trial", help="Mark an empty docking store as one that takes the rows of `hotline sample`."),
    ] = False,
) -> None:
    """Create or update schema docking (connection docking_db) and schema hotline (connection local_db).

    Tables of schema docking that stand already are left exactly alone: 12345 owns them. Of several cities each is
    brought up to date unless --city names one; one that fails stops no other.
    """
    from hotline_bridge.cli.migrate import bring_up_to_date, take_back

    if down or to:
        of_city = f" of {here().title}" if here().title else ""
        what = f"what came after {to} in" if to else "every table of"
        typer.confirm(f"Drop {what} schema hotline{of_city}?", abort=True)
        take_back(to or "base")
    else:
        bring_up_to_date(for_trial=for_trial)


@app.command()
def check() -> None:
    """Check connections, rights, clocks and one harmless call to the platform; say what to fix."""
    from hotline_bridge.cli.check import findings, render

    found = findings()
    render(found)
    if any(finding.level == "bad" for finding in found):
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
