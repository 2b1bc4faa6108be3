"""`hotline codes`: the code lists, and codes in the data that are in none."""

from __future__ import annotations

import json

import typer

from hotline_bridge.cli.options import Json
from hotline_bridge.cli.output import render

app = typer.Typer(name="codes", help="Code lists 标准数据, and codes that are in none.", no_args_is_help=True)


@app.command("list")
def list_codes() -> None:
    """Count the codes of every list, and say who uploaded it and which lists nobody delivered yet."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.standard_data.lists import code_lists, load_standard_data, read_list
    from hotline_bridge.store.database import connect
    from hotline_bridge.store.sql import read_sql

    with connect(conninfo("local_db")) as local:
        load_standard_data(local)
        uploaded: dict[str, str] = dict(local.execute(read_sql("standard_data/delivery.sql", "in_use")).fetchall())
        for name, known in code_lists().items():
            versions = len(read_list(local, name))
            words = f"{versions} versions" if versions else "empty: the national bureau has to deliver it 待总局提供"
            typer.echo(f"{name} {known.zh}: {words}{f', uploaded by {uploaded[name]}' if name in uploaded else ''}")


@app.command("unknown")
def unknown(as_json: Json = False) -> None:
    """List codes in the local tables that no list knows 未知代码; ends non-zero when a list that exists lacks one.

    What does not look like a code is counted and not shown: it may be somebody's words.
    """
    from rich.table import Table

    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.standard_data.lists import load_standard_data
    from hotline_bridge.standard_data.unknown import unknown_codes
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        load_standard_data(local)
        found = list(unknown_codes(local))
    if as_json:
        typer.echo(json.dumps([code._asdict() for code in found], ensure_ascii=False))
    elif not found:
        typer.echo("every code is in its list 没有未知代码")
    else:
        table = Table("interface 接口", "field 字段", "list 代码表", "code 代码", title="unknown codes 未知代码")
        table.add_column("rows 行数", justify="right")
        for code in found:
            words = code.category if code.has_list else f"{code.category} (empty 待总局提供)"
            table.add_row(code.interface, code.field, words, code.code, str(code.rows))
        render(table)
    if any(code.has_list for code in found):
        raise typer.Exit(1)
