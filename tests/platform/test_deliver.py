"""Tries at once (architecture: tries and waits; specification 4.8.2.1.1 e)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.model import Interface
from hotline_bridge.contract.reader import contract
from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.platform_client.request import sign
from hotline_bridge.platform_client.settings import PlatformSettings
from tests.platform.raw_server import YES, Peer, Serve, http

BODY = '{"callid":"4402001","callno":"张"}'.encode()
NO, DENIED = http(b'{"code": "1001", "msg": "no"}'), http(b"", "401 No")


async def close(peer: Peer) -> None:
    peer.writer.close()


@pytest.mark.parametrize(
    ("answers", "outcomes"),
    [
        ([http()], ["delivered"]),
        ([close, http()], ["no_answer", "delivered"]),
        ([close, close, close, http()], ["no_answer"] * 3 + ["delivered"]),
        ([close, close, close, close, http()], ["no_answer"] * 4),
        ([close, NO, http()], ["no_answer", "refused"]),
        ([NO, http()], ["refused"]),
        ([http(b"", "503 Busy"), http()], ["try_later"]),
        ([http(b"<html>"), http()], ["try_later"]),
        ([http(b"", "429 Slow"), http()], ["try_later"]),
        ([DENIED, http()], ["unauthorized"]),
        ([close, DENIED, http()], ["no_answer", "unauthorized"]),
    ],
)
async def test_only_a_missing_answer_is_tried_again_at_once(
    serve: Serve, callinfo: Interface, answers: list[object], outcomes: list[str]
) -> None:
    server = await serve(*answers)
    noon = datetime(2026, 11, 24, 12, 0, tzinfo=SHANGHAI)
    async with PlatformClient(PlatformSettings(server.url, "app", "token"), now=lambda: noon) as client:
        attempts = await client.deliver(callinfo, BODY)
    assert [attempt.outcome for attempt in attempts] == outcomes
    assert [attempt.number for attempt in attempts] == list(range(1, len(outcomes) + 1))
    assert {request.body for request in server.requests} == {BODY}
    assert len(server.requests) == len(outcomes)


BAD_ANSWERS = {
    "closed": close,
    "500": http(b"", "500 Error"),
    "503": http(b"", "503 Busy"),
    "429": http(b"", "429 Slow", "Retry-After: 0"),
    "page": http(b"<html>"),
    "empty": http(b""),
    "cut": http(b'{"code": 0, "data": [{"bh": "1"'),
    "GBK": http('{"code": 0, "msg": "成功", "data": []}'.encode("gbk")),
    "no array": http(b'{"code": 0, "data": {}}'),
    "no code": http(b'{"data": []}'),
}
READS = {name: contract()[name] for name in ("getTsCaseLzmx", "todocasefeedback", "numcaseinfo")}


@pytest.mark.parametrize(
    ("name", "bad"),
    [(name, bad) for name in READS for bad in BAD_ANSWERS if (name, bad) != ("numcaseinfo", "no array")],
)
async def test_a_read_is_asked_again_until_its_answer_is_usable(serve: Serve, name: str, bad: str) -> None:
    server = await serve(BAD_ANSWERS[bad], http(b'{"code": 0, "data": []}'))
    async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
        attempts = await client.deliver(READS[name], b"{}")
    assert [attempt.outcome is Outcome.DELIVERED for attempt in attempts] == [False, True]
    assert [attempt.number for attempt in attempts] == [1, 2]


@pytest.mark.parametrize(
    ("answers", "count"),
    [
        ([http(b"", "502 Bad")], 2),
        ([NO], 1),
        ([http(b'{"code": "busy", "msg": "later"}')], 1),
        ([http(b'{"code": "0", "data": []}')], 1),
        ([http(b"", "429 Slow", "Retry-After: 60")], 1),
        ([http(b"", "502 Bad"), NO], 2),
    ],
    ids=["as often as set", "refused", "a code that says later", "answered", "no time to wait", "refused at last"],
)
async def test_a_read_is_asked_no_more_than_there_is_use(serve: Serve, answers: list[object], count: int) -> None:
    server = await serve(*answers)
    settings = PlatformSettings(server.url, "app", "token", tries=2, retry_codes=frozenset({"busy"}))
    async with PlatformClient(settings) as client:
        attempts = await client.deliver(READS["getTsCaseLzmx"], b"{}", deadline=time.monotonic() + 30)
    assert len(attempts) == len(server.requests) == count


async def test_a_read_waits_as_long_as_the_platform_asks(serve: Serve) -> None:
    server = await serve(http(b"", "429 Slow", "Retry-After: 1"), http(b'{"code": 0, "data": []}'))
    async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
        first, second = await client.deliver(READS["todocasefeedback"], b"", deadline=time.monotonic() + 30)
    assert (second.started_at - first.started_at).total_seconds() >= 1


@pytest.mark.parametrize("name", ["callinfo", "putTsBusiRegInfoData", "putCallbackCaseFeedback"])
async def test_a_write_that_was_answered_is_not_sent_again(serve: Serve, name: str) -> None:
    carried_out = BAD_ANSWERS.keys() - {"closed", "429"}
    for bad in carried_out:
        server = await serve(BAD_ANSWERS[bad])
        async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
            assert len(await client.deliver(contract()[name], b"{}")) == 1


@pytest.mark.parametrize("name", ["putCallbackCaseFeedback", "getTsCaseLzmx"])
async def test_what_was_refused_for_its_number_alone_is_asked_again_beyond_the_tries(serve: Serve, name: str) -> None:
    yes = http(b'{"code": "0000", "data": [], "issuc": "1"}' if name.startswith("get") else YES)
    server = await serve(*[http(b"", "429 Slow")] * 3, yes)
    settings = PlatformSettings(server.url, "app", "token", tries=1)
    async with PlatformClient(settings) as client:
        for _ in range(8):  # so that the pace has something to go by
            client.pace.learn(time.monotonic(), 200)
        attempts = await client.deliver(contract()[name], b"{}")
    assert [attempt.http_status for attempt in attempts] == [429, 429, 429, 200]


async def test_nobody_waits_longer_for_a_turn_than_there_is_use(serve: Serve, callinfo: Interface) -> None:
    server = await serve(http())
    async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
        client.pace.learn(time.monotonic(), 429)  # two seconds a turn
        began = time.monotonic()
        assert await client.deliver(callinfo, BODY, give_up_at=began + 0.05) == []
        assert await client.deliver(callinfo, BODY, give_up_at=began + 9, stop=lambda: True) == []
        assert len(await client.deliver(callinfo, BODY, deadline=began + 0.1)) == 1
    assert len(server.requests) == 1


async def test_unreachable_is_tried_as_often(callinfo: Interface) -> None:
    # Port 1 of the loopback is served by nobody.
    async with PlatformClient(PlatformSettings("http://127.0.0.1:1", "app", "token", tries=3)) as client:
        attempts = await client.deliver(callinfo, BODY)
    assert [attempt.outcome for attempt in attempts] == [Outcome.UNREACHABLE] * 3
    assert not any(attempt.may_have_arrived for attempt in attempts)


async def test_each_try_is_signed_anew(serve: Serve, callinfo: Interface) -> None:
    server = await serve(close, http())
    moments = iter(
        [datetime(2026, 11, 23, 23, 59, 59, 990000, SHANGHAI), datetime(2026, 11, 24, 0, 0, 0, 300000, SHANGHAI)]
    )
    async with PlatformClient(PlatformSettings(server.url, "app", "token"), now=lambda: next(moments)) as client:
        attempts = await client.deliver(callinfo, BODY)
    signed = [request.headers["authorization"] for request in server.requests]
    assert signed == [sign("app", "token", BODY, attempt.started_at) for attempt in attempts]
    assert signed[0] != signed[1]


async def test_no_try_starts_after_the_run_was_told_to_stop(serve: Serve, callinfo: Interface) -> None:
    server = await serve(close)
    async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
        assert len(await client.deliver(callinfo, BODY, stop=lambda: True)) == 1
        assert len(await client.deliver(callinfo, BODY, stop=lambda: len(server.requests) >= 3)) == 2


def platform_at(day: str) -> Callable[[Peer], object]:
    """Accepts only signatures that carry this day, whatever the client's clock says."""
    moment = datetime.fromisoformat(f"{day}T12:00:00+08:00")

    async def answering(peer: Peer) -> None:
        right = peer.headers["authorization"] == sign("app", "token", peer.body, moment)
        await peer.send(http() if right else DENIED)

    return answering


@pytest.mark.parametrize(
    ("moments", "platforms_day", "outcomes"),
    [
        # sent before midnight, read after it
        (["2026-11-23T23:59:59.950", "2026-11-24T00:00:00.050"], "2026-11-24", ["unauthorized", "delivered"]),
        # the platform's clock is half a minute ahead, or behind
        (["2026-11-23T23:59:40", "2026-11-23T23:59:40.1"], "2026-11-24", ["unauthorized", "delivered"]),
        (["2026-12-31T23:59:40", "2026-12-31T23:59:40.1"], "2027-01-01", ["unauthorized", "delivered"]),
        (["2026-11-24T00:00:20", "2026-11-24T00:00:20.1"], "2026-11-23", ["unauthorized", "delivered"]),
        # the Token is wrong: one more try, not an endless loop
        (["2026-11-23T23:59:59", "2026-11-24T00:00:01"], "2020-01-01", ["unauthorized", "unauthorized"]),
        # no midnight near: no second try, which would only hide a wrong clock
        (["2026-11-24T12:00:00", "2026-11-24T12:00:01"], "2026-11-25", ["unauthorized"]),
        (["2026-11-24T00:01:30", "2026-11-24T00:01:31"], "2026-11-23", ["unauthorized"]),
    ],
)
async def test_a_signature_refused_at_midnight_is_made_once_more(
    serve: Serve, callinfo: Interface, moments: list[str], platforms_day: str, outcomes: list[str]
) -> None:
    times = [datetime.fromisoformat(f"{moment}+08:00").astimezone(UTC) for moment in moments]
    clock = iter(times)
    server = await serve(platform_at(platforms_day))
    async with PlatformClient(
        PlatformSettings(server.url, "app", "token"), now=lambda: next(clock, times[-1])
    ) as client:
        attempts = await client.deliver(callinfo, BODY)
    assert [attempt.outcome for attempt in attempts] == outcomes
    assert len(server.requests) == len(outcomes)


async def test_many_records_share_one_client(serve: Serve, callinfo: Interface) -> None:
    async def echo_parity(peer: Peer) -> None:
        await peer.send(http() if peer.body.endswith(b"0") else NO)

    server = await serve(echo_parity)
    async with PlatformClient(PlatformSettings(server.url, "app", "token", max_concurrency=8)) as client:
        bodies = [f'{{"callid":"{number}"}}'.encode() + b" " + str(number % 2).encode() for number in range(200)]
        results = await asyncio.gather(*(client.deliver(callinfo, body) for body in bodies))
    wanted = [Outcome.REFUSED if body.endswith(b"1") else Outcome.DELIVERED for body in bodies]
    assert [attempts[-1].outcome for attempts in results] == wanted
