"""Feedback for 12345, by the three interfaces of 4.2.5: fetched, acknowledged, queried; names are the contract's.

A fetch offers what the client has not acknowledged, oldest first, again and again. An acknowledgement names orders,
and clears only rows that a fetch has offered, so what comes in between is never hidden
(architecture: fetch, store, acknowledge).
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from psycopg import sql

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract
from hotline_bridge.failpoints import reached
from hotline_bridge.gateway.calls import LoggedRoute
from hotline_bridge.gateway.described import BLANKS, described, unreadable
from hotline_bridge.gateway.envelope import Answer, Code, TurnedAway
from hotline_bridge.gateway.together import Together
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline_bridge.contract.model import Field
    from hotline_bridge.gateway.calls import Call
    from hotline_bridge.gateway.store import Store

FETCH, ACKNOWLEDGE, QUERY = "todocasefeedback", "callbackcasefeedback", "casefeedback"
SERVED = (FETCH, ACKNOWLEDGE, QUERY)
"""The interfaces that 12345 calls on us (4.2.5), by name."""
_SQL = "gateway/feedback.sql"
_SEPARATOR = re.compile(r"[,，]")
_SECOND = timedelta(seconds=1)
_LAST = datetime.max.replace(microsecond=0, tzinfo=SHANGHAI)
"""The end of time, as callers write that there is no end; no second comes after it."""
_OFFERED_FOR_S = 2.0
"""So long the answer to a fetch is kept: text that is erased meanwhile is given out no longer than that."""
_FEW = 20
"""Order numbers of a query that is looked up together with others."""
_MOST_TOGETHER = 50


def feedback_routes(methods: tuple[str, ...]) -> APIRouter:
    """The three interfaces under their printed paths.

    Args:
        methods: HTTP methods; the specification prints none.
    """
    router = APIRouter(route_class=LoggedRoute)
    for name, endpoint in ((FETCH, fetch), (ACKNOWLEDGE, acknowledge), (QUERY, query)):
        interface = contract()[name]
        router.add_api_route(interface.path, endpoint, methods=[*methods], name=name, **described(interface))
    return router


async def fetch(request: Request) -> Answer:
    """Feedback that waits for the client (4.2.5(1) 待获取反馈), at most as many rows as are printed."""
    desk: Feedback = request.app.state.feedback
    call: Call = request.state.call
    offered = await desk.offered(call.client.client_id)
    call.note = f"{offered.rows} rows"
    reached("feedback-offered")
    return Answer(data=offered.answer)


async def acknowledge(request: Request) -> Answer:
    """The client has stored what it fetched of these orders (4.2.5(2) 待获取反馈接口回写)."""
    desk: Feedback = request.app.state.feedback
    call: Call = request.state.call
    [named] = contract()[ACKNOWLEDGE].request
    numbers = _numbers(_text(call.values(), named))
    if not numbers:
        raise TurnedAway(Code.WRONG_FIELD, f"{named.name} 为空：请填写已经获取的业务编号，多个用逗号分隔")
    orders, rows = await desk.acknowledged(call.client.client_id, numbers)
    call.note = f"{len(numbers)} orders named, {orders} had feedback, {rows} rows cleared"
    reached("feedback-cleared")
    unknown = len(numbers) - orders
    return Answer(msg=f"成功；其中 {unknown} 个业务编号没有待回写的反馈" if unknown else "", data=_issuc())


async def query(request: Request) -> Answer:
    """Feedback by order numbers, by registration time, or by both (4.2.5(3) 反馈查询).

    Both ends of the time belong to it. Without an end it reaches until now, without a beginning it begins with the day
    of its end; without a time and without numbers it is today.
    """
    desk: Feedback = request.app.state.feedback
    call: Call = request.state.call
    number_field, begin_field, end_field = contract()[QUERY].request
    given = call.values()
    numbers = _numbers(_text(given, number_field))
    begin, end = (_moment(given, field) for field in (begin_field, end_field))
    any_time = begin is None and end is None
    end = end or datetime.now(SHANGHAI)
    begin = begin or end.replace(hour=0, minute=0, second=0)
    if begin > end:
        raise TurnedAway(Code.WRONG_FIELD, f"{begin_field.name} 晚于 {end_field.name}，请核对后重新调用")
    asked = {
        "numbers": numbers,
        "areas": [*call.client.areas],
        "area_at": call.client.area_at,
        "any_time": any_time,
        "begin": begin.isoformat(),
        "until": (end if end == _LAST else end + _SECOND).isoformat(),
    }
    answer, rows, is_cut = await desk.found(asked)
    call.note = f"{rows} rows{', more left out' if is_cut else ''}"
    return Answer(
        msg=f"成功；结果超过 {rows} 条，只给出前 {rows} 条，请缩小范围后再查" if is_cut else "", data=answer.encode()
    )


@dataclass(frozen=True, slots=True)
class Offered:
    """What a fetch gave out."""

    answer: bytes = field(repr=False)
    rows: int
    offers: str | None
    """Which offers these are, as one value."""
    at: float
    """When, by the monotonic clock."""


class Feedback:
    """The feedback of the store, as the three interfaces ask for it; `app.state.feedback`.

    A client that asks again and again for what it has not acknowledged gets the answer that was made for it a moment
    ago, after a look at what waits; calls that come together are looked up together.

    Args:
        store: Of the gateway.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._offered: dict[int, Offered] = {}
        self._turns: dict[int, asyncio.Lock] = {}
        self._waiting: Together[int, str | None] = Together(self._waiting_for, _MOST_TOGETHER)
        self._few: Together[dict[str, Any], tuple[str, int, bool]] = Together(self._of_numbers, _MOST_TOGETHER)

    async def offered(self, client: int) -> Offered:
        """What waits for a client, marked as offered."""
        if last := await self._as_before(client):
            return last
        async with self._turn(client):
            if last := await self._as_before(client):  # another call made it meanwhile
                return last
            values = {"client": client, "most": contract()[FETCH].limits.max_rows}
            rows, closed = 0, 1
            while not rows and closed:  # what was closed had nothing to show: more may wait behind it
                at = time.monotonic()
                async with self._store.session() as session, session.transaction() as transaction:
                    await transaction.execute(read_sql(_SQL, "begin"), values)
                    cursor = await transaction.execute(_of_rows(FETCH, "fetch"), values)
                    [(answer, rows, closed, offers)] = await cursor.fetchall()
            self._offered[client] = offered = Offered(answer.encode(), rows, offers, at)
            return offered

    async def acknowledged(self, client: int, numbers: list[str]) -> tuple[int, int]:
        """Clear what was offered on these orders. Returns how many orders had something to clear, and how many rows."""
        values = {"client": client, "numbers": numbers}
        async with self._turn(client), self._store.session() as session, session.transaction() as transaction:
            await transaction.execute(read_sql(_SQL, "begin"), values)
            cursor = await transaction.execute(read_sql(_SQL, "acknowledge"), values)
            [(orders, rows)] = await cursor.fetchall()
        return orders, rows

    async def _as_before(self, client: int) -> Offered | None:
        """The last answer to a client, where it is of a moment ago and the same rows wait."""
        last = self._offered.get(client)
        if last is None or time.monotonic() - last.at >= _OFFERED_FOR_S:
            return None
        return last if last.offers == await self._waiting.ask(client) else None

    def _turn(self, client: int) -> asyncio.Lock:
        """One client's fetches and acknowledgements take turns here, so that they do not hold all sessions waiting."""
        return self._turns.setdefault(client, asyncio.Lock())

    async def found(self, asked: dict[str, Any]) -> tuple[str, int, bool]:
        """The answer to one query as JSON, its rows, and whether more were left out."""
        if len(asked["numbers"]) > _FEW:
            [found] = await self._of_numbers([asked])
            return found
        if asked["numbers"]:
            return await self._few.ask(asked)
        async with self._store.session() as session:
            cursor = await session.execute(
                _of_rows(QUERY, "of_time"), {**asked, "most": contract()[QUERY].limits.max_rows}
            )
            [found] = await cursor.fetchall()
        return found

    async def _waiting_for(self, clients: list[int]) -> list[str | None]:
        values = {"clients": [*{*clients}], "most": contract()[FETCH].limits.max_rows}
        async with self._store.session() as session:
            rows = await (await session.execute(read_sql(_SQL, "waiting"), values)).fetchall()
        found: dict[int, str | None] = dict(rows)
        return [found[client] for client in clients]

    async def _of_numbers(self, calls: list[dict[str, Any]]) -> list[tuple[str, int, bool]]:
        placed = [{"place": place, **call} for place, call in enumerate(calls)]
        values = {"calls": json.dumps(placed), "most": contract()[QUERY].limits.max_rows}
        async with self._store.session() as session:
            return await (await session.execute(_of_rows(QUERY, "of_numbers"), values)).fetchall()


