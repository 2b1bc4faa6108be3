"""4.2.5: fetched, acknowledged, queried, as printed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import make_conninfo

from hotline_bridge.contract.reader import contract
from hotline_bridge.gateway.clients import add_client, set_areas
from hotline_bridge.gateway.feedback import _of_rows
from hotline_bridge.store.database import connect
from tests.gateway.conftest import Caller, feed_back, new_client

if TYPE_CHECKING:
    from collections.abc import Iterator

A, B = "44020020261201000001", "44020320261201000002"
ELSEWHERE = "44010020261201000003"


def test_is_offered_until_it_is_acknowledged(caller: Caller, local_store: str) -> None:
    feed_back(local_store, A, B, ELSEWHERE)
    rows = caller.fetch()
    assert [row["Region"] for row in rows] == [A, B]
    assert list(rows[0]) == [field.name for field in contract()["todocasefeedback"].response]
    assert caller.fetch() == rows
    assert caller.acknowledge(A)["msg"] == "成功"
    assert [row["Region"] for row in caller.fetch()] == [B]
    assert "1 个业务编号" in caller.acknowledge(A, B)["msg"]
    assert caller.fetch() == []


def test_what_came_after_the_fetch_is_not_hidden_by_its_acknowledgement(caller: Caller, local_store: str) -> None:
    feed_back(local_store, A, content="初查")
    assert [row["Feedbackcontent"] for row in caller.fetch()] == ["初查"]
    feed_back(local_store, A, content="办结")
    caller.acknowledge(A)
    assert [row["Feedbackcontent"] for row in caller.fetch()] == ["办结"]


def test_one_reply_by_both_sets_of_interfaces_is_one(caller: Caller, local_store: str) -> None:
    feed_back(local_store, A, content="已调解", table="complaint_feedback")
    feed_back(local_store, A, content="已调解")
    feed_back(local_store, A, content="另一条", table="report_feedback")
    feed_back(local_store, B, content="答复", table="consultation_feedback")
    assert sorted(row["Feedbackcontent"] for row in caller.fetch()) == ["另一条", "已调解", "答复"]
    assert all(len(row["Feetime"]) == 14 for row in caller.fetch())
    caller.acknowledge(A, B)
    assert caller.fetch() == []
    assert len(caller.query(regino=f"{A}，{B}")) == 3


def test_the_result_of_an_investigation_is_given_beside_a_reply_of_the_same_words(
    caller: Caller, local_store: str
) -> None:
    feed_back(local_store, A, content="已答复")
    feed_back(local_store, A, content="已答复", table="report_feedback")
    with psycopg.connect(local_store, autocommit=True) as session:
        session.execute("UPDATE hotline.report_feedback SET investresult = '不予立案'")
    assert sorted(row["Feedbackcontent"] for row in caller.fetch()) == ["不予立案\n已答复", "已答复"]


def test_at_most_500_at_once_and_nothing_twice(caller: Caller, local_store: str) -> None:
    numbers = [f"4402002026120100{number:04d}" for number in range(1_201)]
    feed_back(local_store, *numbers)
    seen: list[str] = []
    sizes = []
    while rows := caller.fetch():
        sizes.append(len(rows))
        seen += [row["Region"] for row in rows]
        caller.acknowledge(*(row["Region"] for row in rows))
    assert (sizes, seen) == ([500, 500, 201], numbers)
    some = ",".join(numbers[:900])
    assert len(caller.query(regino=some)) == 500
    assert "超过 500 条" in caller.ask("casefeedback", b'{"regino":"%b"}' % some.encode()).json()["msg"]


def test_a_client_sees_its_areas_alone(caller: Caller, local_store: str) -> None:
    other = Caller(caller.address, new_client(local_store, "other", "440100"), caller.http)
    everything = Caller(caller.address, new_client(local_store, "all", "000000"), caller.http)
    feed_back(local_store, A, ELSEWHERE)
    assert [row["Region"] for row in other.fetch()] == [ELSEWHERE]
    assert len(everything.fetch()) == 2
    assert [row["Region"] for row in other.query(regino=f"{A},{ELSEWHERE}")] == [ELSEWHERE]
    other.acknowledge(A)
    assert [row["Region"] for row in caller.fetch()] == [A]
    with connect(local_store) as local:
        assert set_areas(local, "other", ["440200"]) == 1
    assert [row["Region"] for row in other.fetch()] == [A]


def test_a_client_made_later_is_to_fetch_all_there_is(caller: Caller, local_store: str) -> None:
    feed_back(local_store, A, B)
    with connect(local_store) as local:
        assert add_client(local, "later", ["440000"]).waiting == 2
        assert add_client(local, "new", ["440000"], since=local.execute("SELECT now()").fetchall()[0][0]).waiting == 0


def test_other_areas_bring_back_nothing_that_was_left_out(caller: Caller, local_store: str) -> None:
    feed_back(local_store, A, B, ELSEWHERE)
    with connect(local_store) as local:
        later = add_client(local, "later", ["440200"], since=datetime.now(UTC) + timedelta(hours=1))
        assert later.waiting == 0
        assert set_areas(local, "later", ["440203", "440100"]) == 1
    assert [row["Region"] for row in Caller(caller.address, later, caller.http).fetch()] == [ELSEWHERE]


def test_feedback_stored_while_a_client_is_made_is_not_missed(caller: Caller, local_store: str) -> None:
    with psycopg.connect(local_store) as storing:
        storing.execute(
            "INSERT INTO hotline.case_feedback (region, content_hash, source, requested_at)"
            " VALUES (%s, sha256('x'), 'test', now())",
            [A],
        )
        made: list[int] = []

        def add() -> None:
            with connect(local_store) as local:
                made.append(add_client(local, "late", ["440200"]).waiting)

        adding = threading.Thread(target=add)
        adding.start()
        adding.join(0.5)
        assert not made
        storing.commit()
        adding.join(20)
    assert made == [1]


def test_two_fetches_and_an_acknowledgement_at_once(caller: Caller, local_store: str) -> None:
    numbers = [f"4402002026120100{number:04d}" for number in range(600)]
    feed_back(local_store, *numbers)
    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(lambda _: caller.fetch(), range(4)):
            assert [row["Region"] for row in rows] == numbers[:500]
        acknowledged = numbers[:500]
        calls = [*[caller.fetch] * 3, lambda: caller.acknowledge(*acknowledged)]
        [*fetched, _] = pool.map(lambda call: call(), calls)
        assert all([row["Region"] for row in rows] in (numbers[:500], numbers[500:]) for rows in fetched)
    assert [row["Region"] for row in caller.fetch()] == numbers[500:]


def test_query_by_registration_time(caller: Caller, local_store: str) -> None:
    feed_back(local_store, A, B)
    with psycopg.connect(local_store, autocommit=True) as session:
        for number, at in ((A, "2026-11-30 09:00:00"), (B, "2026-12-01 09:00:00")):
            session.execute(_ORDER, {"regino": number, "at": f"{at}+08"})
    november = {"beginregtime": "20261130000000", "endregtime": "20261130090000"}
    assert [row["Region"] for row in caller.query(**november)] == [A]
    assert caller.query(regino=B, **november) == []
    assert [row["Region"] for row in caller.query(regino=f"{B},{A}", endregtime="20261201090000")] == [B]
    assert [row["Region"] for row in caller.query(beginregtime="20261129000000")] == [A, B]
    ever = {"beginregtime": "00010101000000", "endregtime": "99991231235959"}
    assert [row["Region"] for row in caller.query(**ever)] == [A, B]
    assert [row["Region"] for row in caller.query(regino=B, **ever)] == [B]
    assert {"feetime"} == set(caller.query(regino=A)[0]) - set(caller.fetch()[0])


_ORDER = """
INSERT INTO hotline.order_fact (
    regino, kind, channel, registered_at, day, is_returned, is_withdrawn, is_answered_on_site, is_time_ordered,
    urge_count, extension_count, supplement_count, feedback_count, routing_count, step_count
)
SELECT
    %(regino)s, 'complaint', '', at, (at AT TIME ZONE 'Asia/Shanghai')::date,
    false, false, false, true, 0, 0, 0, 1, 0, 0
FROM (VALUES (%(at)s::timestamptz)) AS given (at)
"""


def test_a_query_over_a_long_time_looks_up_no_more_orders_than_it_shows(local_store: str) -> None:
    numbers = [f"4402002026120100{number:04d}" for number in range(2_000)]
    feed_back(local_store, *numbers)
    asked = {"begin": "2026-01-01+08", "until": "2026-12-31+08", "areas": ["440200"], "area_at": 1, "most": 50}
    with psycopg.connect(local_store, autocommit=True) as session:
        with session.cursor() as cursor:
            cursor.executemany(_ORDER, [{"regino": number, "at": "2026-12-01 09:00:00+08"} for number in numbers])
        session.execute("ANALYZE hotline.order_fact, hotline.case_feedback")
        query = b"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + _of_rows("casefeedback", "of_time")
        [(plan,)] = session.execute(query, asked).fetchall()
    found = nodes(plan[0]["Plan"])
    [looked_up] = [node["Actual Loops"] for node in found if node.get("Relation Name") == "case_feedback"]
    assert looked_up < 100


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def test_who_stores_feedback_may_offer_it(caller: Caller, local_store: str) -> None:
    """A run; what a page releases, a run stores."""
    feed_back(make_conninfo(local_store, options="-c role=hotline_loader"), A)
    assert [row["Region"] for row in caller.fetch()] == [A]
