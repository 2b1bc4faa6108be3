"""Feedback for 12345, by the three interfaces of 4.2.5: fetched, acknowledged, queried; names are the contract's.

A fetch offers what the client has not acknowledged, oldest first, again and again. An acknowledgement names orders,
and clears only rows that a fetch has offered: what comes in between is never hidden (architecture:
fetch, store, acknowledge).
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from psycopg import sql

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract
from hotline_bridge.failpoints import reached
from hotline_bridge.gateway.calls import Call, LoggedRoute, signed
from hotline_bridge.gateway.described import described
from hotline_bridge.gateway.envelope import Answer, Code, TurnedAway
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline_bridge.gateway.calls import Gateway

FETCH, ACKNOWLEDGE, QUERY = (contract()[name] for name in ("todocasefeedback", "callbackcasefeedback", "casefeedback"))
SERVED = (FETCH, ACKNOWLEDGE, QUERY)
"""The interfaces that 12345 calls on us (4.2.5)."""
_SQL = "gateway/feedback.sql"
_SEPARATOR = re.compile(r"[,，]")
_SECOND = timedelta(seconds=1)
SignedCall = Annotated[Call, Depends(signed)]


def feedback_routes(methods: tuple[str, ...]) -> APIRouter:
    """The three interfaces under their printed paths.

    Args:
        methods: HTTP methods; the specification prints none.
    """
    router = APIRouter(route_class=LoggedRoute)
    for interface, endpoint in ((FETCH, fetch), (ACKNOWLEDGE, acknowledge), (QUERY, query)):
        router.add_api_route(interface.path, endpoint, methods=[*methods], name=interface.name, **described(interface))
    return router


async def fetch(request: Request, call: SignedCall) -> Answer:
    """Feedback that waits for the client (4.2.5(1) 待获取反馈), at most as many rows as are printed."""
    gateway: Gateway = request.app.state.gateway
    values = {"client": call.client.client_id, "most": FETCH.limits.max_rows}
    rows, closed = 0, 1
    while not rows and closed:  # what was closed had nothing to show: more may wait behind it
        async with gateway.store.session() as session, session.transaction() as transaction:
            await transaction.execute(read_sql(_SQL, "begin"), values)
            cursor = await transaction.execute(_of_rows(FETCH.name, "fetch"), values)
            [(answer, rows, closed)] = await cursor.fetchall()
    call.note = f"{rows} rows"
    reached("feedback-offered")
    return Answer(data=answer.encode())


async def acknowledge(request: Request, call: SignedCall) -> Answer:
    """The client has stored what it fetched of these orders (4.2.5(2) 待获取反馈接口回写)."""
    gateway: Gateway = request.app.state.gateway
    [field] = ACKNOWLEDGE.request
    numbers = _numbers(_text(call.values(), field.name))
    if not numbers:
        raise TurnedAway(Code.WRONG_FIELD, f"{field.name} 为空：请填写已经获取的业务编号，多个用逗号分隔")
    of_client = {"client": call.client.client_id}
    async with gateway.store.session() as session, session.transaction() as transaction:
        await transaction.execute(read_sql(_SQL, "begin"), of_client)
        cursor = await transaction.execute(read_sql(_SQL, "acknowledge"), {**of_client, "numbers": numbers})
        [(orders, rows)] = await cursor.fetchall()
    call.note = f"{len(numbers)} orders named, {orders} had feedback, {rows} rows cleared"
    reached("feedback-cleared")
    unknown = len(numbers) - orders
    return Answer(msg=f"成功；其中 {unknown} 个业务编号没有待回写的反馈" if unknown else "", data=_ISSUC)


async def query(request: Request, call: SignedCall) -> Answer:
    """Feedback by order numbers, by registration time, or by both (4.2.5(3) 反馈查询).

    Both ends of the time belong to it. Without an end it reaches until now, without a beginning it begins with the day
    of its end; without a time and without numbers it is today.
    """
    gateway: Gateway = request.app.state.gateway
    number_field, begin_field, end_field = QUERY.request
    given = call.values()
    numbers = _numbers(_text(given, number_field.name))
    begin, end = (_moment(given, field.name) for field in (begin_field, end_field))
    any_time = begin is None and end is None
    end = end or datetime.now(SHANGHAI)
    begin = begin or end.replace(hour=0, minute=0, second=0)
    if begin > end:
        raise TurnedAway(Code.WRONG_FIELD, f"{begin_field.name} 晚于 {end_field.name}，请核对后重新调用")
    values = {
        "numbers": numbers,
        "any_time": any_time,
        "begin": begin,
        "until": end + _SECOND,
        "areas": [*call.client.areas],
        "area_at": call.client.area_at,
        "most": QUERY.limits.max_rows,
    }
    async with gateway.store.session() as session:
        found = await session.execute(_of_rows(QUERY.name, "of_numbers" if numbers else "of_time"), values)
        [(answer, rows, more)] = await found.fetchall()
    call.note = f"{rows} rows{', more left out' if more else ''}"
    return Answer(
        msg=f"成功；结果超过 {rows} 条，只给出前 {rows} 条，请缩小范围后再查" if more else "", data=answer.encode()
    )


_ISSUC = json.dumps((ACKNOWLEDGE.success_example or {})["data"]).encode()


_AS_TIME, _AS_TEXT = "coalesce(to_char(r.{}, 'YYYYMMDDHH24MISS'), '')", "coalesce(r.{}, '')"


@cache
def _of_rows(interface: str, name: str) -> sql.Composed:
    """The statement, which writes rows with the printed names of an interface."""
    members = [
        part
        for field in contract()[interface].response
        for part in (
            sql.Literal(field.name),
            sql.SQL(_AS_TIME if field.kind == "time" else _AS_TEXT).format(sql.Identifier(field.column)),
        )
    ]
    return read_sql(_SQL, name).format(row=sql.SQL("json_build_object({})").format(sql.SQL(", ").join(members)))


def _text(given: Mapping[str, object], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TurnedAway(Code.WRONG_FIELD, f"{name} 应为字符串，请改正后重新调用")
    if not value.isprintable():
        raise TurnedAway(Code.WRONG_FIELD, f"{name} 含有无法识别的字符，请改正后重新调用")
    return value.strip()


def _numbers(text: str) -> list[str]:
    """Order numbers, each once."""
    return [*dict.fromkeys(number for part in _SEPARATOR.split(text) if (number := part.strip()))]


def _moment(given: Mapping[str, object], name: str) -> datetime | None:
    value = given.get(name)
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(given, name)
    if not text:
        return None
    try:
        # As many digits as are printed: `strptime` alone would take fewer.
        if not re.fullmatch(r"[0-9]{14}", text):
            raise ValueError  # noqa: TRY301
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise TurnedAway(Code.WRONG_FIELD, f"{name} 应为 YYYYMMDDhhmmss 的时间，请改正后重新调用") from None
