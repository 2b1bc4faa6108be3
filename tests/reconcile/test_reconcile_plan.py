"""Which days a run counts: none whose first collection is under way, since that they differ would say nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hotline_bridge.by_hand import ByHand
from hotline_bridge.reconcile.days import bounds
from hotline_bridge.reconcile.requests import answer, ask, asked_days
from hotline_bridge.reconcile.state import plan
from hotline_bridge.store.database import connect
from tests.reconcile.city import DAYS

if TYPE_CHECKING:
    from datetime import date

    from tests.reconcile.city import City

BY = ByHand("airflow:wang", "群众来电")


def test_a_day_is_counted_once_its_cases_were_collected(city: City) -> None:
    """Not while one kind alone has a window that nobody asked for; what was counted before is counted again."""
    city.collect()
    assert set(DAYS) <= set(_planned(city))
    city.local(
        """
        WITH cut AS (
            UPDATE hotline.collection_window SET ends = %(at)s
            WHERE interface = 'getZxBusiCaseInfoData' AND begins < %(at)s AND ends > %(at)s
            RETURNING interface
        )
        INSERT INTO hotline.collection_window (interface, begins, ends, state, due_because)
        SELECT interface, %(at)s, %(at)s + interval '3 days', 'open', 'new' FROM cut
        """.replace("%(at)s", f"'{bounds(DAYS[1])[0].isoformat()}'::timestamptz")
    )
    planned = _planned(city)
    assert DAYS[0] in planned
    assert not set(DAYS[1:]) & set(planned)
    assert _planned(city, DAYS[2]) == [DAYS[2]], "a person asks for this very day"
    city.reconcile(DAYS[2])
    assert DAYS[2] in _planned(city)


def test_a_day_whose_repair_somebody_asked_for_is_counted_until_it_was_answered(city: City) -> None:
    city.collect()
    city.reconcile(DAYS[0])
    with connect(city.stores.local) as local:
        long_after = datetime.now(UTC) + timedelta(days=30)
        assert DAYS[0] not in plan(local, 1, None, long_after).orders
        assert not ask(local, DAYS[1], BY), "nobody ever judged it"
        assert ask(local, DAYS[0], BY)
        assert not ask(local, DAYS[0], BY), "it waits already"
        assert asked_days(local) == [DAYS[0]]
        assert DAYS[0] in plan(local, 1, None, long_after).orders
        checks = city.reconcile(DAYS[0]).values()
        assert answer(local, checks) == 1
        assert answer(local, checks) == 0
        assert DAYS[0] not in plan(local, 1, None, long_after).orders
        assert ask(local, DAYS[0], BY), "and once more"
        acts = local.execute(
            "SELECT actor, state_before, state_after, reason FROM hotline.operator_action ORDER BY row_id"
        ).fetchall()
    assert acts == [
        ("airflow:wang", "agreed", "asked", "群众来电"),
        ("count_reconciliation", "asked", "agreed", None),
        ("airflow:wang", "agreed", "asked", "群众来电"),
    ]


def _planned(city: City, *only: date) -> list[date]:
    window = (bounds(only[0])[0], bounds(only[0])[1]) if only else None
    with connect(city.stores.local) as local:
        return plan(local, 7, window, datetime.now(UTC)).orders
