"""`hotline order`: one order, and what the bureau does with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from hotline_bridge.cli.options import DryRun, Json, Reason, ReportInterface, actor, decision, printable, require_found

if TYPE_CHECKING:
    from typer._click.core import Command, Context  # the only place that has the types of what is overridden

_DEFAULT = "show"


class OrderGroup(TyperGroup):
    """A number in the place of a command shows that order."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """The command that is meant, and its words."""
        is_named = not args or args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if is_named else [_DEFAULT, *args])


app = typer.Typer(
    name="order",
    cls=OrderGroup,
    help="One order 工单: its life (`hotline order REGINO`), its fields filled in and corrected, and its overlays.",
    no_args_is_help=True,
    subcommand_metavar="REGINO | COMMAND [ARGS]...",
)


@app.command(_DEFAULT)
def show(
    regino: Annotated[str, typer.Argument(metavar="REGINO", help="Order number 工单编号.")],
    as_json: Json = False,
) -> None:
    """Show the whole life of an order 工单全过程, with the time each step took; `show` may be left out.

    No personal data and no contents. Where the platform gives no time, it is the time when the bridge first saw it.
    """
    from hotline_bridge.cli.output import render
    from hotline_bridge.cli.timeline import as_records, as_table
    from hotline_bridge.errors import HotlineError
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect
    from hotline_bridge.timeline import in_order, read_published, read_timeline

    regino = regino.strip()
    with connect(conninfo("local_db")) as local:
        events = read_timeline(local, regino)
    try:
        with connect(conninfo("docking_db")) as docking:
            events = in_order([*events, *read_published(docking, regino)])
    except HotlineError as error:
        typer.echo(f"what was published is left out 未含回写: {error}", err=True)
    if as_json:
        typer.echo(json.dumps(as_records(regino, events), ensure_ascii=False))
    else:
        render(as_table(regino, events))


@app.command()
def complete(
    regino: Annotated[str, typer.Argument(metavar="REGINO", help="Order number 工单编号.")],
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FIELD=VALUE]...", help="Wire name and value; no value: empty."),
    ] = None,
    withdraw: Annotated[
        list[str] | None, typer.Option(metavar="FIELD", help="Take a completion back; may be repeated.")
    ] = None,
    interface: ReportInterface = None,
    reason: Annotated[str | None, typer.Option(help="Why; kept with who and when.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Fill in or correct fields of an order 补全: checked at once, sent by the next run, kept when 12345 changes it."""
    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.decisions import reason_zh
    from hotline_bridge.outbound.overlays import complete as lay_over
    from hotline_bridge.outbound.overlays import order_interface
    from hotline_bridge.outbound.status import STATES
    from hotline_bridge.outbound.versions import Policy
    from hotline_bridge.store.database import connect

    pairs = [pair.partition("=") for pair in values or ()]
    if not all(equals for _, equals, _ in pairs) or not (pairs or withdraw):
        raise typer.BadParameter("write field=value, such as invoptaddr=解放路1号, or use --withdraw")
    settings = platform_settings()
    with connect(conninfo("local_db")) as local:
        done = lay_over(
            local,
            order_interface(local, regino, interface),
            regino,
            values={name: value for name, _, value in pairs},
            withdraw=withdraw or (),
            actor=actor(),
            reason=reason,
            policy=Policy(settings.areas, settings.audit_required),
            dry_run=dry_run,
        )
    typer.echo(
        f"{printable(regino)}: {done.state_before} {STATES[done.state_before]} → {done.state} {STATES[done.state]}"
        f"{'; nothing was done' if dry_run else ''}"
    )
    for broken in done.reasons:
        typer.echo(reason_zh(done.interface, broken))
    for flag in done.flags:
        typer.echo(f"存疑 {flag}")


@app.command()
def overlays(
    regino: Annotated[str | None, typer.Argument(metavar="[REGINO]", help="Only this order.")] = None,
) -> None:
    """List completions and supplements applied to what 12345 wrote 补全、补单: whose, since when; no values."""
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.overlays import list_overlays
    from hotline_bridge.store.database import connect

    kinds = {"completion": "补全", "supplement": "补单"}
    with connect(conninfo("local_db")) as local:
        found = list_overlays(local, regino)
    table = Table("工单", "种类", "字段", "谁", "时间", "已叠加", title=f"叠加 {len(found)} 项")
    for one in found:
        since = f"{one.since:%Y-%m-%d %H:%M:%S}"
        applied = "是" if one.is_applied else "否"
        table.add_row(printable(one.key), kinds[one.kind], one.field, printable(one.actor), since, applied)
    render(table)
    require_found(found, regino, see="hotline order overlays")


@app.command()
def notes() -> None:
    """List supplements and urges whose order has not come, or that were put aside 补单、催办待工单: no contents."""
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.decisions import reason_zh
    from hotline_bridge.outbound.order_annotations import find_waiting_annotations
    from hotline_bridge.store.database import connect

    kinds = {"supplement": "补单", "urge": "催办", "quarantined": "隔离"}
    with connect(conninfo("local_db")) as local:
        found = find_waiting_annotations(local)
    table = Table("种类", "编号", "12345 编号", "工单", "写入时间", "原因", title=f"工单未到或已隔离 {len(found)} 项")
    for one in found:
        written = f"{one.written_at:%Y-%m-%d %H:%M:%S}"
        why = "；".join([*one.reasons[:1], *(reason_zh("", reason) for reason in one.reasons[1:])]) or "工单未到"
        kind = f"{one.kind} {kinds[one.kind]}"
        table.add_row(kind, str(one.row_id), printable(one.note), printable(one.regino), written, why)
    render(table)


@app.command()
def forget(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="supplement, urge or quarantined.")],
    row_ids: Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers that `notes` shows.")],
    reason: Reason = None,
) -> None:
    """Give up notes whose order has not come, or that were put aside; one that 12345 writes anew counts again."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.order_annotations import discard_annotations
    from hotline_bridge.store.database import connect

    if kind not in {"supplement", "urge", "quarantined"}:
        raise typer.BadParameter("KIND is supplement, urge or quarantined")
    with connect(conninfo("local_db")) as local:
        done = discard_annotations(local, kind, row_ids, decision(reason))  # type: ignore[arg-type]  # it is one of them
    typer.echo(f"{done} notes discarded")
    if left := len({*row_ids}) - done:
        typer.echo(f"{left} of the numbers wait no longer, or never did; see `hotline order notes`", err=True)
        raise typer.Exit(1)
