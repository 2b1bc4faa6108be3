"""A read that brings nothing usable is asked again, an interface that only fails is told.

See architecture: reads are asked again at once.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hotline_bridge.alerts.conditions import find_alerts
from hotline_bridge.alerts.limits import Limits
from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.collect import collect
from hotline_bridge.inbound.feedback import drain
from hotline_bridge.inbound.quarantine import find
from hotline_bridge.inbound.rows import UNREADABLE
from hotline_bridge.inbound.schedule import REFRESH_POLICY
from hotline_bridge.store.database import connect
from hotline_bridge.tasks.inbound import failing
from tests.inbound.inbound_bridge import COMPLAINTS, FEEDBACK, REPAIR, STEPS, by_order, good_row, moment, order, shown
from tests.platform.raw_server import Peer, http, raw_server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hotline_bridge.inbound.collect import CollectCounts
    from hotline_bridge.inbound.feedback import DrainCounts
    from tests.inbound.inbound_bridge import Inbound

ROUTING = contract()["getCaseLzmx"]
HOUR, DAY = 3600, 86_400
BAD_ANSWERS: tuple[dict[str, object], ...] = (
    *({"kind": "status", "status": 502}, {"kind": "status", "status": 500}, {"kind": "html"}),
    *({"kind": "empty"}, {"kind": "truncated"}, {"kind": "charset"}, {"kind": "malformed", "variant": "cut"}),
    *({"kind": "data", "form": "object"}, {"kind": "reset_after"}),
)


def red(counts: Mapping[str, CollectCounts | DrainCounts]) -> list[str]:
    """What the verdict says of a run."""
    return failing({name: done.as_dict() for name, done in counts.items()})


def test_with_a_quarter_of_all_answers_bad_a_walk_of_forty_days_ends_complete(inbound: Inbound) -> None:
    inbound = inbound.of(COMPLAINTS, STEPS, ROUTING, REPAIR, FEEDBACK)
    rows = (shown(COMPLAINTS), shown(STEPS), shown(ROUTING), shown(FEEDBACK))
    inbound.sandbox.world.put(*(order(f"R{number:04}", -40 * DAY + number * 1700, *rows) for number in range(2000)))
    share = 1 - 0.75 ** (1 / len(BAD_ANSWERS))
    inbound.sandbox.set_faults([{**bad, "probability": share} for bad in BAD_ANSWERS])
    counts = inbound.collect((-40 * DAY, 0))
    assert red(counts) == []
    for done in counts.values():
        assert (done.failed, done.left_s, done.incomplete_seconds, done.missing) == (0, 0, 0, 0)
        assert done.requests >= 6
    assert {state for interface in inbound.interfaces for *_, state in inbound.windows(interface)} <= {
        "settled",
        "open",
    }
    calls = inbound.sandbox.history()
    assert sum(call["fault"] is not None for call in calls) > len(calls) / 8

    drained = inbound.drain()
    assert red(drained) == []
    inbound.sandbox.clear_faults()
    for interface, shown_by in ((COMPLAINTS, COMPLAINTS), (STEPS, STEPS), (ROUTING, ROUTING), (FEEDBACK, REPAIR)):
        assert inbound.hashes(interface) == by_order(shown_by, inbound.sandbox.world.rows(shown_by.name))


def test_a_gateway_that_limits_requests_a_second_fails_no_window_and_no_acknowledgement(inbound: Inbound) -> None:
    inbound = inbound.with_settings(tries=1).of(COMPLAINTS, STEPS, FEEDBACK)
    rows = (shown(COMPLAINTS), shown(STEPS), shown(FEEDBACK))
    inbound.sandbox.world.put(*(order(f"R{number:03}", -number * DAY / 8, *rows) for number in range(300)))
    inbound.sandbox.set_faults([{"kind": "status", "status": 429, "above": 8}])
    assert red(inbound.collect((-38 * DAY, 0))) == []
    assert red(inbound.drain()) == []
    assert sum(call["fault"] == "status" for call in inbound.sandbox.history()) > 0
    assert inbound.hashes(FEEDBACK) == by_order(REPAIR, inbound.sandbox.world.rows(REPAIR.name))


def test_a_window_that_failed_is_asked_once_more_when_the_others_are_done(inbound: Inbound) -> None:
    inbound = inbound.with_settings(tries=1)
    inbound.sandbox.world.put(order("FIRST", -15 * DAY), order("LAST", -DAY))
    inbound.sandbox.set_faults([{"kind": "status", "status": 502, "count": 1}])
    done = inbound.one((-16 * DAY, 0))
    assert (done.unanswered, done.failed, done.added) == (1, 0, 2)
    assert {state for _, end, state in inbound.windows() if end <= 0} == {"settled"}


def test_windows_that_failed_are_told_beside_those_that_did_not(inbound: Inbound) -> None:
    inbound = inbound.with_settings(tries=1, breaker_failures=1000).of(COMPLAINTS, STEPS)
    inbound.sandbox.world.put(*(order(f"R{day:02}", -day * DAY - HOUR) for day in range(80)))
    inbound.sandbox.set_faults(
        [{"kind": "status", "status": 502, "interface": COMPLAINTS.name, "after": 4, "count": 100}]
    )
    counts = inbound.collect((-80 * DAY, 0))
    done = counts[COMPLAINTS.name]
    assert 1 < done.failed < done.requests
    assert done.added > 0, "what came stays"
    (sentence,) = red(counts)
    assert COMPLAINTS.label_zh in sentence
    assert f"{done.failed} 个登记时间窗口没有得到可用的应答" in sentence


def test_an_interface_that_only_fails_does_not_hold_up_the_others_and_is_told(inbound: Inbound) -> None:
    inbound = inbound.with_settings(breaker_failures=4, tries=2).of(STEPS, ROUTING)
    inbound.sandbox.world.put(*(order(f"R{day}", -day * DAY, shown(STEPS), shown(ROUTING)) for day in range(200)))
    inbound.sandbox.set_faults([{"kind": "status", "status": 502, "interface": ROUTING.name}])
    waits_since: set[object] = set()
    for _ in range(3):
        inbound.local("UPDATE hotline.collection_window SET retry_at = NULL")
        counts = inbound.collect((-200 * DAY, 0) if not waits_since else None)
        dead = counts[ROUTING.name]
        assert dead.requests <= 3, "its own breaker ends its walk"
        assert dead.left_s > 100 * DAY
        (sentence,) = red(counts)
        assert ROUTING.label_zh in sentence
        assert "全部" in sentence
        assert inbound.hashes(STEPS) == by_order(STEPS, inbound.sandbox.world.rows(STEPS.name))
        waits_since |= set(
            inbound.local(
                "SELECT due_at FROM hotline.collection_window WHERE interface = %s AND state = 'failed'", ROUTING.name
            )
        )
    assert len(waits_since) == 1, "a failed visit does not move the time since when a window waits"


def test_a_failing_interface_and_its_overdue_windows_raise_alerts_until_it_answers(inbound: Inbound) -> None:
    inbound = inbound.with_settings(tries=1).of(STEPS, FEEDBACK)
    inbound.sandbox.world.put(order("R1", 10, shown(STEPS), *(shown(FEEDBACK, agent=f"员{n}") for n in range(3))))

    def hours_pass(hours: float) -> None:
        for table, column in (("collection_window", "due_at"), ("interaction_log", "started_at")):
            inbound.local(f"UPDATE hotline.{table} SET {column} = {column} - %s * interval '1 hour'", hours)  # noqa: S608  (of this test)

    def told() -> set[tuple[str, str]]:
        with connect(inbound.stores.local) as local:
            return {
                (case.cause, case.subject)
                for case in find_alerts(local, Limits(), ["interface_failing", "windows_overdue", "platform_dead"])
            }

    def run() -> None:
        inbound.local("UPDATE hotline.collection_window SET retry_at = NULL")
        inbound.collect()
        inbound.drain()

    run()
    hours_pass(0.9)
    inbound.sandbox.set_faults([{"kind": "status", "status": 502}])
    inbound.local("UPDATE hotline.collection_window SET due_at = least(due_at, now())")
    run()
    assert told() == set(), "nobody is told of a minute"
    hours_pass(1.1)
    assert told() == {("interface_failing", STEPS.name), ("interface_failing", FEEDBACK.name)}
    for _ in range(5):
        run()
        hours_pass(1)
    assert told() >= {("windows_overdue", STEPS.name), ("interface_failing", STEPS.name)}
    inbound.sandbox.clear_faults()
    run()
    assert told() == set()


# Rows that are no JSON in UTF-8, by a platform of bytes


def answered(*rows: bytes) -> bytes:
    return http(b'{"code": 0, "msg": "ok", "data": [' + b",".join(rows) + b"]}")


def as_bytes(number: str) -> bytes:
    return json.dumps(good_row(FEEDBACK, odrno=number), ensure_ascii=False).encode()


GBK = json.dumps(good_row(FEEDBACK, odrno="GBK1"), ensure_ascii=False).encode("gbk")
NAMELESS = json.dumps(good_row(FEEDBACK, odrno="无"), ensure_ascii=False).encode("gbk")


class ByteDrain:
    """A drain that hands out rows of bytes until their numbers are acknowledged."""

    def __init__(self, rows: Mapping[str, bytes], spoil: Callable[[bytes], bytes] = lambda row: row) -> None:
        self.rows = dict(rows)
        self.fetches = 0
        self._spoil = spoil

    async def __call__(self, peer: Peer) -> None:
        asked = json.loads(peer.body)
        if asked.get("method") == FEEDBACK.name:
            self.fetches += 1
            spoil = self._spoil if self.fetches == 1 else lambda row: row
            return await peer.send(answered(*map(spoil, self.rows.values())))
        for number in asked["regino"].split(","):
            del self.rows[number]
        return await peer.send(http(b'{"code": "0000", "msg": "ok", "data": {"issuc": "1"}}'))


async def test_a_row_that_is_not_utf_8_stops_neither_storing_nor_acknowledging(inbound: Inbound) -> None:
    platform = ByteDrain({"R1": as_bytes("R1"), "GBK1": GBK, "": NAMELESS, "R2": as_bytes("R2")})
    async with raw_server(platform) as server:
        found = await drain([FEEDBACK], inbound.stores.local, inbound.with_settings(base_url=server.url).platform)
    done = found[FEEDBACK.name]
    assert (done.rows, done.added, done.quarantined, done.acknowledged, done.numberless) == (4, 2, 2, 3, 1)
    assert platform.rows == {"": NAMELESS}
    assert inbound.hashes(FEEDBACK).keys() == {"R1", "R2"}
    assert inbound.quarantined() == [("GBK1", [UNREADABLE], GBK), ("", [UNREADABLE], NAMELESS)]

    with connect(inbound.stores.local) as local:
        for row in find(local):
            assert "不能读取" in row.reasons_zh
            assert row.masked()["odrno"] in {"GBK1", "\ufffd\ufffd"}
        shown_rows = local.execute("SELECT key, raw FROM hotline.quarantine ORDER BY row_id").fetchall()
    assert [key for key, _ in shown_rows] == ["GBK1", ""]
    assert all(r"\316" in raw for _, raw in shown_rows), "文 of GBK, as octal numbers"


async def test_what_was_spoiled_on_the_way_is_fetched_again_and_not_quarantined(inbound: Inbound) -> None:
    platform = ByteDrain({"R1": as_bytes("R1"), "R2": as_bytes("R2")}, lambda row: row[:-4] + b"\xff" + row[-3:])
    async with raw_server(platform) as server:
        found = await drain([FEEDBACK], inbound.stores.local, inbound.with_settings(base_url=server.url).platform)
    done = found[FEEDBACK.name]
    assert (done.added, done.quarantined, done.acknowledged, platform.fetches) == (2, 0, 2, 2)


async def test_a_window_with_a_row_that_is_not_utf_8_is_complete(inbound: Inbound) -> None:
    odd = json.dumps(good_row(STEPS, bh="R2"), ensure_ascii=False).encode("gbk")
    good = json.dumps(good_row(STEPS, bh="R1"), ensure_ascii=False).encode()
    answers = [answered(good, odd)] * 2 + [answered(good, good.replace(b"R1", b"R2"))]
    asked = []

    async def platform(peer: Peer) -> None:
        asked.append(peer)
        await peer.send(answers[min(len(asked), len(answers)) - 1])

    async def run(url: str) -> CollectCounts:
        settings = inbound.with_settings(base_url=url).platform
        window = (moment(0), moment(100))
        found = await collect(
            [STEPS],
            inbound.stores.local,
            settings,
            policy=REFRESH_POLICY,
            collect_from=datetime.now(UTC),
            within=window,
        )
        return found[STEPS.name]

    async with raw_server(platform) as server:
        done = await run(server.url)
        assert (done.failed, done.added, done.quarantined, done.requests) == (0, 1, 1, 1)
        assert inbound.quarantined() == [("R2", [UNREADABLE], odd)]
        assert await run(server.url)
    assert (inbound.hashes(STEPS).keys(), inbound.quarantined()) == ({"R1", "R2"}, [])


async def test_rows_that_are_none_are_told_apart_and_end_nothing(inbound: Inbound) -> None:
    """No object, an object without number, two numbers over 200 characters with one head."""
    long = [json.dumps(good_row(STEPS, bh="9" * 200 + end)).encode() for end in "12"]
    numberless = json.dumps(good_row(STEPS, bh="")).encode()
    good = json.dumps(good_row(STEPS, bh="R1")).encode()

    async def platform(peer: Peer) -> None:
        await peer.send(answered(b"null", b"7", b"[]", numberless, *long, good))

    async with raw_server(platform) as server:
        settings = inbound.with_settings(base_url=server.url).platform
        for _ in range(2):
            found = await collect(
                [STEPS],
                inbound.stores.local,
                settings,
                policy=REFRESH_POLICY,
                collect_from=datetime.now(UTC),
                within=(moment(0), moment(100)),
            )
            assert found[STEPS.name].quarantined == 6
    kept = inbound.quarantined()
    assert len(kept) == 6
    assert [key for key, *_ in kept[:4]] == [""] * 4
    assert len({key for key, *_ in kept[4:]}) == 2
