"""What people do in `make up`: the local bureau audits orders before they go out, and deals with those that arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.outbound import audit
from hotline_bridge.outbound.versions import Policy
from hotline_sandbox.sample.areas import AREAS

if TYPE_CHECKING:
    from psycopg import Connection

    from hotline_sandbox.server.control import SandboxControl

KEPT = 3
"""So many of the newest orders stay held, for whoever tries `hotline audit`."""
DAY_S = 2.0
"""Seconds that a day of the bureau takes."""

_ACTOR = "make up"
_POLICY = Policy(frozenset(AREAS), audit_required=True)
_PASSED = audit.Decision("消费者权益保护科", "演示审核员")
_RETURNED = audit.Decision("消费者权益保护科", "演示审核员", "不属于市场监督管理职责（演示）")


class Staff:
    """The people of one `make up`.

    Args:
        local: Session on the local store, in autocommit.
        platform: Where the orders arrive.
    """

    def __init__(self, local: Connection, platform: SandboxControl) -> None:
        self._local = local
        self._platform = platform
        self._returned = False

    def act(self) -> None:
        """Decide on the orders that are held, all but the newest; deal with those that the platform has."""
        due = audit.find_audited(self._local)[:-KEPT]
        if due and not self._returned:
            audit.send_back(self._local, due[:1], _RETURNED, actor=_ACTOR)
            self._returned, due = True, due[1:]
        audit.let_pass(self._local, due, _PASSED, actor=_ACTOR, policy=_POLICY)
        self._platform.world.deal(day_s=DAY_S)
