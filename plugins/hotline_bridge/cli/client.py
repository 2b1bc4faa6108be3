"""`hotline client`: who may call the gateway."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from hotline_bridge.cli.options import Json

if TYPE_CHECKING:
    from datetime import datetime

    from hotline_bridge.gateway.clients import Given

app = typer.Typer(name="client", no_args_is_help=True, help="Who may call the gateway 网关的调用方, such as 12345.")

Name = Annotated[str, typer.Argument(help="Name of the client.")]
Areas = Annotated[
    list[str],
    typer.Option("--area", help="Area code 行政区划代码 that it sees; 440200 with all below it. May be repeated."),
]

Since = Annotated[
    str | None,
    typer.Option("--stored-since", help="Of areas that are new to it, leave out feedback stored before this ISO time."),
]


@app.command()
def add(
    name: Name,
    area: Areas,
    area_at: Annotated[
        int, typer.Option("--area-at", min=1, help="At which character of an order's number the area code begins.")
    ] = 1,
    origin: Annotated[
        list[str] | None,
        typer.Option("--origin", help="Web origin whose pages may embed the order form. May be repeated."),
    ] = None,
    stored_since: Since = None,
    as_json: Json = False,
) -> None:
    """Add a client, and print its AppId and Token 新增调用方; nobody can print the Token again."""
    from hotline_bridge.gateway.clients import add_client
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    since = _moment(stored_since)
    with connect(conninfo("local_db")) as local:
        given = add_client(local, name, area, area_at=area_at, origins=origin or (), since=since)
    _say(given, as_json)
    if not as_json:
        typer.echo(f"{given.waiting} feedback waits for it 待获取反馈 {given.waiting} 条")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the clients, and how far each has fetched its feedback 调用方与待获取的反馈."""
    import json
    from dataclasses import asdict

    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.gateway.clients import list_clients
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        clients = list_clients(local)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in clients], ensure_ascii=False, default=str))
        return
    table = Table("name\n名称", "app_id\nAppId", "areas\n区划", "state\n状态", "fetched at\n最近获取")
    for heading in ("waiting\n待获取", "offered\n已给出未回写", "acknowledged\n已回写"):
        table.add_column(heading, justify="right")
    table.add_column("waits since\n最早待获取")
    for one in clients:
        state = "revoked 已停用" if one.revoked_at else f"{one.tokens} token{'s' if one.tokens != 1 else ''} 在用"
        numbers = (str(one.waiting), str(one.offered), str(one.acknowledged))
        table.add_row(
            one.name, one.app_id, ",".join(one.areas), state, _at(one.fetched_at), *numbers, _at(one.oldest_at)
        )
    render(table)


@app.command()
def areas(name: Name, area: Areas, stored_since: Since = None) -> None:
    """Give a client other areas 更改可见区划: what it is to fetch, and its open order forms, follow."""
    from hotline_bridge.gateway.clients import set_areas
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    since = _moment(stored_since)
    with connect(conninfo("local_db")) as local:
        waiting = set_areas(local, name, area, since=since)
    typer.echo(f"{name} sees {', '.join(area)} 已更改: {waiting} feedback waits for it 待获取反馈 {waiting} 条")


@app.command()
def rotate(
    name: Name,
    overlap_h: Annotated[
        int, typer.Option("--overlap-h", min=0, max=8_760, help="Hours for which the token before is taken too.")
    ] = 72,
    as_json: Json = False,
) -> None:
    """Give a client a new Token 更换 Token; the one before is taken for a while longer."""
    from hotline_bridge.gateway.clients import rotate_token
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        given = rotate_token(local, name, timedelta(hours=overlap_h))
    _say(given, as_json)
    if given.old_until and not as_json:
        typer.echo(f"the token before is taken until {_at(given.old_until)} 原 Token 有效至此")


@app.command()
def revoke(
    name: Name,
    old_token: Annotated[
        bool, typer.Option("--old-token", help="Only the token before the newest, as soon as nobody uses it.")
    ] = False,
) -> None:
    """End a client 停用调用方, within two seconds; what it has not fetched stays in its tables."""
    from hotline_bridge.gateway import clients
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        ended = clients.revoke(local, name, old_token_only=old_token)
    typer.echo(f"{name}: {ended} tokens are taken no more 已停用")


def _say(given: Given, as_json: bool) -> None:
    import json

    if as_json:
        typer.echo(json.dumps({"name": given.name, "app_id": given.app_id, "token": given.token}, ensure_ascii=False))
        return
    typer.echo(f"app_id {given.app_id}\ntoken {given.token}")
    typer.echo("give both to the caller by a safe way; nobody can show the token again 请妥善转交，不再显示")


def _moment(said: str | None) -> datetime | None:
    from hotline_bridge.clock import iso_moment

    try:
        return iso_moment(said) if said else None
    except ValueError:
        raise typer.BadParameter("--stored-since must be an ISO time, such as 2026-12-01") from None


def _at(moment: datetime | None) -> str:
    from hotline_bridge.clock import SHANGHAI

    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if moment else "-"
