"""A real browser for tests, and what it says of a page's accessibility."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Frame, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ("--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium: sh scripts/browser.sh as root, or install it yourself"
)
_WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@contextmanager
def chromium(*names: str) -> Iterator[Browser]:
    """A browser that asks nothing of the internet, until the end of the block; these names are this machine to it."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    here = [f"--host-resolver-rules={', '.join(f'MAP {name} 127.0.0.1' for name in names)}"] if names else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *root, *here])
        try:
            yield browser
        finally:
            browser.close()


def violations(page: Page | Frame, *rules: str) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA in what a page shows now, frames left out; of these rules alone, if any.

    A page's own policy forbids scripts of others: axe is evaluated by the browser's debugger, which stands outside it.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        "only => axe.run({runOnly: only, resultTypes: ['violations'], iframes: false}).then(it => it.violations)",
        {"type": "rule", "values": rules} if rules else {"type": "tag", "values": _WCAG},
    )
    return [
        f"{violation['id']}: {node['html'][:200]} ({' '.join(str(node['failureSummary']).split())[:300]})"
        for violation in found
        for node in violation["nodes"]
    ]
