"""Asks the platform for its counts (对账接口, specification 4.8.2.1.5.5), and makes sense of what it says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline_bridge.inbound.fetch import log_tries
from hotline_bridge.inbound.moments import digits
from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.platform_client.request import build_request
from hotline_bridge.reconcile.days import Reading
from hotline_bridge.reconcile.kinds import count_interface, order_kinds

if TYPE_CHECKING:
    from hotline_bridge.inbound.fetch import InboundRun
    from hotline_bridge.platform_client.client import PlatformClient
    from hotline_bridge.store.database import AnySession

Counts = Mapping[str, int | None]
"""Orders by kind; None where the platform gave no number that can be meant."""

_WHOLE = re.compile(r"\s*[0-9]{1,9}\s*", re.ASCII)


def read_counts(data: object) -> Counts:
    """The counts of an answer: numbers, or texts as printed (String 50), in an object or in an array of one.

    A count that is absent, empty, negative, broken or a fraction is None.
    """
    if isinstance(data, list) and len(data) == 1:
        [data] = data
    values = {str(name).lower(): value for name, value in data.items()} if isinstance(data, dict) else {}
    return {kind.name: _count(values.get(kind.counted_in.lower())) for kind in order_kinds()}


def _count(value: object) -> int | None:
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    return value if type(value) is int and 0 <= value < 1_000_000_000 else None


@dataclass(slots=True)
class Counter:
    """Counts over stretches of seconds; the session on the local store is for the interaction log."""

    run: InboundRun
    client: PlatformClient
    local: AnySession
    reading: Reading = field(default_factory=Reading)

    async def count(self, begin: int, end: int) -> Counts:
        """Orders registered from `begin` until before `end`, in seconds since 1970."""
        return await self.ask(*self.reading.window(begin, end))

    async def ask(self, begin: int, end: int) -> Counts:
        """The platform's counts of a window as it reads it; none where it refuses, or gives no usable answer."""
        if self.run.ending():
            return read_counts(None)
        interface = count_interface()
        first, last = (printed.name for printed in interface.request)
        body = build_request(interface, {first: digits(begin), last: digits(end)})
        run = self.run
        tries = await self.client.deliver(interface, body, stop=run.ending, seen=run.note, deadline=run.deadline)
        await log_tries(self.local, f"{digits(begin)}-{digits(end)}", body, tries)
        return read_counts(tries[-1].data if tries[-1].outcome is Outcome.DELIVERED else None)
