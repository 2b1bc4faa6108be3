"""The pages of several cities: each below its name, and above them the cities that a user may look at."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.websockets import WebSocketClose

from hotline_bridge.cities import acting_for
from hotline_bridge.pages.app import Frame, framed
from hotline_bridge.pages.asked import Shown
from hotline_bridge.pages.rights import NotSignedIn, Right
from hotline_bridge.pages.words import language_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from hotline_bridge.cities import City
    from hotline_bridge.pages.rights import Authorise

_RUNS = "runs"
"""Below it Airflow asks for what a run did, by the name of its DAG, which tells the city."""


class PagesByCity:
    """Gives a request to the pages of its city, for which all that they do then is.

    Args:
        pages: By city; each with threads of its own, so that one whose store is dead keeps no other waiting.
        authorise: Tells who asks, and what they may do in the city that it is asked for.
        sign_in: Where a user signs in, from the address of this list; where to go afterwards is added to it.
    """

    def __init__(self, pages: Mapping[City, ASGIApp], authorise: Authorise, sign_in: str = "") -> None:
        self._pages = {city.name: (city, app) for city, app in pages.items()}
        self._authorise = authorise
        self._sign_in = sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        root = str(scope.get("root_path", "")).rstrip("/")
        first, _, below = scope["path"].removeprefix(root).lstrip("/").partition("/")
        if first == _RUNS:
            dag, _, run = below.partition("/")
            fixed, _, first = dag.rpartition("__")
            below = f"{_RUNS}/{fixed}/{run}"
        if first in self._pages:
            city, app = self._pages[first]
            mounted = f"{root}/{first}"
            with acting_for(city):
                await app({**scope, "root_path": mounted, "path": f"{mounted}/{below}"}, receive, send)
            return
        answer = await self._list(Request(scope, receive), root, is_astray=bool(first))
        await answer(scope, receive, send)

    async def _list(self, request: Request, root: str, *, is_astray: bool) -> Response:
        allowed, name = [], None
        for city, _ in self._pages.values():
            try:
                with acting_for(city):
                    user = await self._authorise(request)
            except NotSignedIn as error:
                way = f"{root}/{self._sign_in}?{urlencode({'next': request.url.path})}"
                return self._notice(request, error.status, "请先登录", "页面只给登录后有权查看的用户。", sign_in=way)
            if Right.LOOK in user.rights:
                allowed.append(city)
                name = user.name
        if not allowed:
            return self._notice(request, 403, "没有权限", f"这一页需要“{Right.LOOK.value}”的权限，请向管理员申请。")
        if is_astray:
            return self._notice(request, 404, "没有这一页", "请从上方的菜单进入。")
        if len(allowed) == 1:
            return RedirectResponse(f"{root}/{allowed[0].name}/", 303)
        # Style and script are those of any city's pages.
        frame = Frame(f"{root}/{allowed[0].name}", "", language_of(request), name)
        return framed(Shown("cities.html.j2", {"cities": allowed, "above": root}), frame, {})

    @staticmethod
    def _notice(request: Request, status: int, title: str, text: str, *, sign_in: str = "") -> Response:
        shown = Shown("notice.html.j2", {"title": title, "text": text, "sign_in": sign_in}, status)
        return framed(shown, Frame("", "", language_of(request)), {})
