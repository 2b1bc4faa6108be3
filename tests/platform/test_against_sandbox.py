"""The client and the sandbox, written apart, understand each other; and nothing marked leaks when they do not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.model import Interface
from hotline_bridge.errors import HotlineError
from hotline_bridge.platform_client.answers import Attempt, Outcome
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.platform_client.request import build_request
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_sandbox.server.control import SandboxControl, running_sandbox

# The raw sockets of the other tests are tried on both loops; here the one of deliveries is enough.
pytestmark = pytest.mark.asyncio(loop_factories=["uvloop"])

TOKEN = "MARKEDtoken12345"


@pytest.fixture(scope="module")
def started() -> Iterator[SandboxControl]:
    with running_sandbox(app_id="bridge", token=TOKEN) as control:
        yield control


@pytest.fixture
def sandbox(started: SandboxControl) -> SandboxControl:
    started.reset()
    return started


def settings_for(sandbox: SandboxControl, **more: object) -> PlatformSettings:
    return PlatformSettings(sandbox.base_url, "bridge", TOKEN, **{"timeout_s": 0.5, **more})  # type: ignore[arg-type]


def call(number: int) -> dict[str, str]:
    return {
        "callid": f"440200{number:014d}",
        "callno": "13655550199",
        "sourcearea": "440200",
        "calltime": "20261124101112",
        "calltype": "1",
    }


async def test_every_body_arrives_byte_for_byte(sandbox: SandboxControl, callinfo: Interface) -> None:
    bodies = [build_request(callinfo, call(number)) for number in range(300)]
    async with PlatformClient(settings_for(sandbox, max_concurrency=16, timeout_s=10)) as client:
        results = await asyncio.gather(*(client.deliver(callinfo, body) for body in bodies))
    assert {attempts[-1].outcome for attempts in results} == {Outcome.DELIVERED}
    history = sandbox.history(bodies=True)
    assert sorted(str(record["body"]) for record in history) == sorted(body.decode() for body in bodies)


FAULTS: list[tuple[dict[str, object], list[Outcome]]] = [
    ({"kind": "hang"}, [Outcome.NO_ANSWER] * 2),
    ({"kind": "delay", "seconds": 5}, [Outcome.NO_ANSWER] * 2),
    ({"kind": "drip", "seconds": 0.2}, [Outcome.NO_ANSWER] * 2),
    ({"kind": "reset_before"}, [Outcome.NO_ANSWER] * 2),
    ({"kind": "reset_after"}, [Outcome.NO_ANSWER] * 2),
    ({"kind": "reset_after", "count": 1}, [Outcome.NO_ANSWER, Outcome.DELIVERED]),
    ({"kind": "garbage"}, [Outcome.NO_ANSWER] * 2),
    ({"kind": "huge"}, [Outcome.NO_ANSWER] * 2),
    ({"kind": "status", "status": 503, "retry_after": 9}, [Outcome.TRY_LATER]),
    ({"kind": "status", "status": 422, "echo": True}, [Outcome.REFUSED]),
    ({"kind": "unauthorized"}, [Outcome.UNAUTHORIZED]),
    ({"kind": "html"}, [Outcome.TRY_LATER]),
    ({"kind": "empty"}, [Outcome.TRY_LATER]),
    ({"kind": "truncated"}, [Outcome.NO_ANSWER] * 2),
    *(
        ({"kind": "malformed", "variant": variant}, [Outcome.TRY_LATER])
        for variant in ("null", "list", "cut", "bom", "two_documents", "nan", "duplicate_keys")
    ),
    ({"kind": "charset"}, [Outcome.TRY_LATER]),
    ({"kind": "redirect"}, [Outcome.TRY_LATER]),
    ({"kind": "issuc"}, [Outcome.REFUSED]),
    ({"kind": "code", "code": "1001", "echo": True}, [Outcome.REFUSED]),
    ({"kind": "code", "code": "1003", "echo": True}, [Outcome.DUPLICATE]),
    ({"kind": "code", "code": "9001", "echo": True}, [Outcome.TRY_LATER]),
]


@pytest.mark.parametrize(("fault", "outcomes"), FAULTS, ids=lambda value: str(value) if isinstance(value, dict) else "")
async def test_each_misbehaviour_is_understood_and_leaks_nothing(
    sandbox: SandboxControl,
    callinfo: Interface,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, object],
    outcomes: list[Outcome],
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.set_faults([{"interface": "callinfo", **fault}])
    settings = settings_for(
        sandbox,
        tries=2,
        max_answer_bytes=100_000,
        duplicate_codes=frozenset({"1003"}),
        retry_codes=frozenset({"9001"}),
    )
    values = call(1)
    raised = ""
    noon = datetime(2026, 11, 24, 12, 0, tzinfo=SHANGHAI)
    sandbox.set_clock_offset((noon - datetime.now(SHANGHAI)).total_seconds())
    async with PlatformClient(settings, now=lambda: noon) as client:
        attempts = await client.deliver(callinfo, build_request(callinfo, values))
        if "count" not in fault:
            try:
                await client.call(callinfo, values)
            except HotlineError as error:
                raised = f"{error!r} {error} {error.__cause__!r} {error.__context__!r}"
    assert [attempt.outcome for attempt in attempts] == outcomes
    seen = f"{attempts!r} {raised} {settings!r} {caplog.text}"
    for mark in (TOKEN, values["callno"], "MARKED"):
        assert mark not in seen
    assert all(says_why(attempt) for attempt in attempts)


def says_why(attempt: Attempt) -> bool:
    return attempt.outcome is Outcome.DELIVERED or bool(attempt.message)


@pytest.mark.parametrize("skew_s", [-40.0, 40.0])
async def test_a_platform_whose_clock_differs_at_midnight_is_still_reached(
    sandbox: SandboxControl, callinfo: Interface, skew_s: float
) -> None:
    # The platform has passed midnight already, or not yet.
    ours = datetime(2026, 11, 24, 0, 0, tzinfo=SHANGHAI) - timedelta(seconds=skew_s / 2)
    sandbox.set_clock_offset((ours - datetime.now(SHANGHAI)).total_seconds() + skew_s)
    async with PlatformClient(settings_for(sandbox), now=lambda: ours) as client:
        attempts = await client.deliver(callinfo, build_request(callinfo, call(2)))
    assert [attempt.outcome for attempt in attempts] == [Outcome.UNAUTHORIZED, Outcome.DELIVERED]
