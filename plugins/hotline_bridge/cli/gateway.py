"""`hotline gateway`: the service that 12345 calls."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from hotline_bridge.cities import called

if TYPE_CHECKING:
    from hotline_bridge.gateway.form_pages import FormStores
    from hotline_bridge.gateway.settings import GatewaySettings

_CONNECT_S = 3
_STATEMENT_S = 10


def gateway(
    host: Annotated[str, typer.Option("--host", help="Address that it listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port.")] = 12345,
) -> None:
    """Serve the interfaces that 12345 calls 网关 (4.2.5), until it is told to stop."""
    from hotline_bridge.gateway.app import make_gateway
    from hotline_bridge.gateway.serve import end_well, server
    from hotline_bridge.store.database import connect_async

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    settings = gateway_settings()
    app = make_gateway(settings, partial(connect_async, store_conninfo()), form_stores())
    end_well()
    typer.echo(f"gateway 网关: http://{host}:{port}/health")
    server(app, settings, host, port).run()


def gateway_settings() -> GatewaySettings:
    """The settings from connection `gateway_12345`, the defaults where there is none.

    Raises:
        StopRun: A value cannot be used.
    """
    from hotline_bridge.gateway.settings import CONNECTION, GATEWAY_EXTRAS, GatewaySettings, read_settings
    from hotline_bridge.hooks.connections import optional_connection

    connection = optional_connection(CONNECTION)
    if connection is None:
        return GatewaySettings()
    if unknown := GATEWAY_EXTRAS.unknown(connection.extras):
        typer.echo(f"connection {called(CONNECTION)}: extras without effect: {', '.join(unknown)}", err=True)
    return read_settings(connection.host, connection.extras)


def form_stores() -> FormStores | None:
    """What the order form works on; None where no connection of the docking store is set, and there is no form.

    Raises:
        StopRun: A value of a connection cannot be used.
    """
    from hotline_bridge.gateway.form_pages import FormStores
    from hotline_bridge.gateway.settings import DOCKING
    from hotline_bridge.hooks.connections import optional_connection
    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.outbound.versions import PLAIN, Policy
    from hotline_bridge.store.database import connect

    if not (optional_connection(DOCKING) or optional_connection("docking_db")):
        return None
    policy = PLAIN
    if optional_connection("platform_12315"):
        policy = Policy(platform_settings().areas)
    return FormStores(partial(connect, store_conninfo()), partial(connect, docking_conninfo()), lambda: policy)


def store_conninfo() -> str:
    """The connection string of the local store as the gateway uses it: nothing takes longer than a call may.

    Raises:
        StopRun: There is neither connection `gateway_db` nor `local_db`, or a value cannot be used.
    """
    from hotline_bridge.gateway.settings import STORE

    return _impatient(STORE, "local_db")


def docking_conninfo() -> str:
    """The same of the docking store, from connection `docking_gateway_db` or `docking_db`. Raises StopRun likewise."""
    from hotline_bridge.gateway.settings import DOCKING

    return _impatient(DOCKING, "docking_db")


def _impatient(name: str, otherwise: str) -> str:
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    from hotline_bridge.hooks.connections import optional_connection
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.extras import SHORT_SILENCE

    if not optional_connection(name):
        typer.echo(
            f"connection {called(name)} is missing: {called(otherwise)} is used, whose account may do more than the"
            " gateway has to; docs/accounts.md has one of its own",
            err=True,
        )
        name = otherwise
    said = conninfo_to_dict(conninfo(name))
    options = f"{said.pop('options', '')} -c statement_timeout={_STATEMENT_S}s -c lock_timeout={_STATEMENT_S}s"
    return make_conninfo("", **{**said, **SHORT_SILENCE, "connect_timeout": str(_CONNECT_S), "options": options})
