"""How the order form looks to a browser: templates, notices, headers, style and script."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.gateway.envelope import Code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.requests import Request

    from hotline_bridge.docking.orders import DockedOrder
    from hotline_bridge.gateway.form_asked import NotLaunched
    from hotline_bridge.gateway.form_launches import Opened, UsedUp

PATH = "/embed"
"""Below the gateway's own address."""
_UNREAD = {
    Code.TOO_SLOW: "内容没有在时限内传完。请检查网络后再按“提交”。",
    Code.TOO_LARGE: "内容过多，超出了受理页能接收的大小。请删减后再按“提交”。",
}
_UNREADABLE = "提交的内容无法识别。请在 12345 中重新打开受理页。"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is answered to a browser."""

    template: str
    values: Mapping[str, object] = field(repr=False)
    status: int = 200
    origins: tuple[str, ...] | None = None
    """Who may embed it; None where it says nothing of an order, and anybody may."""


def page(request: Request, shown: Rendered) -> Response:
    """The answer to a browser."""
    root = f"{str(request.scope.get('root_path', '')).rstrip('/')}{PATH}"
    text = _environment().get_template(shown.template).render(**shown.values, root=root)
    return HTMLResponse(text, status_code=shown.status, headers=headers(shown.origins))


def state_of(docked: DockedOrder | None, submitted_at: datetime | None) -> str:
    """What is known of an order that is there already, in Chinese."""
    if docked is None:
        return ""
    since = f"，最近一次在受理页提交于 {moment(submitted_at)}" if submitted_at else ""
    if docked.state == "received":
        words = "12315 已接收" + (f"；{docked.message}" if docked.message else "")
    elif docked.state == "failed":
        words = f"12315 未接收：{docked.message}"
    else:
        words = "等待 12315 接收"
    return f"这个工单已在对接库中{since}。状态：{words}。可以更正后再次提交。"


def failed(title: str, text: str, status: int) -> Rendered:
    """What went wrong, and what to do."""
    return Rendered("notice.html.j2", {"title": title, "text": text}, status)


def unread(code: Code) -> Rendered:
    """Why what was sent of a form could not be read; nothing was done."""
    return failed("没有提交", _UNREAD.get(code, _UNREADABLE), code.status)


def not_launched(away: NotLaunched) -> Rendered:
    """Why a form is not opened."""
    return failed("没有打开", away.what, 403)


def used_up(away: UsedUp) -> Rendered:
    """Why an address opens nothing, and where to open the form."""
    title = "受理页已经打开过" if away.is_used else "地址已过期" if away.is_known else "没有这个地址"
    text = "请在 12345 中重新打开。" if away.is_known else "请从 12345 打开受理页。"
    status = 410 if away.is_known else 404
    return Rendered("notice.html.j2", {"title": title, "text": text}, status, tuple(away.origins) or None)


def saved(opened: Opened, again: datetime | None) -> Rendered:
    """The order is written; `again`: when it was, where the same content was submitted before."""
    values = {"regino": opened.regino, "opener_origin": opened.opener_origin, "again": again}
    return Rendered("saved.html.j2", values, origins=tuple(opened.origins))


def headers(origins: tuple[str, ...] | None) -> dict[str, str]:
    """Headers of an answer: nothing from elsewhere, nothing kept, and the address goes nowhere.

    Args:
        origins: As of `Rendered`.
    """
    framed = "" if origins is None else f"; frame-ancestors {' '.join(origins)}"
    return {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:;"
        f" connect-src 'self'; form-action 'self'; base-uri 'none'{framed}",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",  # the address opens the form
        "X-Content-Type-Options": "nosniff",
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("hotline_bridge.gateway"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = _asset
    environment.filters["moment"] = moment
    return environment


def moment(at: datetime) -> str:
    """A moment as staff read it, in Asia/Shanghai."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


async def static(request: Request) -> Response:
    """The style sheet or the script, by its name with the hash of its content."""
    found = _static_files().get(request.path_params["name"])
    if found is None:
        return Response(status_code=404)
    content, media_type = found
    kept = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=kept)


@cache
def _static_files() -> Mapping[str, tuple[bytes, str]]:
    found = {}
    for name, media_type in (("form.css", "text/css"), ("form.js", "text/javascript")):
        content = (files(__package__) / "static" / name).read_bytes()
        stem, _, suffix = name.partition(".")
        found[f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"] = (content, media_type)
    return found


def _asset(name: str) -> str:
    """Its name with the hash of its content, by which it may be kept for good."""
    stem, _, suffix = name.partition(".")
    return next(file for file in _static_files() if file.startswith(f"{stem}.") and file.endswith(suffix))
