"""What the platform lost goes by the one sender: once in its life, never after something newer, in the one log."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import tuple_row

from hotline_bridge.by_hand import ByHand
from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.outbound.decisions import VersionFilter, find_replayable, replay
from hotline_bridge.store.database import connect
from hotline_bridge.store.sql import read_sql
from hotline_bridge.tasks.maintenance import RETENTIONS, drop_outlived
from tests.orders.order_bridge import COMPLAINT
from tests.reconcile.city import DAYS

if TYPE_CHECKING:
    from psycopg import Connection

    from tests.reconcile.city import City

DAY = DAYS[1]


@pytest.fixture
def sent(city: City) -> City:
    """An order that the platform has, and a mark that it is to be sent once more."""
    city.take("G1", DAY)
    city.run()
    city.local("UPDATE hotline.delivery SET resend = 'due', resend_asked_at = now()")
    return city


def resend(city: City) -> list[tuple[str, str]]:
    return city.local("SELECT state, resend FROM hotline.delivery ORDER BY row_id")


def bodies(city: City) -> list[str | None]:
    """What was sent of the order, in its order: the text of the complaint, None where the platform did not take it."""
    calls = [call["body"] for call in city.sandbox.history(bodies=True) if call["key"] == "G1"]
    return [None if body is None else json.loads(str(body))["complacontent"] for body in calls]


def test_any_delivery_sends_it_once_and_logs_it_as_every_other(sent: City) -> None:
    for _ in range(3):
        sent.deliver()
    assert resend(sent) == [("delivered", "accepted")]
    assert len(bodies(sent)) == 2
    assert len(set(bodies(sent))) == 1
    logged = sent.local("SELECT attempt, outcome FROM hotline.interaction_log WHERE key = 'G1' ORDER BY row_id")
    assert logged == [(1, "delivered"), (2, "delivered")]
    assert sent.local("SELECT attempts, claimed_until, next_attempt_at FROM hotline.delivery") == [(2, None, None)]


@pytest.mark.parametrize("fault", [{"kind": "issuc"}, {"kind": "status", "status": 500}, {"kind": "reset_after"}])
def test_whatever_the_platform_says_it_stays_delivered_and_is_never_sent_again(
    sent: City, fault: dict[str, object]
) -> None:
    before = sent.local("SELECT settled_at, code, message, outcome_unknown FROM hotline.delivery")
    sent.sandbox.set_faults([{**fault, "interface": COMPLAINT}])
    done = sent.deliver()[COMPLAINT]
    assert done.states == {"not_accepted": 1}
    calls = len(bodies(sent))
    sent.sandbox.clear_faults()
    sent.time_passes()
    sent.deliver()
    assert resend(sent) == [("delivered", "not_accepted")]
    assert len(bodies(sent)) == calls
    assert sent.local("SELECT settled_at, code, message, outcome_unknown FROM hotline.delivery") == before
    sent.take("G1", DAY, complacontent="补充")
    sent.run()
    assert sent.states() == {"delivered": 2}


def test_nothing_old_goes_after_something_newer(sent: City) -> None:
    sent.take("G1", DAY, complacontent="补充")
    sent.run()
    sent.deliver()
    assert bodies(sent)[1:] == ["补充"]
    assert resend(sent) == [("delivered", "lapsed"), ("delivered", None)]


def test_while_something_newer_is_unsettled_it_waits(sent: City) -> None:
    sent.sandbox.set_faults([{"kind": "issuc", "interface": COMPLAINT}])
    sent.take("G1", DAY, complacontent="补充")
    sent.run()
    sent.sandbox.clear_faults()
    sent.deliver()
    assert resend(sent) == [("delivered", "due"), ("rejected", None)]
    assert bodies(sent)[1:] == [None]


def test_two_claims_at_once_never_send_both(sent: City) -> None:
    """A claim of the old version that is not committed yet, and one of a newer version that cannot see it."""
    parameters = {"interface": COMPLAINT, "lease": timedelta(minutes=1)}
    old_run, new_run = uuid4(), uuid4()

    def ask(session: Connection, name: str, **more: object) -> list[tuple[object, ...]]:
        query = read_sql("outbound/delivery_queue.sql", name)
        return session.cursor(row_factory=tuple_row).execute(query, {**parameters, **more}).fetchall()

    with psycopg.connect(sent.stores.local) as old, connect(sent.stores.local) as new:
        [(row_id, *_)] = ask(old, "claim_again", run=old_run, most=10)
        sent.take("G1", DAY, complacontent="补充")
        sent.take_in()
        assert len(ask(new, "claim", run=new_run, fresh=10, due=10)) == 1, "the newer one is in flight"
        old.commit()
        assert ask(old, "overtaken", row_ids=[row_id]) == [(row_id,)], "so the old one is given back unsent"
        old.commit()
    with connect(sent.stores.local) as new:
        assert not ask(new, "claim_again", run=new_run, most=10)


def test_what_nobody_sent_for_half_a_day_is_not_sent_any_more(sent: City) -> None:
    sent.local("UPDATE hotline.delivery SET resend_asked_at = now() - interval '13 hours'")
    sent.deliver()
    assert resend(sent) == [("delivered", "lapsed")]
    assert len(bodies(sent)) == 1


def test_a_refused_authentication_spends_no_try(sent: City) -> None:
    sent.sandbox.set_faults([{"kind": "unauthorized"}])
    with pytest.raises(StopRun, match="401"):
        sent.deliver()
    assert resend(sent) == [("delivered", "due")]
    sent.sandbox.clear_faults()
    sent.deliver()
    assert resend(sent) == [("delivered", "accepted")]


def test_a_replay_by_hand_takes_its_place(sent: City) -> None:
    with connect(sent.stores.local) as local:
        chosen = find_replayable(local, VersionFilter([contract()[COMPLAINT]], keys=["G1"], delivered=True))
        assert replay(local, [one.row_id for one in chosen], ByHand("x", "the bureau asked for it")) == 1
    for _ in range(2):
        sent.deliver()
    assert resend(sent) == [("delivered", "lapsed")]
    assert len(bodies(sent)) == 2


def test_its_bytes_are_kept_until_it_is_sent(sent: City) -> None:
    sent.local("UPDATE hotline.delivery SET settled_at = now() - interval '1 year'")
    [of_bodies] = [retention for retention in RETENTIONS if retention.what == "bodies"]
    with connect(sent.stores.local) as local:
        assert drop_outlived(local, of_bodies) == 0
        sent.deliver()
        assert drop_outlived(local, of_bodies) == 1
    assert len(bodies(sent)) == 2
