"""`hotline answers`: rows of the platform's answers that broke a printed rule, and what to do about them. Masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hotline_bridge.cli.options import (
    All,
    AnswerInterface,
    DryRun,
    Key,
    Most,
    Reason,
    Rule,
    Yes,
    decision,
    printable,
    require_found,
    require_named,
    say_rest,
)

if TYPE_CHECKING:
    from psycopg import Connection

    from hotline_bridge.inbound.quarantine import BadAnswerRow

app = typer.Typer(
    name="answers",
    help="Rows of the platform's answers that break a printed rule 隔离的应答: list, show, release, discard.",
    no_args_is_help=True,
)

RowIds = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Numbers that `list` shows.")]
_LIST = "hotline answers list"


@app.command(name="list")
def list_rows(
    interface: AnswerInterface = None,
    rule: Rule = None,
    key: Key = None,
    everything: All = False,
    most: Most = 50,
) -> None:
    """List them: number, interface, order, since when, reasons in Chinese. Fixed there, they come in by themselves."""
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.inbound.quarantine import find
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        found = find(local, interface=interface, rule=rule, key=key, every_state=everything)
    rows = Table("编号", "接口", "工单", "首次取得", "状态", "原因", title=f"隔离的应答 {len(found)} 行")
    for row in found[:most]:
        seen = f"{row.first_seen_at:%Y-%m-%d %H:%M:%S}"
        rows.add_row(str(row.row_id), row.interface, printable(row.key), seen, row.state, row.reasons_zh)
    render(rows)
    say_rest(found, most)
    require_found(found, interface, rule, key, see=_LIST)


@app.command()
def show(row_id: Annotated[int, typer.Argument(help="Number that `list` shows.")]) -> None:
    """Show one row field by field, personal data masked."""
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        (row,) = _named(local, [row_id])
    fields = Table("字段", "内容", title=f"{row.interface} {printable(row.key)}：{row.reasons_zh}")
    for name, shown in row.masked().items():
        fields.add_row(name, shown)
    render(fields)


@app.command()
def release(
    row_ids: RowIds = None,
    interface: AnswerInterface = None,
    rule: Rule = None,
    everything: All = False,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Also rows with a blank required field, a text too long, an unknown code.")
    ] = False,
    number: Annotated[str | None, typer.Option(help="The order that the one row belongs to, as it names none.")] = None,
    reason: Reason = None,
    dry_run: DryRun = False,
) -> None:
    """Judge rows again by today's rules: what passes goes into its table as if it came now, and on to 12345.

    What comes back with the same rows is not taken in twice.
    """
    import asyncio

    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.inbound.quarantine import release as take_in
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        found = _chosen(local, row_ids, interface, rule, everything)
    if dry_run:
        typer.echo(f"{len(found)} rows would be judged again; nothing was done")
        return
    by = decision(reason)
    done = asyncio.run(take_in(conninfo("local_db"), found, by, as_is=as_is, number=number))
    typer.echo(
        f"{done.taken_in} of {len(found)} rows were taken in; {len(done.stay)} break a rule today, too, and stay"
    )


@app.command()
def discard(
    row_ids: RowIds = None,
    interface: AnswerInterface = None,
    rule: Rule = None,
    everything: All = False,
    reason: Reason = None,
    yes: Yes = False,
) -> None:
    """Give rows up: kept as they came, and open no more, however often the platform gives them again."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.inbound.quarantine import discard as give_up
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        found = _chosen(local, row_ids, interface, rule, everything)
        by = decision(reason)
        if not yes:
            typer.confirm(f"Give up {len(found)} rows? 作废 {len(found)} 行？", abort=True)
        typer.echo(f"{give_up(local, found, by)} rows discarded")


def _chosen(
    local: Connection, row_ids: list[int] | None, interface: str | None, rule: str | None, everything: bool
) -> list[int]:
    """Numbers of the rows that are meant: those that are named, or those open ones that a filter finds."""
    from hotline_bridge.inbound.quarantine import find

    if row_ids:
        return [row.row_id for row in _named(local, row_ids)]
    require_named(interface, rule, everything)
    found = find(local, interface=interface, rule=rule)
    require_found(found, interface, rule, see=_LIST)
    # The earlier of two rows of one name would take the place of the later one: it is named, or not meant.
    return [row.row_id for row in found if rule or "row:double" not in row.reasons]


def _named(local: Connection, row_ids: list[int]) -> list[BadAnswerRow]:
    from hotline_bridge.errors import StopRun
    from hotline_bridge.inbound.quarantine import find

    found = find(local, row_ids=row_ids, every_state=True)
    if missing := sorted(set(row_ids) - {row.row_id for row in found}):
        raise StopRun(f"no such row: {', '.join(map(str, missing))}", remedy="see `hotline answers list`")
    return found
