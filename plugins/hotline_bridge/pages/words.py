"""The words of the pages in both languages: templates hold the Chinese, `en.yaml` the English for each.

What an interface carries has both its names in the contract.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import yaml

from hotline_bridge.contract.reader import contract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

COOKIE = "hotline_language"
"""Set by `hotline.js` to the language of Airflow's UI, in whose frame the pages are seen."""


def language_of(request: Request) -> str:
    """`zh` or `en`: as Airflow's UI is set, else as the browser prefers."""
    wanted = request.cookies.get(COOKIE) or request.headers.get("accept-language") or "zh"
    return "en" if wanted.strip().lower().startswith("en") else "zh"


def translator(language: str) -> Callable[[str], str]:
    """Gives a Chinese text of the pages in a language; one that has no translation stays."""
    english = _english() if language == "en" else {}
    return lambda text: english.get(text, text)


@cache
def _english() -> Mapping[str, str]:
    carried = {interface.label_zh: interface.label_en for interface in contract().values()}
    return {**carried, **yaml.safe_load((files(__package__) / "en.yaml").read_text(encoding="utf-8"))}
