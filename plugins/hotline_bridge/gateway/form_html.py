"""How the order form looks to a browser: templates, headers, style and script."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from hotline_bridge.clock import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.requests import Request

PATH = "/embed"
"""Below the gateway's own address."""


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
