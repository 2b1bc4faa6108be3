"""One question of a walk: asked with its tries, which are written down, and its rows read; not yet stored.

The next one is under way while the rows of the last are stored.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hotline_bridge.inbound.interaction import log_tries
from hotline_bridge.inbound.moments import digits
from hotline_bridge.inbound.rows import Rows, array_of, read_between, read_cut
from hotline_bridge.inbound.windows import Window, is_full
from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.platform_client.request import build_request

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface
    from hotline_bridge.inbound.run import OneInterface
    from hotline_bridge.platform_client.answers import Attempt
    from hotline_bridge.platform_client.client import PlatformClient
    from hotline_bridge.store.database import AnySession


@dataclass(frozen=True, slots=True)
class Answer:
    """What one window brought."""

    window: Window
    requested_at: datetime
    rows: Rows
    """Of a full answer to more than one second, their number and registration alone: it is asked again in parts."""
    problem: str | None = None
    """Why there is no usable answer, if there is none."""
    content: bytes = field(default=b"", repr=False)
    """A whole answer as it came."""

    @property
    def is_full(self) -> bool:
        """Whether rows may have been cut off."""
        return is_full(self.rows.came)


class Asker:
    """Asks the platform for windows of one interface.

    Args:
        run: When to stop trying.
        client: The platform.
        journal: Session on the local store, in autocommit; others may use it too.
        interface: A query with a window.
    """

    def __init__(self, run: OneInterface, client: PlatformClient, journal: AnySession, interface: Interface) -> None:
        self._run = run
        self._client = client
        self._journal = journal
        self._interface = interface
        self._begin_field, self._end_field = (
            next(printed.name for printed in interface.request if printed.name.startswith(part))
            for part in ("begin", "end")
        )

    async def ask(self, window: Window, exactly: tuple[int, int] | None = None) -> Answer:
        """One request with its tries; once more where rows cannot be read, which may have happened on the way.

        Args:
            window: Where its rows belong.
            exactly: Seconds to ask for, both of them, where these are not the window's ends.
        """
        answer = await self._ask(window, exactly)
        if not answer.rows.unreadable or self._run.ending():
            return answer
        again = await self._ask(window, exactly)
        return answer if again.problem else again

    async def _ask(self, window: Window, exactly: tuple[int, int] | None) -> Answer:
        begin, end = map(digits, exactly or (window.begin, window.end))
        body = build_request(self._interface, {self._begin_field: begin, self._end_field: end})
        requested_at = datetime.now(UTC)
        tries = await self._run.deliver(self._client, self._interface, body)
        async with asyncio.TaskGroup() as beside:
            beside.create_task(log_tries(self._journal, f"{begin}-{end}", body, tries))
            return await self._read(window, requested_at, tries[-1])

    async def _read(self, window: Window, requested_at: datetime, last: Attempt) -> Answer:
        if last.outcome is not Outcome.DELIVERED:
            return Answer(window, requested_at, Rows(), last.message or last.outcome.value)
        if is_full(len(array_of(last.data))) and window.length > 1:
            return Answer(window, requested_at, read_cut(self._interface, last.data))
        rows = await read_between(self._interface, last.data, window)
        return Answer(window, requested_at, rows, content=last.answer)
