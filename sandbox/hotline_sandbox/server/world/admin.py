"""The control API of the world, under `/_sandbox/world/`.

POST   world/load      {"path": FILE}            be the world of a file on this machine (`hotline sample --world`)
POST   world/changes   [{"do": "put", ...}, ...]  put, add, replace, remove (see `orders.Change`)
POST   world/bureau    {"seed": N, "day_s": S}    deal from now on with reported orders that were not dealt with yet
POST   world/clock     {"at": "YYYYMMDDhhmmss"}   stand still at a moment of Asia/Shanghai; null follows the clock again
GET    world/rows?interface=NAME&after=N&limit=N  what an interface shows now, without cap and window
GET    world/counts                               the same, counted, of every interface that answers rows
"""

from __future__ import annotations

import json
from pathlib import Path  # at run time: pydantic reads the annotations
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from hotline_sandbox.sample.moments import DAY_S
from hotline_sandbox.server.answers import Answer
from hotline_sandbox.server.world.bureau import deal
from hotline_sandbox.server.world.orders import Change, Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hotline_sandbox.server.platform import Platform, Request

_CHANGES: TypeAdapter[list[Change]] = TypeAdapter(list[Change])


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: Path


class _Clock(BaseModel):
    model_config = ConfigDict(extra="forbid")

    at: Moment | None


class _Bureau(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seed: int = 1
    day_s: Annotated[float, Field(ge=0.1, le=DAY_S)] = DAY_S


class _RowsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    interface: str
    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=10_000)] = 10_000


def world_acts(platform: Platform) -> Mapping[tuple[bytes, bytes], Callable[[Request], object]]:
    """What the control API does for the world, by verb and name; each raises ValueError or OSError with its reason."""

    def load(request: Request) -> object:
        orders = platform.world.load(_File.model_validate_json(request.body).path)
        return {"orders": orders}

    def change(request: Request) -> object:
        changes = _CHANGES.validate_python(json.loads(request.body))
        for each in changes:
            platform.world.change(each)
        return {"changes": len(changes), "orders": len(platform.world)}

    def set_clock(request: Request) -> object:
        platform.world.stands_at = _Clock.model_validate_json(request.body).at
        return {"now": str(platform.world.now())}

    def deal_with_reported(request: Request) -> object:
        wanted = _Bureau.model_validate_json(request.body)
        return {"orders": deal(platform.world, seed=wanted.seed, day_s=wanted.day_s)}

    def rows(request: Request) -> object:
        query = _RowsQuery.model_validate(dict(parse_qsl(request.query.decode("latin-1"))))
        service = platform.row_services.get(query.interface)
        if service is None:
            raise ValueError(f"no interface that answers rows is called {query.interface!r}")
        encoded, count = service.dump(query.after, query.limit)
        following = str(query.after + count).encode() if count == query.limit else b"null"
        return Answer(200, None, b'{"rows":[' + encoded + b'],"next":' + following + b"}")

    def counts(_request: Request) -> object:
        return {name: service.count() for name, service in platform.row_services.items()}

    return {
        (b"POST", b"world/load"): load,
        (b"POST", b"world/changes"): change,
        (b"POST", b"world/bureau"): deal_with_reported,
        (b"POST", b"world/clock"): set_clock,
        (b"GET", b"world/rows"): rows,
        (b"GET", b"world/counts"): counts,
    }
