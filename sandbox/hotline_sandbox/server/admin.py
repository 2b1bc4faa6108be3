"""The control API under `/_sandbox/`, on the port of the platform. No signature; loopback only.

GET    health                                    is it there, and how many calls came in
GET    history?after=N&limit=N&interface=NAME&bodies=1   {"calls": [...], "next": N or null}
GET    counts                                    by interface
POST   faults    [{"kind": ..., ...}, ...]       replaces all faults (see `faults.Fault`)
DELETE faults
POST   clock     {"offset_s": SECONDS}           shifts the sandbox's idea of now
POST   reset                                     as just started
...    world/...                                 the orders that the platform knows (see `world.admin`)
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hotline_sandbox.server.answers import Answer
from hotline_sandbox.server.explain import explain
from hotline_sandbox.server.faults import Fault
from hotline_sandbox.server.world.admin import world_acts

if TYPE_CHECKING:
    from hotline_sandbox.server.platform import Platform, Request

CONTROL = b"/_sandbox/"

_FAULTS = TypeAdapter(list[Fault])


class _HistoryQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=10_000)] = 1000
    interface: str | None = None
    bodies: bool = False


class _ClockSetting(BaseModel):
    model_config = ConfigDict(extra="forbid")

    offset_s: Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


class Admin:
    """Answers the control API of one platform."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._acts: dict[tuple[bytes, bytes], Callable[[Request], object]] = {
            (b"GET", b"health"): self._health,
            (b"GET", b"history"): self._history,
            (b"GET", b"counts"): lambda _request: platform.counts(),
            (b"POST", b"faults"): self._set_faults,
            (b"DELETE", b"faults"): lambda _request: self._replace_faults([]),
            (b"POST", b"reset"): self._reset,
            (b"POST", b"clock"): self._set_clock,
            **world_acts(platform),
        }

    def handle(self, request: Request, *, is_local: bool) -> Answer:
        """One control request: HTTP 200 with JSON, or 400, 403, 404 with `{"error": ...}`."""
        if not is_local:
            return _json(403, {"error": "the control API answers on the loopback interface only"})
        act = self._acts.get((request.method, request.path.removeprefix(CONTROL)))
        if act is None:
            known = sorted(f"{method.decode()} {name.decode()}" for method, name in self._acts)
            return _json(404, {"error": f"the control API knows only: {', '.join(known)}"})
        try:
            said = act(request)
        except ValidationError as error:
            return _json(400, {"error": explain(error)})
        except (ValueError, OSError) as error:
            return _json(400, {"error": str(error)})
        return said if isinstance(said, Answer) else _json(200, said)

    def _health(self, _request: Request) -> object:
        clock = self._platform.clock
        return {"status": "ok", "calls": len(self._platform.history), "clock_offset_s": clock.offset_s}

    def _history(self, request: Request) -> object:
        names = {name: values[-1] for name, values in parse_qs(request.query.decode("latin-1")).items()}
        query = _HistoryQuery.model_validate(names)
        calls = self._platform.history.page(
            after=query.after, limit=query.limit, interface=query.interface, bodies=query.bodies
        )
        return {"calls": calls, "next": calls[-1]["seq"] if len(calls) == query.limit else None}

    def _set_faults(self, request: Request) -> object:
        return self._replace_faults(_FAULTS.validate_json(request.body))

    def _replace_faults(self, faults: list[Fault]) -> object:
        self._platform.faults.replace(faults)
        return {"faults": len(faults)}

    def _reset(self, _request: Request) -> object:
        self._platform.reset()
        return {"status": "ok"}

    def _set_clock(self, request: Request) -> object:
        self._platform.clock.offset_s = _ClockSetting.model_validate_json(request.body).offset_s
        return {"clock_offset_s": self._platform.clock.offset_s}


def _json(status: int, value: object) -> Answer:
    return Answer(status, None, json.dumps(value, separators=(",", ":")).encode())
