"""`hotline person-key rotate`: all rows have the new key in the end, also after a stop, and while others store rows."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.by_hand import ByHand
from hotline_bridge.personal.erase import Numbers, erase
from hotline_bridge.personal.keys import key_state, rotate
from hotline_bridge.store.database import connect
from tests.personal.canary import PHONE, plant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.store.database import Session

BY = ByHand("operator", "a key that somebody knew")


@pytest.fixture
def local(local_store: str) -> Iterator[Session]:
    plant(local_store)
    with connect(local_store) as session:
        session.execute(
            "INSERT INTO hotline.call_log (row_id, callid, callno, written_at)"
            " SELECT 1000 + n, 'c' || n, '138' || lpad(n::text, 8, '0'), now() FROM generate_series(1, 50) AS n"
        )
        yield session


def stale(local: Session) -> int:
    """Rows whose key is not that of their number."""
    [(count,)] = local.execute(
        "SELECT (SELECT count(*) FROM hotline.call_log WHERE person_key <> hotline.person_key(callno))"
        " + (SELECT count(*) FROM hotline.call_log_history WHERE person_key <> hotline.person_key(callno))"
        " + (SELECT count(*) FROM hotline.complaint_case WHERE identity_key <> hotline.identity_key(procerno))"
        " + (SELECT count(*) FROM hotline.complaint_order WHERE person_key <> hotline.person_key(telnumber))"
    ).fetchall()
    return int(count)


def test_every_row_has_the_new_key(local: Session) -> None:
    before = local.execute("SELECT person_key FROM hotline.call_log ORDER BY row_id").fetchall()
    told: dict[str, int] = {}
    shown: list[int] = []
    # 51 calls, 6 orders and cases, and their histories.
    assert rotate(local, BY, portion=7, tell=told.__setitem__, show=shown.append) == 51 + 6 + 7
    assert shown == sorted(shown)
    assert (len(shown) > 8, shown[-1]) == (True, 100)
    assert told["call_log"] == 51
    assert stale(local) == 0
    assert not {*before} & {*local.execute("SELECT person_key FROM hotline.call_log").fetchall()}
    assert (key_state(local).version, key_state(local).tables_left) == (2, 0)
    assert local.execute(
        "SELECT actor, state_before, state_after FROM hotline.operator_action WHERE action = 'rotate'"
    ).fetchall() == [("operator", "version 1", "version 2")]


def test_who_looked_for_a_person_is_told_by_the_new_key_and_the_old_one_tells_nothing(local: Session) -> None:
    for phone in (PHONE, PHONE, "13900001111", "匿名"):
        local.execute("SELECT count(*) FROM hotline.find_by_phone(%s, 9, 'li')", [phone])
    for _ in range(2):
        local.execute("SELECT count(*) FROM hotline.find_by_name('某某人', '2020-01-01', '2030-01-01', 9, 9, 'li')")
    searches = "SELECT person_hash, is_comparable, key_version FROM hotline.person_search ORDER BY row_id"
    before = [key for key, *_ in local.execute(searches).fetchall()]
    rotate(local, BY, portion=7)
    known, again, unknown, nobody, name, same_name = local.execute(searches).fetchall()
    [(key,)] = local.execute("SELECT hotline.person_key(%s)", [PHONE]).fetchall()
    assert known == again == (key, True, 2), "of somebody whose records are there"
    assert (unknown[1:], name[1:]) == ((False, 2), (False, 2))
    assert name == same_name
    assert nobody[0] is None
    assert not {*before} & {known[0], unknown[0], name[0]}
    rotate(local, BY, portion=7)
    later = local.execute(searches).fetchall()
    assert not {known[0], unknown[0], name[0]} & {hashed for hashed, *_ in later}
    assert [comparable for _, comparable, _ in later[:3]] == [True, True, False]


def test_searches_are_hashed_again_also_after_a_stop(local: Session) -> None:
    local.execute("SELECT count(*) FROM hotline.find_by_phone('13900001111', 9, 'li')")

    def stop(table: str, rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(local, BY, tell=stop)
    while key_state(local).tables_left > 1:
        with pytest.raises(KeyboardInterrupt):
            rotate(local, None, tell=stop)
    rotate(local, None)
    assert local.execute("SELECT key_version FROM hotline.person_search").fetchall() == [(2,)]


def test_one_that_was_stopped_goes_on_with_its_key(local: Session) -> None:
    class Stopped(Exception):  # noqa: N818  (it tells of no error)
        """As by Ctrl-C."""

    def stop(table: str, rows: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        rotate(local, BY, portion=7, tell=stop)
    assert key_state(local).tables_left > 0
    assert stale(local) > 0
    rotate(local, None, portion=7)
    assert stale(local) == 0
    assert (key_state(local).version, key_state(local).tables_left) == (2, 0)
    assert rotate(local, None) == 0, "nothing was begun"


def test_a_row_that_is_being_stored_meanwhile_is_not_left_behind(local: Session, local_store: str) -> None:
    done: list[int] = []
    with psycopg.connect(local_store) as writer:
        writer.execute(
            "INSERT INTO hotline.call_log (row_id, callid, callno, written_at)"
            " VALUES (5000, 'slow', '13811112222', now())"
        )
        thread = threading.Thread(target=lambda: done.append(rotate(local, BY)))
        thread.start()
        with psycopg.connect(local_store, autocommit=True) as watcher:
            while not watcher.execute("SELECT FROM pg_locks WHERE NOT granted").rowcount:
                pass
        assert not done
        writer.commit()
    thread.join(30)
    assert stale(local) == 0


def test_what_was_erased_keeps_what_stands_in_the_place_of_a_key(local: Session) -> None:
    erase(local, Numbers((PHONE,)), BY)
    kept = "SELECT person_key FROM hotline.call_log WHERE callno = '已删除'"
    before = local.execute(kept).fetchall()
    rotate(local, BY)
    assert local.execute(kept).fetchall() == before
    assert before != [(None,)]
