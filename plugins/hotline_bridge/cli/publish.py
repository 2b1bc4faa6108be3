"""`hotline publish`: the DAG `docking_publish` once, from a terminal."""

from __future__ import annotations

from typing import Annotated

import typer


def publish(
    whole: Annotated[bool, typer.Option("--whole", help="Compare every order, not only what changed.")] = False,
) -> None:
    """Write results back to the docking store 结果回写, where they differ, as the DAG does."""
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.tasks.publish import publish_tables

    table = Table("table\n表", "desired\n应有", "written\n写入", "removed\n删除")
    for name, done in publish_tables(whole=whole).items():
        table.add_row(name, *(str(done[what]) for what in ("desired", "written", "removed")))
    render(table)
