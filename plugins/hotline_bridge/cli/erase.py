"""`hotline erase`: a person's data go, and every count stays."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from hotline_bridge.cli.options import DryRun, Reason, Yes, decision

if TYPE_CHECKING:
    from collections.abc import Collection

    from hotline_bridge.personal.erase import Erased


def erase(reason: Reason = None, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Erase a person's data by telephone and identity numbers 删除个人信息; counts stay as they are.

    The numbers are asked for, or read from standard input, one a line: they stand in no list of processes and no
    history of a shell. They are looked for in the archive too. What the bridge wrote to the docking store is written
    anew by the next publishing; 12345's own tables are 12345's.
    """
    from hotline_bridge.cli.output import progress_bar
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.personal import erase as steps
    from hotline_bridge.store.database import connect

    numbers = steps.Numbers.told(_asked() if sys.stdin.isatty() else sys.stdin)
    if not (dry_run or sys.stdin.isatty() or (yes and reason)):
        raise typer.BadParameter(
            "with numbers on standard input nothing can be asked: give --reason and --yes, or --dry-run"
        )
    written = [*numbers.phones, *numbers.identities]
    with connect(conninfo("local_db")) as local:
        with progress_bar("looked through 已查找 %", 100) as show:
            would = steps.erase(local, numbers, None, show=show)
        archived = _forget(written, dry_run=True)
        _show(would)
        for table, count in archived.items():
            typer.echo(f"  archive of {table}: {count} rows")
        if dry_run:
            typer.echo("nothing was changed")
        elif would.rows or archived:
            by = decision(reason)
            if not yes:
                typer.confirm("Erase for good? 确认删除，不可恢复？", abort=True)
            _forget(written)
            with progress_bar("erased 已删除 %", 100) as show:
                done = steps.erase(local, numbers, by, show=show)
            typer.echo(f"erased 已删除: {done.orders} orders, {done.calls} calls")
    if not (would.rows or archived):
        typer.echo("nothing is stored of these numbers", err=True)
        raise typer.Exit(1)


def _forget(numbers: Collection[str], *, dry_run: bool = False) -> dict[str, int]:
    """Rows that go from the archive, by table; none where there is no archive."""
    from hotline_bridge.tasks.maintenance import archive_folder

    folder = archive_folder()
    if not folder:
        return {}
    from hotline_bridge.analytics.archive import forget

    return forget(folder, numbers, dry_run=dry_run)


def _asked() -> list[str]:
    typer.echo(
        "Telephone and identity numbers, one a line; an empty line ends. 电话或证件号码，每行一个，空行结束", err=True
    )
    numbers = []
    while number := typer.prompt("", default="", show_default=False, hide_input=True, prompt_suffix="> "):
        numbers.append(number)
    return numbers


def _show(found: Erased) -> None:
    typer.echo(f"{found.orders} orders and {found.calls} calls of this person")
    for name, count in sorted(found.rows.items()):
        typer.echo(f"  {name}: {count} rows")
    if found.also_theirs:
        typer.echo(
            f"{found.also_theirs} more orders have the same identity number under another telephone number:"
            " give the identity number too, where they shall go as well"
        )
