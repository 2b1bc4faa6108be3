"""Who asks for a page, and what they may do: four rights, which whoever mounts the pages maps to rights of its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    Authorise = Callable[[Request], Awaitable["User"]]
    """Tells who asks for a page. Raises NotSignedIn."""


class Right(Enum):
    """What a user may do, with the words that name it to one who may not."""

    LOOK = "查看"
    """See lists and orders, personal data masked."""
    DECIDE = "审核与补录"
    """Pass and return orders, complete and correct them, release and discard what is in quarantine."""
    SEND_AGAIN = "重新上报"
    """Send again what the platform refused or lost."""
    UNMASK = "查看个人信息"
    """See the personal data of one order, with a reason that is kept."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who has signed in."""

    name: str
    """The login, as audit rows keep it."""
    rights: frozenset[Right]


class NotSignedIn(Exception):  # noqa: N818  (no error: what a browser asks for before its user has signed in)
    """There is no user: `status` is 401 where nobody signed in, 403 where what they showed is no key of ours."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status
