"""Administrative areas of Shaoguan (韶关市行政区划, GB/T 2260), and the share of the calls that each receives."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

AREAS: Mapping[str, str] = MappingProxyType(
    {
        "440200": "韶关市",
        "440203": "武江区",
        "440204": "浈江区",
        "440205": "曲江区",
        "440222": "始兴县",
        "440224": "仁化县",
        "440229": "翁源县",
        "440232": "乳源瑶族自治县",
        "440233": "新丰县",
        "440281": "乐昌市",
        "440282": "南雄市",
    }
)

CALL_SHARES = (24, 11, 11, 8, 5, 5, 8, 5, 5, 9, 9)
"""Percent of the calls, in the order of `AREAS`: assumed after the number of inhabitants, the city's own desk first."""
