"""A run that claims and then does what a test wants of it: die, or give back unsent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import uvloop

from hotline_bridge.outbound.delivery_queue import DeliveryQueue
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.store.database import connect_async

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hotline_bridge.outbound.delivery_queue import Lease
    from tests.outbound.bridge import Bridge

LEASE = timedelta(minutes=3)


def claim_and_die(bridge: Bridge, *, sent: bool) -> Sequence[Lease]:
    """A run claims all that is due, perhaps sends it, and is gone before it settles. Returns what it held."""

    async def run() -> list[Lease]:
        async with await connect_async(bridge.stores.local) as local, PlatformClient(bridge.platform) as client:
            queue = DeliveryQueue(local, uuid4(), LEASE)
            held = [version for log in bridge.interfaces for version in await queue.claim(log, fresh=100, due=100)]
            for version in held if sent else ():
                await client.attempt(version.interface, version.body)
            return held

    return uvloop.run(run())


def claim_and_give_back(bridge: Bridge, meanwhile: Callable[[Sequence[Lease]], object]) -> int:
    """A run claims all that is due, something happens, and it gives everything back unsent.

    Args:
        bridge: Whose queue.
        meanwhile: Is told what the run holds.

    Returns:
        How many versions were given back.
    """

    async def run() -> int:
        async with await connect_async(bridge.stores.local) as local:
            queue = DeliveryQueue(local, uuid4(), LEASE)
            held = [version for log in bridge.interfaces for version in await queue.claim(log, fresh=100, due=100)]
            meanwhile(held)
            await queue.release(held)
            return len(held)

    return uvloop.run(run())
