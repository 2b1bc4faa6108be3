"""Makes the application that the gateway serves: the interfaces of 4.2.5, health, and the document about them."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request  # at run time: FastAPI reads the annotations

from hotline_bridge.errors import HotlineError
from hotline_bridge.gateway.calls import Gateway, LoggedRoute
from hotline_bridge.gateway.described import document_parts
from hotline_bridge.gateway.envelope import Answer, Code, TurnedAway, as_answer
from hotline_bridge.gateway.feedback import Feedback, feedback_routes
from hotline_bridge.gateway.form_calls import launch_routes
from hotline_bridge.gateway.form_pages import Forms
from hotline_bridge.gateway.settings import GatewaySettings
from hotline_bridge.gateway.store import Store
from hotline_bridge.gateway.unsigned import Unsigned

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from hotline_bridge.gateway.form_pages import FormStores
    from hotline_bridge.store.database import AsyncSession

_READY_WITHIN_S = 3.0
_NO_FORM = "受理页暂时不能使用：请检查对接库及其连接"
TITLE = "12345 反馈接口（规范 4.2.5）"
_OF_STATUS = {404: Code.NOT_FOUND, 405: Code.WRONG_METHOD}


def make_gateway(
    settings: GatewaySettings,
    open_session: Callable[[], Awaitable[AsyncSession]],
    form_stores: FormStores | None = None,
) -> FastAPI:
    """The application.

    Args:
        settings: Of the deployment.
        open_session: Gives a session on the local store, with the role `hotline_gateway`, in seconds or not at all.
        form_stores: What the order form works on; without it there is none.
    """
    store = Store(open_session, settings.sessions)
    forms = Forms(form_stores, store.clients if settings.signed_addresses else None) if form_stores else None
    gateway = Gateway(settings, store)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        tending = [asyncio.create_task(each.tend()) for each in (gateway, forms) if each]
        yield
        for task in tending:
            task.cancel()
        await gateway.log_astray()
        if forms:
            forms.close()
        await store.close()

    app = FastAPI(
        title=TITLE,
        version=version("hotline-bridge"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.gateway = gateway
    app.state.feedback = Feedback(store)
    app.state.forms = forms
    app.include_router(feedback_routes(settings.methods))
    if forms:
        app.include_router(launch_routes(forms))
        app.router.routes.extend(forms.routes())
    unlimited = {"/health", *(route.path for route in app.routes if isinstance(route, LoggedRoute))}
    app.add_middleware(Unsigned, gateway=gateway, unlimited=unlimited)
    app.add_api_route("/health", health, include_in_schema=False)
    app.add_api_route("/ready", ready, include_in_schema=False)
    app.add_exception_handler(HTTPException, _astray)
    app.add_exception_handler(Exception, _astray)
    app.openapi = lambda: document(app, settings.auth_header)  # type: ignore[method-assign]  # as FastAPI documents it
    return app


async def health() -> Answer:
    """The process answers."""
    return Answer()


async def ready(request: Request) -> Answer:
    """Which parts work. Feedback needs the local store, the order form both; the status is that of feedback."""
    state = request.app.state
    checked = await asyncio.gather(*(_works(part.check) for part in (state.gateway.store, state.forms) if part))
    parts = {"feedback": checked[0], **({"order_form": all(checked)} if state.forms else {})}
    said = _NO_FORM if checked[0] and not all(checked) else ""
    return Answer(Code.DONE if checked[0] else Code.STORE_DOWN, said, json.dumps(parts).encode())


async def _works(check: Callable[[], Awaitable[None]]) -> bool:
    try:
        async with asyncio.timeout(_READY_WITHIN_S):
            await check()
    except (HotlineError, TimeoutError):
        return False
    return True


def document(app: FastAPI, header: str) -> dict[str, Any]:
    """The OpenAPI document of the interfaces (`GET /openapi.json`), with how a call is signed."""
    if app.openapi_schema is None:
        written = get_openapi(title=app.title, version=app.version, routes=app.routes)
        written.setdefault("components", {}).update(document_parts(header))
        app.openapi_schema = written
    return app.openapi_schema


async def _astray(request: Request, error: Exception) -> Answer:
    code = _OF_STATUS.get(getattr(error, "status_code", 500), Code.FAULT)
    request.app.state.gateway.count_astray(code)
    answer = as_answer(TurnedAway(code))
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer
