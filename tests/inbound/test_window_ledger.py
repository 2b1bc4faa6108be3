"""`hotline.collection_window` is a partition whatever happens to it, and knows what is due.

See architecture: registration time.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline_bridge.errors import StopRun
from hotline_bridge.inbound import schedule
from hotline_bridge.inbound.schedule import REFRESH_POLICY, REPAIR_POLICY, WindowLedger
from hotline_bridge.inbound.windows import Window
from hotline_bridge.store.database import connect_async
from tests.examples import examples
from tests.inbound.inbound_bridge import COMPLAINTS, FEEDBACK, REPAIR, START, STEPS, moment, order, shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.inbound.inbound_bridge import Inbound

HOUR, DAY = 3600, 86_400
LONG = 40
"""Seconds of the stretch in which random windows lie."""

spans = st.tuples(st.integers(0, LONG), st.integers(0, LONG)).filter(lambda pair: pair[0] != pair[1]).map(sorted)
acts = st.lists(
    st.tuples(st.sampled_from(["settle", "settle", "mark_due", "fail", "incomplete", "deleted", "old"]), spans),
    max_size=12,
)


@asynccontextmanager
async def ledger_of(inbound: Inbound) -> AsyncIterator[WindowLedger]:
    async with await connect_async(inbound.stores.local) as local:
        yield WindowLedger(local, COMPLAINTS, REFRESH_POLICY)


async def settle(ledger: WindowLedger, window: Window, asked: datetime, *, incomplete: bool = False) -> bool:
    """A visit as `collect` makes it; whether it counted."""
    async with ledger._local.transaction():
        if not await ledger.take(window, asked):
            return False
        await ledger.settle(window, asked, rows=3, requests=1, incomplete=incomplete)
    return True


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts, spans)
def test_a_partition_after_whatever_happened(
    inbound: Inbound, acts: list[tuple[str, list[int]]], first: list[int]
) -> None:
    async def carry_out() -> None:
        async with ledger_of(inbound) as ledger:
            await ledger.open_gaps(Window(START + first[0], START + first[1]))
            await ledger.open_gaps(Window(START, START + LONG))
            for name, (begin, end) in acts:
                window = Window(START + begin, START + end)
                match name:
                    case "settle":
                        assert await settle(ledger, window, datetime.now(UTC))
                    case "old":
                        await settle(ledger, window, moment(-DAY))
                    case "incomplete":
                        await settle(ledger, window, datetime.now(UTC), incomplete=True)
                    case "mark_due":
                        await ledger.mark_due(window)
                        due = await ledger.due(window, datetime.now(UTC))
                        assert (due[0].window.begin, due[-1].window.end) == (window.begin, window.end)
                    case "fail":
                        await ledger.fail(window, "no answer")
                    case "deleted":
                        await ledger._local.execute(
                            "DELETE FROM hotline.collection_window WHERE row_id IN"
                            " (SELECT row_id FROM hotline.collection_window ORDER BY begins OFFSET 1 LIMIT 1)"
                        )
                        await ledger.open_gaps(Window(START, START + LONG))

    inbound.local("TRUNCATE hotline.collection_window")
    asyncio.run(carry_out())
    windows = inbound.windows()
    assert (windows[0][0], windows[-1][1]) == (0, LONG)
    assert all(before[1] == after[0] for before, after in pairwise(windows))


async def test_a_window_that_someone_deleted_is_opened_again(inbound: Inbound) -> None:
    async with ledger_of(inbound) as ledger:
        await ledger.open_gaps(Window(START, START + DAY))
        await settle(ledger, Window(START, START + HOUR), datetime.now(UTC))
        await settle(ledger, Window(START + HOUR, START + DAY), datetime.now(UTC))
        inbound.local("DELETE FROM hotline.collection_window WHERE begins = to_timestamp(%s)", START)
        assert await ledger.due(Window(START, START + DAY), datetime.now(UTC)) == []
        await ledger.open_gaps(Window(START, START + DAY))
        (visit,) = await ledger.due(Window(START, START + HOUR), datetime.now(UTC))
    assert (visit.window, visit.because) == (Window(START, START + HOUR), "new")


async def test_a_longer_stretch_opens_what_is_new_at_both_ends(inbound: Inbound) -> None:
    async with ledger_of(inbound) as ledger:
        await ledger.open_gaps(Window(START + 10, START + 20))
        await ledger.open_gaps(Window(START, START + 30))
    assert inbound.windows() == [(0, 10, "open"), (10, 20, "open"), (20, 30, "open")]


@pytest.mark.edge
async def test_an_older_answer_after_a_newer_one_changes_nothing(inbound: Inbound) -> None:
    older, newer = moment(-20), moment(-10)
    async with ledger_of(inbound) as ledger:
        await ledger.open_gaps(Window(START, START + 100))
        assert await settle(ledger, Window(START + 10, START + 20), newer)
        for window in (Window(10, 20), Window(0, 100), Window(15, 16), Window(0, 10), Window(20, 30)):
            shifted = Window(START + window.begin, START + window.end)
            assert not await settle(ledger, shifted, older), "the second that two windows share was asked with both"
        assert await settle(ledger, Window(START + 21, START + 30), older)
        assert await settle(ledger, Window(START, START + 100), newer), "the same moment is not older"


async def test_who_asks_while_an_answer_is_under_way_is_not_overheard(inbound: Inbound) -> None:
    async with ledger_of(inbound) as ledger:
        await ledger.open_gaps(Window(START, START + 100))
        requested_at = datetime.now(UTC)
        await ledger.mark_due(Window(START + 10, START + 20))
        await settle(ledger, Window(START, START + 100), requested_at)
        (visit,) = await ledger.due(Window(START, START + 100), datetime.now(UTC))
        assert visit.because == "asked"
        await settle(ledger, visit.window, datetime.now(UTC))
        assert await ledger.due(Window(START, START + 100), datetime.now(UTC)) == []


async def test_a_database_whose_clock_is_wrong_is_not_asked_for_the_time(fresh: Inbound) -> None:
    """A session whose `now()` is an hour ahead, as seen by whoever looks for what is due."""
    fresh.local(
        "CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql AS"
        " $$ SELECT pg_catalog.now() + interval '1 hour' $$"
    )
    async with ledger_of(fresh) as ledger:
        await ledger._local.execute("SET search_path = public, pg_catalog")
        await ledger.open_gaps(Window(START, START + 100))
        assert len(await ledger.due(Window(START, START + 100), datetime.now(UTC))) == 1
        await settle(ledger, Window(START, START + 100), datetime.now(UTC))
        await ledger.mark_due(Window(START, START + 100))
        assert len(await ledger.due(Window(START, START + 100), datetime.now(UTC))) == 1
        await ledger.fail(Window(START, START + 100), "x")
        assert await ledger.due(Window(START, START + 100), datetime.now(UTC)) == []
        again = datetime.now(UTC) + schedule.FAILED_AGAIN
        assert len(await ledger.due(Window(START, START + 100), again)) == 1


@pytest.mark.parametrize(
    ("policy", "age", "pause", "only_open"),
    [
        (REFRESH_POLICY, 0, HOUR, False),
        (REFRESH_POLICY, 7 * DAY, HOUR, False),
        (REFRESH_POLICY, 7 * DAY + 1, 6 * HOUR, False),
        (REFRESH_POLICY, 30 * DAY + 1, DAY, False),
        (REFRESH_POLICY, 120 * DAY, DAY, False),
        (REFRESH_POLICY, 120 * DAY + 1, 7 * DAY, True),
        (REPAIR_POLICY, 30 * DAY, DAY, False),
        (REPAIR_POLICY, 120 * DAY, 3 * DAY, False),
        (REPAIR_POLICY, 121 * DAY, 14 * DAY, True),
    ],
)
def test_tiers_by_age_spread_over_a_quarter(policy: object, age: int, pause: int, only_open: bool) -> None:
    found = set()
    for begin in range(0, 20 * DAY, 977):
        window = Window(START - begin - 10, START - begin)
        again, only = policy.pause(window, window.end + age)  # type: ignore[attr-defined]  # RefreshPolicy
        assert 0.75 * pause <= again.total_seconds() <= pause
        assert only is only_open
        found.add(again)
    assert len(found) > 100, "what was visited together does not come back together"
    assert policy.pause(Window(START, START + 10), START - 5)[0] > timedelta(0)  # type: ignore[attr-defined]  # ends in the future


async def test_beyond_the_last_tier_while_an_order_is_open(inbound: Inbound) -> None:
    old = START - 130 * DAY
    open_window, closed, empty = (Window(old + part, old + part + 100) for part in (0, 1000, 2000))
    for number, window in (("OPEN", open_window), ("CLOSED", closed)):
        inbound.local(
            "INSERT INTO hotline.complaint_case (regino, registime, content_hash, source, requested_at)"
            " VALUES (%s, to_timestamp(%s), '', '', now())",
            *(number, window.begin + 50),
        )
    inbound.local(
        "INSERT INTO hotline.complaint_feedback (odrno, content_hash, source, requested_at, loaded_at)"
        " VALUES ('CLOSED', '', '', now(), now() - interval '31 days')"
    )
    async with ledger_of(inbound) as ledger:
        await ledger.open_gaps(Window(old, old + 3000))
        for window in (open_window, closed, empty):
            await settle(ledger, window, datetime.now(UTC))
        visited = "SELECT extract(epoch FROM begins) FROM hotline.collection_window WHERE state <> 'open' AND due_at"
        within = f"{visited} BETWEEN now() + interval '5 days' AND now() + interval '7 days' ORDER BY begins"
        assert inbound.local(within) == [(open_window.begin,)]
        assert inbound.local(f"{visited} IS NOT NULL") == [(open_window.begin,)]
        await settle(ledger, empty, datetime.now(UTC), incomplete=True)
        assert (empty.begin,) in inbound.local(within), "an incomplete second is never left alone"


# With a platform


def test_two_runs_interleaved_leave_the_newer_state(inbound: Inbound) -> None:
    """The first run's answer is held back on its way; a second run, which asked later, is here before it."""
    inbound = inbound.of(STEPS)
    inbound.sandbox.world.put(order("A", 10, shown(STEPS, remark="old")))
    inbound.sandbox.set_faults([{"kind": "delay", "seconds": 1.0, "count": 1}])
    # The answer is made when it is sent: so the world changes back, and the one that comes last is the older question.
    first = Thread(target=inbound.one, args=((0, 20),))
    first.start()
    while not inbound.sandbox.history():
        pass
    second = inbound.one((0, 20))
    before = inbound.local("SELECT * FROM hotline.complaint_handling")
    inbound.sandbox.world.replace("A", str(STEPS.table), shown(STEPS, remark="another"))
    first.join()
    assert second.added == 1
    assert inbound.local("SELECT * FROM hotline.complaint_handling") == before


