"""Who asks for a page, and what they may do: four rights, which whoever mounts the pages maps to rights of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

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


class Forbidden(Exception):  # noqa: N818  (an answer, not an error)
    """The user may not see what was asked for, though pages are for them: `what` names it, in Chinese."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a DAG."""

    begin: datetime
    """Aware."""
    end: datetime | None
    """None while it runs."""


class Runs:
    """Runs of DAGs, as far as one user may reach them: not at all without a scheduler beside the pages."""

    def find(self, dag: str, run_id: str) -> Run | None:  # noqa: ARG002
        """A run that has begun. Raises Forbidden where the user may not see runs of this DAG."""
        return None

    def start(self, dag: str, params: Mapping[str, str]) -> bool:  # noqa: ARG002
        """Starts a run in the name of the user; False where none could be started, or the user may not."""
        return False


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who has signed in."""

    name: str
    """The login, as audit rows keep it."""
    rights: frozenset[Right]
    runs: Runs = field(default_factory=Runs, compare=False, repr=False)
    """Of DAGs, as far as this user may reach them."""


class NotSignedIn(Exception):  # noqa: N818  (no error: what a browser asks for before its user has signed in)
    """There is no user: `status` is 401 where nobody signed in, 403 where what they showed is no key of ours."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status
