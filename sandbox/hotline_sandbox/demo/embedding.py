"""The gateway and 12345's page in `make up`: two more processes, and the client by which one calls the other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hotline_bridge.gateway.clients import add_client, rotate_token
from hotline_bridge.store.database import connect
from hotline_sandbox.city import __main__ as city
from hotline_sandbox.demo.pinned import LOOPBACK, free_port

if TYPE_CHECKING:
    from hotline_bridge.gateway.clients import Given
    from hotline_sandbox.demo.services import Services

CLIENT = "市 12345（沙箱）"
_GATEWAY_PORT, _CITY_PORT = 12_345, 12_344


def start_embedding(services: Services, local: str, docking: str) -> tuple[str, str]:
    """Start both.

    Args:
        services: Beside which they run, and with which they end.
        local: Connection string of the local store, as its owner.
        docking: Of the docking store.

    Returns:
        The addresses of the gateway and of 12345's page. The page is asked for as `localhost`: of another site than the
        gateway, as in a city.
    """
    gateway_port, city_port = free_port(_GATEWAY_PORT), free_port(_CITY_PORT)
    gateway, page = f"http://{LOOPBACK}:{gateway_port}", f"http://localhost:{city_port}"
    client = client_of(local, page)
    services.add("gateway", "hotline_bridge.cli.main", "gateway", "--port", str(gateway_port))
    services.add(
        "12345",
        "hotline_sandbox.city",
        **{
            city.GATEWAY: gateway,
            city.APP_ID: client.app_id,
            city.TOKEN: client.token,
            city.DOCKING: docking,
            city.PORT: str(city_port),
        },
    )
    return gateway, page


def client_of(conninfo: str, origin: str) -> Given:
    """The client of the page; the one of the run before gets a new token, and the origin of today."""
    with connect(conninfo) as local:
        known = local.execute(
            "UPDATE hotline.gateway_client SET origins = ARRAY[%s] WHERE name = %s AND revoked_at IS NULL",
            [origin, CLIENT],
        )
        if known.rowcount:
            return rotate_token(local, CLIENT, timedelta())
        return add_client(local, CLIENT, ["440200"], origins=[origin])
