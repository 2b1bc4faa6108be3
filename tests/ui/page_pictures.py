"""Pictures of every page 热线对接: wide and light, narrow and dark; in WebP, which is a third of the size of PNG."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.pages.app import PAGES

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

_WIDE, _NARROW = {"width": 1200, "height": 800}, {"width": 390, "height": 800}
_TALLEST = 1400
_MORE = {"quarantine": "pile=", "reconciliation": "day="}
"""Pages that show one of their rows at their own address, and what then stands in it."""


def take_pictures(page: Page, root: str, folder: Path) -> list[str]:
    """Takes two of each page, and of the first row of each list that leads to one.

    Args:
        page: Of who has signed in, and may see all.
        root: Address of the pages, without the slash at its end.
        folder: For the pictures.

    Returns:
        The names of what was there to be shown.
    """
    lists = [one.path for one in PAGES if one.method == "GET" and "{" not in one.path]
    yesterday = datetime.now(SHANGHAI).date() - timedelta(days=1)
    found = {}
    for path in lists:
        name = path.strip("/") or "overview"
        # The days that were reconciled are those before today.
        found[name] = f"{path}?month={yesterday:%Y-%m}" if name == "reconciliation" else path
        page.goto(root + found[name])
        inside = page.locator(f"main a[href*='{path}/'], main a[href*='{_MORE.get(name, 'no such')}']")
        if name != "overview" and inside.count():
            found[f"{name}-one"] = (inside.first.get_attribute("href") or "").removeprefix(_path_of(root))
    for size, theme in ((_WIDE, "light"), (_NARROW, "dark")):
        page.set_viewport_size(size)
        page.evaluate("theme => localStorage.setItem('theme', theme)", theme)
        for name, path in found.items():
            page.goto(root + path)
            _take(page, folder / f"pages-{name}-{theme}.webp", size["width"])
    return [*found]


def _path_of(root: str) -> str:
    return "/" + root.split("://", 1)[1].partition("/")[2]


def _take(page: Page, file: Path, width: int) -> None:
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), _TALLEST)
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    session = page.context.new_cdp_session(page)
    options = {"format": "webp", "quality": 60, "clip": clip, "captureBeyondViewport": True}
    file.write_bytes(base64.b64decode(session.send("Page.captureScreenshot", options)["data"]))
    session.detach()
