"""The windows of an interface in the local store (`hotline.collection_window`): what is due, and what a visit found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hotline_bridge.inbound.store import be_alone
from hotline_bridge.inbound.windows import LONGEST_S, Visit, Window, due_together
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface
    from hotline_bridge.inbound.tiers import Tiers
    from hotline_bridge.store.database import AnySession

FAILED_AGAIN = timedelta(minutes=5)
AHEAD = timedelta(hours=1)
"""A visit so far ahead of the clock was made before it was set back."""
LONGEST = timedelta(seconds=LONGEST_S)
"""A window that begins so long before or after another cannot be asked for together with it."""


class WindowLedger:
    """The windows of one interface. They follow each other without a gap, from `collect_from` to the last visit.

    All moments are of this machine's clock, never of the database's: the two need not agree.

    Args:
        local: Session on the local store, in autocommit.
        interface: A query with a window.
        tiers: When windows are due again.
    """

    def __init__(self, local: AnySession, interface: Interface, tiers: Tiers) -> None:
        self._local = local
        self._interface = interface
        self._tiers = tiers

    async def bound_waits(self, now: datetime) -> None:
        """Make due what waits beyond any pause, as the clock was set back since."""
        async with self._local.transaction():
            await be_alone(self._local, self._interface)
            await self._local.execute(
                read_sql("inbound/bound_waits.sql"),
                {"interface": self._interface.name, "now": now, "ahead": AHEAD},
            )

    async def open_gaps(self, whole: Window) -> None:
        """Make windows for whatever part of `whole` has none: new time, earlier time, and what somebody took out."""
        async with self._local.transaction():
            await be_alone(self._local, self._interface)
            await self._run("open_gaps", whole, now=datetime.now(UTC))

    async def mark_due(self, window: Window, because: str = "asked") -> None:
        """Ask for another visit of exactly this stretch, whoever it is that wants one."""
        async with self._local.transaction():
            await be_alone(self._local, self._interface)
            await self._run("split_windows", window)
            await self._run("mark_due", window, because=because, now=datetime.now(UTC))

    async def due(self, within: Window, now: datetime) -> list[Visit]:
        """What is to be visited now, in order, with small neighbours that cost no further request."""
        visits = [
            Visit(Window(begins, ends), rows, is_due, because)
            for rows, because, begins, ends, is_due in await self._run("due_windows", within, now=now, longest=LONGEST)
        ]
        return due_together(visits)

    async def take(self, window: Window, requested_at: datetime) -> bool:
        """Within the caller's transaction: alone from here on, and False where a run that asked later has been here."""
        await be_alone(self._local, self._interface)
        [(is_old,)] = await self._run("newer_visit", window, requested_at=requested_at)
        return not is_old

    async def settle(
        self, window: Window, requested_at: datetime, *, rows: int, requests: int, incomplete: bool = False
    ) -> None:
        """Within the same transaction: the window was visited; one row takes the place of all inside it."""
        pause, only_open = self._tiers.pause(window, int(requested_at.timestamp()))
        comes_again = incomplete or not only_open or bool(await self._run("open_order", window))
        await self._run(
            "settle_window",
            window,
            state="incomplete" if incomplete else "settled",
            row_count=rows,
            request_count=requests,
            requested_at=requested_at,
            again_at=requested_at + pause if comes_again else None,
        )

    async def fail(self, window: Window, message: str) -> None:
        """The visit brought nothing; the windows stay due since when they were, and are asked again in some minutes."""
        async with self._local.transaction():
            await be_alone(self._local, self._interface)
            now = datetime.now(UTC)
            await self._run("mark_failed", window, message=message[:200], now=now, again=now + FAILED_AGAIN)

    async def _run(self, name: str, window: Window, **parameters: object) -> list[tuple[Any, ...]]:
        cursor = await self._local.execute(
            read_sql(f"inbound/{name}.sql"),
            {"interface": self._interface.name, "begins": window.begin, "ends": window.end, **parameters},
        )
        return await cursor.fetchall() if cursor.description else []
