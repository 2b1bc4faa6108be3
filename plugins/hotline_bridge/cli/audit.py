"""`hotline audit`: orders that wait for a decision of the local bureau before they are sent. Masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hotline_bridge.cli.options import All, DryRun, Most, actor, printable, require_each, require_named, say_rest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.outbound.audit import Audited

app = typer.Typer(
    name="audit",
    help="Orders before they are sent 审核: list those that wait for a decision, pass them, return them to 12345.",
    no_args_is_help=True,
)

Reginos = Annotated[list[str] | None, typer.Argument(metavar="[REGINO]...", help="Order numbers 工单编号.")]
_LIST = "hotline audit list"
Person = Annotated[str | None, typer.Option(help="Who decided; the account of the operating system where not said.")]


@app.command(name="list")
def list_waiting(
    regino: Annotated[list[str] | None, typer.Argument(metavar="[REGINO]...", help="Only these orders.")] = None,
    everything: All = False,
    fields: Annotated[bool, typer.Option("--fields", help="Show them field by field, personal data masked.")] = False,
    most: Most = 50,
) -> None:
    """List orders that are held for a decision: number, kind, when it was written, flags."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.audit import find_audited
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        found = find_audited(local, reginos=regino or None, decided=everything, contents=fields)
    _show(found[:most], len(found))
    if fields:
        _show_fields(found[:most])
    say_rest(found, most)
    require_each(regino, (version.key for version in found), see=_LIST)


@app.command(name="pass")
def let_pass(
    reginos: Reginos = None,
    everything: All = False,
    office: Annotated[str, typer.Option(help="Office of the person who decided.")] = "",
    person: Person = None,
    reason: Annotated[str | None, typer.Option(help="Why; kept with who and when.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Let orders go to the platform; the next run sends them. By number also those that were returned."""
    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound import audit
    from hotline_bridge.outbound.versions import Policy
    from hotline_bridge.store.database import connect

    require_named(reginos, everything)
    settings = platform_settings()
    with connect(conninfo("local_db")) as local:
        found = audit.find_audited(local, reginos=reginos or None, decided=bool(reginos))
        if dry_run:
            _show(found, len(found))
            typer.echo(f"{len(found)} versions would be passed; nothing was done")
        else:
            decision = audit.Decision(office, person or actor(), reason)
            policy = Policy(settings.areas, settings.audit_required)
            due = audit.let_pass(local, found, decision, actor=actor(), policy=policy)
            typer.echo(f"{due} of {len(found)} versions are due now; those that a newer one has followed are not sent")
    require_each(reginos, (version.key for version in found), see=_LIST)


@app.command(name="return")
def send_back(
    reginos: Annotated[list[str], typer.Argument(metavar="REGINO...", help="Order numbers 工单编号.")],
    reason: Annotated[str, typer.Option(prompt="Reason 退回原因", help="Why; kept with who and when. 12345 reads it.")],
    office: Annotated[str, typer.Option(prompt="Office 审核部门", help="Office of the person who decided.")],
    person: Person = None,
    dry_run: DryRun = False,
) -> None:
    """Return orders to 12345: no version of them that is not out yet is sent."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound import audit
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        found = audit.find_audited(local, reginos=reginos, unsent=True)
        if dry_run:
            _show(found, len(found))
            typer.echo(f"{len(found)} versions would be returned; nothing was done")
        else:
            decision = audit.Decision(office, person or actor(), reason)
            returned = audit.send_back(local, found, decision, actor=actor())
            typer.echo(f"{returned} versions are returned and will not be sent")
    require_each(reginos, (version.key for version in found), see=_LIST)


def _show(versions: Sequence[Audited], total: int) -> None:
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.contract.reader import contract

    table = Table("编号", "类别", "工单", "写入时间", "状态", "存疑", title=f"待审核 {total} 件")
    for version in versions:
        table.add_row(
            str(version.row_id),
            contract()[version.interface].label_zh,
            printable(version.key),
            f"{version.written_at:%Y-%m-%d %H:%M:%S}",
            "已退回" if version.decision == "return" else version.state,
            " ".join(version.flags),
        )
    render(table)


def _show_fields(versions: Sequence[Audited]) -> None:
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.contract.reader import contract
    from hotline_bridge.outbound.masking import masked_values

    for version in versions:
        interface = contract()[version.interface]
        table = Table("字段", "说明", "内容", title=f"{interface.label_zh} {printable(version.key)}")
        masked = masked_values(interface.request, version.content or {})
        for field in interface.request:
            table.add_row(field.name, field.zh, masked[field.name])
        render(table)
