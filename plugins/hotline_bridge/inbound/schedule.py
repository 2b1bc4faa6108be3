"""The windows of an interface in the local store (`hotline.collection_window`): what is due, and what a visit found.

See architecture: registration time. A window is visited again soon while it is young and seldom when it is old
(`RefreshPolicy`). One into which an order came late (补报) is due at once (`mark_late`). That is found in tables, set
by set, so that a run that was killed or never came costs a delay and no order: what was delivered since the last
finished run of `case_collect` is compared with when its window was last visited.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from psycopg import sql

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.inbound.moments import seconds
from hotline_bridge.inbound.replace import be_alone
from hotline_bridge.inbound.windows import LONGEST_S, DueWindow, Window, due_together, gaps, window_within
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
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
        policy: When windows are due again.
    """

    def __init__(self, local: AnySession, interface: Interface, policy: RefreshPolicy) -> None:
        self._local = local
        self._interface = interface
        self._policy = policy

    async def bound_waits(self, now: datetime) -> None:
        """Make due what waits beyond any pause, as the clock was set back since."""
        async with self._local.transaction():
            await be_alone(self._local, self._interface)
            await self._local.execute(
                read_sql("inbound/schedule.sql", "bound_waits"),
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

    async def due(self, within: Window, now: datetime) -> list[DueWindow]:
        """What is to be visited now, in order, with small neighbours that cost no further request."""
        visits = [
            DueWindow(Window(begins, ends), rows, is_due, because)
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
        pause, only_open = self._policy.pause(window, int(requested_at.timestamp()))
        comes_again = incomplete or not only_open or bool(await self._run("open_order", window))
        await self._run(
            "record_visit",
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
            read_sql("inbound/schedule.sql", name),
            {"interface": self._interface.name, "begins": window.begin, "ends": window.end, **parameters},
        )
        return await cursor.fetchall() if cursor.description else []


_SPREAD = 0.25
_OF_AGE = 1 / 20
"""What a pause beyond the last step is of the window's age, at least: so visits grow by less and less with the years,
though late replies keep some order of nearly every window open."""


@dataclass(frozen=True, slots=True)
class RefreshPolicy:
    """Up to each age of a window's end, how long until the next visit; beyond the last, only while an order is open."""

    steps: Sequence[tuple[timedelta, timedelta]]
    """Age and pause, youngest first."""
    beyond: timedelta
    """Shortest pause beyond the last step."""

    def pause(self, window: Window, now: int) -> tuple[timedelta, bool]:
        """How long after a visit the window is due again, and whether only for open orders.

        The pause is shortened by up to a quarter, differently for each window, so that what was visited together at
        first does not come back together for ever.

        Args:
            window: The window visited.
            now: Moment of the visit, seconds since 1970.
        """
        age = timedelta(seconds=max(0, now - window.end))
        old = (max(self.beyond, age * _OF_AGE), True)
        pause, only_open = next(((again, False) for until, again in self.steps if age <= until), old)
        share = (window.begin // 60 * 2_654_435_761 % 2**32) / 2**32
        return pause * (1 - _SPREAD * share), only_open


REFRESH_POLICY = RefreshPolicy(
    steps=(
        (timedelta(days=7), timedelta(hours=1)),
        (timedelta(days=30), timedelta(hours=6)),
        (timedelta(days=120), timedelta(days=1)),
    ),
    beyond=timedelta(days=7),
)
"""Replies come late: 65 % after 7 days, 38 % after 15, 3 % after 90 (measured)."""

REPAIR_POLICY = RefreshPolicy(
    steps=((timedelta(days=30), timedelta(days=1)), (timedelta(days=120), timedelta(days=3))),
    beyond=timedelta(days=14),
)
"""For feedback queries, which only look for what an acknowledgement hid."""


SOON = timedelta(hours=1)
"""A window that is due within this time is left to its tier: every young one is."""
VISIBLE_AFTER = timedelta(minutes=1)
"""An order may be missing from an answer that was asked for so soon after its delivery."""
OVERLAP = timedelta(hours=1)
"""What was delivered so long before the last run ended is looked at again: longer than a run or a transaction lasts."""


def mark_late(local: Connection) -> int:
    """Make windows due that were visited before the platform had one of their orders.

    Of a late order the windows of its case are due, and those of what is asked for orders of any kind, as returned
    ones are; once its case is stored, those of steps and feedback that nobody visited any more. Windows that are
    visited within `SOON` anyway are left alone, so a usual day costs no request.

    Args:
        local: Session on the local store, in autocommit.

    Returns:
        Windows made due.
    """
    [(since,)] = local.execute(
        "SELECT coalesce(max(least(finished_at, now())) - %s, '-infinity')::text"
        " FROM hotline.run_log WHERE dag = 'case_collect'",
        [OVERLAP],
    ).fetchall()
    parameters = {
        "since": since,
        "now": datetime.now(UTC),
        "soon": SOON,
        "visible_after": VISIBLE_AFTER,
    }
    orders = interfaces_of("order")
    given_back = {order.becomes for order in orders}
    of_any_order = [known.name for known in interfaces_of("case", "query") if known.name not in given_back]
    following = [known.name for flow in ("process", "feedback") for known in interfaces_of(flow, "query")]
    marked = 0
    for order in orders:
        parts = _parts(order, contract()[str(order.becomes)], contract()[str(order.returned_by)])
        for name, queries in (("mark_late", [str(order.becomes), *of_any_order]), ("mark_awakened", following)):
            statement = read_sql("inbound/schedule.sql", name).format(**parts)
            marked += local.execute(statement, {**parameters, "queries": queries}).rowcount
    return marked


def _parts(order: Interface, cases: Interface, returned: Interface) -> dict[str, sql.Composable]:
    return {
        # A literal, or the planner does not see that the index on orders alone fits.
        "interface": sql.Literal(order.name),
        "order_table": sql.Identifier("hotline", str(order.table)),
        "order_key": sql.Identifier(order.key_column),
        "case_table": sql.Identifier("hotline", str(cases.table)),
        "case_key": sql.Identifier(cases.key_column),
        "returned_table": sql.Identifier("hotline", str(returned.table)),
        "returned_key": sql.Identifier(returned.key_column),
    }


def read_plan(
    local: Connection, interface: Interface, collect_from: datetime, within: tuple[datetime, datetime] | None
) -> dict[str, int]:
    """Windows due now, the rows that their last visits brought, and why they are due; nothing is changed.

    Args:
        local: Session on the local store.
        interface: A query.
        collect_from: Aware; see `collect`.
        within: Aware bounds: what would be visited if just this stretch were asked for.

    Raises:
        StopRun: Nothing of `within` has passed.
    """
    now = datetime.now(UTC)
    until = seconds(now)
    opened = window_within(within, until) if within else Window(min(seconds(collect_from), until - 1), until)
    stretch = opened if within else Window(0, until)
    parameters = {
        "interface": interface.name,
        "begins": stretch.begin,
        "ends": stretch.end,
        "now": now,
        "longest": LONGEST,
    }

    def visits(name: str) -> list[DueWindow]:
        found = local.execute(read_sql("inbound/schedule.sql", name), parameters).fetchall()
        # What is asked for by hand is visited to the second, due or not.
        return [
            DueWindow(
                Window(max(begins, stretch.begin), min(ends, stretch.end)), rows, is_due or within is not None, because
            )
            for rows, because, begins, ends, is_due in found
        ]

    every = visits("all_windows")
    new = [DueWindow(gap, None, is_due=True, because="new") for gap in gaps((visit.window for visit in every), opened)]
    known = every if within else visits("due_windows")
    due = due_together(sorted(known + new, key=lambda visit: visit.window))
    why = Counter("asked" if within else visit.because for visit in due)
    return {
        "windows": len(due),
        "rows": sum(visit.rows or 0 for visit in due),
        "days": round(sum(visit.window.length for visit in due) / 86_400),
        **{f"because_{reason}": count for reason, count in sorted(why.items())},
    }


@dataclass(frozen=True, slots=True)
class CollectStatus:
    """One query or drain, at one moment. A drain has no windows."""

    interface: Interface
    windows: int
    due: int
    """Windows that the next run asks for."""
    failed: int
    """Windows whose last visit brought no usable answer."""
    incomplete: int
    """Seconds that hold more rows than an answer can, and that nobody has accepted."""
    answered_at: datetime | None
    """Its last usable answer of the last two days."""
    overdue: int
    """Windows that are late by more than the limit of alerts."""

    @property
    def is_whole(self) -> bool:
        """Nothing is late, and nothing is missing."""
        return not (self.overdue or self.incomplete)


def collect_status(local: Connection, interfaces: Sequence[Interface], overdue: dict[str, int]) -> list[CollectStatus]:
    """Look at the windows of these interfaces.

    Args:
        local: Session on the local store.
        interfaces: Queries and drains.
        overdue: Late windows by interface, as the alerts count them.
    """
    by_name = {interface.name: interface for interface in interfaces}
    rows = local.execute(read_sql("inbound/schedule.sql", "status"), {"interfaces": list(by_name)}).fetchall()
    return [
        CollectStatus(by_name[name], windows, due, failed, incomplete, answered_at, overdue.get(name, 0))
        for name, windows, due, failed, incomplete, answered_at in rows
    ]
