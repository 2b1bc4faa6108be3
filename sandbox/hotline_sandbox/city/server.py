"""12345's page over HTTP, on this machine alone: it embeds the real order form from another origin."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import HotlineError
from hotline_sandbox.city.orders import COUNTY, REGISTERED, GatewayError

if TYPE_CHECKING:
    from starlette.requests import Request

    from hotline_bridge.errors import HotlineError
from hotline_sandbox.city.orders import City

CLERK = "演示受理员"


def make_page(city: City) -> Starlette:
    """The application.

    Args:
        city: Whose orders it shows.
    """
    parts = urlsplit(city.gateway)

    async def page(_request: Request) -> Response:
        return HTMLResponse(_file("page.html"))

    async def script(_request: Request) -> Response:
        return Response(_file("page.js"), media_type="text/javascript")

    async def orders(_request: Request) -> Response:
        try:
            await run_in_threadpool(city.look)
        except HotlineError as error:
            return JSONResponse({"msg": f"对接库现在不能读取：{error}"}, 503)
        shown = [
            {
                "regino": order.regino,
                "kind": contract()[order.kind].label_zh,
                "state": order.state,
                "answer": order.answer,
                "can_assign": order.assigned in {REGISTERED, COUNTY},
            }
            for order in city.orders.values()
        ]
        return JSONResponse({"gateway": f"{parts.scheme}://{parts.netloc}", "orders": shown})

    async def assign(request: Request) -> Response:
        if request.path_params["regino"] not in city.orders:
            return _unknown()
        city.assign(request.path_params["regino"])
        return JSONResponse({})

    async def sign(request: Request) -> Response:
        if request.path_params["regino"] not in city.orders:
            return _unknown()
        origin = str(request.base_url).rstrip("/")
        try:
            url = await run_in_threadpool(city.sign_for, request.path_params["regino"], CLERK, origin)
        except GatewayError as refused:
            return JSONResponse({"msg": str(refused)})
        except OSError:
            return JSONResponse({"msg": "网关没有应答"})
        return JSONResponse({"url": url})

    return Starlette(
        routes=[
            Route("/", page),
            Route("/page.js", script),
            Route("/orders", orders),
            Route("/orders/{regino}/assign", assign, methods=["POST"]),
            Route("/orders/{regino}/sign", sign, methods=["POST"]),
        ]
    )


def _unknown() -> Response:
    return JSONResponse({"msg": "没有这个工单"}, 404)


def _file(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
