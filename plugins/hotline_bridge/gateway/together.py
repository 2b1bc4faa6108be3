"""What is asked for while the store is busy is asked of it together: one statement for many calls."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

from hotline_bridge.errors import HotlineError, TryAgainLater, unforeseen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

log = logging.getLogger(__name__)

Asked = TypeVar("Asked")
Found = TypeVar("Found")


class Together(Generic[Asked, Found]):
    """Carries out what was asked for, one batch after another.

    Args:
        carry_out: Gives for each of some things what it found, in their order.
        most: Things in one batch.
    """

    def __init__(self, carry_out: Callable[[list[Asked]], Awaitable[Sequence[Found]]], most: int) -> None:
        self._carry_out = carry_out
        self._most = most
        self._waiting: deque[tuple[Asked, asyncio.Future[Found]]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Found:
        """What was found for it.

        Raises:
            HotlineError: The batch failed, with all that was in it.
        """
        found: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, found))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await found

    async def end(self) -> None:
        """Carry out what is left."""
        if self._working is not None:
            await self._working

    async def _work(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._most))]
            try:
                found = await self._carry_out([asked for asked, _ in batch])
            except HotlineError as error:
                _fail(batch, error)
            except Exception as error:
                log.error("%s", unforeseen(error))  # noqa: TRY400  (its own words can hold values)
                _fail(batch, TryAgainLater("the local store could not be asked"))
            else:
                for (_, waiting), one in zip(batch, found, strict=True):
                    if not waiting.done():  # its call was cut short meanwhile
                        waiting.set_result(one)


def _fail(batch: Sequence[tuple[object, asyncio.Future[Found]]], error: HotlineError) -> None:
    for _, waiting in batch:
        if not waiting.done():
            waiting.set_exception(error)
