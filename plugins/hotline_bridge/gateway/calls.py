"""A call of the gateway, from its first byte to its line in the log: read, checked, limited, answered, logged.

Every interface is a route of class `LoggedRoute`.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastapi import Request  # at run time: FastAPI reads the annotations
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from hotline_bridge.errors import HotlineError, unforeseen
from hotline_bridge.gateway.clients import Client  # at run time, likewise
from hotline_bridge.gateway.envelope import Answer, Code, TurnedAway, as_answer
from hotline_bridge.gateway.limits import Buckets
from hotline_bridge.gateway.signature import check_signature
from hotline_bridge.gateway.store import Line, Store
from hotline_bridge.platform_client.strict_json import Ambiguous, read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from starlette.responses import Response

    from hotline_bridge.gateway.settings import GatewaySettings

log = logging.getLogger(__name__)

LOGGED_AS = "gateway/"
"""Before an interface's name in the interaction log: who was called is the gateway, not the platform."""
READ_AND_DROPPED = 16
"""So many times the greatest body are read of one that is too large."""
ASTRAY = f"{LOGGED_AS}astray"
"""How calls that no interface takes are named there, counted minute by minute."""
_COUNTED_FOR_S = 60.0
SERVED, TURNED_AWAY, FAILED = "served", "turned_away", "failed"
"""How a call ended, in the interaction log."""


