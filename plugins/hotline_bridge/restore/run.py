"""The steps of a restore in their order: read again, verify, ask the platform, settle what it has; nothing is sent."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import uvloop

from hotline_bridge.clock import iso_moment
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.failpoints import reached
from hotline_bridge.inbound.collect import collect
from hotline_bridge.inbound.schedule import REFRESH_POLICY, REPAIR_POLICY, RefreshPolicy
from hotline_bridge.outbound.status import log_status
from hotline_bridge.outbound.versions import Policy
from hotline_bridge.reconcile.days import order_kinds, returned_interface
from hotline_bridge.restore.again import (
    ReadAgain,
    feedback_queries,
    lost_feedback,
    read_again,
    repeat_returns,
    reports,
    settle_claims,
)
from hotline_bridge.restore.shown import count_unsettled, earlier_days, settle_shown
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand
    from hotline_bridge.contract.model import Interface
    from hotline_bridge.platform_client.settings import PlatformSettings

NAMED = 20
"""Orders named one by one where something of them was lost for good."""
MARGIN = timedelta(minutes=5)
"""Clocks differ, and a backup begins before its time is written down."""


def moment_of(local: Connection, since: str) -> datetime:
    """From which moment on rows are read again: some minutes before `since`, and before the last run of the backup.

    Args:
        local: Session on the local store.
        since: ISO text; Asia/Shanghai where it names no zone.

    Raises:
        StopRun: It is no moment, or has not come yet.
    """
    remedy = "give when the backup was begun, like 2026-11-24T03:00:00 (Asia/Shanghai)"
    try:
        moment = iso_moment(since)
    except ValueError:
        raise StopRun("--since is no ISO time", remedy=remedy) from None
    if moment > datetime.now(UTC):
        raise StopRun("--since has not come yet", remedy=remedy)
    known_until: datetime | None
    [(known_until,)] = local.execute(read_sql("restore/known_until.sql")).fetchall()
    return min(moment, known_until or moment) - MARGIN


class Restore:
    """One restore, and what it counted so far.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit, `mark.alone`.
        local_conninfo: Its connection string, for the sessions of collecting.
        settings: The platform.
        by: Who runs it, and why.
        tell: Is told each step in a line.
        collect_from: From which registration time on the deployment collects.
        budget_s: Seconds after which the platform is asked nothing more.
    """

    def __init__(
        self,
        docking: Connection,
        local: Connection,
        local_conninfo: str,
        settings: PlatformSettings,
        by: ByHand,
        tell: Callable[[str], object],
        *,
        collect_from: datetime,
        budget_s: float,
    ) -> None:
        self._docking, self._local, self._settings = docking, local, settings
        self._conninfo, self._collect_from = local_conninfo, collect_from
        self._by, self._tell = by, tell
        self._until = time.monotonic() + budget_s
        self.counts: Counter[str] = Counter()

    def carry_out(self, since: datetime) -> None:
        """Carry out all steps; each may be repeated. Rows that were collected since (aware) are read again.

        Raises:
            StopRun: Contents are marked as collected and not known even now, or a table or right is missing.
            TryAgainLater: A store or the platform did not answer.
        """
        self._read_again(since)
        self._verify()
        self._ask(since)
        self._settle()
        self._find_lost_feedback()
        self._local.execute(read_sql("restore/end.sql"), {"counts": json.dumps(self.counts)})

    def _read_again(self, since: datetime) -> None:
        def told(table: str, done: ReadAgain) -> None:
            self.counts.update(rows=done.rows, new=done.new)
            self._tell(f"docking.{table}: {done.rows} rows read again, {done.new} contents were not known")

        policy = Policy(self._settings.areas, self._settings.audit_required)
        read_again(self._docking, self._local, since, policy, told)
        self.counts["claims"] = settle_claims(self._local)
        self.counts["returned"] = repeat_returns(self._docking, self._local, self._by.actor)
        if self.counts["returned"]:
            self._tell(f"{self.counts['returned']} orders that the bureau had returned are returned again")

    def _verify(self) -> None:
        """Nothing that is marked as collected is unknown any more."""
        lost = {
            str(interface.table): found
            for interface in reports()
            if (found := log_status(self._docking, self._local, interface).lost)
        }
        if lost:
            told = ", ".join(f"{found} of docking.{table}" for table, found in lost.items())
            raise StopRun(
                f"contents that were collected before --since are not known either: {told}; everything stays stopped",
                remedy="run it again with an earlier --since: the backup is older than that",
            )

    def _ask(self, since: datetime) -> None:
        """Collect every window again: of orders that is needed to go on, anything else is told and left to the DAGs."""
        kinds = [kind for kind in order_kinds() if count_unsettled(self._local, kind)]
        needed = {kind.case.name for kind in kinds} | ({returned_interface().name} if kinds else set())
        collected = {
            name for (name,) in self._local.execute("SELECT DISTINCT interface FROM hotline.collection_window")
        }
        asked = collected | needed
        queries = [q for q in (*interfaces_of("case"), *interfaces_of("process")) if q.name in asked]
        repairs = [query for query in feedback_queries() if query.name in asked]
        [(asked_at,)] = self._local.execute("SELECT asked_at FROM hotline.restore WHERE ended_at IS NULL").fetchall()
        if asked_at is None or asked_at < since:
            now = datetime.now(UTC)
            with self._local.transaction():
                self._local.execute(read_sql("restore/mark_windows.sql"), {"interfaces": sorted(asked), "now": now})
                self._local.execute("UPDATE hotline.restore SET asked_at = %s WHERE ended_at IS NULL", [now])
            reached("windows-marked")
        parameters = {"interfaces": sorted(asked)}
        self._local.execute(read_sql("restore/ask_at_once.sql"), parameters)
        for interfaces, policy in ((queries, REFRESH_POLICY), (repairs, REPAIR_POLICY)):
            if not interfaces:
                continue
            self._tell(f"the platform is asked again, all registration times: {', '.join(q.name for q in interfaces)}")
            self._collect(interfaces, policy)
            reached("cases-asked")
        for kind in kinds:
            for day in earlier_days(self._local, kind):
                self._collect([kind.case, returned_interface()], REFRESH_POLICY, day)
        unanswered = self._local.execute(read_sql("restore/unanswered.sql"), parameters).fetchall()
        failed = {name for (name,) in unanswered}
        if stopping := sorted(failed & needed):
            raise TryAgainLater(
                f"the platform did not answer all of {', '.join(stopping)}: what it has already cannot be told, and"
                " everything stays stopped",
                remedy="see `hotline check`, then run it again: it goes on where it ended",
            )
        for name in sorted(failed):
            self._tell(f"{name}: not answered whole; its DAG goes on with it")

    def _collect(self, interfaces: Sequence[Interface], policy: RefreshPolicy, day: datetime | None = None) -> None:
        """Ask all that is due, or what was registered on a day that begins then."""
        within = (day - timedelta(seconds=1), day + timedelta(days=1, minutes=1)) if day else None
        found = uvloop.run(
            collect(
                interfaces,
                self._conninfo,
                self._settings,
                policy=policy,
                collect_from=self._collect_from,
                within=within,
                budget_s=max(0.0, self._until - time.monotonic()),
            )
        )
        for name, done in found.items():
            self.counts.update(requests=done.requests, collected=done.rows)
            self._tell(f"{name}: {done.requests} requests, {done.rows} rows, {done.added} new")

    def _settle(self) -> None:
        for kind in order_kinds():
            found = settle_shown(self._local, kind, self._by)
            self.counts.update({str(verdict): versions for verdict, versions in found.items()})
            if found:
                self._tell(
                    f"{kind.name}: {found['delivered']} on the platform already, not sent again; {found['unsent']} not"
                    f" there, {found['alike']} that cannot be told apart: these will be sent; {found['held']} held"
                )
        [(self.counts["logs"],)] = self._local.execute(
            "SELECT count(*) FROM hotline.delivery WHERE state = 'waiting' AND interface = ANY(%s)",
            [[interface.name for interface in interfaces_of("telephony")]],
        ).fetchall()

    def _find_lost_feedback(self) -> None:
        """Results that 12345 was told and the windows did not bring: asked for by the order's day, then named."""
        for query in feedback_queries():
            lost = lost_feedback(self._docking, self._local, query)
            days = {at.replace(hour=0, minute=0, second=0) for _, at in lost if at}
            for day in days:
                self._collect([query], REPAIR_POLICY, day)
            if days:
                lost = lost_feedback(self._docking, self._local, query)
            if lost:
                self.counts["lost_feedback"] += len(lost)
                named = ", ".join(regino for regino, _ in lost[:NAMED])
                more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
                self._tell(
                    f"{query.name}: feedback on {len(lost)} orders was acknowledged after the backup and is not given"
                    f" again: {named}{more}"
                )