def test_a_window_in_the_future_is_refused_and_one_that_began_is_taken_as_far_as_it_has_passed(
    inbound: Inbound,
) -> None:
    inbound.sandbox.world.put(order("A", 10))
    for within in ((10 * DAY, 11 * DAY), (20, 10), (10, 10)):
        with pytest.raises(StopRun, match="set begin before end"):
            inbound.one(within)
    assert inbound.sandbox.history() == []
    assert inbound.one((0, 10 * DAY)).added == 1


def test_a_manual_window_before_the_first_moment_opens_just_that(inbound: Inbound) -> None:
    inbound.sandbox.world.put(order("OLD", -300 * DAY), order("A", 10))
    assert inbound.one((-300 * DAY - 5, -300 * DAY + 5)).added == 1
    inbound.one()
    windows = inbound.windows()
    assert windows[0][:2] == (-300 * DAY - 5, -300 * DAY + 5)
    assert windows[1][0] == 0, "nothing in between is opened"
    inbound.local("UPDATE hotline.collection_window SET due_at = now() WHERE begins < to_timestamp(%s)", START)
    inbound.sandbox.world.remove("OLD")
    assert inbound.one().missing == 1, "what was opened stays in care"


def test_within_fractions_of_a_second(inbound: Inbound) -> None:
    inbound.sandbox.world.put(order("A", 10))
    assert inbound.one((9.9, 10.2)).added == 1  # type: ignore[arg-type]  # fractions


