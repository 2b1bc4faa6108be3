"""`hotline order`: one order, and what the bureau does with it."""

from __future__ import annotations

from typing import Annotated

import typer

from hotline_bridge.cli.operator import DryRun, actor, printable

app = typer.Typer(
    name="order",
    help="One order 工单: fill in and correct its fields, see what lies over it.",
    no_args_is_help=True,
)


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
    interface: Annotated[str | None, typer.Option(help="Where orders of two kinds have one number.")] = None,
    reason: Annotated[str | None, typer.Option(help="Kept with who and when.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Fill in or correct fields of an order 补全: checked at once, sent by the next run, kept when 12345 changes it."""
    from hotline_bridge.hooks.platform import PlatformHook
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.completion import complete as lay_over
    from hotline_bridge.outbound.completion import order_interface
    from hotline_bridge.outbound.quarantine import reason_zh
    from hotline_bridge.outbound.status import STATES
    from hotline_bridge.outbound.versions import Policy
    from hotline_bridge.store.database import connect

    pairs = [pair.partition("=") for pair in values or ()]
    if not all(equals for _, equals, _ in pairs) or not (pairs or withdraw):
        raise typer.BadParameter("write field=value, such as invoptaddr=解放路1号, or use --withdraw")
    settings = PlatformHook().get_settings()
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
    """List completions and supplements that lie over what 12345 wrote 补全、补单: whose, since when; no values."""
    from rich.table import Table

    from hotline_bridge.cli.status import render
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.completion import overlays as find
    from hotline_bridge.store.database import connect

    kinds = {"completion": "补全", "supplement": "补单"}
    with connect(conninfo("local_db")) as local:
        found = find(local, regino)
    table = Table("工单", "种类", "字段", "谁", "时间", "已叠加", title=f"叠加 {len(found)} 项")
    for one in found:
        since = f"{one.since:%Y-%m-%d %H:%M:%S}"
        laid = "是" if one.is_laid else "否"
        table.add_row(printable(one.key), kinds[one.kind], one.field, printable(one.actor), since, laid)
    render(table)