@cache
def _issuc() -> bytes:
    """The `data` of an acknowledgement, as the specification prints it."""
    return json.dumps((contract()[ACKNOWLEDGE].success_example or {})["data"]).encode()


_AS_TIME, _AS_TEXT = "coalesce(to_char(r.{}, 'YYYYMMDDHH24MISS'), '')", "coalesce(r.{}, '')"


@cache
def _of_rows(interface: str, name: str) -> bytes:
    """The statement, which writes rows with the printed names of an interface."""
    members = [
        part
        for field in contract()[interface].response
        for part in (
            sql.Literal(field.name),
            sql.SQL(_AS_TIME if field.kind == "time" else _AS_TEXT).format(sql.Identifier(field.column)),
        )
    ]
    row = sql.SQL("json_build_object({})").format(sql.SQL(", ").join(members))
    return read_sql(_SQL, name).format(row=row).as_bytes()


def _text(given: Mapping[str, object], field: Field) -> str:
    value = given.get(field.name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TurnedAway(Code.WRONG_FIELD, f"{field.name} 应为字符串，请改正后重新调用")
    if unreadable(value):
        raise TurnedAway(Code.WRONG_FIELD, f"{field.name} 含有无法识别的字符，请改正后重新调用")
    if field.limit and len(value) > field.limit:
        raise TurnedAway(Code.WRONG_FIELD, f"{field.name} 超过 {field.limit} 个字符，请分几次调用")
    return value


def _numbers(text: str) -> list[str]:
    """Order numbers, each once."""
    return [*dict.fromkeys(number for part in _SEPARATOR.split(text) if (number := part.strip(BLANKS)))]


def _moment(given: Mapping[str, object], field: Field) -> datetime | None:
    name = field.name
    value = given.get(name)
    # Printed as Number, and as text in every example.
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(given, field)
    if not text:
        return None
    try:
        # As many digits as are printed: `strptime` alone would take fewer.
        if not re.fullmatch(r"[0-9]{14}", text):
            raise ValueError  # noqa: TRY301
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise TurnedAway(Code.WRONG_FIELD, f"{name} 应为 YYYYMMDDhhmmss 的时间，请改正后重新调用") from None