def test_each_second_once_and_none_left(inbound: Inbound) -> None:
    """After several runs, manual ones included, the windows reach from the first moment to the last visit."""
    inbound = inbound.of(COMPLAINTS, STEPS)
    inbound.sandbox.world.put(*(order(f"R{number}", number * 100) for number in range(30)))
    for within in (None, (0, 500), (250, 800), None):
        inbound.collect(within)
    for interface in inbound.interfaces:
        windows = inbound.windows(interface)
        assert windows[0][0] == 0
        assert windows[-1][1] >= DAY
        assert all(before[1] == after[0] for before, after in pairwise(windows))
    assert FEEDBACK.table == REPAIR.table


def test_no_window_waits_for_the_days_by_which_the_clock_was_set_back(inbound: Inbound) -> None:
    inbound.sandbox.world.put(order("R1", 10, shown(COMPLAINTS, proname="甲")))
    inbound.one((0, 3600))
    asked = "interval '5 days'"
    inbound.local(f"UPDATE hotline.collection_window SET due_at = due_at + {asked}, visited_at = visited_at + {asked}")  # noqa: S608
    inbound.local(f"UPDATE hotline.complaint_case SET requested_at = requested_at + {asked}")  # noqa: S608
    inbound.sandbox.world.put(order("R1", 10, shown(COMPLAINTS, proname="乙")))
    done = inbound.one()
    assert (done.requests >= 1, done.overtaken, done.replaced) == (True, 0, 1)
    assert inbound.local("SELECT proname FROM hotline.complaint_case") == [("乙",)]
    ahead = "SELECT count(*) FROM hotline.collection_window WHERE visited_at > now() + interval '1 hour'"
    assert inbound.local(ahead) == [(0,)]

    # A window that failed, and one that somebody asked for, when the clock was ahead.
    for because in ("failed", "asked"):
        inbound.local(
            "UPDATE hotline.collection_window SET due_because = %s,"
            " due_at = now() + interval '5 days', retry_at = now() + interval '5 days'",
            because,
        )
        assert inbound.one().requests >= 1
    assert set(inbound.one().because) <= {"new"}, "and then it rests as usual"
