"""The sandbox forgets all orders when it ends; what the bridge delivered to an earlier one is given to the next."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import uvloop

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.store.database import connect
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN

if TYPE_CHECKING:
    from collections.abc import Sequence


def put_again(local_conninfo: str, base_url: str) -> int:
    """Put the delivered orders whose bodies are still kept, in their order; gives how many these are.

    Args:
        local_conninfo: libpq connection string of the local store.
        base_url: Of the sandbox.
    """
    names = [interface.name for interface in interfaces_of("order")]
    with connect(local_conninfo) as local:
        rows: list[tuple[str, bytes]] = local.execute(
            "SELECT interface, body FROM hotline.delivery"
            " WHERE state = 'delivered' AND body IS NOT NULL AND interface = any(%s) ORDER BY row_id",
            [names],
        ).fetchall()
    uvloop.run(_put(rows, PlatformSettings(base_url=base_url, app_id=DEFAULT_APP_ID, token=DEFAULT_TOKEN)))
    return len(rows)


async def _put(rows: Sequence[tuple[str, bytes]], settings: PlatformSettings) -> None:
    async with PlatformClient(settings) as client:
        await asyncio.gather(*(client.attempt(contract()[name], body) for name, body in rows))
