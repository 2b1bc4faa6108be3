"""The sandbox as a command: `hotline sandbox`, and `python -m hotline_sandbox.server` without the rest of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def sandbox(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 lets the system choose; the line that is printed names it.")] = 0,
    app_id: Annotated[str, typer.Option(help="AppId that clients send.")] = "sandbox",
    auth_header: Annotated[str, typer.Option(help="Header that carries AppId&Token&MD5.")] = "Authorization",
    seed: Annotated[int, typer.Option(help="Same seed and same order of calls: same faults.")] = 0,
    latency_ms: Annotated[float, typer.Option(help="Added to every answer.")] = 0.0,
    on_repeat: Annotated[str, typer.Option(help="A key that is stored already: accept or refuse.")] = "accept",
    max_body_bytes: Annotated[int, typer.Option(help="Greatest request body.")] = 4 * 1024 * 1024,
    world: Annotated[Path | None, typer.Option(help="File of orders to begin with (hotline sample --world).")] = None,
    row_order: Annotated[
        str, typer.Option(help="registration, reverse or random: the order of rows, and what a full answer leaves out.")
    ] = "registration",
    window_end: Annotated[str, typer.Option(help="inclusive or exclusive: the end of a window.")] = "inclusive",
    empty: Annotated[str, typer.Option(help="list or null: data where there are no rows.")] = "list",
    registime: Annotated[str, typer.Option(help="minutes or seconds, in fields of 16 characters.")] = "minutes",
    most_acknowledged: Annotated[int, typer.Option(help="Numbers in one acknowledgement; 0: any number.")] = 0,
) -> None:
    """Play the national 12315 platform over HTTP: enforce the contract, and misbehave when told to.

    The Token comes from the environment variable HOTLINE_SANDBOX_TOKEN (sandbox-token where it is not set). The control
    API, with the history of every call, is under /_sandbox/ on the same port.
    """
    from pydantic import ValidationError

    from hotline_sandbox.server.server import serve
    from hotline_sandbox.server.settings import DEFAULT_TOKEN, TOKEN_VARIABLE, SandboxSettings
    from hotline_sandbox.server.world.world import WorldFileError

    options = {
        "host": host,
        "port": port,
        "app_id": app_id,
        "token": os.environ.get(TOKEN_VARIABLE) or DEFAULT_TOKEN,
        "auth_header": auth_header,
        "seed": seed,
        "latency_ms": latency_ms,
        "on_repeat": on_repeat,
        "max_body_bytes": max_body_bytes,
        "world": world,
        "row_order": row_order,
        "window_end": window_end,
        "empty": empty,
        "registime": registime,
        "most_acknowledged": most_acknowledged,
    }
    try:
        settings = SandboxSettings.model_validate(options)
    except ValidationError as error:
        findings = "; ".join(f"{finding['loc'][0]}: {finding['msg']}" for finding in error.errors())
        raise typer.BadParameter(findings) from None
    try:
        serve(settings)
    except WorldFileError as error:
        typer.secho(f"sandbox: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.secho(f"sandbox: cannot listen on {host}:{port}: {error.strerror}; choose another --port", err=True)
        raise typer.Exit(1) from None
