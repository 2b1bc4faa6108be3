"""What nobody signs is limited by address: the order form, `/ready`, `/openapi.json`, and what is no interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from hotline_bridge.gateway.envelope import Code, TurnedAway, as_answer
from hotline_bridge.gateway.form_html import PATH, failed, page

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from hotline_bridge.gateway.calls import Gateway


class Unsigned:
    """Turns away what is one request too many of its address.

    Args:
        app: Takes the others.
        gateway: Which limits and counts them.
        unlimited: Paths of the interfaces, whose own check limits calls, and of what costs nothing.
    """

    def __init__(self, app: ASGIApp, gateway: Gateway, unlimited: Collection[str]) -> None:
        self._app = app
        self._gateway = gateway
        self._unlimited = unlimited

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or answers it."""
        take = self._app
        if scope["type"] == "http" and (path := _path(scope)) not in self._unlimited:
            request = Request(scope)
            if wait_s := self._gateway.unsigned.take(request.client.host if request.client else ""):
                self._gateway.count_astray(Code.TOO_MANY)
                take = _too_many(request, path, wait_s)
        await take(scope, receive, send)


def _path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def _too_many(request: Request, path: str, wait_s: int) -> Response:
    if not path.startswith(f"{PATH}/"):
        return as_answer(TurnedAway(Code.TOO_MANY, retry_after_s=wait_s))
    answer = page(request, failed("操作过于频繁", "没有执行。请稍等片刻再试。", Code.TOO_MANY.status))
    answer.headers["Retry-After"] = str(wait_s)
    return answer
