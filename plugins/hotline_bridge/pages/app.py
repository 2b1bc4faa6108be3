"""Makes the application that serves the pages: who may see one, how many are made at a time, and in what frame.

A page is a function of what is asked (`Asked`) that gives what is shown. It runs in one of a few threads of our own:
the pages share a process with Airflow's API, which tasks depend on, and slow ones must not starve it.
"""

from __future__ import annotations

import logging
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import anyio
from anyio.to_thread import run_sync
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.errors import HotlineError, unforeseen
from hotline_bridge.outbound.masking import visible
from hotline_bridge.outbound.versions import PLAIN, Policy
from hotline_bridge.pages import (
    audit,
    codes,
    completion,
    exchanges,
    order,
    orders,
    overview,
    quality,
    quarantine,
    reconciliation,
)
from hotline_bridge.pages.asked import Asked, Moved, NoSuchThing, Shown, Upload, clean
from hotline_bridge.pages.reports import read_report
from hotline_bridge.pages.rights import Forbidden, NotSignedIn, Right, User
from hotline_bridge.pages.same_origin import is_same_origin
from hotline_bridge.pages.words import language_of, translator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from datetime import datetime

    from jinja2 import Template

    from hotline_bridge.pages.rights import Authorise
    from hotline_bridge.store.database import Session

log = logging.getLogger(__name__)

AT_A_TIME = 4
"""Pages that are made at the same time: so many sessions on the local store at most."""
_WAITING = 16
"""Further requests that wait for one of these to end; more are asked to come again."""
_PATIENCE_S = 10.0
_SENDING_S = 60.0
"""In which a form has come, with its file: nobody holds up the next one longer."""
_LARGEST_FORM = 256 * 1024
_MOST_FIELDS = 500
_LONGEST_NAME = 100
"""Of a file that comes with a form."""

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
            " form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
        ),
        "Cache-Control": "no-store",
        # With no-referrer a browser would say of a form's origin only that it is null.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page, or a form that is posted to its address."""

    path: str
    make: Callable[[Asked], Shown | Moved]
    method: str = "GET"
    right: Right = Right.LOOK
    most_bytes: int = _LARGEST_FORM
    """Of its form; more than that where a file may come with it."""


PAGES = (
    Page("/", overview.show),
    Page("/orders", orders.search),
    Page("/orders", orders.search_person, method="POST"),
    Page("/orders/{regino:path}", order.show),
    Page("/orders/{regino:path}", order.unmask, method="POST", right=Right.UNMASK),
    Page("/exchanges", exchanges.search),
    Page("/runs/{dag}/{run_id:path}", exchanges.of_run),
    Page("/audit", audit.show),
    Page("/audit", audit.decide, method="POST", right=Right.DECIDE),
    Page("/audit/{row_id:int}", audit.show_one),
    Page("/completion", completion.show),
    Page("/completion/{regino:path}", completion.show_one),
    Page("/completion/{regino:path}", completion.save, method="POST", right=Right.DECIDE),
    Page("/quarantine", quarantine.show),
    Page("/quarantine", quarantine.act, method="POST"),
    Page("/reconciliation", reconciliation.show),
    Page("/reconciliation", reconciliation.act, method="POST", right=Right.SEND_AGAIN),
    Page("/quality", quality.show),
    Page("/codes", codes.show),
    Page("/codes", codes.act, method="POST", right=Right.DECIDE, most_bytes=codes.MOST_BYTES),
)
TABS: Mapping[str, str] = MappingProxyType(
    {
        "": "总览",
        "orders": "工单查询",
        "exchanges": "交互日志",
        "audit": "审核",
        "completion": "补录",
        "quarantine": "隔离与拒绝",
        "reconciliation": "对账",
        "quality": "质量",
        "codes": "编码",
    }
)
"""By address below the mount: the name of the tab."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page."""

    root: str
    """The address of the pages, without the slash at its end."""
    here: str
    """Which tab is open."""
    language: str
    user: str | None = None
    city: str = ""
    """Whose pages, where there are several cities; above them stands the list of these."""


def make_pages(
    authorise: Authorise,
    open_session: Callable[[], Session],
    policy: Callable[[], Policy] = lambda: PLAIN,
    *,
    known_as: str = "",
    sign_in: str = "",
    city: str = "",
) -> Starlette:
    """The application, to be mounted anywhere.

    Args:
        authorise: Tells who asks, and what they may do.
        open_session: A session on the local store, in a few seconds or not at all; called in a thread.
        policy: What the deployment sets for orders, as for intake.
        known_as: Host and port under which browsers know us, where a proxy in front asks for another.
        sign_in: Where a user signs in, from the address of the pages; where to go afterwards is added to it.
        city: Whose pages, where there are several cities.
    """
    desk = _Desk(authorise, open_session, policy, known_as, sign_in, city)
    return Starlette(
        routes=[
            *(Route(page.path, desk.serving(page), methods=[page.method]) for page in PAGES),
            Route("/static/{name}", desk.static),
            Route("/reports/{name}", desk.report),
            Route("/{path:path}", desk.astray, methods=["GET", "POST"]),
        ],
        exception_handlers={HTTPException: desk.astray},
    )