class Gateway:
    """What all calls share; `app.state.gateway`.

    Args:
        settings: Of the deployment.
        store: Sessions on the local store.
    """

    def __init__(self, settings: GatewaySettings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.header = settings.auth_header.lower().encode("ascii")
        self.turns = Buckets(settings.calls_per_s, settings.calls_burst)
        per_s = settings.failed_per_minute / 60
        self.failures = Buckets(per_s, max(1.0, settings.failed_per_minute))
        self.unsigned = Buckets(settings.unsigned_per_s, settings.unsigned_burst)
        self.told = Buckets(1 / 60, 1)
        """Of the calls of one client that are too many, one a minute is logged."""
        self._in_hand: dict[int, int] = {}
        self._astray: Counter[Code] = Counter()

    def count_astray(self, code: Code) -> None:
        """Count a call that no interface took: another address or method, no HTTP, one too many that nobody signed."""
        self._astray[code] += 1

    async def log_astray(self) -> None:
        """Write a line for each code that such calls got since the last time."""
        counted, self._astray = self._astray, Counter()
        at = datetime.now(UTC).isoformat()
        for code, calls in counted.items():
            try:
                await self.store.write(
                    Line(at, ASTRAY, "", TURNED_AWAY, code.status, str(code.number), f"{calls} calls", 0, "\\x")
                )
            except HotlineError as error:
                log.warning("%s calls of no interface were not logged: %s", calls, error)

    async def tend(self) -> None:
        """Log them each minute, until it is cancelled."""
        while True:
            await asyncio.sleep(_COUNTED_FOR_S)
            await self.log_astray()

    def enter(self, client: Client) -> Callable[[], None]:
        """Count a call of a client as begun. Returns what ends it.

        Raises:
            TurnedAway: It calls too often, or has too many calls in hand.
        """
        if wait_s := self.turns.take(client.app_id):
            raise TurnedAway(Code.TOO_MANY, retry_after_s=wait_s)
        in_hand = self._in_hand.get(client.client_id, 0)
        if in_hand >= self.settings.calls_at_once:
            raise TurnedAway(Code.TOO_MANY, "同时进行的调用过多，请等前面的调用返回后再试", retry_after_s=1)
        self._in_hand[client.client_id] = in_hand + 1

        def leave() -> None:
            self._in_hand[client.client_id] -= 1

        return leave


@dataclass(slots=True)
class Call:
    """A call whose signature is right."""

    client: Client
    body: bytes = field(repr=False)
    note: str = ""
    """For the log: what was done, in numbers."""

    def values(self) -> dict[str, object]:
        """The members of its body; none where it has no body.

        Raises:
            TurnedAway: The body is no JSON object in UTF-8, or names a member twice.
        """
        if not self.body:
            return {}
        try:
            value = read_json(self.body.decode("utf-8-sig"))  # .NET writes a byte order mark
        except (ValueError, RecursionError):
            raise TurnedAway(Code.NOT_JSON) from None
        if not isinstance(value, dict):
            raise TurnedAway(Code.NOT_JSON)
        if isinstance(value, Ambiguous):
            raise TurnedAway(Code.NOT_JSON, "报文中有重复的字段名，请改正后重新调用")
        return value


async def signed(request: Request) -> Call:
    """The call, which its route has checked (4.2.2); a dependency."""
    call: Call = request.state.call
    return call


async def _check(request: Request, gateway: Gateway) -> None:
    """Read the call whole and check it.

    Raises:
        TurnedAway: It is too large, too slow, compressed, wrongly signed, or one too many.
    """
    seen = request.state
    values = [value for name, value in request.scope["headers"] if name == gateway.header]
    try:
        most_bytes, within_s = gateway.settings.max_body_bytes, gateway.settings.body_within_s
        seen.body = body = await read_body(request, most_bytes, within_s)
        client = check_signature(await gateway.store.clients(), values, body, datetime.now(UTC))
    except TurnedAway:
        address = request.client.host if request.client else ""
        if wait_s := gateway.failures.take(address):
            raise TurnedAway(Code.TOO_MANY, retry_after_s=wait_s) from None
        raise
    seen.client = client
    seen.leave = gateway.enter(client)
    seen.call = Call(client, body)


async def read_body(request: Request, most_bytes: int, within_s: float) -> bytes:
    """The body of a request.

    Raises:
        TurnedAway: It is too large, too slow, or compressed.
    """
    if request.headers.get("content-encoding", "identity").lower() not in {"identity", ""}:
        raise TurnedAway(Code.ENCODED)
    body, length = bytearray(), 0
    try:
        async with asyncio.timeout(within_s):
            async for part in request.stream():
                length += len(part)
                if length <= most_bytes:
                    body += part
                # Who is cut off while it sends sees no answer: what is not much too large is read to its end.
                elif length > READ_AND_DROPPED * most_bytes:
                    break
    except (TimeoutError, ClientDisconnect):
        raise TurnedAway(Code.TOO_SLOW) from None
    if length > most_bytes:
        raise TurnedAway(Code.TOO_LARGE)
    return bytes(body)


class LoggedRoute(APIRoute):
    """A route whose every call is checked, answered in the envelope, and logged before it is answered."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, and around it what all calls have in common."""
        # Who takes the request alone needs nothing looked up, which takes FastAPI a third of a call's time.
        handle = super().get_route_handler() if self.dependant.dependencies else self.endpoint
        interface = f"{LOGGED_AS}{self.name}"
        issuc = (self.openapi_extra or {}).get("x-issuc")

        async def answer(request: Request) -> Response:
            gateway: Gateway = request.app.state.gateway
            started_at, began = datetime.now(UTC), time.perf_counter()
            try:
                made = await _made(handle, request, gateway, issuc)
                if made.code is not Code.TOO_MANY or not gateway.told.take(_name(request)):
                    await gateway.store.write(_line(request, interface, made, started_at, began))
            except HotlineError as error:
                log.warning("a call of %s was made, but not logged: %s", interface, error)
                made = as_answer(TurnedAway(Code.STORE_DOWN, retry_after_s=5), issuc=issuc)
            except BaseException:
                _leave(request)
                raise
            made.on_sent = lambda: _leave(request)
            return made

        return answer


async def _made(
    handle: Callable[[Request], Coroutine[Any, Any, Response]],
    request: Request,
    gateway: Gateway,
    issuc: str | None,
) -> Answer:
    """The answer of a call, whatever happens in it."""
    try:
        await _check(request, gateway)
        async with asyncio.timeout(gateway.settings.answer_within_s):
            made = await handle(request)
    except TurnedAway as away:
        return as_answer(away, issuc=issuc)
    except (HotlineError, TimeoutError) as error:
        log.warning("a call was not answered: %s", str(error) or "it took too long")
        return as_answer(TurnedAway(Code.STORE_DOWN, retry_after_s=5), issuc=issuc)
    except HTTPException:
        return as_answer(TurnedAway(Code.TOO_SLOW), issuc=issuc)
    except Exception as error:
        log.error("a call failed: %s", unforeseen(error))  # noqa: TRY400  (its own words can hold values)
        return as_answer(TurnedAway(Code.FAULT), issuc=issuc)
    if not isinstance(made, Answer):
        raise TypeError(f"{request.url.path} answers without the envelope")
    return made


def _name(request: Request) -> str:
    """Of the client, empty where the check failed."""
    client: Client | None = getattr(request.state, "client", None)
    return client.name if client else ""


def _leave(request: Request) -> None:
    leave = getattr(request.state, "leave", None)
    if leave:
        request.state.leave = None
        leave()


def _line(request: Request, interface: str, made: Answer, started_at: datetime, began: float) -> Line:
    seen = request.state
    call: Call | None = getattr(seen, "call", None)
    outcome = SERVED if made.code is Code.DONE else FAILED if made.status_code >= 500 else TURNED_AWAY
    return Line(
        started_at=started_at.isoformat(),
        interface=interface,
        key=_name(request),
        outcome=outcome,
        http_status=made.status_code,
        code=str(made.code.number),
        message=call.note if call else "",
        elapsed_ms=(time.perf_counter() - began) * 1000,
        body_sha256="\\x" + hashlib.sha256(getattr(seen, "body", b"")).hexdigest(),
    )