@dataclass(slots=True)
class _Desk:
    """Answers requests: to users alone, a few at a time."""

    authorise: Authorise
    open_session: Callable[[], Session]
    policy: Callable[[], Policy]
    known_as: str
    sign_in: str
    city: str
    files: anyio.Semaphore = field(default_factory=partial(anyio.Semaphore, 1))
    turns: anyio.Semaphore = field(default_factory=partial(anyio.Semaphore, AT_A_TIME))
    threads: anyio.CapacityLimiter = field(default_factory=partial(anyio.CapacityLimiter, AT_A_TIME))
    unreachable_at: float = float("-inf")
    """When a session was last tried for in vain, by `time.monotonic`."""

    def serving(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of a page."""

        async def serve(request: Request) -> Response:
            try:
                user = await self._user(request, page.right)
                async with self._bringing(page):
                    given, upload = await _given(request, page.most_bytes)
                    return await self._in_turn(request, partial(self._make, request, page, user, given, upload))
            except _Turned as away:
                return self._notice(request, away)

        return serve

    async def static(self, request: Request) -> Response:
        """A style sheet or script, by its name with the hash of its content."""
        try:
            await self._user(request, Right.LOOK)
        except _Turned as away:
            return self._notice(request, away)
        found = _static_files().get(request.path_params["name"])
        if found is None:
            return await self.astray(request)
        content, media_type = found
        kept = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(content, media_type=media_type, headers=kept)

    async def report(self, request: Request) -> Response:
        """A report as a run wrote it."""
        try:
            user = await self._user(request, Right.LOOK)
        except _Turned as away:
            return self._notice(request, away)
        return await self._in_turn(request, partial(self._report, request, user))

    def _report(self, request: Request, user: User) -> Response:
        try:
            content, headers = read_report(request.path_params["name"])
        except NoSuchThing as error:
            return self._notice(request, _Turned(404, "没有找到", error.what), user)
        except OSError as error:
            log.warning("a report could not be read: %s", type(error).__name__)
            return self._notice(request, _Turned(503, "报告现在无法读取", "请管理员检查报告文件夹的权限。"), user)
        return Response(content, headers={**HEADERS, **headers})

    async def astray(self, request: Request, _error: Exception | None = None) -> Response:
        """What no page is at, or that a page does not take."""
        try:
            user = await self._user(request, Right.LOOK)
        except _Turned as away:
            return self._notice(request, away)
        return self._notice(request, _Turned(404, "没有这一页", "请从上方的菜单进入。"), user)

    async def _user(self, request: Request, right: Right) -> User:
        """Raises _Turned where nobody who may do this asks for it himself."""
        try:
            user = await self.authorise(request)
        except NotSignedIn as error:
            raise _Turned(error.status, "请先登录", "页面只给登录后有权查看的用户。", signs_in=True) from None
        if right not in user.rights:
            raise _Turned(403, "没有权限", f"这一页需要“{right.value}”的权限，请向管理员申请。")
        if not is_same_origin(request.method, request.headers, self.known_as):
            raise _Turned(403, "请求来自其他网站", "没有执行。请从本页面的表单提交。")
        return user

    @asynccontextmanager
    async def _bringing(self, page: Page) -> AsyncIterator[None]:
        """Files are held in memory one after another, from before they are read. Raises _Turned."""
        if page.most_bytes <= _LARGEST_FORM:
            yield
            return
        with anyio.move_on_after(_PATIENCE_S) as waiting:
            async with self.files:
                waiting.deadline = float("inf")
                yield
                return
        raise _busy()

    async def _in_turn(self, request: Request, make: Callable[[], Response]) -> Response:
        """Makes a page in one of our threads; too many requests are asked to come again."""
        came_at = time.monotonic()
        if self.turns.statistics().tasks_waiting < _WAITING:
            with anyio.move_on_after(_PATIENCE_S) as waiting:
                async with self.turns:
                    if self.unreachable_at > came_at:  # each would wait as long as who tried meanwhile
                        return self._notice(request, _unreachable())
                    waiting.deadline = float("inf")  # a thread cannot be left behind: the database ends what takes long
                    return await run_sync(make, limiter=self.threads)
        return self._notice(request, _busy())

    def _make(
        self, request: Request, page: Page, user: User, given: Mapping[str, str], upload: Upload | None
    ) -> Response:
        try:
            with self._session() as local:
                path = {name: clean(str(part)) for name, part in request.path_params.items()}
                asked = Asked(local, user, path, given, self.policy, upload, translator(language_of(request)))
                shown = page.make(asked)
            if isinstance(shown, Moved):
                return RedirectResponse(f"{_root(request)}/{shown.to}", 303, headers=dict(HEADERS))
            return self._framed(request, shown, user)
        except NoSuchThing as error:
            return self._notice(request, _Turned(404, "没有找到", error.what), user)
        except Forbidden as error:
            return self._notice(request, _Turned(403, "没有权限", error.what), user)
        except HotlineError as error:
            log.warning("the page %s was not made: %s", page.path, error)
            return self._notice(request, _unreachable(), user)
        except Exception as error:
            # Its own words can hold values of a record.
            log.error("the page %s failed: %s", page.path, unforeseen(error))  # noqa: TRY400
            return self._notice(request, _Turned(500, "页面出错", "没有执行。请把时间告诉管理员，日志中有记录。"), user)

    def _session(self) -> Session:
        try:
            return self.open_session()
        except HotlineError:
            self.unreachable_at = time.monotonic()
            raise

    def _notice(self, request: Request, away: _Turned, user: User | None = None) -> Response:
        values = {"title": away.title, "text": away.text, "sign_in": ""}
        if away.signs_in:
            values["sign_in"] = f"{_root(request)}/{self.sign_in}?{urlencode({'next': request.url.path})}"
        return self._framed(request, Shown("notice.html.j2", values, away.status), user)

    def _framed(self, request: Request, shown: Shown, user: User | None) -> Response:
        root = _root(request)
        below = request.scope["path"].removeprefix(root).strip("/")
        frame = Frame(root, below.split("/")[0], language_of(request), user.name if user else None, self.city)
        return framed(shown, frame, TABS)


def framed(shown: Shown, frame: Frame, tabs: Mapping[str, str]) -> Response:
    """What is shown, in its frame."""
    text = _template(frame.language, shown.template).render(**shown.values, frame=frame, tabs=tabs)
    return HTMLResponse(text, status_code=shown.status, headers=dict(HEADERS))


def _root(request: Request) -> str:
    """The address of the pages, without the slash at its end."""
    return str(request.scope.get("root_path", "")).rstrip("/")


class _Turned(Exception):  # noqa: N818  (an answer, not an error)
    """Somebody who is not given what they asked for, and why, in Chinese."""

    def __init__(self, status: int, title: str, text: str, *, signs_in: bool = False) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.text = text
        self.signs_in = signs_in


def _unreachable() -> _Turned:
    return _Turned(503, "本地库现在不能使用", "请稍后再试；仍不能使用的，请管理员运行 hotline check 查看原因。")


def _busy() -> _Turned:
    return _Turned(503, "现在太忙", "同时查看的人太多，请过几秒再试。")


async def _given(request: Request, most_bytes: int) -> tuple[dict[str, str], Upload | None]:
    """The fields that were sent, without control characters, of several with one name the last; and the file.

    Raises:
        _Turned: It is no form, or too large for this one.
    """
    if request.method != "POST":
        return {name: clean(value) for name, value in request.query_params.items()}, None
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and int(length) <= most_bytes):
        raise _Turned(413, "提交的内容过长", "没有执行。")
    try:
        with anyio.fail_after(_SENDING_S):
            form = await request.form(max_files=most_bytes > _LARGEST_FORM, max_fields=_MOST_FIELDS)
        try:
            given = {name: clean(value) for name, value in form.items() if isinstance(value, str)}
            files = [value for value in form.values() if not isinstance(value, str)]
            upload = Upload(clean(files[0].filename or "")[-_LONGEST_NAME:], await files[0].read()) if files else None
        finally:
            await form.close()
    except (HTTPException, ValueError, TimeoutError):
        raise _Turned(400, "提交的内容无法读取", "没有执行。请从本页面的表单提交。") from None
    return given, upload


@cache
def _template(language: str, name: str) -> Template:
    return _environment(language).get_template(name)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("hotline_bridge.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals |= {"_": translator(language), "asset": _asset}
    environment.filters |= {"moment": _moment, "segment": _segment, "day_before": _day_before}
    return environment


def _shown(value: object) -> object:
    """What changes the order in which a text is read, or is not seen, by its name; whoever wrote it."""
    return visible(value) if type(value) is str else value


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if at else ""


def _day_before(midnight: datetime) -> str:
    """The last day of a time that ends at a midnight."""
    return f"{midnight - timedelta(days=1):%Y-%m-%d}"


def _segment(text: str) -> str:
    """A text as a part of an address."""
    return quote(text, safe="")


@cache
def _static_files() -> Mapping[str, tuple[bytes, str]]:
    found = {}
    for name, media_type in (("hotline.css", "text/css"), ("hotline.js", "text/javascript")):
        content = (files(__package__) / "static" / name).read_bytes()
        stem, _, suffix = name.partition(".")
        found[f"{stem}.{sha256(content).hexdigest()[:12]}.{suffix}"] = (content, media_type)
    return found


def _asset(name: str) -> str:
    """Its name with the hash of its content, by which it may be kept for good."""
    stem, _, suffix = name.partition(".")
    return next(file for file in _static_files() if file.startswith(f"{stem}.") and file.endswith(suffix))
